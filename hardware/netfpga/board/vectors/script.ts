/**
 * What rules and frames ask of a core, as steps: the accesses by which the driver installs the
 * rules, then each frame with what the reference switch makes of it.
 */
import type { Command } from '../../../../reference/control/command.ts';
import type { Rule } from '../../../../reference/rules/rule.ts';
import { createSwitch, step } from '../../../../reference/switch/switch.ts';
import { createAgent } from '../../../agent/agent.ts';
import { openRemoteAgent } from '../../../agent/remote.ts';
import type { Registers, RegisterWrite } from '../../driver/bus.ts';
import { MAPPING } from '../../driver/entries.ts';
import { limitsOf } from '../../driver/limits.ts';
import { INITIAL, REGISTERS } from '../../driver/registers.ts';
import { openTables } from '../../driver/tables.ts';
import { bridgedPorts, type CardKind } from './cards.ts';
import type { PortFrame, Step } from './stimulus.ts';

/** Frames, and the rules that are there before the first of them. */
export interface Scene {
  readonly rules: readonly Rule[];
  readonly frames: readonly PortFrame[];
}

const RULES_LOG2 = 14;
const FLOWS_LOG2 = 17;
const STATIONS_LOG2 = 12;
const LOCK_LEASE_MS = 10_000;
/** A clock for each row of a way: well below this at 200 MHz. */
const EMPTYING_NS = 200_000;

/** Registers of a core that is as it was built, and does at once what it is told. */
function paperCore(): { readonly registers: Registers; readonly writes: readonly RegisterWrite[] } {
  const writes: RegisterWrite[] = [];
  const values: ReadonlyMap<number, number> = new Map([
    [REGISTERS.ID, INITIAL.ID],
    [REGISTERS.VERSION, INITIAL.VERSION],
    [REGISTERS.SIZES, (STATIONS_LOG2 << 16) | (FLOWS_LOG2 << 8) | RULES_LOG2],
  ]);
  return {
    writes,
    registers: {
      read: async (address) => values.get(address) ?? 0,
      write: async (more) => void writes.push(...more),
    },
  };
}

function additions(rules: readonly Rule[]): readonly Command[] {
  return rules.map((rule) => ({ op: 'add', rule, epoch: 1 }));
}

/** The accesses by which the driver brings `rules` into an empty core. */
async function installing(rules: readonly Rule[]): Promise<readonly RegisterWrite[]> {
  const { registers, writes } = paperCore();
  const tables = await openTables(registers, { nowMs: () => 0 });
  await tables.reset();
  const limits = limitsOf(2 ** RULES_LOG2, LOCK_LEASE_MS);
  const agent = openRemoteAgent(
    createAgent(limits, MAPPING, (added) => tables.fits(added)),
    tables,
    () => 0n,
  );
  for (const command of additions(rules)) {
    // A rule takes room from those that follow.
    // oxlint-disable-next-line no-await-in-loop
    const reply = await agent.ask(command);
    if (!reply.ok) throw new Error(`a rule was refused: ${reply.detail}`);
  }
  return writes;
}

/** Each frame of `scene` in turn, and what leaves for it. */
function passing({ rules, frames }: Scene, card: CardKind): readonly Step[] {
  const { capabilities } = limitsOf(2 ** RULES_LOG2, LOCK_LEASE_MS);
  const state = createSwitch({
    ports: bridgedPorts(card),
    puntPort: card.ports.punt,
    capabilities: new Set([...(capabilities ?? []), 'VLAN', 'JUMBO'] as const),
    lock: 'drop',
  });
  const { dropped } = state.counters;
  for (const command of additions(rules)) step(state, { kind: 'command', command });
  return frames.map((frame): Step => {
    const tooHard = dropped.incapable + dropped.opaque;
    const effects = step(state, { kind: 'frame', port: frame.port, octets: frame.octets });
    // The reference drops what it cannot translate; the core punts it.
    const isPunted = dropped.incapable + dropped.opaque > tooHard;
    const leaves = effects.flatMap((effect): readonly PortFrame[] =>
      effect.kind === 'emit' ? [{ port: effect.port, octets: effect.octets }] : [],
    );
    const punted = isPunted ? [{ port: card.ports.punt, octets: frame.octets }] : [];
    return { kind: 'frame', frame, leaves: [...leaves, ...punted] };
  });
}

/** The accesses, and a pause wherever tables are emptied: nobody can ask here when that is done. */
function accessing(writes: readonly RegisterWrite[]): readonly Step[] {
  const last = writes.findLastIndex(({ address }) => address === REGISTERS.RESET) + 1;
  return [
    { kind: 'write', writes: writes.slice(0, last) },
    { kind: 'wait', ns: EMPTYING_NS },
    { kind: 'write', writes: writes.slice(last) },
  ];
}

/**
 * The steps that a core on `card` is to take for `scene`.
 *
 * Rejects with Error where a rule is refused.
 */
export async function scriptOf(scene: Scene, card: CardKind): Promise<readonly Step[]> {
  const bridged = bridgedPorts(card).reduce((mask, port) => mask | (1 << port), 0);
  const writes = await installing(scene.rules);
  return [
    { kind: 'read', address: REGISTERS.ID, expected: INITIAL.ID },
    ...accessing([...writes, { address: REGISTERS.BRIDGED, value: bridged }]),
    { kind: 'read', address: REGISTERS.ERROR, expected: 0 },
    ...passing(scene, card),
    { kind: 'read', address: REGISTERS.PKTIN, expected: scene.frames.length },
  ];
}
