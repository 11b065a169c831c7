/**
 * A switch with tables and its agent as one device.
 *
 *   command ────▶ agent ─▶ batches of updates ─▶ tables ┐
 *                   ▲ ╰── frames at its port ─────────▶ switch ─▶ frames
 *                   ╰──────────────────────────────────────╯
 */
import {
  decodeCommandFrame,
  encodeCommandFrame,
  encodeReplyFrames,
} from '../../../reference/control/frame.ts';
import { createAgent, type Limits } from '../../../hardware/agent/agent.ts';
import type { Mapping } from '../../../hardware/agent/mapping.ts';
import { openRemoteAgent, type RemoteAgent } from '../../../hardware/agent/remote.ts';
import type { Capability } from '../../catalogue/capability.ts';
import type { Device, Hello, Notice, PortFrame, Reply, RuleStatus } from '../../driver/device.ts';
import { inCommand, outKey, outStatus } from '../embedded/rules.ts';
import type { TableSwitch } from './switch.ts';

/** What the suite is told of such a device, and how commands become entries. */
export interface AgentSetup {
  readonly mapping: Mapping;
  readonly limits: Limits;
  readonly capabilities: readonly Capability[];
  readonly ports: Hello['ports'];
  /** Where the agent is, if the switch passes on to it what comes in at the control port, and back. */
  readonly agentPort?: number;
  /** Largest IP packet in octets. */
  readonly mtu: number;
}

/** A switch and its agent as a device; `nowMs` never goes back. */
export function openAgentDevice(
  tables: TableSwitch,
  nowMs: () => number,
  { mapping, limits, capabilities, ports, agentPort, mtu }: AgentSetup,
): Device {
  let agent = newAgent();
  let notices: Notice[] = [];
  let frames: PortFrame[] = [];

  /** An agent of a switch whose tables are empty. */
  function newAgent(): RemoteAgent {
    const clock = (): bigint => BigInt(Math.round(nowMs() * 1e6));
    const created = createAgent(limits, mapping, tables.fits);
    return openRemoteAgent(created, tables, clock, ({ key, reason }) => {
      notices.push({ kind: 'expired', key: outKey(key), reason });
    });
  }

  /** Takes what has come out; what has come to the agent it obeys, and answers how many there were. */
  async function takeOut(): Promise<number> {
    const out = await tables.collect();
    const asked = agentPort === undefined ? [] : out.filter(({ port }) => port === agentPort);
    frames.push(...out.filter((each) => !asked.includes(each)));
    for (const { port, frame } of asked) {
      const request = decodeCommandFrame(frame);
      if (request === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop
      const reply = await agent.ask(request.command);
      const replies = encodeReplyFrames(request, reply);
      // oxlint-disable-next-line no-await-in-loop
      await tables.inject(replies.map((octets) => ({ port, frame: octets })));
    }
    return asked.length;
  }

  /** Injects what comes in between two commands, and has each command obeyed before what follows. */
  async function inject(injected: readonly PortFrame[]): Promise<void> {
    const at = injected.findIndex(({ port }) => port === ports.control);
    if (at < 0) return tables.inject(injected);
    await tables.inject(injected.slice(0, at + 1));
    await takeOut();
    return inject(injected.slice(at + 1));
  }

  return {
    hello: async (): Promise<Hello> => ({
      protocol: 'prism-dut/1',
      name: tables.name,
      vendor: tables.vendor,
      version: await tables.version(),
      ports,
      mtu,
      capabilities,
      profile: {
        lock: 'drop',
        ttl: 'unchanged',
        capacity: limits.capacity,
        holdFrames: 0,
        idleSeconds: limits.idleTimeoutMs / 1000,
        leaseMs: limits.lockLeaseMs,
      },
      barrier: 'rpc',
      clock: tables.clock,
    }),
    reset: async (): Promise<void> => {
      agent = newAgent();
      notices = [];
      frames = [];
      await tables.reset();
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
    advance: (seconds) => tables.advance(seconds),
    captureLoss: async (): Promise<number> => 0,
    controlFrame: async (command): Promise<Uint8Array> => encodeCommandFrame(inCommand(command)),
    claims: async (capability): Promise<boolean> =>
      capabilities.some((each) => each === capability),
    close: () => tables.close(),
  };
}
