/** What a run comes to, for any verdicts. */
import test from 'ava';
import fc from 'fast-check';
import type { Level } from '../../../conformance/catalogue/requirement.ts';
import { conclude, type Judged } from '../../../conformance/verdict/exit-code.ts';
import { FAIL, formatVerdict, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';
import { runs } from '../../runs.ts';

const EXPIRED: Verdict = { kind: 'fail', expired: '2026-01-31' };
const UNDECIDED: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };
const DEPENDENT: Verdict = { kind: 'inconclusive', reason: 'dependency' };
const NOT_APPLICABLE: Verdict = { kind: 'not-applicable', capability: 'TS' };
const KNOWN: Verdict = { kind: 'known-failure', issues: ['https://example.org/1'] };
const UNEXPECTED: Verdict = { kind: 'unexpected-pass', issues: ['https://example.org/1'] };
const ALL = [PASS, FAIL, EXPIRED, UNDECIDED, NOT_APPLICABLE, KNOWN, UNEXPECTED];

function judged(...verdicts: readonly Verdict[]): readonly Judged[] {
  return verdicts.map((verdict, index) => ({ id: `PRISM-REW-0${index}`, level: 'MUST', verdict }));
}

/** By name: what must be in a run for each status, the first that is there wins. */
const TABLE: readonly (readonly [string, Verdict, number, string])[] = [
  ['a new failure', FAIL, 1, 'not conformant'],
  ['an undecided one', UNDECIDED, 2, 'no failure, but a required requirement is undecided'],
  ['an expired entry', EXPIRED, 3, 'no new failure, but the baseline is out of date'],
  ['an unexpected pass', UNEXPECTED, 3, 'no new failure, but the baseline is out of date'],
  ['a known failure', KNOWN, 0, 'no new failure'],
  ['nothing else', PASS, 0, 'conformant'],
];

for (const [name, verdict, exit, meaning] of TABLE) {
  test(`a run with passes and ${name} ends with ${exit}: ${meaning}`, (t) => {
    t.deepEqual(conclude(judged(PASS, verdict), 'MUST'), { exit, meaning });
  });
}

test('each verdict is written with what it rests on', (t) => {
  t.deepEqual([EXPIRED, KNOWN, UNEXPECTED].map(formatVerdict), [
    'fail(known until 2026-01-31)',
    'known-failure(https://example.org/1)',
    'unexpected-pass(https://example.org/1)',
  ]);
});

test('a known failure decides; what does not apply decides nothing', (t) => {
  t.is(conclude(judged(KNOWN), 'MUST').exit, 0);
  t.is(conclude(judged(NOT_APPLICABLE), 'MUST').exit, 4);
  t.is(conclude(judged(KNOWN, PASS), 'MUST', 2).exit, 0);
  t.is(conclude(judged(KNOWN, PASS), 'MUST', 3).exit, 4);
});

test('what a gated failure leaves undecided adds nothing to it', (t) => {
  const dependent: Judged = {
    id: 'PRISM-RULE-07',
    level: 'MUST',
    verdict: DEPENDENT,
    because: 'PRISM-REW-00',
  };
  const after = (...verdicts: readonly Verdict[]): number =>
    conclude([...judged(...verdicts), dependent], 'MUST').exit;
  t.is(after(FAIL), 1);
  t.is(after(EXPIRED), 3);
  // Its culprit does not fail this run: it stays undecided by itself.
  t.is(after(KNOWN), 2);
  t.is(after(PASS, FAIL), 1);
  const should: Judged = { id: 'PRISM-REW-00', level: 'SHOULD', verdict: FAIL };
  t.is(conclude([should, dependent, ...judged(PASS).slice(1)], 'MUST').exit, 2);
});

const level = fc.constantFrom<Level>('MUST', 'SHOULD', 'MAY');
const anyJudged = fc
  .array(fc.record({ level, verdict: fc.constantFrom(...ALL) }), { maxLength: 8 })
  .map((all) => all.map((each, index): Judged => ({ id: `PRISM-REW-0${index}`, ...each })));

const WITHIN: Readonly<Record<Level, readonly Level[]>> = {
  MUST: ['MUST'],
  SHOULD: ['MUST', 'SHOULD'],
  MAY: ['MUST', 'SHOULD', 'MAY'],
};

test('any run: the statuses are exactly those of the table, gated', (t) => {
  fc.assert(
    fc.property(anyJudged, level, (all, gate) => {
      const words = all
        .filter((each) => WITHIN[gate].includes(each.level))
        .map(({ verdict }) => formatVerdict(verdict).replace(/\(http.*/u, ''));
      const has = (...some: readonly string[]): boolean =>
        words.some((word) => some.includes(word));
      const expected = has('fail')
        ? 1
        : has('inconclusive(no-barrier)')
          ? 2
          : has('fail(known until 2026-01-31)', 'unexpected-pass')
            ? 3
            : has('pass', 'known-failure')
              ? 0
              : 4;
      const { exit, meaning } = conclude(all, gate);
      t.is(exit, expected);
      // "conformant" is said of nothing but passes and what does not apply.
      const clean = words.every((word) => ['pass', 'not-applicable(TS)'].includes(word));
      t.is(meaning === 'conformant', clean && has('pass'));
    }),
    runs(2000),
  );
});
