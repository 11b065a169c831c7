/** Registers and tables while frames flow, and commands that are to be refused. */
import test from 'ava';
import fc from 'fast-check';
import { FIELDS, REGISTERS, TABLE_COMMAND } from '../../../hardware/netfpga/driver/registers.ts';
import type { Access } from '../../../hardware/netfpga/sim/wire.ts';
import { runs } from '../../runs.ts';
import { openSmall } from './bench.ts';
import { checkFullTable } from './checks/full-table.ts';
import { checkCommands, checkCounters, checkOneStep } from './checks/software.ts';
import { aloneOf, reads, SEGMENTS, writesOf } from './checks/traffic.ts';
import { essence, openRuled } from './ruled.ts';

for (const [what, check] of [
  ['a counter counts right while it is read and cleared', checkCounters],
  ['a rule changes for both directions in one step', checkOneStep],
  ['commands that nobody may give are refused', checkCommands],
  ['a table that is full takes no more, and all that it has is found', checkFullTable],
] as const) {
  test.serial(what, async (t) => {
    const core = await openSmall(t);
    if (core !== undefined) await check(t, core);
  });
}

const address = fc.oneof(fc.constantFrom(...Object.values(REGISTERS)), fc.nat(0xfff));
/** Those that change what becomes of frames. */
const DEEDS: ReadonlySet<number> = new Set([
  REGISTERS.RESET,
  REGISTERS.BRIDGED,
  REGISTERS.PUNT_PORTS,
  REGISTERS.FRAME_MAX,
  REGISTERS.STATION_AGE,
  REGISTERS.TABLE_COMMAND,
]);
const anyAccess: fc.Arbitrary<Access> = fc.oneof(
  fc.record({ kind: fc.constant('read'), address, after: fc.nat(300) }),
  fc.record({
    kind: fc.constant('write'),
    address: address.filter((each) => !DEEDS.has(each - (each % 4))),
    value: fc.nat(0xffff_ffff),
    after: fc.nat(300),
  }),
  fc.record({
    kind: fc.constant('write'),
    address: fc.constant(REGISTERS.TABLE_COMMAND),
    value: fc.constantFrom(0, TABLE_COMMAND.READ, 3),
    after: fc.nat(300),
  }),
);

test.serial('whatever software reads and writes, frames go on', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  await openRuled(core);
  const due = await aloneOf(core);
  const property = fc.asyncProperty(fc.array(anyAccess, { maxLength: 40 }), async (accesses) => {
    const { outputs, breaches, values } = await core.exchange(SEGMENTS, { accesses });
    t.deepEqual(breaches, []);
    t.is(values.length, accesses.filter(({ kind }) => kind === 'read').length);
    t.deepEqual(outputs.map(essence), due);
  });
  await fc.assert(property, runs(60));
});

test.serial('a row is read while frames flow, and they go on', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  await openRuled(core);
  const due = await aloneOf(core);
  const { TABLE } = FIELDS.TABLE_ADDRESS;
  for (const table of [0, 1, 2]) {
    const command = [
      { address: REGISTERS.TABLE_ADDRESS, value: (table << TABLE.low) >>> 0 },
      { address: REGISTERS.TABLE_COMMAND, value: TABLE_COMMAND.READ },
    ];
    const words = Array.from({ length: 10 }, (_, at) => REGISTERS.TABLE_DATA + 4 * at);
    const asked = words.map((each) => ({ kind: 'read', address: each, after: 120 }) as const);
    const alone = await core.exchange([], { accesses: [...writesOf(command, 0), ...asked] });
    const accesses = [...writesOf(command, 30), ...reads(REGISTERS.TABLE_COMMAND, 8), ...asked];
    const { outputs, values } = await core.exchange(SEGMENTS, { accesses });
    t.deepEqual(outputs.map(essence), due);
    t.is(values[7], 0, 'done within some clocks, and not refused');
    // What passes is counted meanwhile.
    if (table !== 2) t.deepEqual(values.slice(8), alone.values);
  }
});
