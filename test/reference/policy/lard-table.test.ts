import test from 'ava';
import fc from 'fast-check';
import {
  claimSlot,
  createTargetTable,
  findTarget,
  releaseSlot,
} from '../../../reference/policy/lard-table.ts';
import { runs } from '../../runs.ts';

const MOST = 4;

test('PRISM-LARD-5 the table is a map that forgets what was not asked for longest', (t) => {
  const steps = fc.array(fc.record({ target: fc.nat({ max: 7 }), isReleased: fc.boolean() }), {
    maxLength: 100,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (asked) => {
      const table = createTargetTable<number>(MOST);
      // A Map keeps the order in which its keys were put in, so that the first is the oldest.
      const model = new Map<number, number>();
      for (const { target, isReleased } of asked) {
        const slot = findTarget(table, target);
        t.is(slot, model.get(target) ?? -1);
        model.delete(target);
        if (isReleased) {
          releaseSlot(table, slot);
          continue;
        }
        if (slot === -1 && model.size === MOST) {
          for (const oldest of [...model.keys()].slice(0, 1)) model.delete(oldest);
        }
        model.set(target, slot === -1 ? claimSlot(table, target) : slot);
        t.is(new Set(model.values()).size, model.size, 'each slot has one target');
        t.true([...model.values()].every((each) => each >= 0 && each < MOST));
      }
      const byTarget = (entries: Iterable<readonly [number, number]>): unknown =>
        [...entries].toSorted(([a], [b]) => a - b);
      t.deepEqual(byTarget(table.slots), byTarget(model));
    }),
    runs(500),
  );
});

test('a table without a slot is refused', (t) => {
  t.throws(() => createTargetTable(0), { instanceOf: RangeError });
  t.throws(() => createTargetTable(1.5), { instanceOf: RangeError });
});
