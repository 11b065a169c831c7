import test from 'ava';
import { health } from '../../../../reference/study/sections/health.ts';
import { createResultTable } from '../../../../reference/study/study.ts';

function told(seed: number): ReturnType<ReturnType<typeof health>['tell']> {
  return health(seed).tell((cluster) => createResultTable().get(cluster));
}

test('removal and return are within their bounds whatever the seed', (t) => {
  for (const seed of [1, 2, 3]) {
    t.deepEqual(
      told(seed).findings.map(({ holds }) => holds),
      [true, true],
    );
  }
});

test('the seed draws the moments', (t) => {
  t.deepEqual(told(1), told(1));
  t.notDeepEqual(told(1).tables, told(2).tables);
});
