/** The model of BMv2 and BMv2 itself do the same, octet for octet. */
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { PRISM_JSON, PRISM_P4INFO } from '../../../hardware/bmv2/program.ts';
import { FLOOD } from '../../../conformance/drivers/p4/switch.ts';
import { oracle } from '../../oracle.ts';
import { runs } from '../../runs.ts';
import { findDifference, openPair, PROGRAM, type Compiled } from './differential/pair.ts';
import { prismStory } from './differential/prism-story.ts';
import {
  filterStory,
  labelsStory,
  optionsStory,
  routerStory,
} from './differential/program-stories.ts';

function compiled(name: string): Compiled {
  const path = (end: string): string =>
    fileURLToPath(new URL(`programs/${name}.${end}`, import.meta.url));
  const copies = [1, 2, 3].map((port) => ({ port, rid: port }));
  return { json: path('json'), p4info: path('p4info.json'), groups: { 2: copies } };
}

const PRISM: Compiled = { json: PRISM_JSON, p4info: PRISM_P4INFO, groups: FLOOD };

// 20,000 frames and more through prism.p4: PRISMSPEC_RUNS=22.
for (const [name, program, story, count] of [
  ['prism.p4', PRISM, prismStory, 40],
  ['router.p4: longest prefixes', compiled('router'), routerStory, 20],
  ['filter.p4: masks and priorities', compiled('filter'), filterStory, 20],
  ['labels.p4: header stacks', compiled('labels'), labelsStory, 20],
  ['options.p4: headers of any length', compiled('options'), optionsStory, 20],
] as const) {
  test.serial(`the model does what simple_switch does: ${name}`, async (t) => {
    if (!oracle(t, PROGRAM)) return;
    const pair = openPair(program);
    const version = await pair.real.version();
    let frames = 0;
    try {
      await fc.assert(
        fc.asyncProperty(story, async (each) => {
          frames += each.frames.length;
          const difference = await findDifference(pair, each);
          if (difference !== undefined) throw new Error(difference);
        }),
        runs(count),
      );
    } finally {
      await pair.real.close();
    }
    t.log(`${frames} frames, simple_switch ${version}`);
    t.pass();
  });
}
