/** The core does with each frame what the rules in TypeScript do, octet for octet. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { openSmall } from './bench.ts';
import { findDifference } from './differential/pair.ts';
import { stories } from './differential/story.ts';
import { VECTORS } from './differential/vectors.ts';

const FRAMES_MAX = 128;

// 1000 stories are 100,000 frames and more.
for (const [width, count] of [
  [256, 1000],
  [512, 200],
  [1024, 200],
] as const) {
  test.serial(`the core does what the rules do, in words of ${width} bits`, async (t) => {
    const core = await openSmall(t, width);
    if (core === undefined) return;
    let frames = 0;
    await fc.assert(
      fc.asyncProperty(stories(FRAMES_MAX), async (story) => {
        for (const each of story) frames += each.kind === 'frames' ? each.frames.length : 0;
        const difference = await findDifference(core, story);
        if (difference !== undefined) throw new Error(difference);
      }),
      runs(count),
    );
    t.log(`${frames} frames, ${core.cycles()} clocks`);
    t.pass();
  });
}

for (const { what, story } of VECTORS) {
  test.serial(`the core does what the rules do: ${what}`, async (t) => {
    const core = await openSmall(t);
    if (core === undefined) return;
    t.is(await findDifference(core, story), undefined);
  });
}
