/** `check` on connections that change their owner. */
import test from 'ava';
import { createRandom } from '../../../conformance/traffic/random.ts';
import { brokenText, idsOf, judge } from './captures.ts';
import { capturesOf, down, OPENING, up, type Line } from './lines.ts';

const B2 = { owner: 'backend 2' } as const;
const SERVED: readonly Line[] = [...OPENING, down(5000), up(5100), down(5100), up(5200)];

function verdictOf(lines: readonly Line[], id: string) {
  const result = judge(capturesOf(lines));
  return result.judgements.find(({ requirement }) => requirement.id === id)?.verdict?.kind;
}

test('PRISM-SEQ-14, PRISM-SEQ-15: a hand-over that the client does not notice is kept', (t) => {
  const lines = [...SERVED, down(5200, B2), up(5300, B2), down(5300, B2)];
  const result = judge(capturesOf(lines));
  t.is(brokenText(result), '');
  for (const id of ['PRISM-SEQ-14', 'PRISM-SEQ-15']) t.true(idsOf(result, 'pass').includes(id), id);
});

test('PRISM-SEQ-14: a new owner that takes back window', (t) => {
  // 128 octets are one unit of the window.
  t.is(verdictOf([...SERVED, down(5200, { ...B2, window: 498 })], 'PRISM-SEQ-14'), 'fail');
  t.not(
    verdictOf([...SERVED, down(5200, { ...B2, window: 499, ack: 1101 })], 'PRISM-SEQ-14'),
    'fail',
  );
  const reset = down(5200, { ...B2, octets: 0, window: 0, flags: 'RA' });
  t.not(verdictOf([...SERVED, reset], 'PRISM-SEQ-14'), 'fail');
});

test('PRISM-SEQ-15: a new owner that begins too early, with other octets', (t) => {
  const lines = [...SERVED, down(5150, { ...B2, first: 9 }), up(5200, B2)];
  t.is(verdictOf(lines, 'PRISM-SEQ-15'), 'fail');
  // The old owner's octets once more are no fault.
  t.is(brokenText(judge(capturesOf([...SERVED, down(5100, B2), down(5200, B2)]))), '');
});

/** The new owner begins ten octets too late, and has nothing before it. */
const TOO_LATE: readonly Line[] = [
  ...SERVED,
  down(5210, B2),
  up(5200, B2),
  up(5200, { ...B2, atUs: 1.3e6 }),
  down(5210, { ...B2, atUs: 1.4e6 }),
  down(5210, { ...B2, atUs: 2.4e6 }),
];

test('PRISM-SEQ-15: a new owner that begins too late, and repeats itself', (t) => {
  t.is(verdictOf(TOO_LATE, 'PRISM-SEQ-15'), 'fail');
  t.not(verdictOf(TOO_LATE.slice(0, -1), 'PRISM-SEQ-15'), 'fail');
});

test('a new owner that is not asked, or not for long, proves nothing', (t) => {
  const unasked = TOO_LATE.filter(({ atUs }) => atUs !== 1.3e6);
  t.not(verdictOf(unasked, 'PRISM-SEQ-15'), 'fail');
  const atOnce = TOO_LATE.map(({ atUs: _late, ...line }) => line);
  t.not(verdictOf(atOnce, 'PRISM-SEQ-15'), 'fail');
});

test('octets of an old owner that were lost on the way are no gap of the new one', (t) => {
  const filled = [
    ...TOO_LATE.slice(0, -3),
    down(5200, { ...B2, octets: 10 }),
    ...TOO_LATE.slice(-3),
  ];
  t.is(brokenText(judge(capturesOf(filled))), '');
});

test('a gap that the client acknowledges is one of the capture', (t) => {
  const lines = [...TOO_LATE.slice(0, -3), up(5310, { ...B2, atUs: 1.3e6 }), ...TOO_LATE.slice(-2)];
  t.is(verdictOf(lines, 'PRISM-SEQ-15'), 'inconclusive');
});

/** Client segments in a row, each to the owner named, `gapUs` apart. */
function stream(owners: string, gapUs: number, leaves: readonly number[] = []): readonly Line[] {
  const start = 10_000;
  const row = owners.split('').map((owner, index): Line => {
    const atUs = start + index * gapUs;
    return {
      owner: owner === '1' ? 'backend 1' : 'backend 2',
      way: 'up',
      seq: 1100 + index * 100,
      ack: 5200,
      octets: 100,
      atUs,
      leavesUs: start + (leaves[index] ?? index) * gapUs,
    };
  });
  return [...SERVED, down(5200, B2), down(5300, B2), ...row];
}

test('PRISM-RULE-02: a segment that goes to the old owner again', (t) => {
  t.is(verdictOf(stream('1111212222', 20), 'PRISM-RULE-02'), 'fail');
  t.is(verdictOf(stream('1111222222', 20), 'PRISM-RULE-02'), 'pass');
});

test('owners that change slowly, and segments that the network turned round, are no fault', (t) => {
  t.is(brokenText(judge(capturesOf(stream('1111212222', 500)))), '');
  // The sixth segment overtook the fifth on its way to the switch.
  t.is(brokenText(judge(capturesOf(stream('1111212222', 20, [0, 1, 2, 3, 5, 4])))), '');
});

test('PRISM-RST-08: a new connection on the same endpoints is served by the controller', (t) => {
  const again: readonly Line[] = [
    { owner: 'controller', way: 'up', seq: 900_000, ack: 0, flags: 'S' },
    { owner: 'controller', way: 'down', seq: 700_000, ack: 900_001, flags: 'SA' },
  ];
  t.is(verdictOf([...SERVED, ...again], 'PRISM-RST-08'), 'pass');
  t.is(verdictOf([...OPENING, ...again], 'PRISM-RST-08'), undefined);
});

/** Five owners in turn, each for some segments; now and then a segment is lost and sent again. */
function longLife(seed: number): readonly Line[] {
  const random = createRandom(seed);
  const lines: Line[] = [...OPENING];
  let seq = 5000;
  for (const owner of ['backend 1', 'backend 2', 'controller', 'backend 1', 'backend 2'] as const) {
    const slow = (lines.length + 1) * 2_000_000;
    lines.push(down(seq, { owner, atUs: slow }));
    for (let round = 0; round < 4; round += 1) {
      const again = random.below(3) === 0;
      if (again) lines.push(down(seq + 100, { owner }), up(seq + 100, { owner }));
      lines.push(down(again ? seq : seq + 100, { owner }), up(seq + 200, { owner }));
      seq += again ? 100 : 0;
      seq += 100;
    }
    seq = lines.reduce((end, line) => (line.way === 'up' ? Math.max(end, line.ack) : end), 0);
  }
  return lines;
}

test('hand-overs in captures that lost packets break nothing', (t) => {
  for (let seed = 0; seed < 300; seed += 1) {
    const random = createRandom(seed);
    const share = [5, 20, 50][seed % 3] ?? 0;
    const lines = longLife(seed).map((line): Line => {
      const lost = (['client', 'backend'] as const).filter(() => random.below(100) < share);
      return { ...line, lost };
    });
    t.is(brokenText(judge(capturesOf(lines))), '', `seed ${seed}`);
  }
});
