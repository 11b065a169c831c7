/** Each defect of the core is found, by the requirement or the check that names it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { requirements as catalogue } from '../../../conformance/catalogue/catalogue.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import { performTrial } from '../../../conformance/cli/trial.ts';
import type { Device } from '../../../conformance/driver/device.ts';
import { openNetfpgaSim } from '../../../conformance/drivers/netfpga/device.ts';
import { catchOf, killersBy, type Catch } from '../../../conformance/run/kill.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import type { Check, RtlDefect } from '../../../hardware/netfpga/defects/defect.ts';
import { numberOf, RTL_DEFECTS } from '../../../hardware/netfpga/defects/defects.ts';
import { findUnfit, withDefects, type Sources } from '../../../hardware/netfpga/defects/edit.ts';
import { REGISTERS } from '../../../hardware/netfpga/driver/registers.ts';
import type { Core } from '../../../hardware/netfpga/sim/core.ts';
import { openCore } from '../../../hardware/netfpga/sim/library.ts';
import { findStaleDefects } from '../../../tools/netfpga-defects.ts';
import { isAble, SMALL } from './bench.ts';
import { checkFullTable } from './checks/full-table.ts';
import { checkIllFrames } from './checks/ill-frames.ts';
import { checkPace } from './checks/pace.ts';
import { checkRules } from './checks/rules.ts';
import { checkStations } from './checks/stations.ts';
import { checkCommands, checkCounters, checkOneStep } from './checks/software.ts';

const SEED = 1;
/** What fails with few generated packets fails with more of them. */
const EFFORT = 1 / 8;
/** A core that hangs is found soon. */
const CYCLES_MAX = 50_000;

const RTL = fileURLToPath(new URL('../../../hardware/netfpga/rtl', import.meta.url));

const CHECKS: Readonly<Record<Check, (t: ExecutionContext, core: Core) => Promise<void>>> = {
  rules: checkRules,
  pace: checkPace,
  'ill-frames': checkIllFrames,
  counters: checkCounters,
  'one-step': checkOneStep,
  commands: checkCommands,
  stations: checkStations,
  'full-table': checkFullTable,
};

const REQUIRED = [
  ...new Set(
    RTL_DEFECTS.flatMap(({ foundBy }) => (foundBy.kind === 'suite' ? [foundBy.requirement] : [])),
  ),
];

/** Without captured connections: each defect is to be found by packets that were made to find it. */
const SCENARIOS = scenariosFor('switch', readScenarios(readFeatures())).filter(
  ({ uri }) => !uri.startsWith('features/captures/'),
);

function readSources(): Sources {
  const names = readdirSync(RTL);
  return new Map(names.map((name) => [name, readFileSync(join(RTL, name), 'utf8')]));
}

const folder = mkdtempSync(join(tmpdir(), 'prismspec-netfpga-defects-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, text] of withDefects(RTL_DEFECTS, readSources())) {
  writeFileSync(join(folder, name), text);
}

/** The core with a defect; 0 is none. */
async function openWith(number: number): Promise<Core> {
  const core = await openCore({ rtl: folder, parameters: SMALL });
  return {
    ...core,
    reset: async () => {
      await core.reset();
      await core.write([{ address: REGISTERS.DEBUG, value: number }]);
    },
    exchange: (frames, pace) => core.exchange(frames, { cyclesMax: CYCLES_MAX, ...pace }),
  };
}

/** What the scenarios of the requirements `ids` find on the core with a defect. */
async function tried(number: number, ids: readonly string[]): Promise<Catch> {
  const apply = (): Device =>
    openNetfpgaSim({
      rtl: folder,
      rulesLog2: SMALL.RULES_LOG2,
      stationsLog2: SMALL.STATIONS_LOG2,
      debug: number,
    });
  const scenarios = SCENARIOS.filter(({ requirements }) =>
    requirements.some((id) => ids.includes(id)),
  );
  const trial = await performTrial({ apply, scenarios, seed: SEED, effort: EFFORT });
  return catchOf(trial.requirements, trial.cases, trial.hello, SEED);
}

/** Whether the bench finds something on the core with a defect. */
async function isFound(t: ExecutionContext, number: number, check: Check): Promise<boolean> {
  const core = await openWith(number);
  const attempt = await t.try((tt) => CHECKS[check](tt, core));
  await core.close();
  attempt.discard();
  return !attempt.passed;
}

test.serial('the core without a defect passes what has to find the defects', async (t) => {
  if (!isAble(t)) return;
  const { killers, undecided, faults } = await tried(0, REQUIRED);
  t.deepEqual({ killers, undecided, faults }, { killers: [], undecided: [], faults: [] });
  const core = await openWith(0);
  for (const check of Object.values(CHECKS)) await check(t, core);
  await core.close();
});

async function assertFound(t: ExecutionContext, defect: RtlDefect): Promise<void> {
  const { foundBy, sentence } = defect;
  const number = numberOf(defect);
  if (foundBy.kind === 'bench') {
    t.true(await isFound(t, number, foundBy.check), sentence);
    return;
  }
  const found = await tried(number, [foundBy.requirement]);
  t.not(killersBy(foundBy.requirement, found).length, 0, sentence);
  t.deepEqual(found.faults, []);
}

for (const defect of RTL_DEFECTS) {
  const { name, foundBy } = defect;
  const finder = foundBy.kind === 'suite' ? foundBy.requirement : foundBy.check;
  test.serial(`${name} is found by ${finder}`, async (t) => {
    if (isAble(t)) await assertFound(t, defect);
  });
}

test('each defect has a name of its own, and a requirement of the catalogue', (t) => {
  const names = RTL_DEFECTS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  t.deepEqual(
    names.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(name)),
    [],
  );
  const known = catalogue.map(({ id }) => id);
  t.deepEqual(
    REQUIRED.filter((id) => !known.includes(id)),
    [],
  );
});

test('the page of the defects is theirs', (t) => {
  t.deepEqual(findStaleDefects(), []);
});

const SAMPLE = { name: 'x', sentence: '', foundBy: { kind: 'bench', check: 'pace' } } as const;

test('several defects of one expression are chosen by their numbers, and others moved aside', (t) => {
  const sources = new Map([['m.v', 'y = a; z = b;']]);
  const edits = [
    { ...SAMPLE, module: 'm', find: 'a', replace: 'b' },
    { ...SAMPLE, module: 'm', find: 'b', replace: 'c' },
    { ...SAMPLE, module: 'm', find: 'a', replace: 'd' },
  ];
  const choice = 'prism_core.registers.debug_reg[7:0] ==';
  const [first, third] = [`(${choice} 8'd1 ? (b) : (a))`, `${choice} 8'd3 ? (d)`];
  t.is(
    withDefects(edits, sources).get('m.v'),
    `y = (${third} : ${first}); z = (${choice} 8'd2 ? (c) : (b));`,
  );
});

for (const [what, text, found] of [
  ['is not there', 'c', ['x: what it edits occurs 0 times in m: a']],
  ['is there twice', 'a a', ['x: what it edits occurs 2 times in m: a']],
] as const) {
  test(`an edit of what ${what} is refused`, (t) => {
    const edit = { ...SAMPLE, module: 'm', find: 'a', replace: 'b' };
    t.deepEqual(findUnfit([edit], new Map([['m.v', text]])), found);
    t.throws(() => withDefects([edit], new Map([['m.v', text]])), { instanceOf: RangeError });
  });
}

test('edits that overlap are refused', (t) => {
  const edits = [
    { ...SAMPLE, module: 'm', find: 'a + b', replace: 'b' },
    { ...SAMPLE, module: 'm', find: 'b + c', replace: 'c' },
  ];
  t.deepEqual(findUnfit(edits, new Map([['m.v', 'a + b + c']])), [
    'm.v: what another defect edits is a part of: a + b',
  ]);
});
