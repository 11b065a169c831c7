/** What is kept of runs of server switches, and the page that is written from it. */
import test from 'ava';
import {
  evidenceOf,
  evidenceText,
  joined,
  parseEvidence,
  type Evidence,
} from '../../tools/products/evidence.ts';
import { productsPage } from '../../tools/products/page.ts';

const REQUIREMENT = { level: 'MUST', text: 'It MUST.', fingerprints: [], scenarios: [] };

/** A report of a run, as `prismspec run` writes it. */
function runOf(requirement: object = {}): string {
  return JSON.stringify({
    format: 'prismspec-run/1',
    suite: '0.1.0',
    settings: { target: 'box.yaml', seed: 1, gate: 'MAY', minTests: 1, repeat: 1 },
    hello: { name: 'box', vendor: 'Maker', version: '1.2', capabilities: ['NAT', 'ACL'] },
    startedAt: '2026-11-23T03:43:37.730Z',
    durationMs: 909,
    requirements: [
      { id: 'PRISM-SLB-01', verdict: 'pass', ...REQUIREMENT },
      { id: 'PRISM-SLB-02', verdict: 'fail', ...REQUIREMENT, ...requirement },
      { id: 'PRISM-SLB-03', verdict: 'known-failure(https://a)', ...REQUIREMENT },
      { id: 'PRISM-SLB-04', verdict: 'inconclusive(late)', ...REQUIREMENT },
      { id: 'PRISM-DSR-01', verdict: 'not-applicable(DSR)', ...REQUIREMENT },
    ],
    cases: [
      { name: 'PRISM-SLB-01 a', requirements: ['PRISM-SLB-01'], verdict: 'pass', durationMs: 1 },
      {
        name: 'PRISM-SLB-02 b | c',
        requirements: ['PRISM-SLB-02'],
        verdict: 'fail',
        expected: 'a `b`',
        observed: 'c\nand more',
      },
      { name: 'PRISM-SLB-03 d', requirements: ['PRISM-SLB-03'], verdict: 'fail' },
    ],
    exit: 1,
    meaning: 'not conformant',
  });
}

const BOX: Evidence = {
  name: 'box',
  vendor: 'Maker',
  version: '1.2',
  target: 'box.yaml',
  claims: ['NAT', 'ACL'],
  verdicts: {
    'PRISM-SLB-01': 'pass',
    'PRISM-SLB-02': 'fail',
    'PRISM-SLB-03': 'known-failure',
    'PRISM-SLB-04': 'inconclusive',
    'PRISM-DSR-01': 'not-applicable',
  },
  failures: [
    {
      requirement: 'PRISM-SLB-02',
      scenario: 'b | c',
      expected: 'a `b`',
      observed: 'c\nand more',
    },
    {
      requirement: 'PRISM-SLB-03',
      scenario: 'd',
      expected: '',
      observed: '',
      known: 'https://a',
    },
  ],
};

test('of a run is kept what would be the same in another run', (t) => {
  t.deepEqual(evidenceOf(runOf()), BOX);
});

test('what is kept is read as it was written', (t) => {
  t.deepEqual(parseEvidence(evidenceText(BOX)), BOX);
});

test('a run of which only some scenarios were asked for is not kept', (t) => {
  t.throws(() => evidenceOf(runOf({ partial: true })), {
    message: 'PRISM-SLB-02 was judged by some of its scenarios',
  });
});

test('of two runs of a product the later one counts, for what it has judged', (t) => {
  const later = { ...BOX, verdicts: { 'PRISM-SLB-02': 'pass' }, failures: [] };
  const { verdicts, failures } = joined(BOX, later);
  t.deepEqual(verdicts, { ...BOX.verdicts, 'PRISM-SLB-02': 'pass' });
  t.deepEqual(
    failures.map(({ requirement }) => requirement),
    ['PRISM-SLB-03'],
  );
  t.throws(() => joined(BOX, { ...BOX, version: '2' }), {
    message: 'a run of box 1.2 and one of box 2',
  });
});

test('the page has a sign for each verdict, and what was not asked has none', (t) => {
  const lines = productsPage([BOX, { ...BOX, name: 'other', verdicts: {} }]).split('\n');
  const rowOf = (id: string): string | undefined => {
    const row = lines.find((line) => line.startsWith(`| [PRISM-${id}]`));
    return row?.slice(row.indexOf(') | ') + 4);
  };
  t.is(rowOf('SLB-01'), 'MUST | ✓ |  |');
  t.is(rowOf('SLB-02'), 'MUST | ✗ |  |');
  t.is(rowOf('SLB-03'), 'MUST | ✗ |  |');
  t.is(rowOf('SLB-04'), 'MUST | ? |  |');
  t.is(rowOf('DSR-01'), 'MUST | – |  |');
  t.true(lines.includes('| box | 1.2 | Maker | `box.yaml` | NAT ACL | 1 | 2 | 1 | 1 |'));
});

test('what failed is told with what was seen, in cells of a table', (t) => {
  const lines = productsPage([BOX]).split('\n');
  t.true(lines.includes(String.raw`| PRISM-SLB-02 | b \| c | ` + "`a 'b'` | `c` |  |"));
  t.true(lines.includes('| PRISM-SLB-03 | d |  |  | https://a |'));
});

test('where nothing failed the page says so', (t) => {
  t.regex(productsPage([{ ...BOX, failures: [] }]), /## What failed\n\nNothing\.\n/u);
});
