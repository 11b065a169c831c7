/**
 * A device that is a command from one capture file to another: offline, without ports of its own.
 *
 * Frames wait until they are asked for or until a rule changes; then the command runs once for
 * each ingress port, on a pcap file with that port's frames. The command has no notion of a port
 * to leave at: a frame leaves where the host with its destination MAC address is attached. What the
 * command drops is missing from its output, and the end of the command is the barrier.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  captureReader,
  formatCaptureError,
  formatMac,
  layer,
  parse,
  pcapHeader,
  pcapRecord,
} from 'scapy-ts';
import {
  DriverFault,
  NotSupported,
  type Collected,
  type Command,
  type ConnectionKey,
  type Device,
  type Hello,
  type PortFrame,
  type Reply,
  type Rule,
  type RuleStatus,
} from '../driver/device.ts';
import { hostWithMac } from '../traffic/testbed.ts';
import type { PcapFilesTarget } from './target-file.ts';

/** How much of a command's standard error is kept. */
const MAX_STDERR_OCTETS = 4096;
/** Largest output of one run of the command. */
const MAX_OUTPUT_OCTETS = 1 << 30;

function keyText({ client, virtual }: ConnectionKey): string {
  return `${client.address} ${client.port} ${virtual.address} ${virtual.port}`;
}

function lastLines(text: string): string {
  return text.trim().slice(-MAX_STDERR_OCTETS).split('\n').slice(-3).join(' | ');
}

function writePcap(path: string, frames: readonly Uint8Array[]): void {
  const records = frames.map((octets, index) =>
    pcapRecord({
      interfaceId: 0,
      seconds: Math.floor(index / 1e6),
      nanoseconds: (index % 1e6) * 1000,
      octets,
      originalLength: octets.length,
      comments: [],
    }),
  );
  writeFileSync(path, Buffer.concat([pcapHeader({}), ...records]));
}

function readPcap(path: string): readonly Uint8Array[] {
  let octets: Uint8Array;
  try {
    octets = readFileSync(path);
  } catch {
    throw new DriverFault('no-output', `the command did not write ${path}`);
  }
  const reader = captureReader();
  const frames: Uint8Array[] = [];
  for (const part of [reader.push(octets), reader.end()]) {
    if (!part.ok) throw new DriverFault('bad-output', formatCaptureError(part.error));
    for (const event of part.value) if (event.kind === 'packet') frames.push(event.octets.slice());
  }
  return frames;
}

/** Opens the device; `folder` is where the command is started. */
export function openPcapFiles(target: PcapFilesTarget, folder: string): Device {
  const scratch = mkdtempSync(join(tmpdir(), 'prismspec-'));
  const rules = new Map<string, Rule>();
  let waiting: PortFrame[] = [];
  let left: PortFrame[] = [];

  function run(port: number, frames: readonly Uint8Array[]): readonly Uint8Array[] {
    const paths: Readonly<Record<string, string>> = {
      in: join(scratch, `${port}.in.pcap`),
      out: join(scratch, `${port}.out.pcap`),
      rules: join(scratch, 'rules.json'),
      port: String(port),
    };
    rmSync(paths['out'] ?? '', { force: true });
    writePcap(paths['in'] ?? '', frames);
    writeFileSync(paths['rules'] ?? '', JSON.stringify([...rules.values()], undefined, 2));
    const [program = '', ...words] = target.cmd.map((word) =>
      word.replace(/\{(?<name>\w+)\}/gu, (whole, name: string) => paths[name] ?? whole),
    );
    const done = spawnSync(program, words, {
      cwd: folder,
      encoding: 'utf8',
      timeout: target.timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_OCTETS,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (done.error !== undefined) {
      throw new DriverFault('command', `${program}: ${done.error.message}`);
    }
    if (done.status !== 0) {
      const how = done.signal ?? `status ${done.status}`;
      throw new DriverFault('command', `${program} ended with ${how}: ${lastLines(done.stderr)}`);
    }
    return readPcap(paths['out'] ?? '');
  }

  /** The port of the host that a frame is addressed to; the ingress port when it is nobody's. */
  function egress(frame: Uint8Array, ingress: number): number {
    const header = layer(parse(frame).layers, 'ether');
    const address = header?.dst === undefined ? '' : formatMac(header.dst);
    const host = hostWithMac(address);
    return (host === undefined ? undefined : target.ports[host.role]) ?? ingress;
  }

  function flush(): void {
    const frames = waiting;
    waiting = [];
    for (const port of new Set(frames.map((each) => each.port))) {
      const input = frames.filter((each) => each.port === port).map(({ frame }) => frame);
      left.push(...run(port, input).map((frame) => ({ port: egress(frame, port), frame })));
    }
  }

  function apply(command: Command): Reply {
    if (command.op === 'add') {
      rules.set(keyText(command.rule), command.rule);
      return { ok: true };
    }
    if (command.op === 'delete') {
      rules.delete(keyText(command.key));
      return { ok: true };
    }
    throw new NotSupported('RULES');
  }

  return {
    hello: async (): Promise<Hello> => {
      // A command that cannot be started is found here and not in the middle of a run.
      if (Object.keys(target.ports).length > 0) run(Object.values(target.ports)[0] ?? 0, []);
      return {
        protocol: 'prism-dut/1',
        name: target.name,
        vendor: target.vendor,
        version: target.version,
        ports: target.ports,
        mtu: target.mtu,
        capabilities: target.claims,
        profile: {
          lock: 'drop',
          ttl: target.profile?.ttl ?? 'unchanged',
          capacity: 1,
          holdFrames: 0,
          idleSeconds: 0,
          leaseMs: 0,
          delta: target.profile?.delta,
        },
        barrier: 'rpc',
        clock: 'virtual',
      };
    },
    reset: async (): Promise<void> => {
      rules.clear();
      waiting = [];
      left = [];
    },
    command: async (command): Promise<Reply> => {
      flush();
      return apply(command);
    },
    rules: async (): Promise<readonly RuleStatus[]> => {
      throw new NotSupported('RULES');
    },
    inject: async (frames): Promise<void> => {
      waiting.push(...frames);
    },
    collect: async (): Promise<Collected> => {
      flush();
      const frames = left;
      left = [];
      return { frames, notices: [] };
    },
    barrier: async (): Promise<void> => flush(),
    advance: async (): Promise<void> => {
      throw new NotSupported('AGE');
    },
    captureLoss: async (): Promise<number> => 0,
    controlFrame: async (): Promise<Uint8Array> => {
      throw new NotSupported('INBAND');
    },
    claims: async (capability): Promise<boolean> =>
      target.claims.some((each) => each === capability),
    close: async (): Promise<void> => rmSync(scratch, { recursive: true, force: true }),
  };
}
