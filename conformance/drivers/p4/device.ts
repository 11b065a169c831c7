/**
 * A P4 switch and its agent as one device.
 *
 *   command ────▶ agent ─▶ batches of updates ─▶ tables ┐
 *                   ▲ ╰── frames at its port ─────────▶ prism.p4 ─▶ frames
 *                   ╰──────────────────────────────────────╯
 */
import {
  decodeCommandFrame,
  encodeCommandFrame,
  encodeReplyFrames,
} from '../../../reference/control/frame.ts';
import { createAgent } from '../../../hardware/bmv2/agent/agent.ts';
import { PRISM, type Mapping } from '../../../hardware/bmv2/agent/entries.ts';
import { CAPACITY_MAX, limitsOf } from '../../../hardware/bmv2/agent/limits.ts';
import {
  openRemoteAgent,
  type RemoteAgent,
  type RemoteTables,
} from '../../../hardware/bmv2/agent/remote.ts';
import type { Update } from '../../../hardware/p4runtime/entity.ts';
import type { Capability } from '../../catalogue/capability.ts';
import {
  DriverFault,
  type Device,
  type Hello,
  type Notice,
  type PortFrame,
  type Reply,
  type RuleStatus,
} from '../../driver/device.ts';
import { inCommand, outKey, outStatus } from '../embedded/rules.ts';
import type { P4Switch } from './switch.ts';

/** What `prism.p4` and its agent can do. */
const CLAIMS: readonly Capability[] = [
  'BRIDGE',
  'MATCH',
  'REVERSE',
  'RULES',
  'LOCK',
  'LOCKBOTH',
  'EPOCH',
  'CAPACITY',
  'SPLICE',
  'DELTAS',
  'TS',
  'WS',
  'PUNT',
  'ICMP',
  'FRAG',
  'IPOPT',
  'V6',
  'VLAN',
  'AGE',
  'JUMBO',
  'INBAND',
];

/** The ports of `prism.p4`. */
const PORTS: Hello['ports'] = {
  client0: 0,
  client1: 1,
  controller: 2,
  backend0: 3,
  backend1: 4,
  punt: 5,
  control: 6,
};
/** Where the agent is: `prism.p4` passes on to it what comes in at the control port, and back. */
const AGENT_PORT = 7;

const LIMITS = limitsOf({ capacity: CAPACITY_MAX, lockLeaseMs: 10_000 });

/** What may be chosen of a device. */
export interface P4DeviceOptions {
  /** How rules become entries: `prism.p4`'s when left out. */
  readonly mapping?: Mapping;
  /** What of its claims is to be judged; all when left out. */
  readonly claims?: readonly Capability[] | undefined;
}

/** A switch that runs `prism.p4`, or another program with its ports, as a device. */
export function openP4Device(
  p4: P4Switch,
  nowMs: () => number,
  { mapping = PRISM, claims = CLAIMS }: P4DeviceOptions = {},
): Device {
  const capabilities = CLAIMS.filter((each) => claims.includes(each));
  let agent = newAgent();
  let notices: Notice[] = [];
  let frames: PortFrame[] = [];

  /** An agent of a switch whose tables are empty. */
  function newAgent(): RemoteAgent {
    const clock = (): bigint => BigInt(Math.round(nowMs() * 1e6));
    const tables: RemoteTables = {
      write,
      readCounter: (counter, index) => p4.readCounter(counter, index),
      readIdleMs: () => p4.readIdleMs(),
    };
    return openRemoteAgent(createAgent(LIMITS, mapping), tables, clock, ({ key, reason }) => {
      notices.push({ kind: 'expired', key: outKey(key), reason });
    });
  }

  async function write(batch: readonly Update[]): Promise<void> {
    const statuses = await p4.write(batch);
    statuses.forEach((status, at) => {
      if (status.ok) return;
      const { code, message } = status;
      const what = brief(batch[at]);
      throw new DriverFault('refused', `${p4.name} refused to ${what}: ${code} ${message}`);
    });
  }

  /** Takes what has come out; what has come to the agent it obeys, and answers how many there were. */
  async function takeOut(): Promise<number> {
    const out = await p4.collect();
    const asked = out.filter(({ port }) => port === AGENT_PORT);
    frames.push(...out.filter(({ port }) => port !== AGENT_PORT));
    for (const { frame } of asked) {
      const request = decodeCommandFrame(frame);
      if (request === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop
      const reply = await agent.ask(request.command);
      const replies = encodeReplyFrames(request, reply);
      // oxlint-disable-next-line no-await-in-loop
      await p4.inject(replies.map((octets) => ({ port: AGENT_PORT, frame: octets })));
    }
    return asked.length;
  }

  /** Injects what comes in between two commands, and has each command obeyed before what follows. */
  async function inject(injected: readonly PortFrame[]): Promise<void> {
    const at = injected.findIndex(({ port }) => port === PORTS.control);
    if (at < 0) return p4.inject(injected);
    await p4.inject(injected.slice(0, at + 1));
    await takeOut();
    return inject(injected.slice(at + 1));
  }

  return {
    hello: async (): Promise<Hello> => ({
      protocol: 'prism-dut/1',
      name: p4.name,
      vendor: p4.vendor,
      version: await p4.version(),
      ports: PORTS,
      mtu: 9000,
      capabilities,
      profile: {
        lock: 'drop',
        ttl: 'unchanged',
        capacity: LIMITS.capacity,
        holdFrames: 0,
        idleSeconds: LIMITS.idleTimeoutMs / 1000,
        leaseMs: LIMITS.lockLeaseMs,
      },
      barrier: 'rpc',
      clock: p4.clock,
    }),
    reset: async (): Promise<void> => {
      agent = newAgent();
      notices = [];
      frames = [];
      await p4.reset();
    },
    command: async (command): Promise<Reply> => {
      const reply = await agent.ask(inCommand(command));
      return reply.ok ? { ok: true } : { ok: false, error: reply.error, detail: reply.detail };
    },
    rules: async (): Promise<readonly RuleStatus[]> => {
      const reply = await agent.ask({ op: 'get' });
      if (!reply.ok) return [];
      return reply.rules.map(outStatus);
    },
    inject,
    collect: async () => {
      await agent.tick();
      // What the agent has said leaves the switch too.
      while ((await takeOut()) > 0);
      const collected = { frames, notices };
      frames = [];
      notices = [];
      return collected;
    },
    barrier: async (): Promise<void> => undefined,
    advance: (seconds) => p4.advance(seconds),
    captureLoss: async (): Promise<number> => 0,
    controlFrame: async (command): Promise<Uint8Array> => encodeCommandFrame(inCommand(command)),
    claims: async (capability): Promise<boolean> =>
      capabilities.some((each) => each === capability),
    close: () => p4.close(),
  };
}

function brief(update: Update | undefined): string {
  if (update === undefined) return 'do what it was not asked to';
  return update.kind === 'count'
    ? `write counter ${update.counter}`
    : `${update.kind} an entry of ${update.entry.table}`;
}
