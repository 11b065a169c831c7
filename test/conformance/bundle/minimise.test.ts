/** Delta debugging: what is left is needed, and nothing that is needed is missing. */
import test from 'ava';
import fc from 'fast-check';
import { minimise } from '../../../conformance/bundle/minimise.ts';
import { runs } from '../../runs.ts';

const NUMBERS = Array.from({ length: 64 }, (_, index) => index);

test('exactly the items that are needed together are left, in order', async (t) => {
  const needed = fc.uniqueArray(fc.constantFrom(...NUMBERS), { maxLength: 5 });
  const property = fc.asyncProperty(needed, async (all) => {
    const kept = await minimise(NUMBERS, async (some) => all.every((one) => some.includes(one)));
    t.deepEqual(
      kept,
      all.toSorted((a, b) => a - b),
    );
  });
  await fc.assert(property, runs(200));
  t.pass();
});

test('what cannot be made smaller stays', async (t) => {
  t.deepEqual(await minimise([1, 2, 3], async () => false), [1, 2, 3]);
  t.deepEqual(await minimise([], async () => true), []);
});

test('one item among many is found in few trials', async (t) => {
  let trials = 0;
  const kept = await minimise(NUMBERS, async (some) => {
    trials += 1;
    return some.includes(37);
  });
  t.deepEqual(kept, [37]);
  t.true(trials <= 2 * Math.log2(NUMBERS.length) + 4, `${trials} trials`);
});

test('two of a kind are as good as each other, and one of them is enough', async (t) => {
  const kept = await minimise(['a', 'b', 'a'], async (some) => some.includes('a'));
  t.deepEqual(kept, ['a']);
});
