/** Counters, rules and commands while frames flow. */
import type { ExecutionContext } from 'ava';
import type { RegisterWrite } from '../../../../hardware/netfpga/driver/bus.ts';
import { FIELDS, REGISTERS, TABLE_COMMAND } from '../../../../hardware/netfpga/driver/registers.ts';
import { errorNames } from '../../../../hardware/netfpga/driver/table-error.ts';
import { openTables } from '../../../../hardware/netfpga/driver/tables.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { Exchange } from '../../../../hardware/netfpga/sim/wire.ts';
import { SMALL } from '../bench.ts';
import { essence, openRuled, updatesOf } from '../ruled.ts';
import { aloneOf, reads, recorded, SEGMENTS, writesOf } from './traffic.ts';

const SHIFT = 0x1234_5678;

/** A counter counts each event once, though it is read and cleared while they come. */
export async function checkCounters(t: ExecutionContext, core: Core): Promise<void> {
  for (const name of ['PKTIN', 'PKTOUT', 'LUTHIT'] as const) {
    await openRuled(core);
    const { values } = await core.exchange(SEGMENTS, { accesses: reads(REGISTERS[name], 30) });
    t.true(values.filter((value) => value > 0).length > 5, `${name}: ${values.join(' ')}`);
    const rest = await core.read(REGISTERS[name]);
    const sum = values.reduce((before, value) => before + value, rest);
    t.is(sum, SEGMENTS.length, name);
  }
}

/** A rule that is written over, or emptied, changes for both directions in one step. */
export async function checkOneStep(t: ExecutionContext, core: Core): Promise<void> {
  for (const shift of [5000, undefined]) {
    await openRuled(core, 1000);
    const before = await aloneOf(core);
    const writes = await recorded(core, shift);
    await core.write(writes);
    const after = await aloneOf(core);
    if (shift === undefined) assertBridged(t, await core.exchange(SEGMENTS));
    for (let clock = 0; clock < 240; clock += 9) {
      await openRuled(core, 1000);
      await core.exchange(SEGMENTS);
      const { outputs } = await core.exchange(SEGMENTS, { accesses: writesOf(writes, clock) });
      const from = outputs.findIndex((output, at) => essence(output) !== before[at]);
      const changed = from < 0 ? SEGMENTS.length : from;
      const due = [...before.slice(0, changed), ...after.slice(changed)];
      t.deepEqual(outputs.map(essence), due);
      if (clock < 100) t.true(changed > 0 && changed < SEGMENTS.length, `at clock ${clock}`);
    }
  }
}

function assertBridged(t: ExecutionContext, { outputs }: Exchange): void {
  const left = outputs.map(({ octets }) => octets);
  t.deepEqual(
    left,
    SEGMENTS.map(({ octets }) => octets),
  );
}

/** What an earlier driver writes, what is in no table, and what comes too early is refused. */
export async function checkCommands(t: ExecutionContext, core: Core): Promise<void> {
  await openRuled(core);
  const due = await aloneOf(core);
  await refuseForeign(t, core);
  t.deepEqual((await core.exchange(SEGMENTS)).outputs.map(essence), due);
  await refuseEarly(t, core, due);
}

async function refuseForeign(t: ExecutionContext, core: Core): Promise<void> {
  const fence = await core.read(REGISTERS.FENCE);
  t.true(fence > 0);
  const writes = await recorded(core, 5000);
  const withWrite = (address: number, value: number): readonly RegisterWrite[] =>
    writes.map((each) => (each.address === address ? { address, value } : each));
  await assertRefused(t, core, withWrite(REGISTERS.TABLE_EPOCH, fence - 1), ['REFUSED_EPOCH']);
  const rows = [2 ** SMALL.FLOWS_LOG2, 2 ** SMALL.RULES_LOG2, 2 ** (SMALL.RULES_LOG2 + 1)];
  const unknown = [
    ...rows.map((row, table) => table * 2 ** 28 + row),
    ...rows.map((_, table) => table * 2 ** 28 + 2 ** 28 - 1),
    ...Array.from({ length: 13 }, (_, table) => (table + 3) * 2 ** 28),
  ];
  for (const each of unknown) {
    for (const command of [TABLE_COMMAND.WRITE, TABLE_COMMAND.READ]) {
      const asked = withWrite(REGISTERS.TABLE_ADDRESS, each).map((write) =>
        write.address === REGISTERS.TABLE_COMMAND ? { ...write, value: command } : write,
      );
      await assertRefused(t, core, asked, ['REFUSED_ADDRESS']);
    }
  }
}

async function assertRefused(
  t: ExecutionContext,
  core: Core,
  writes: readonly RegisterWrite[],
  errors: readonly string[],
): Promise<void> {
  const fence = await core.read(REGISTERS.FENCE);
  await core.write(writes);
  t.deepEqual(errorNames(await core.read(REGISTERS.ERROR)), errors);
  t.is(await core.read(REGISTERS.TABLE_COMMAND), 2, 'done, and refused');
  t.is(await core.read(REGISTERS.FENCE), fence);
}

/** While the tables are emptied. */
async function refuseEarly(t: ExecutionContext, core: Core, due: readonly string[]): Promise<void> {
  await openRuled(core);
  await core.exchange(SEGMENTS);
  const writes = await recorded(core, 5000);
  const reset = { address: REGISTERS.RESET, value: 1 << FIELDS.RESET.TABLES.low };
  const accesses = writesOf([reset, ...writes], 0);
  const { outputs } = await core.exchange(SEGMENTS, { accesses });
  t.deepEqual(errorNames(await core.read(REGISTERS.ERROR)), ['REFUSED_BUSY']);
  // No frame is lost: one that finds its rule no more leaves as it came.
  t.is(outputs.length, SEGMENTS.length);
  for (const [at, output] of outputs.entries()) {
    const isBridged = Buffer.compare(output.octets, SEGMENTS[at]?.octets ?? output.octets) === 0;
    t.true(isBridged || essence(output) === due[at], `frame ${at}`);
  }
  const tables = await openTables(core, { nowMs: () => 0 });
  await tables.write(updatesOf(SHIFT));
  t.deepEqual((await core.exchange(SEGMENTS)).outputs.map(essence), due);
}
