/** What doing a bundle again comes to. */
import test from 'ava';
import { perform } from '../../../conformance/bundle/perform.ts';
import {
  conclude,
  findScenario,
  outcomeOfPackets,
  outcomeOfScenario,
  type Outcome,
} from '../../../conformance/bundle/replay.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { fingerprintOf } from '../../../conformance/run/fingerprint.ts';
import type { PlannedScenario } from '../../../conformance/run/plan.ts';
import { FAIL, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';
import {
  benchWith,
  flipped,
  isTcp,
  operationsWith,
  richSegments,
  sequenceOn,
  verdictWith,
  type Spoil,
} from './bed.ts';

const VERDICT = verdictWith();
const WANTED = VERDICT.fingerprint;

function spoil(at: number): Spoil {
  return (left) => left.map((each) => (isTcp(each) ? flipped(each, at) : each));
}

for (const [what, made, again, kind] of [
  ['on the same device', spoil(51), spoil(51), 'same'],
  ['on a device without the fault', spoil(51), spoil(-1), 'passes'],
  ['on a device that spoils the MAC address instead', spoil(51), spoil(5), 'different'],
] as const) {
  test(`packets ${what}: ${kind}`, async (t) => {
    const sequence = await sequenceOn(await benchWith(made), operationsWith(richSegments(2)));
    const bench = await benchWith(again);
    const operations = await perform(sequence.operations, bench);
    t.is(outcomeOfPackets(sequence, operations, WANTED, bench.hello).kind, kind);
  });
}

test('packets that are not judged alone tell whether the device did the same', async (t) => {
  const judgement = { kind: 'recorded' } as const;
  const bench = await benchWith(spoil(51));
  const sequence = await sequenceOn(bench, operationsWith(richSegments(2)), judgement);
  const same = await perform(sequence.operations, bench);
  const told = outcomeOfPackets(sequence, same, WANTED, bench.hello);
  t.is(told.kind, 'undecided');
  t.regex(told.told, /did what is recorded/u);
  const other = await perform(sequence.operations, await benchWith(spoil(-1)));
  t.regex(outcomeOfPackets(sequence, other, WANTED, bench.hello).told, /did something else/u);
});

function result(verdict: Verdict, parts: Partial<CaseResult> = {}): CaseResult {
  const whole = {
    name: VERDICT.scenario.name,
    uri: VERDICT.scenario.uri,
    line: 7,
    requirements: ['PRISM-REW-05'],
    verdict,
    durationMs: 1,
    broken: [],
    faults: [],
    ...parts,
  };
  return { ...whole, fingerprint: fingerprintOf(whole, 'PRISM-REW-05') };
}

const CHECKSUM = {
  aspect: 'tcp-checksum',
  field: 'tcp.checksum',
  direction: 'client-to-owner',
  own: false,
} as const;
const URGENT = { aspect: 'urgent', field: 'tcp.urgent', own: true } as const;
const CRASH: Verdict = { kind: 'inconclusive', reason: 'crash' };

for (const [what, again, kind] of [
  ['passes', result(PASS), 'passes'],
  ['fails alike', result(FAIL, { faults: [CHECKSUM] }), 'same'],
  ['fails alike among others', result(FAIL, { faults: [URGENT, CHECKSUM] }), 'same'],
  ['fails in another field', result(FAIL, { faults: [URGENT] }), 'different'],
  ['fails in no field', result(FAIL, { step: 'the command succeeds' }), 'different'],
  ['cannot be told', result(CRASH), 'undecided'],
  ['does not apply', result({ kind: 'not-applicable', capability: 'TS' }), 'undecided'],
] as const) {
  test(`a scenario that ${what}: ${kind}`, (t) => {
    t.is(outcomeOfScenario(again, VERDICT).kind, kind);
  });
}

test('a scenario that is undecided in the same way is undecided again', (t) => {
  const bundle = verdictWith({ verdict: 'inconclusive(crash)' });
  t.is(outcomeOfScenario(result(CRASH), bundle).kind, 'again');
});

function outcome(kind: Outcome['kind']): Outcome {
  return { kind, told: 'details' };
}

for (const [packets, scenario, sentence, exit] of [
  ['same', 'same', /^reproduces: same fingerprint$/u, 1],
  ['passes', 'same', /^reproduces: same fingerprint$/u, 1],
  ['same', 'passes', /^reproduces: same fingerprint$/u, 1],
  ['same', 'undecided', /^reproduces: same fingerprint$/u, 1],
  ['passes', 'different', /^fails differently: details; it was PRISM-REW-05 /u, 1],
  ['different', 'passes', /^fails differently/u, 1],
  ['passes', 'passes', /^does not fail any more$/u, 0],
  ['undecided', 'passes', /^does not fail any more$/u, 0],
  ['passes', undefined, /^does not fail any more$/u, 0],
  ['passes', 'undecided', /^cannot be decided$/u, 2],
  ['undecided', 'undecided', /^cannot be decided$/u, 2],
  ['undecided', 'again', /^reproduces: fail$/u, 2],
  ['undecided', undefined, /^cannot be decided$/u, 2],
] as const) {
  test(`packets ${packets} and scenario ${scenario}: exit ${exit}`, (t) => {
    const told = scenario === undefined ? undefined : outcome(scenario);
    const conclusion = conclude(outcome(packets), told, VERDICT);
    t.regex(conclusion.sentence, sentence);
    t.is(conclusion.exit, exit);
  });
}

function planned(uri: string, line: number, name: string): PlannedScenario {
  return { uri, line, name, tags: [], requirements: [] };
}

test('a scenario is found by file and name, wherever it has gone', (t) => {
  const [a, b, c] = [planned('a', 9, 'n'), planned('a', 12, 'n'), planned('b', 7, 'n')] as const;
  const scenarios = [planned('a', 7, 'other'), c, a, b];
  t.is(findScenario({ uri: 'a', line: 12, name: 'n' }, scenarios), b);
  t.is(findScenario({ uri: 'a', line: 7, name: 'n' }, scenarios), a);
  t.is(findScenario({ uri: 'gone', line: 7, name: 'n' }, scenarios), c);
  t.is(findScenario({ uri: 'a', line: 7, name: 'm' }, scenarios), undefined);
});
