/** What Cucumber says of a real run, as results: outcomes/ has a scenario for every ending. */
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadConfiguration, runCucumber } from '@cucumber/cucumber/api';
import { createCollector, type CaseResult } from '../../../conformance/run/collect.ts';
import { formatVerdict } from '../../../conformance/verdict/verdict.ts';

const FOLDER = fileURLToPath(new URL('outcomes', import.meta.url));

async function run(): Promise<ReadonlyMap<string, readonly CaseResult[]>> {
  const sink = new Writable({ write: (_chunk, _encoding, done): void => done() });
  const environment = { cwd: FOLDER, stdout: sink, stderr: sink };
  const provided = { paths: ['outcomes.feature'], import: ['steps.ts'], format: [] };
  const { runConfiguration } = await loadConfiguration({ file: false, provided }, environment);
  const collect = createCollector();
  const results = new Map<string, CaseResult[]>();
  await runCucumber(runConfiguration, environment, (envelope) => {
    const result = collect(envelope);
    const [id] = result?.requirements ?? [];
    if (result !== undefined && id !== undefined) {
      results.set(id, [...(results.get(id) ?? []), result]);
    }
  });
  return results;
}

const results = await run();

function resultOf(number: string, row = 0): CaseResult {
  const result = results.get(`PRISM-REW-${number}`)?.[row];
  if (result === undefined) throw new Error(`PRISM-REW-${number} has no result`);
  return result;
}

test('every scenario and every row has a result', (t) => {
  t.is([...results.values()].flat().length, 18);
});

for (const [number, verdict] of [
  ['01', 'pass'],
  ['02', 'fail'],
  ['03', 'fail'],
  ['04', 'inconclusive(sentinel-lost)'],
  ['05', 'inconclusive(no-barrier)'],
  ['07', 'not-applicable(NOTHING)'],
  ['15', 'inconclusive(no-answer)'],
] as const) {
  test(`PRISM-REW-${number} is ${verdict}`, (t) => {
    const result = resultOf(number);
    t.is(formatVerdict(result.verdict), verdict);
    t.is(result.fault, undefined);
  });
}

for (const [number, told] of [
  ['08', /undefined/u],
  ['09', /TypeError: undefined is not a packet/u],
  ['10', /ambiguous/u],
  ['11', /pending/u],
  ['12', /skipped/u],
  ['13', /Error: expected a/u],
  ['14', /the capture is not there/u],
  ['16', /./u],
] as const) {
  test(`PRISM-REW-${number} is our own fault and says nothing of the device`, (t) => {
    const result = resultOf(number);
    t.regex(result.fault ?? '', told);
    t.is(formatVerdict(result.verdict), 'inconclusive(suite-fault)');
  });
}

test('a failure tells step, expected and observed, whatever their lines', (t) => {
  t.like(resultOf('02'), {
    step: 'a step that fails',
    expected: 'one thing\nof two lines',
    observed: 'another\nthing',
    seed: 7,
  });
});

test('what did not pass carries its fingerprint', (t) => {
  t.deepEqual(resultOf('02').fingerprint, {
    requirement: 'PRISM-REW-02',
    field: 'a step that fails',
  });
  t.is(resultOf('01').fingerprint, undefined);
});

test('a replay carries what it found broken, beside what a hook adds', (t) => {
  const { broken, seed, requirements } = resultOf('03');
  t.deepEqual(broken, [{ requirement: 'PRISM-SEQ-04', expected: 'a', observed: 'b' }]);
  t.is(seed, 7);
  t.deepEqual(requirements, ['PRISM-REW-03', 'PRISM-SEQ-04']);
});

test('rows of an outline are told apart by their lines', (t) => {
  const rows = [resultOf('17', 0), resultOf('17', 1)];
  t.deepEqual(
    rows.map(({ verdict: { kind }, line, name }) => [kind, line, name]),
    [
      ['pass', 62, 'PRISM-REW-17 rows differ: 1'],
      ['fail', 63, 'PRISM-REW-17 rows differ: 2'],
    ],
  );
});

test('a scenario without a step proves nothing', (t) => {
  t.is(resultOf('18').fault, 'the scenario has no step');
});
