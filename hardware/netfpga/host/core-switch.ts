/**
 * A core, its driver and its agent as one switch, whose clock is that of its host.
 *
 *   command ─▶ agent ─▶ driver ─▶ registers ┐
 *   frames ────────────────────────────────▶ core ─▶ frames
 *   seconds ───────────────────────────────▶
 */
import type { Command, Reply } from '../../../reference/control/command.ts';
import { createAgent } from '../../agent/agent.ts';
import { openRemoteAgent } from '../../agent/remote.ts';
import { MAPPING } from '../driver/entries.ts';
import { limitsOf } from '../driver/limits.ts';
import { REGISTERS } from '../driver/registers.ts';
import { openTables } from '../driver/tables.ts';
import type { Core } from '../sim/core.ts';
import type { FrameIn, FrameOut } from '../sim/wire.ts';

/** What is chosen for a switch. */
export interface Choices {
  /** Most rules at a time; no more than the core has room for. */
  readonly capacity: number;
  readonly lockLeaseMs: number;
}

/** A core that obeys; what is asked of it is done in its turn. */
export interface CoreSwitch {
  /** Frames, one behind the other, and what leaves; rejects with Error where the core breaks a rule. */
  readonly pass: (frames: readonly FrameIn[]) => Promise<readonly FrameOut[]>;
  readonly execute: (command: Command) => Promise<Reply>;
  /** Lets the core and its agent know what time it is. */
  readonly keepTime: () => Promise<void>;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
/** Leases and idle rules are looked at this often. */
const TICK_NS = 100n * NS_PER_MS;

/** A core that comes out of a reset; it bridges `ports`, and `clock` is nanoseconds that never go back. */
export async function openCoreSwitch(
  core: Core,
  ports: Iterable<number>,
  { capacity, lockLeaseMs }: Choices,
  clock: () => bigint,
): Promise<CoreSwitch> {
  const tables = await openTables(core, { nowMs: () => Number(clock() / NS_PER_MS) });
  const value = [...ports].reduce((mask, port) => mask | (1 << port), 0);
  await core.write([{ address: REGISTERS.BRIDGED, value }]);
  const limits = limitsOf(Math.min(capacity, 2 ** tables.sizes.rulesLog2), lockLeaseMs);
  const agent = openRemoteAgent(createAgent(limits, MAPPING, tables.fits), tables, clock);
  let lookedNs = clock();
  let toldNs = lookedNs;
  return {
    async pass(frames) {
      const { outputs, breaches } = await core.exchange(frames);
      const [breach] = breaches;
      if (breach === undefined) return outputs;
      throw new Error(`in cycle ${breach.cycle} the core broke: ${breach.rule}`);
    },
    execute: (command) => agent.ask(command),
    async keepTime() {
      const nowNs = clock();
      const seconds = (nowNs - toldNs) / NS_PER_SECOND;
      if (seconds > 0n) await core.tick(Number(seconds));
      toldNs += seconds * NS_PER_SECOND;
      if (nowNs - lookedNs < TICK_NS) return;
      await agent.tick();
      lookedNs = nowNs;
    },
  };
}
