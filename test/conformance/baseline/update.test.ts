/** A baseline after a run: what is added, renewed, kept and dropped, and how it is written. */
import test from 'ava';
import fc from 'fast-check';
import { parseBaseline, type BaselineEntry } from '../../../conformance/baseline/entry.ts';
import { rewriteBaseline } from '../../../conformance/baseline/text.ts';
import { updateBaseline, type Outcome } from '../../../conformance/baseline/update.ts';
import { runs } from '../../runs.ts';

const BOX = { name: 'box', version: '1.4.0' };
const EXCUSE = { issue: 'https://example.org/2', expires: '2027-06-30', today: '2026-11-22' };
const SACK = {
  requirement: 'PRISM-SEQ-04',
  field: 'tcp.options.sack',
  direction: 'client-to-owner',
} as const;
const SEQ = { requirement: 'PRISM-SEQ-04', field: 'tcp.seq' } as const;

const OLD: BaselineEntry = {
  fingerprint: SACK,
  device: 'box',
  versions: '^1.0.0',
  issue: 'https://example.org/1',
  expires: '2027-01-31',
  note: 'edges are left as they are',
};
const NEW: BaselineEntry = {
  fingerprint: SEQ,
  device: 'box',
  versions: '1.4.0',
  issue: 'https://example.org/2',
  expires: '2027-06-30',
};

function failing(...fingerprints: Outcome['fingerprints']): Outcome {
  return { id: 'PRISM-SEQ-04', verdict: 'fail', fingerprints };
}

test('failures without an entry are added, for this version; the others are kept', (t) => {
  t.deepEqual(updateBaseline([OLD], BOX, [failing(SACK, SEQ)], EXCUSE), {
    kept: [OLD],
    renewed: [],
    added: [NEW],
    passed: [],
  });
});

test('an entry that still holds is not touched, one that expired is renewed with its note', (t) => {
  const expired = { ...OLD, expires: '2026-11-21' };
  const { renewed, added, kept } = updateBaseline([expired], BOX, [failing(SACK)], EXCUSE);
  t.deepEqual(added, []);
  t.deepEqual(kept, []);
  t.deepEqual(renewed, [
    {
      before: expired,
      after: { ...OLD, issue: 'https://example.org/2', expires: '2027-06-30' },
    },
  ]);
});

test('of two entries the one that holds is enough', (t) => {
  const expired = { ...OLD, expires: '2026-01-01', versions: '1.4.0' };
  const { renewed, kept } = updateBaseline([expired, OLD], BOX, [failing(SACK)], EXCUSE);
  t.deepEqual(renewed, []);
  t.deepEqual(kept, [expired, OLD]);
});

test('a failure that the run knew already needs no other entry', (t) => {
  const known = { ...failing(SACK), verdict: 'known-failure(https://example.org/1)' };
  t.deepEqual(updateBaseline([OLD], BOX, [known], EXCUSE).added, []);
  t.is(updateBaseline([], BOX, [known], EXCUSE).added.length, 1);
});

test('what another failure explains, and what is undecided, is no failure', (t) => {
  const outcomes: readonly Outcome[] = [
    {
      id: 'PRISM-RULE-07',
      verdict: 'inconclusive(dependency)',
      because: 'PRISM-SEQ-04',
      fingerprints: [{ ...SEQ, requirement: 'PRISM-RULE-07' }],
    },
    {
      id: 'PRISM-RULE-08',
      verdict: 'known-failure(https://example.org/1)',
      because: 'PRISM-SEQ-04',
      fingerprints: [{ ...SEQ, requirement: 'PRISM-RULE-08' }],
    },
  ];
  t.deepEqual(updateBaseline([], BOX, outcomes, EXCUSE).added, []);
});

test('entries of what passed are named for pruning, of this device and this version only', (t) => {
  const verdicts = ['pass', 'unexpected-pass(https://example.org/1)'];
  for (const verdict of verdicts) {
    const passes = [{ id: 'PRISM-SEQ-04', verdict, fingerprints: [] }];
    const others = [
      { ...OLD, device: 'other' },
      { ...OLD, versions: '^2.0.0' },
      { ...OLD, fingerprint: { ...SACK, requirement: 'PRISM-SEQ-05' } },
    ];
    const { passed, kept } = updateBaseline([OLD, ...others], BOX, passes, EXCUSE);
    t.deepEqual(passed, [OLD], verdict);
    t.deepEqual(kept, others);
  }
});

test('what did not pass as a whole is kept', (t) => {
  for (const outcome of [
    { id: 'PRISM-SEQ-04', verdict: 'pass', partial: true, fingerprints: [] },
    { id: 'PRISM-SEQ-04', verdict: 'inconclusive(no-barrier)', fingerprints: [] },
    { id: 'PRISM-SEQ-04', verdict: 'not-applicable(SPLICE)', fingerprints: [] },
    failing(SEQ),
  ]) {
    t.deepEqual(updateBaseline([OLD], BOX, [outcome], EXCUSE).passed, [], outcome.verdict);
  }
});

const NOTHING = { before: [], dropped: [], renewed: [], added: [] };

test('a new file says what it is, and reads back', (t) => {
  const text = rewriteBaseline(undefined, { ...NOTHING, added: [NEW, OLD] });
  t.is(
    text,
    `# Known failures. prismspec run --baseline FILE; docs/howto/baseline.md

entries:
  - fingerprint: PRISM-SEQ-04 - tcp.seq
    device: box
    versions: 1.4.0
    issue: https://example.org/2
    expires: 2027-06-30
  - fingerprint: PRISM-SEQ-04 client-to-owner tcp.options.sack
    device: box
    versions: ^1.0.0
    issue: https://example.org/1
    expires: 2027-01-31
    note: edges are left as they are
`,
  );
  t.deepEqual(parseBaseline(text, 'b.yaml'), { ok: true, value: [NEW, OLD] });
});

const COMMENTED = `# our box
entries:
  # seen by Ada
  - fingerprint: PRISM-SEQ-04 client-to-owner tcp.options.sack
    device: box # the old one
    versions: ^1.0.0
    issue: https://example.org/1
    expires: 2027-01-31
    note: edges are left as they are
`;

test('comments stay with their entries, whatever is put before them', (t) => {
  const text = rewriteBaseline(COMMENTED, {
    before: [OLD],
    dropped: [],
    renewed: [{ before: OLD, after: { ...OLD, expires: '2028-01-01' } }],
    added: [NEW],
  });
  t.regex(text, /^# our box\n/u);
  t.regex(text, /# seen by Ada\n {2}- fingerprint: PRISM-SEQ-04 client-to-owner/u);
  t.regex(text, /device: box # the old one\n/u);
  t.regex(text, /expires: 2028-01-01\n {4}note: edges/u);
  t.true(text.indexOf('tcp.seq') < text.indexOf('tcp.options.sack'));
});

test('a file is the same whether entries come at once or one after the other', (t) => {
  const together = rewriteBaseline(undefined, { ...NOTHING, added: [OLD, NEW] });
  const first = rewriteBaseline(undefined, { ...NOTHING, added: [OLD] });
  t.is(rewriteBaseline(first, { ...NOTHING, before: [OLD], added: [NEW] }), together);
  t.is(rewriteBaseline(together, { ...NOTHING, before: [NEW, OLD] }), together);
  const dropping = { ...NOTHING, before: [NEW, OLD], dropped: [NEW] };
  t.is(rewriteBaseline(together, dropping), first);
});

const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => {
  return /^\P{C}+$/u.test(text);
});

test('any entries: what is written is read back', (t) => {
  const anyEntry = fc.record({
    fingerprint: fc.record({
      requirement: fc.constantFrom('PRISM-SEQ-04', 'PRISM-RULE-07'),
      field: printable
        .map((text) => text.trim().replaceAll(/\s/gu, ' '))
        .filter((text) => text !== ''),
    }),
    device: printable,
    versions: printable,
    issue: fc.webUrl().filter((url) => url.length < 500),
    expires: fc.constantFrom('2026-12-31', '2030-02-28'),
  });
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 5 }), (entries) => {
      const text = rewriteBaseline(undefined, { ...NOTHING, added: entries });
      const parsed = parseBaseline(text, 'b.yaml');
      t.true(parsed.ok, parsed.ok ? '' : `${parsed.error}\n${text}`);
      if (!parsed.ok) return;
      const sorted = (all: readonly BaselineEntry[]): readonly string[] =>
        all.map(({ fingerprint, ...rest }) => JSON.stringify([fingerprint, rest])).toSorted();
      t.deepEqual(sorted(parsed.value), sorted(entries));
    }),
    runs(300),
  );
});
