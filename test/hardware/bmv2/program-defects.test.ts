/** Each defect of `prism.p4` is found, by the requirement that names it, on the model of BMv2. */
import test from 'ava';
import { requirements as catalogue } from '../../../conformance/catalogue/catalogue.ts';
import { performTrial } from '../../../conformance/cli/trial.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import type { Device } from '../../../conformance/driver/device.ts';
import { openP4Device } from '../../../conformance/drivers/p4/device.ts';
import { openModel } from '../../../conformance/drivers/p4/model.ts';
import { catchOf, killersBy, type Catch } from '../../../conformance/run/kill.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { withDefect } from '../../../hardware/bmv2/defects/defect.ts';
import { PROGRAM_DEFECTS } from '../../../hardware/bmv2/defects/defects.ts';
import { loadProgram } from '../../../hardware/bmv2/model/program.ts';
import { sha256Of } from '../../../tools/p4.ts';
import { findStaleDefects, readDefect, readSound } from '../../../tools/p4-defects.ts';

const SEED = 1;
/** What fails with few generated packets fails with more of them. */
const EFFORT = 1 / 8;

const REQUIRED = [...new Set(PROGRAM_DEFECTS.map(({ breaks }) => breaks))];

/** Without captured connections: each defect is to be found by packets that were made to find it. */
const SCENARIOS = scenariosFor('switch', readScenarios(readFeatures())).filter(
  ({ uri }) => !uri.startsWith('features/captures/'),
);

function openProgram(json: string): Device {
  const program = loadProgram(JSON.parse(json));
  if (!program.ok) throw new Error(program.error);
  const model = openModel(() => program.value);
  return openP4Device(model, model.nowMs);
}

/** What the scenarios of the requirements `ids` find on a switch that runs the program `json`. */
async function tried(json: string, ids: readonly string[]): Promise<Catch> {
  const scenarios = SCENARIOS.filter(({ requirements }) =>
    requirements.some((id) => ids.includes(id)),
  );
  const apply = (): Device => openProgram(json);
  const { hello, cases, requirements } = await performTrial({
    apply,
    scenarios,
    seed: SEED,
    effort: EFFORT,
  });
  return catchOf(requirements, cases, hello, SEED);
}

test.serial('the program without a defect passes what has to find the defects', async (t) => {
  const { killers, undecided, faults } = await tried(readSound(), REQUIRED);
  t.deepEqual({ killers, undecided, faults }, { killers: [], undecided: [], faults: [] });
});

for (const defect of PROGRAM_DEFECTS) {
  const { name, breaks, sentence } = defect;
  test.serial(`${name} is found by ${breaks}`, async (t) => {
    const found = await tried(readDefect(defect), [breaks]);
    t.not(killersBy(breaks, found).length, 0, sentence);
    t.deepEqual(found.faults, []);
  });
}

test('each difference was compiled from the edit that it is of', (t) => {
  t.deepEqual(findStaleDefects({ sha256Of }), []);
});

test('each defect has a name of its own, and a requirement of the catalogue', (t) => {
  const names = PROGRAM_DEFECTS.map(({ name }) => name);
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

const SAMPLE = { name: 'x', sentence: '', breaks: '', file: 'prism.p4' } as const;

test('an edit keeps the number of lines, so that what follows keeps its names', (t) => {
  const edit = { ...SAMPLE, find: 'b\nc', replace: 'x' };
  t.deepEqual(withDefect(edit, 'a\nb\nc\nd'), { ok: true, value: 'a\nx\n\nd' });
});

for (const [what, text, error] of [
  ['is not there', 'a\nc', 'occurs 0 times'],
  ['is there twice', 'b b', 'occurs 2 times'],
] as const) {
  test(`an edit of what ${what} names the defect and the text`, (t) => {
    const edited = withDefect({ ...SAMPLE, find: 'b', replace: '' }, text);
    t.false(edited.ok);
    t.is(edited.ok ? '' : edited.error, `x: what it edits ${error} in prism.p4, not once: b`);
  });
}

test('an edit may not add lines', (t) => {
  const edited = withDefect({ ...SAMPLE, find: 'b', replace: 'b\nc' }, 'b');
  t.is(edited.ok ? '' : edited.error, 'x: what it writes has more lines than it edits');
});
