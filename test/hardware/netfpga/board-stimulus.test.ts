/** Files for NetFPGA's simulations: what is in them, and that a judge of what left sees each octet. */
import test from 'ava';
import fc from 'fast-check';
import {
  emitFrame,
  parseStream,
  type StreamFrame,
} from '../../../hardware/netfpga/board/vectors/axi-stream.ts';
import { CARDS } from '../../../hardware/netfpga/board/vectors/cards.ts';
import { compareStreams } from '../../../hardware/netfpga/board/vectors/compare.ts';
import {
  FRAMES_MAX,
  simulationFiles,
  type PortFrame,
  type Step,
} from '../../../hardware/netfpga/board/vectors/stimulus.ts';
import { runs } from '../../runs.ts';

/** As upstream's axis_dump writes 35 octets 0, 1, 2 … that come in at nf1 of SUME. */
const THIRTY_FIVE = `\
1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100, ffffffff, 00000000000000000000000000040023,
0000000000000000000000000000000000000000000000000000000000222120, 00000007, 00000000000000000000000000000000.

`;

function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at & 0xff);
}

const octets = fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' });
const streamFrame: fc.Arbitrary<StreamFrame> = fc.record({
  octets,
  source: fc.nat(255),
  destinations: fc.nat(255),
});

test('a frame is written as upstream writes it', (t) => {
  t.is(emitFrame({ octets: counting(35), source: 4, destinations: 0 }, 32), THIRTY_FIVE);
});

test('what a simulation logs is read: bubbles, times, a word after the other', (t) => {
  const [first = '', last = ''] = THIRTY_FIVE.trim().split('\n');
  const log = `*3\n${first} # 120 ns\n*1\n${last} # 130 ns\n`;
  t.deepEqual(parseStream(log), {
    ok: true,
    value: [{ octets: counting(35), source: 4, destinations: 0 }],
  });
});

for (const [what, from, to, line] of [
  ['word', 'ffffffff, 0', 'xxxxxxxx, 0', 1],
  ['word', '00000007, 0', '00000007; 0', 2],
  ['keep', 'ffffffff, 0', '7fffffff, 0', 1],
  ['keep', '00000007, 0', '00000005, 0', 2],
  ['keep', '00000007, 0', '00000000, 0', 2],
  ['length', '00000007, 0', '00000003, 0', 2],
  ['length', '040023,', '040024,', 2],
] as const) {
  test(`${from} that is ${to} is said to be wrong in line ${line}`, (t) => {
    t.true(THIRTY_FIVE.includes(from));
    t.deepEqual(parseStream(THIRTY_FIVE.replace(from, to)), { ok: false, error: { what, line } });
  });
}

test('a frame without an end is said to be wrong', (t) => {
  const [first = ''] = THIRTY_FIVE.split('\n');
  t.deepEqual(parseStream(first), { ok: false, error: { what: 'ending', line: 1 } });
});

test('frames come back from their text as they were', (t) => {
  const words = fc.constantFrom(32, 64, 128);
  const property = fc.property(fc.array(streamFrame), words, (frames, wordOctets) => {
    const text = frames.map((frame) => emitFrame(frame, wordOctets)).join('');
    t.deepEqual(parseStream(text), { ok: true, value: frames });
  });
  fc.assert(property, runs(200));
});

test('one octet, one frame more, less or elsewhere is a difference', (t) => {
  const frames = [1, 35, 64].map((length) => {
    return { octets: counting(length), source: 1, destinations: 4 };
  });
  const write = (list: readonly StreamFrame[]): string =>
    list.map((frame) => emitFrame(frame, 32)).join('');
  const expected = write(frames);
  t.deepEqual(compareStreams(expected, expected), []);
  for (const [index, { octets: good }] of frames.entries()) {
    for (const at of good.keys()) {
      const bad = good.map((octet, here) => (here === at ? octet ^ 1 : octet));
      const text = write(
        frames.map((frame, here) => (here === index ? { ...frame, octets: bad } : frame)),
      );
      const [difference = ''] = compareStreams(expected, text);
      t.regex(difference, new RegExp(`^frame ${index + 1}, octet ${at}: expected `, 'u'));
    }
  }
  t.deepEqual(compareStreams(expected, write(frames.slice(0, 2))), [
    '3 frames had to leave, 2 left',
  ]);
  t.is(compareStreams(expected, write(frames.toReversed())).length, 2);
  t.regex(compareStreams(expected, 'x')[0] ?? '', /^the log: line 1 is no word/u);
  t.regex(compareStreams('x', expected)[0] ?? '', /^the expectation: line 1 is no word/u);
});

const STEPS: readonly Step[] = [
  { kind: 'read', address: 0, expected: 0x5052_534d },
  {
    kind: 'write',
    writes: [
      { address: 0x80, value: 0xc000_0201 },
      { address: 0x64, value: 1 },
    ],
  },
  { kind: 'wait', ns: 300 },
  {
    kind: 'frame',
    frame: { port: 0, octets: counting(35) },
    leaves: [
      { port: 2, octets: counting(36) },
      { port: 1, octets: counting(37) },
    ],
  },
  { kind: 'frame', frame: { port: 1, octets: counting(38) }, leaves: [] },
];

test('the files of a simulation: accesses, frames, and a barrier after each step', (t) => {
  const files = simulationFiles(STEPS, CARDS.SUME);
  const barrier = (expected: number, sent: number): string => `B 2\nN ${expected}\nS ${sent}\n\n`;
  t.deepEqual(Object.keys(files).toSorted(), [
    'dma_0_expected.axi',
    'dma_0_stim.axi',
    ...[0, 1, 2, 3].flatMap((wire) => [
      `nf_interface_${wire}_expected.axi`,
      `nf_interface_${wire}_stim.axi`,
    ]),
    'reg_expect.axi',
    'reg_stim.axi',
  ]);
  t.is(
    files['reg_stim.axi'],
    'R 00000001\n-, -, -, 44020000.\nB 4\n' +
      'W 00000002\n44020080, c0000201, f, -.\n' +
      'W 00000002\n44020064, 00000001, f, -.\nB 4\n' +
      'D 300\nB 4\nB 4\nB 4\n',
  );
  t.is(
    files['reg_expect.axi'],
    'R 00000001\n44020000, 5052534d.\n' +
      'W 00000002\n44020080, c0000201, f, -.\n' +
      'W 00000002\n44020064, 00000001, f, -.\n',
  );
  const sent = emitFrame({ octets: counting(35), source: 1, destinations: 0 }, 32);
  t.is(
    files['nf_interface_0_stim.axi'],
    `${barrier(0, 0)}${barrier(0, 0)}+ 300\n${barrier(0, 0)}${sent}${barrier(0, 1)}${barrier(0, 0)}`,
  );
  t.is(
    files['nf_interface_1_stim.axi']?.replace('+ 300\n', ''),
    [0, 0, 0, 1, 0].map((count) => barrier(count, 0)).join(''),
  );
  t.is(
    files['nf_interface_1_expected.axi'],
    emitFrame({ octets: counting(36), source: 1, destinations: 4 }, 32),
  );
  t.is(
    files['dma_0_expected.axi'],
    emitFrame({ octets: counting(37), source: 1, destinations: 2 }, 32),
  );
  t.is(files['nf_interface_0_expected.axi'], '');
});

test('PLUS has two wires, and its core is at another address', (t) => {
  const files = simulationFiles(STEPS, CARDS.PLUS);
  t.is(Object.keys(files).length, 8);
  t.regex(files['reg_stim.axi'] ?? '', /^R 00000001\n-, -, -, 00020000\./u);
  const beyond: Step = { kind: 'frame', frame: { port: 4, octets: counting(60) }, leaves: [] };
  t.throws(() => simulationFiles([beyond], CARDS.PLUS), { message: 'the card has no port 4' });
});

const port: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 4, 6);
const portFrame: fc.Arbitrary<PortFrame> = fc.record({ port, octets });
const frameStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('frame' as const),
  frame: portFrame,
  leaves: fc.array(portFrame, { maxLength: 3 }),
});

test('all that goes in, and all that has to leave, stands in the files once', (t) => {
  const property = fc.property(fc.array(frameStep, { maxLength: 6 }), (steps) => {
    const files = Object.entries(simulationFiles(steps, CARDS.SUME));
    const read = (kind: string, side: 'source' | 'destinations'): readonly string[] =>
      files
        .filter(([name]) => name.endsWith(kind))
        .flatMap(([, text]) => {
          const parsed = parseStream(text);
          return parsed.ok ? parsed.value : [];
        })
        .map((frame) => `${Math.log2(frame[side])} ${Buffer.from(frame.octets).toString('hex')}`);
    const written = (frames: readonly PortFrame[]): readonly string[] =>
      frames.map((frame) => `${frame.port} ${Buffer.from(frame.octets).toString('hex')}`);
    const all = steps.flatMap((step) => (step.kind === 'frame' ? [step] : []));
    t.deepEqual(
      read('_stim.axi', 'source').toSorted(),
      written(all.map(({ frame }) => frame)).toSorted(),
    );
    t.deepEqual(
      read('_expected.axi', 'destinations').toSorted(),
      written(all.flatMap(({ leaves }) => leaves)).toSorted(),
    );
  });
  fc.assert(property, runs(100));
});

test('more frames at a port than upstream counts are refused', (t) => {
  const leaves = [{ port: 2, octets: counting(1) }];
  const step: Step = { kind: 'frame', frame: { port: 0, octets: counting(1) }, leaves };
  const steps = Array.from({ length: FRAMES_MAX }, () => step);
  t.notThrows(() => simulationFiles(steps, CARDS.SUME));
  t.throws(() => simulationFiles([...steps, step], CARDS.SUME), { message: /split them/u });
});
