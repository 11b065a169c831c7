/** The reference Prism, whatever goes wrong around it, is blamed for nothing by its captures. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { crashing, lossy } from '../../reference/sim/schedule.ts';
import { blameIn, judgeSchedule } from './taps.ts';

for (const [name, schedules] of [
  ['loss, duplication and reordering', lossy],
  ['crashes', crashing],
] as const) {
  test(`captures of a Prism under ${name} break nothing`, (t) => {
    let migrated = 0;
    fc.assert(
      fc.property(schedules, (schedule) => {
        const result = judgeSchedule(schedule);
        const blame = blameIn(result);
        if (blame.length > 0) throw new Error(blame.join('\n'));
        migrated += result.judgements.some(
          ({ requirement, kept }) => requirement.id === 'PRISM-SEQ-15' && kept > 0,
        )
          ? 1
          : 0;
      }),
      runs(150),
    );
    // New owners were seen to go on where the old ones had stopped.
    t.true(migrated > 0);
  });
}
