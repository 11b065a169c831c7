/**
 * The two shells of a simulated core, with a stand-in for the core: it lets everything through, and
 * breaks one rule on request.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { buildCore, whyNoBuild } from '../../../hardware/netfpga/sim/build.ts';
import { openChildCore } from '../../../hardware/netfpga/sim/child.ts';
import type { Core, CoreFault } from '../../../hardware/netfpga/sim/core.ts';
import { openCore, whyNoLibrary, type CoreOptions } from '../../../hardware/netfpga/sim/library.ts';
import type { FrameIn, Pace } from '../../../hardware/netfpga/sim/wire.ts';
import { leaveOut } from '../../oracle.ts';
import { runs } from '../../runs.ts';

const STAND_IN = fileURLToPath(new URL('sim-stand-in', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../../tools/register.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-netfpga-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const FLIP = 0x0c;
const DEBUG = 0x10;
const WORDS = 0x14;
const SECONDS = 0x50;
const UNDEFINED = 0xffc;
const RESET_CYCLES = 20;

const SHELLS = { library: openCore, child: openChildCore } as const;

function isAble(t: ExecutionContext): boolean {
  t.timeout(300_000);
  const missing = whyNoBuild() ?? whyNoLibrary();
  if (missing !== undefined) leaveOut(t, missing);
  return missing === undefined;
}

async function open(
  t: ExecutionContext,
  start: (options: CoreOptions) => Promise<Core>,
  options: CoreOptions = {},
): Promise<Core> {
  const core = await start({ rtl: STAND_IN, ...options });
  t.teardown(() => core.close());
  return core;
}

/** Octets that are nowhere the same. */
function octetsOf(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + seed * 31) & 0xff);
}

for (const [name, start] of Object.entries(SHELLS)) {
  test(`${name}: registers are written and read`, async (t) => {
    if (!isAble(t)) return;
    const core = await open(t, start);
    t.is(await core.read(0), 0x5052_534d);
    await core.write([
      { address: FLIP, value: 1 },
      { address: FLIP, value: 0x0123_4567 },
    ]);
    t.is(await core.read(FLIP), 0xfedc_ba98);
    await core.tick(3);
    t.is(await core.read(SECONDS), 3);
    await core.reset();
    t.is(await core.read(SECONDS), 0);
  });

  test(`${name}: frames of all lengths come out as they went in, a word in each cycle`, async (t) => {
    if (!isAble(t)) return;
    const core = await open(t, start);
    await core.write([{ address: DEBUG, value: 0x4500 }]);
    const lengths = Array.from({ length: 131 }, (_, at) => at + 1).concat(1514, 9014, 65_535);
    const frames = lengths.map((length) => ({ octets: octetsOf(length, length), source: 0x10 }));
    const { inputs, outputs, breaches } = await core.exchange(frames);
    t.deepEqual(breaches, []);
    t.is(outputs.length, frames.length);
    let cycle = inputs[0]?.firstCycle ?? Number.NaN;
    for (const [at, { octets }] of frames.entries()) {
      const words = Math.ceil(octets.length / 32);
      t.deepEqual(inputs[at], { firstCycle: cycle, lastCycle: cycle + words - 1 });
      t.deepEqual(outputs[at], {
        octets,
        source: 0x10,
        destination: 0x45,
        declared: octets.length,
        input: at,
        firstCycle: cycle + 1,
        lastCycle: cycle + words,
      });
      cycle += words;
    }
    t.is(await core.read(WORDS), cycle - (inputs[0]?.firstCycle ?? Number.NaN));
  });

  test(`${name}: two cores at once do not know of each other`, async (t) => {
    if (!isAble(t)) return;
    const [one, other] = [await open(t, start), await open(t, start)];
    await one.write([{ address: FLIP, value: 0xff }]);
    await other.write([{ address: FLIP, value: 0xf0f }]);
    t.deepEqual([await one.read(FLIP), await other.read(FLIP)], [0xffff_ff00, 0xffff_f0f0]);
  });

  test(`${name}: a core that is closed answers no more`, async (t) => {
    if (!isAble(t)) return;
    const core = await start({ rtl: STAND_IN });
    await core.close();
    await core.close();
    t.is((await faultOf(t, core.read(0))).kind, 'ended');
  });
}

async function faultOf(t: ExecutionContext, work: Promise<unknown>): Promise<CoreFault> {
  const fault = await t.throwsAsync<CoreFault>(work, { name: 'CoreFault' });
  if (fault === undefined) throw new Error('no fault');
  return fault;
}

const percent = fc.constantFrom(0, 0, 10, 50, 95);

/** Frames good and bad; the last one ends, so that the stream is whole behind it. */
const stimuli: fc.Arbitrary<readonly FrameIn[]> = fc
  .array(
    fc.record(
      {
        octets: fc.integer({ min: 1, max: 200 }).map((length) => octetsOf(length, length)),
        source: fc.integer({ min: 0, max: 255 }),
        destination: fc.integer({ min: 0, max: 255 }),
        declared: fc.integer({ min: 0, max: 65_535 }),
        hasLast: fc.boolean(),
        hole: fc.integer({ min: 0, max: 200 }),
      },
      { requiredKeys: ['octets', 'source'] },
    ),
    { maxLength: 12 },
  )
  .map((frames) => [...frames, { octets: octetsOf(33), source: 4 }]);

const paces: fc.Arbitrary<Pace> = fc.record({
  idlePercent: percent,
  stallPercent: percent,
  seed: fc.integer({ min: 0, max: 0x3fff_ffff }),
  accesses: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('read'),
        address: fc.constantFrom(0, FLIP, UNDEFINED, SECONDS),
        after: fc.integer({ min: 0, max: 60 }),
      }),
      fc.record({
        kind: fc.constant('write'),
        address: fc.constant(FLIP),
        value: fc.integer({ min: 0, max: 0xffff_ffff }),
        after: fc.integer({ min: 0, max: 60 }),
      }),
    ),
    { maxLength: 5 },
  ),
});

test('library and child are equal in each octet and cycle, at any pace', async (t) => {
  if (!isAble(t)) return;
  const [library, child] = [
    await open(t, openCore, { seed: 7 }),
    await open(t, openChildCore, { seed: 7 }),
  ];
  const property = fc.asyncProperty(stimuli, paces, async (frames, pace) => {
    t.deepEqual(await child.exchange(frames, pace), await library.exchange(frames, pace));
    t.is(library.cycles(), child.cycles());
  });
  await fc.assert(property, runs(200));
  t.is(await library.read(UNDEFINED), await child.read(UNDEFINED));
});

test('whatever the pace, good frames pass unhurt, and no rule is seen broken', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  const good = stimuli.map((frames) => frames.map(({ octets, source }) => ({ octets, source })));
  const property = fc.asyncProperty(good, paces, async (frames, pace) => {
    const { outputs, breaches, values } = await core.exchange(frames, pace);
    t.deepEqual(breaches, []);
    t.deepEqual(
      outputs.map(({ octets, source, input }) => ({ octets, source, input })),
      frames.map(({ octets, source }, input) => ({ octets, source, input })),
    );
    const reads = pace.accesses?.filter(({ kind }) => kind === 'read') ?? [];
    t.is(values.length, reads.length);
  });
  await fc.assert(property, runs(200));
});

test('idle cycles and stalls take the time that they should', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  const frames = [{ octets: octetsOf(32_000), source: 1 }];
  const cyclesOf = async (pace: Pace): Promise<number> => {
    const { inputs, outputs } = await core.exchange(frames, pace);
    return (outputs[0]?.lastCycle ?? Number.NaN) - (inputs[0]?.firstCycle ?? Number.NaN);
  };
  t.is(await cyclesOf({}), 1000);
  const idle = await cyclesOf({ idlePercent: 50 });
  t.true(idle > 1800 && idle < 2200, `${idle} cycles`);
  const stalled = await cyclesOf({ stallPercent: 75 });
  t.true(stalled > 3500 && stalled < 4500, `${stalled} cycles`);
});

test('a register is written between the words of a frame', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  const frames = [1, 2, 3].map((source) => ({ octets: octetsOf(320), source }));
  const accesses = [{ kind: 'write', address: DEBUG, value: 0x0400, after: 12 }] as const;
  const { outputs } = await core.exchange(frames, { accesses });
  t.deepEqual(
    outputs.map(({ destination }) => destination),
    [0, 0, 4],
  );
});

test('a frame is damaged as it is told to be', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  const octets = octetsOf(70);
  const whole = octetsOf(40);
  const { outputs, breaches } = await core.exchange([
    { octets, source: 1, declared: 1514 },
    { octets, source: 3, hole: 33 },
    { octets: octets.subarray(0, 64), source: 1, hasLast: false },
    { octets: whole, source: 1 },
    { octets: new Uint8Array(0), source: 1 },
  ]);
  t.deepEqual(
    outputs.map(({ declared, source, octets: { length } }) => [declared, source, length]),
    [
      [1514, 1, 70],
      // Of a word with a hole only what is before it counts.
      [70, 3, 32 + 1 + 6],
      [64, 1, 64 + 40],
      [0, 1, 0],
    ],
  );
  t.deepEqual(
    new Set(breaches.map(({ rule }) => rule)),
    new Set(['keep-hole', 'keep-partial', 'keep-empty']),
  );
});

/** What is seen of each defect of the stand-in. */
const RULES: readonly (readonly [defect: number, rules: readonly string[]])[] = [
  [1, ['valid-withdrawn']],
  [2, ['unstable']],
  [3, ['keep-hole', 'keep-partial', 'length']],
  [4, ['keep-partial', 'length']],
  [5, ['keep-empty', 'length']],
  [6, ['keep-partial', 'unfinished']],
  [8, ['valid-while-idle']],
  [9, ['user']],
  [10, ['length']],
  [13, ['answer-unasked']],
];

for (const [defect, rules] of RULES) {
  test(`defect ${defect} of the stand-in is seen as ${rules.join(', ')}`, async (t) => {
    if (!isAble(t)) return;
    const core = await open(t, openCore);
    await core.write([{ address: DEBUG, value: defect }]);
    const frames = [{ octets: octetsOf(100), source: 1 }];
    const { breaches } = await core.exchange(frames, { stallPercent: 50, seed: 3 });
    t.deepEqual([...new Set(breaches.map(({ rule }) => rule))].toSorted(), rules);
    // The next who asks is told nothing of it.
    await core.reset();
    t.deepEqual((await core.exchange(frames)).breaches, []);
  });
}

test('TVALID in a reset is seen', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  await core.write([{ address: DEBUG, value: 14 }]);
  await core.reset();
  const { breaches } = await core.exchange([]);
  t.true(breaches.some(({ rule }) => rule === 'valid-in-reset'));
});

test('a hang is a fault with a name and a bound, and a reset mends it', async (t) => {
  if (!isAble(t)) return;
  for (const start of Object.values(SHELLS)) {
    const core = await open(t, start);
    const frames = [{ octets: octetsOf(60), source: 1 }];
    await core.write([{ address: DEBUG, value: 7 }]);
    const began = core.cycles();
    const fault = await faultOf(t, core.exchange(frames, { cyclesMax: 500 }));
    t.is(
      fault.message,
      'hang: not idle after 500 cycles; 0 of 1 frames were taken, 0 came out, 0 register accesses wait',
    );
    t.is(core.cycles(), began + 500);
    t.is((await faultOf(t, core.read(0))).kind, 'lost');
    await core.reset();
    t.is((await core.exchange(frames)).outputs.length, 1);
  }
});

test('a register that does not answer, or with an error, is a fault with a name', async (t) => {
  if (!isAble(t)) return;
  const core = await open(t, openCore);
  await core.write([{ address: DEBUG, value: 11 }]);
  t.is(
    (await faultOf(t, core.read(0))).message,
    'hang: register 0x000 has not answered after 4096 cycles',
  );
  await core.reset();
  await core.write([{ address: DEBUG, value: 12 }]);
  t.is(
    (await faultOf(t, core.read(0x14))).message,
    'bus-error: the read of register 0x014 was answered with 2',
  );
});

test('what is undefined is chosen by the seed', async (t) => {
  if (!isAble(t)) return;
  const valueOf = async (options: CoreOptions): Promise<number> =>
    (await open(t, openCore, options)).read(UNDEFINED);
  t.is(await valueOf({}), 0);
  const values = new Set([await valueOf({ seed: 2 }), await valueOf({ seed: 4 })]);
  t.is(values.size, 2);
  t.false(values.has(0));
  t.true(values.has(await valueOf({ seed: 4 })));
});

test('a design has its parameters, and is built once', async (t) => {
  if (!isAble(t)) return;
  const parameters = { RULES_LOG2: 6, FLOWS_LOG2: 9, DATA_WIDTH: 512 };
  const design = { rtl: STAND_IN, parameters, isCovered: true };
  const [built, again] = await Promise.all([buildCore(design), buildCore(design)]);
  t.deepEqual(built, again);
  const coverageFile = join(folder, 'coverage.dat');
  const core = await openChildCore({ ...design, coverageFile });
  t.is(core.cycles(), RESET_CYCLES);
  t.is(await core.read(0x54), 0x0609);
  const { outputs } = await core.exchange([{ octets: octetsOf(65), source: 1 }]);
  const [{ firstCycle, lastCycle } = { firstCycle: 0, lastCycle: 0 }] = outputs;
  t.is(lastCycle - firstCycle, 1);
  await core.close();
  t.regex(readFileSync(coverageFile, 'utf8'), /prism_core\.v/u);
});

test('Verilog that cannot be built is answered with its first errors', async (t) => {
  if (!isAble(t)) return;
  const rtl = mkdtempSync(join(folder, 'rtl-'));
  writeFileSync(join(rtl, 'prism_core.v'), 'module prism_core; wire x = y z; endmodule\n');
  const error = await t.throwsAsync(buildCore({ rtl }));
  t.regex(
    error?.message ?? '',
    /^verilator_bin could not build the core:\n%Error: .*prism_core\.v:1/u,
  );
});

/** What a program says that asks why no core runs, with `words` for node. */
function askedElsewhere(words: readonly string[], env: NodeJS.ProcessEnv): string {
  const module = new URL('../../../hardware/netfpga/sim/library.ts', import.meta.url).href;
  const program = `import(${JSON.stringify(module)}).then(({ openCore }) => openCore())
    .catch(({ message }) => console.log(message));`;
  const all = ['--import', REGISTER, ...words, '--input-type=module', '-e', program];
  return spawnSync(process.execPath, all, { encoding: 'utf8', env }).stdout;
}

test('without Verilator it is said what to install', (t) => {
  t.is(
    askedElsewhere([], { PATH: '' }),
    'Verilator and g++ are needed for a core: sudo tools/setup, or apt-get install verilator g++\n',
  );
});

test('without koffi it is said what to install', (t) => {
  const hook = join(folder, 'without-koffi.cjs');
  writeFileSync(
    hook,
    `const { Module } = require('node:module');
     const resolve = Module._resolveFilename;
     Module._resolveFilename = function (name, ...rest) {
       if (name === 'koffi') throw new Error('not here');
       return resolve.call(this, name, ...rest);
     };`,
  );
  t.is(
    askedElsewhere(['--require', hook], process.env),
    'the package koffi is needed for a core in this process: npm install koffi\n',
  );
});
