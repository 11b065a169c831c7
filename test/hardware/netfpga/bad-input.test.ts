/** What is wrong on the stream: named and counted, never a hang, and the neighbours go on unhurt. */
import test from 'ava';
import fc from 'fast-check';
import type { FrameIn } from '../../../hardware/netfpga/sim/wire.ts';
import { runs } from '../../runs.ts';
import { openSmall } from './bench.ts';
import { aloneOf, checkIllFrames, good, ILL, illFrame } from './checks/ill-frames.ts';
import { essence, openRuled, segmentOf } from './ruled.ts';

test.serial('a frame that is ill is named and counted, and its neighbours go on', async (t) => {
  const core = await openSmall(t);
  if (core !== undefined) await checkIllFrames(t, core);
});

const illOrWell = fc.oneof(
  fc.nat(50).map((serial) => ({ kind: 'well', serial }) as const),
  fc
    .constantFrom(...ILL.filter(({ length }) => length < 10_000))
    .map((ill) => ({ kind: 'ill', ill }) as const),
  fc
    .record({
      length: fc.integer({ min: 1, max: 200 }),
      declared: fc.nat(250),
      hole: fc.nat(250),
      hasLast: fc.boolean(),
      source: fc.nat(255),
    })
    .map((any) => ({ kind: 'any', any }) as const),
);

test.serial('whatever comes, what is well between it goes on, and so does the core', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  await openRuled(core);
  const due = await aloneOf(
    core,
    Array.from({ length: 51 }, (_, serial) => good(serial)),
  );
  const pace = fc.record({
    idlePercent: fc.constantFrom(0, 30),
    stallPercent: fc.constantFrom(0, 30, 80),
    seed: fc.nat(0x3fff_ffff),
  });
  const stream = fc.array(illOrWell, { minLength: 1, maxLength: 60, size: 'max' });
  const property = fc.asyncProperty(stream, pace, async (items, how) => {
    const frames = items.map((each): FrameIn => {
      if (each.kind === 'well') return good(each.serial);
      if (each.kind === 'ill') return illFrame(each.ill);
      return { ...each.any, octets: segmentOf(each.any.length) };
    });
    // An end, should the last have none; and one that shows that all is well.
    frames.push(good(0), good(1));
    const { outputs, breaches } = await core.exchange(frames, how);
    t.deepEqual(breaches, []);
    const left = new Map(outputs.map((output) => [output.input, output]));
    for (const [input, each] of items.entries()) {
      const isFirst = input === 0 || frames[input - 1]?.hasLast !== false;
      if (each.kind === 'well' && isFirst) t.is(essence(left.get(input)), due[each.serial] ?? '');
    }
    t.is(essence(left.get(frames.length - 1)), due[1] ?? '');
  });
  await fc.assert(property, runs(60));
});

test.serial('a reset amid frames leaves a core that works', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  await openRuled(core);
  const frames = Array.from({ length: 20 }, (_, serial) => good(serial));
  const due = await aloneOf(core, frames);
  for (let cyclesMax = 1; cyclesMax < 60; cyclesMax += 3) {
    await t.throwsAsync(core.exchange(frames, { cyclesMax }), { message: /^hang: not idle/u });
    // It mends the fault, and begins anew.
    await openRuled(core);
    t.deepEqual((await core.exchange(frames)).outputs.map(essence), due);
  }
});
