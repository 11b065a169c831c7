/**
 * BMv2 from capture to capture: `use-files.ts IN OUT RULES PORT`, in a network namespace of its own.
 *
 *   RULES ─▶ agent ─▶ simple_switch_CLI ──▶ tables ┐
 *   IN at PORT ──────────────────────▶ simple_switch --use-files ─▶ one copy of what leaves ─▶ OUT
 *
 * No station is known, so that what is bridged floods: of its copies one is written. What leaves at
 * the punt port is not. A last frame, nobody's, tells that all before it has left.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  build,
  captureReader,
  ether,
  ipv4Address,
  ipv6Address,
  mac,
  parseIpv4,
  pcapHeader,
  raw,
} from 'scapy-ts';
import type { Endpoint, Rule } from '../../../reference/rules/rule.ts';
import { createAgent, perform } from '../../agent/agent.ts';
import { captureOf } from '../../capture.ts';
import { PRISM } from '../agent/entries.ts';
import { cliLines } from './cli-lines.ts';
import { CAPACITY_MAX, FLOOD_GROUP, limitsOf } from '../agent/limits.ts';
import { PRISM_JSON, readProgram } from '../program.ts';

const PORTS = ['0', '1', '2', '3', '4'];
const PUNT_PORT = '5';
/** Seconds for which the switch waits before it reads: for the tables. */
const WAIT_SECONDS = 3;
/** Where it is not raised, bursts are lost without a word. */
const QUEUE_DEPTH = 200_000;
const DONE_MAX_MS = 60_000;
const POLL_MS = 20;
const PCAP_HEADER_OCTETS = 24;
/** EtherType 0x88b5: IEEE Std 802, local experimental. */
const LAST = build([
  ether({ dst: '02:00:00:00:ff:02', src: '02:00:00:00:ff:01', etherType: 0x88b5 }),
  raw(new Uint8Array(46)),
]);

/** A rule as the driver writes it. */
interface RuleText {
  readonly client: EndpointText;
  readonly virtual: EndpointText;
  readonly owner: EndpointText & { readonly mac: string };
  readonly deltas: Rule['deltas'];
  readonly locked: boolean;
}

interface EndpointText {
  readonly address: string;
  readonly port: number;
}

function endpoint({ address, port }: EndpointText): Endpoint {
  const isIpv4 = parseIpv4(address).ok;
  return { address: isIpv4 ? ipv4Address(address) : ipv6Address(address), port };
}

function ruleOf({ client, virtual, owner, deltas, locked }: RuleText): Rule {
  const key = { client: endpoint(client), virtual: endpoint(virtual) };
  return { key, owner: { ...endpoint(owner), mac: mac(owner.mac) }, deltas, locked };
}

/** What is said to the switch before it reads: its queues, its groups, its tables. */
function linesFor(rules: readonly RuleText[]): readonly string[] {
  const limits = limitsOf({ capacity: CAPACITY_MAX, lockLeaseMs: 10_000 });
  const agent = createAgent(limits, PRISM);
  const updates = rules.flatMap((text) => {
    const { effects, batches } = perform(agent, { op: 'add', rule: ruleOf(text), epoch: 1 });
    const [effect] = effects;
    if (effect?.kind === 'reply' && !effect.reply.ok) throw new Error(effect.reply.detail);
    return batches.flat();
  });
  return [
    `set_queue_depth ${QUEUE_DEPTH}`,
    `mc_mgrp_create ${FLOOD_GROUP}`,
    `mc_node_create 1 ${PORTS.join(' ')}`,
    `mc_node_associate ${FLOOD_GROUP} 0`,
    ...cliLines(readProgram(PRISM_JSON), updates),
  ];
}

function framesIn(file: string): readonly Uint8Array[] {
  const octets = Uint8Array.from(readFileSync(file));
  if (octets.length < PCAP_HEADER_OCTETS) return [];
  // BMv2 writes link type 0, which stands for no Ethernet.
  octets.set(pcapHeader({}).subarray(PCAP_HEADER_OCTETS - 4), PCAP_HEADER_OCTETS - 4);
  const reader = captureReader();
  const read = reader.push(octets);
  if (!read.ok) return [];
  return read.value.flatMap((event) => (event.kind === 'packet' ? [event.octets.slice()] : []));
}

function writeFrames(file: string, frames: readonly Uint8Array[]): void {
  writeFileSync(file, captureOf(frames));
}

function isLast(frame: Uint8Array | undefined): boolean {
  return frame !== undefined && Buffer.compare(frame, LAST) === 0;
}

/** The switch at files of `folder`; its tables are written while it waits. */
function startSwitch(folder: string, lines: readonly string[]): ChildProcess {
  spawnSync('ip', ['link', 'set', 'lo', 'up']);
  const interfaces = [...PORTS, PUNT_PORT].flatMap((port) => ['-i', `${port}@${port}`]);
  const words = ['--use-files', String(WAIT_SECONDS), ...interfaces, PRISM_JSON];
  const child = spawn('simple_switch', words, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const deadline = performance.now() + WAIT_SECONDS * 1000;
  while (performance.now() < deadline) {
    const input = `${lines.join('\n')}\n`;
    const { status, stdout, stderr } = spawnSync('simple_switch_CLI', { input, encoding: 'utf8' });
    if (status !== 0) continue;
    const wrong = /^(?:Error|Invalid|.*Exception).*$/mu.exec(stdout + stderr);
    if (wrong === null) return child;
    child.kill('SIGKILL');
    throw new Error(`simple_switch_CLI: ${wrong[0]}`);
  }
  child.kill('SIGKILL');
  throw new Error(`the tables were not written within ${WAIT_SECONDS} s`);
}

/** What left for the frames that came in at `port`. */
async function passThrough(
  frames: readonly Uint8Array[],
  port: string,
  lines: readonly string[],
): Promise<readonly Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-bmv2-'));
  try {
    for (const each of [...PORTS, PUNT_PORT]) {
      writeFrames(join(folder, `${each}_in.pcap`), each === port ? [...frames, LAST] : []);
    }
    const child = startSwitch(folder, lines);
    const others = PORTS.filter((each) => each !== port);
    const out = (each: string): readonly Uint8Array[] => framesIn(join(folder, `${each}_out.pcap`));
    const deadline = performance.now() + DONE_MAX_MS;
    while (!others.every((each) => isLast(out(each).at(-1)))) {
      if (performance.now() > deadline) throw new Error(`not done within ${DONE_MAX_MS / 1000} s`);
      await sleep(POLL_MS);
    }
    child.kill('SIGKILL');
    const flooded = out(others[0] ?? '').slice(0, -1);
    return [...flooded, ...out(port)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main([
  input = '',
  output = '',
  rulesFile = '',
  port = '',
]: readonly string[]): Promise<void> {
  for (const program of ['simple_switch', 'simple_switch_CLI']) {
    if (spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined) continue;
    throw new Error(`there is no ${program}: install p4lang-bmv2 from the packages of p4lang`);
  }
  const rules: readonly RuleText[] = JSON.parse(readFileSync(rulesFile, 'utf8'));
  writeFrames(output, await passThrough(framesIn(input), port, linesFor(rules)));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
