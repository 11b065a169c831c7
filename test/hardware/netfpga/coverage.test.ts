/** Which blocks of the core's Verilog run when the rules, the edges and the checks are tried on it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { FIELDS, REGISTERS, TABLE_COMMAND } from '../../../hardware/netfpga/driver/registers.ts';
import { openTables } from '../../../hardware/netfpga/driver/tables.ts';
import { whyNoBuild } from '../../../hardware/netfpga/sim/build.ts';
import { openChildCore } from '../../../hardware/netfpga/sim/child.ts';
import { leaveOut } from '../../oracle.ts';
import { SMALL } from './bench.ts';
import { checkFullTable } from './checks/full-table.ts';
import { checkIllFrames } from './checks/ill-frames.ts';
import { checkRules } from './checks/rules.ts';
import { checkCommands, checkCounters } from './checks/software.ts';
import { SEGMENTS, writesOf } from './checks/traffic.ts';
import { openRuled } from './ruled.ts';

/** What Verilator counts: a block, or one side of a branch. */
interface Point {
  /** File, line and kind. */
  readonly at: string;
  readonly times: number;
}

const { READ, WRITE } = TABLE_COMMAND;
/** Row 1, which is no rule's, of each table is read or written, well after the command before. */
const COMMANDS = Array.from({ length: 60 }, (_, at) =>
  writesOf(
    [
      {
        address: REGISTERS.TABLE_ADDRESS,
        value: (at % 3) * 2 ** FIELDS.TABLE_ADDRESS.TABLE.low + 1,
      },
      { address: REGISTERS.TABLE_COMMAND, value: at % 2 === 0 ? READ : WRITE },
    ],
    41 * at,
  ),
).flat();

/** The points of a file of Verilator's; one place is one point, in however many instances. */
function pointsOf(text: string): readonly Point[] {
  const times = new Map<string, number>();
  for (const [, key = '', count] of text.matchAll(/^C '([^']*)' (\d+)$/gmu)) {
    const fields = new Map(
      key.split('\u0001').map((field): [string, string] => {
        const [name = '', value = ''] = field.split('\u0002');
        return [name, value];
      }),
    );
    const at = `${basename(fields.get('f') ?? '')}:${fields.get('l')} ${fields.get('o')}`;
    times.set(at, (times.get(at) ?? 0) + Number(count));
  }
  return [...times].map(([at, sum]) => ({ at, times: sum }));
}

test.serial('every block of the core runs, and both sides of every branch', async (t) => {
  t.timeout(600_000);
  const missing = whyNoBuild();
  if (missing !== undefined) {
    leaveOut(t, missing);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-netfpga-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const coverageFile = join(folder, 'coverage.dat');
  const core = await openChildCore({ parameters: SMALL, isCovered: true, coverageFile, seed: 7 });
  for (const check of [checkRules, checkIllFrames, checkFullTable, checkCounters, checkCommands]) {
    await check(t, core);
  }
  await openRuled(core);
  await core.exchange(Array.from({ length: 8 }, () => SEGMENTS).flat(), { accesses: COMMANDS });
  for (const address of Object.values(REGISTERS)) {
    await core.write([{ address, value: await core.read(address) }]);
  }
  await (await openTables(core, { nowMs: () => 0 })).reset();
  await core.close();
  const points = pointsOf(readFileSync(coverageFile, 'latin1'));
  const unreached = points.filter(({ times }) => times === 0).map(({ at }) => at);
  t.log(`${points.length - unreached.length} of ${points.length} blocks and branches`);
  t.true(points.length > 200);
  t.deepEqual(unreached, []);
});
