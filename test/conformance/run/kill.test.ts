/** A defect counts as killed only by the requirement that names it, and a blamed device is told. */
import test from 'ava';
import type { Defect } from '../../../conformance/defects/defect.ts';
import {
  blamed,
  killPage,
  killSummary,
  survivors,
} from '../../../conformance/report/kill-table.ts';
import type { KillTable } from '../../../conformance/report/kill-table.ts';
import { blameOf, isKilled, rivalsOf, type Catch } from '../../../conformance/run/kill.ts';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import type { Fault } from '../../../conformance/run/evidence.ts';
import type { RequirementResult } from '../../../conformance/run/result.ts';
import { FAIL } from '../../../conformance/verdict/verdict.ts';
import { helloWith } from '../bed.ts';

function caught(seed: number, ...requirements: readonly string[]): Catch {
  const killers = requirements.map((requirement) => {
    return {
      requirement,
      scenario: `features/a.feature: ${requirement} | x`,
      source: 'directed',
    } as const;
  });
  return { seed, killers, undecided: [], faults: [] };
}

function defect(name: string, more: Partial<Defect> = {}): Defect {
  return {
    name,
    sentence: 'It is wrong.',
    breaks: 'PRISM-REW-01',
    apply: (device) => device,
    ...more,
  };
}

const KILLED = { name: 'a', looks: [caught(1, 'PRISM-REW-01', 'PRISM-REW-03')] };
const MISSED_ONCE = { name: 'b', looks: [caught(1, 'PRISM-REW-01'), caught(2, 'PRISM-REW-03')] };
const NEVER = { name: 'c', looks: [] };

const TABLE: KillTable = {
  seeds: [1, 2, 3],
  defects: [
    { defect: defect('a'), outcome: KILLED },
    { defect: defect('b'), outcome: MISSED_ONCE },
    { defect: defect('c', { equivalent: 'Nobody can tell.' }), outcome: NEVER },
  ],
  variations: [
    { variation: defect('good'), outcome: { name: 'good', whole: caught(1) } },
    {
      variation: { ...defect('departing'), departs: ['PRISM-REW-06'] },
      outcome: { name: 'departing', whole: caught(1, 'PRISM-REW-06') },
    },
    { variation: defect('blamed'), outcome: { name: 'blamed', whole: caught(1, 'PRISM-REW-06') } },
  ],
};

test('a defect is killed when its requirement found it under every seed', (t) => {
  t.true(isKilled('PRISM-REW-01', KILLED));
  t.false(isKilled('PRISM-REW-01', MISSED_ONCE));
  t.false(isKilled('PRISM-REW-02', KILLED));
  t.false(isKilled('PRISM-REW-01', NEVER));
});

test('survivors are told, equivalents are not', (t) => {
  t.deepEqual(
    survivors(TABLE).map((row) => row.defect.name),
    ['b'],
  );
});

test('a correct device may depart from a SHOULD that it declares, and from nothing else', (t) => {
  t.deepEqual(
    blamed(TABLE).map((row) => row.variation.name),
    ['blamed'],
  );
  const undecided: Catch = { ...caught(1), undecided: ['PRISM-REW-01 died'], faults: ['x'] };
  t.deepEqual(blameOf({ name: 'x', whole: undecided }), ['PRISM-REW-01 died', 'x']);
});

test('the page has a row for each, and its sums are those of the rows', (t) => {
  const page = killPage(TABLE);
  const expected =
    '1 of 2 defects killed by the requirement that names them under seeds 1, 2, 3; 2 of 3 correct devices pass';
  t.is(killSummary(TABLE), expected);
  t.true(page.includes(expected));
  t.true(page.includes('| `b` | It is wrong. | PRISM-REW-01 | **SURVIVED** |'));
  t.true(page.includes('| `c` | It is wrong. | PRISM-REW-01 | equivalent |'));
  t.true(page.includes('a.feature: PRISM-REW-01 \\| x | REW-03 |'));
  t.true(page.includes('**BLAMED**: PRISM-REW-06'));
});

function result(id: string, ...faults: readonly (readonly Fault[])[]): RequirementResult {
  const requirement = requirementOf(id);
  if (requirement === undefined) throw new Error(id);
  const cases = faults.map((each) => ({
    name: `${id} a case`,
    uri: 'features/a.feature',
    line: 1,
    durationMs: 1,
    requirements: [id],
    verdict: FAIL,
    broken: [],
    faults: each,
  }));
  return { requirement, verdict: FAIL, cases, fingerprints: [], partial: false };
}

const HELLO = helloWith({ capabilities: ['RULES', 'LOCK', 'REVERSE', 'BRIDGE', 'MATCH'] });

const CHECKSUM: Fault = { aspect: 'tcp-checksum', field: 'tcp.checksum', own: false };

/** What could explain the failures of `id` that `faults` were seen in. */
function rivals(id: string, ...faults: readonly (readonly Fault[])[]): readonly string[] {
  return rivalsOf(id, [result(id, ...faults)], HELLO);
}

test('rivals are asked only about what could be theirs', (t) => {
  t.deepEqual(rivals('PRISM-RULE-07', [CHECKSUM]), ['PRISM-REW-05']);
  t.deepEqual(rivals('PRISM-REW-05', [CHECKSUM]), []);
  t.deepEqual(rivals('PRISM-RULE-07', [CHECKSUM], []), []);
  t.deepEqual(rivals('PRISM-RULE-07', [{ ...CHECKSUM, own: true }]), []);
});

test('a replay that failed another requirement alone is no failure of this one', (t) => {
  const judged = result('PRISM-REW-03', [CHECKSUM], []);
  const [failed, replay] = judged.cases;
  if (failed === undefined || replay === undefined) throw new Error('two cases were made');
  const broken = [{ requirement: 'PRISM-REW-05', field: '', expected: '', observed: '' }];
  const requirements = ['PRISM-REW-03', 'PRISM-REW-05'];
  const cases = [failed, { ...replay, requirements, broken }];
  t.deepEqual(rivalsOf('PRISM-REW-03', [{ ...judged, cases }], HELLO), ['PRISM-REW-05']);
});
