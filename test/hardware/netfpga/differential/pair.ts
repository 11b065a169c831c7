/** The core and the rules in TypeScript side by side: the same commands, the same frames. */
import { formatMac } from 'scapy-ts';
import type { PortFrame } from '../../../../conformance/driver/device.ts';
import { createAgent, perform, placeOf } from '../../../../hardware/agent/agent.ts';
import { MAPPING, NAMES } from '../../../../hardware/netfpga/driver/entries.ts';
import { limitsOf } from '../../../../hardware/netfpga/driver/limits.ts';
import { REGISTERS } from '../../../../hardware/netfpga/driver/registers.ts';
import { openTables, type Tables } from '../../../../hardware/netfpga/driver/tables.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { FrameOut, Pace } from '../../../../hardware/netfpga/sim/wire.ts';
import type { Command } from '../../../../reference/control/command.ts';
import { step, type SwitchState } from '../../../../reference/switch/switch.ts';
import { PUNT_PORT, SMALL } from '../bench.ts';
import { createReference, fateOf, type Fate } from './reference.ts';

/** A command, or frames one behind the other. */
export type Step =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'frames'; readonly frames: readonly PortFrame[]; readonly pace?: Pace };

/** What both are given, from empty tables on. */
export type Story = readonly Step[];

const LOCK_LEASE_MS = 10_000;
const COUNTERS = ['PKTIN', 'PKTOUT', 'PUNTED', 'DROPPED', 'NOT_OWNER', 'LOCKED'] as const;
const MORE_COUNTERS = ['SAME_PORT', 'MALFORMED'] as const;

type Counts = Record<(typeof COUNTERS | typeof MORE_COUNTERS)[number], number>;

/** The first thing in which the core differs from the rules, as text; undefined where it does not. */
export async function findDifference(core: Core, story: Story): Promise<string | undefined> {
  await core.reset();
  const tables = await openTables(core, { nowMs: () => 0 });
  const agent = createAgent(limitsOf(2 ** SMALL.RULES_LOG2, LOCK_LEASE_MS), MAPPING, (added) =>
    tables.fits(added),
  );
  const reference = createReference();
  const fates: Fate[] = [];
  for (const each of story) {
    if (each.kind === 'command') {
      const { batches } = perform(agent, each.command);
      for (const batch of batches) await tables.write(batch);
      step(reference, each);
      continue;
    }
    const due = each.frames.map(({ port, frame }) => fateOf(reference, port, frame));
    const found = await differenceOf(core, each, due);
    if (found !== undefined) return found;
    fates.push(...due);
  }
  return (
    differenceIn(await readCounts(core), countsOf(fates)) ??
    (await usageDifference(tables, reference, (key) => placeOf(agent, key)?.index))
  );
}

async function differenceOf(
  core: Core,
  { frames, pace }: Extract<Step, { readonly kind: 'frames' }>,
  fates: readonly Fate[],
): Promise<string | undefined> {
  const sent = frames.map(({ port, frame }) => ({ source: 1 << port, octets: frame }));
  const { outputs, breaches } = await core.exchange(sent, pace);
  const [breach] = breaches;
  if (breach !== undefined) return `in cycle ${breach.cycle} the core broke: ${breach.rule}`;
  const left = new Map(outputs.map((output) => [output.input, output]));
  for (const [input, { port, frame }] of frames.entries()) {
    const [due, was] = [dueText(fates[input]), leftText(left.get(input))];
    if (due === was) continue;
    const came = `frame ${input} of ${frames.length}, at port ${port}`;
    return `${came}:\n  came  ${hex(frame)}\n  due   ${due}\n  was   ${was}`;
  }
  const order = outputs.map(({ input }) => input ?? -1);
  const isInOrder = order.every((input, at) => at === 0 || input > (order[at - 1] ?? -1));
  return isInOrder ? undefined : `frames left in the order ${order.join(' ')}`;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}

function dueText(fate: Fate | undefined): string {
  if (fate === undefined || fate.kind === 'dropped') return 'nothing';
  const ports = fate.kind === 'punted' ? 1 << PUNT_PORT : fate.ports;
  return `${hex(fate.octets)} to ${ports.toString(2)}`;
}

function leftText(output: FrameOut | undefined): string {
  return output === undefined
    ? 'nothing'
    : `${hex(output.octets)} to ${output.destination.toString(2)}`;
}

function countsOf(fates: readonly Fate[]): Counts {
  const reasons = fates.map((fate) => (fate.kind === 'dropped' ? fate.reason : undefined));
  const of = (...those: readonly string[]): number =>
    reasons.filter((reason) => reason !== undefined && those.includes(reason)).length;
  const dropped = reasons.filter((reason) => reason !== undefined).length;
  return {
    PKTIN: fates.length,
    PKTOUT: fates.length - dropped,
    PUNTED: fates.filter(({ kind }) => kind === 'punted').length,
    DROPPED: dropped,
    NOT_OWNER: of('not-owner'),
    LOCKED: of('locked'),
    SAME_PORT: of('same-port'),
    MALFORMED: of('runt', 'oversize'),
  };
}

async function readCounts(core: Core): Promise<Partial<Counts>> {
  const counts: Partial<Counts> = {};
  for (const name of [...COUNTERS, ...MORE_COUNTERS])
    counts[name] = await core.read(REGISTERS[name]);
  return counts;
}

function differenceIn(were: Partial<Counts>, due: Counts): string | undefined {
  const [of, is] = [JSON.stringify(due), JSON.stringify(were)];
  return of === is ? undefined : `counters:\n  due  ${of}\n  were ${is}`;
}

/** What each rule has translated, in both directions. */
async function usageDifference(
  tables: Tables,
  { rules }: SwitchState,
  indexOf: (key: Parameters<typeof placeOf>[1]) => number | undefined,
): Promise<string | undefined> {
  for (const { rule, fromClient, fromOwner } of rules.entries.values()) {
    const index = indexOf(rule.key);
    if (index === undefined) return 'the agent has lost a rule';
    const due = JSON.stringify([fromClient, fromOwner]);
    const were = JSON.stringify([
      await tables.readCounter(NAMES.fromClient, index),
      await tables.readCounter(NAMES.fromOwner, index),
    ]);
    if (due !== were) return `rule of ${formatMac(rule.owner.mac)}: due ${due}, were ${were}`;
  }
  return undefined;
}
