/** `check` on captures that lost what is acknowledged. */
import test from 'ava';
import { brokenText, idsOf, judge } from './captures.ts';
import { capturesOf, down, up, type Line } from './lines.ts';

/** A whole connection with one owner. */
const WHOLE: readonly Line[] = [
  up(0, { seq: 999, flags: 'S' }),
  down(4999, { ack: 1000, flags: 'SA', octets: 0 }),
  up(5000, { seq: 1000, octets: 100 }),
  down(5000),
  down(5100),
  up(5200),
  down(5200),
  up(5300, { flags: 'FA' }),
  down(5300, { octets: 0, flags: 'FA', ack: 1101 }),
  up(5301, { seq: 1101 }),
];

/** `WHOLE` with one segment lost by captures. */
function without(index: number, ...lost: readonly ('client' | 'backend')[]): readonly Line[] {
  return WHOLE.map((line, at) => (at === index ? { ...line, lost } : line));
}

test('octets that are acknowledged and were never captured are lost by the capture', (t) => {
  t.deepEqual(idsOf(judge(capturesOf(WHOLE)), 'inconclusive'), []);
  for (const side of ['client', 'backend'] as const) {
    const data = judge(capturesOf(without(4, side)));
    t.is(brokenText(data), '');
    t.true(idsOf(data, 'inconclusive').includes('PRISM-REW-02'), side);
    const request = judge(capturesOf(without(2, side)));
    t.deepEqual(idsOf(request, 'inconclusive'), ['PRISM-REW-01'], side);
  }
});

test('a FIN that is acknowledged was lost by the capture; one that is not, perhaps not', (t) => {
  const doubtsOf = (lines: readonly Line[]) =>
    judge(capturesOf(lines)).judgements.find(({ requirement }) => requirement.id === 'PRISM-FIN-01')
      ?.doubts;
  t.deepEqual(doubtsOf(without(7, 'backend')), { 'capture-loss': 1 });
  const swallowed = without(7, 'backend').map((line, at) =>
    at > 7 ? { ...line, ack: 1100 } : line,
  );
  t.deepEqual(doubtsOf(swallowed.slice(0, 9)), { 'no-partner': 1 });
});

test('octets that come late, or that nobody acknowledges, are not lost', (t) => {
  const [data] = WHOLE.slice(4, 5);
  const late = data === undefined ? [] : [data];
  const order = [...WHOLE.slice(0, 4), ...WHOLE.slice(5, 7), ...late, ...WHOLE.slice(7)];
  t.deepEqual(idsOf(judge(capturesOf(order)), 'inconclusive'), []);
  const unheard = without(4, 'client', 'backend').slice(0, 7);
  const asking = unheard.map((line, at) => (at === 5 ? { ...line, ack: 5100 } : line));
  t.deepEqual(idsOf(judge(capturesOf(asking)), 'inconclusive'), []);
});

test('octets that come again in pieces, the middle first, are not lost', (t) => {
  const lines: readonly Line[] = [
    ...WHOLE.slice(0, 4),
    down(5300),
    down(5100),
    down(5000),
    down(5200),
    up(5400),
    down(5400, { octets: 0, flags: 'FA', ack: 1100 }),
    up(5401, { flags: 'FA' }),
    down(5401, { octets: 0, ack: 1101 }),
  ];
  t.deepEqual(idsOf(judge(capturesOf(lines)), 'inconclusive'), []);
});
