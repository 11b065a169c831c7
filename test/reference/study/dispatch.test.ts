import test from 'ava';
import fc from 'fast-check';
import { createCache } from '../../../reference/study/cache.ts';
import type { Cluster } from '../../../reference/study/cluster.ts';
import { createDispatch, type Dispatch } from '../../../reference/study/dispatch.ts';
import { runs } from '../../runs.ts';
import { clusters, tiny } from './bed.ts';

const SIZES = new Uint32Array(300).fill(2000);

function dispatchOf(cluster: Cluster): Dispatch {
  const caches = Array.from({ length: cluster.nodes }, () =>
    createCache(cluster.replacement, cluster.cacheOctets, SIZES),
  );
  return createDispatch({ cluster, sizes: SIZES, caches });
}

test('every policy names a node that there is', (t) => {
  const hours = fc.array(fc.record({ file: fc.nat({ max: 299 }), load: fc.nat({ max: 20 }) }));
  fc.assert(
    fc.property(clusters, hours, (cluster, asked) => {
      const dispatch = dispatchOf(cluster);
      const loads = new Int32Array(cluster.nodes);
      for (const [nowMs, { file, load }] of asked.entries()) {
        const node = dispatch(file, loads, nowMs);
        t.true(Number.isInteger(node) && node >= 0 && node < cluster.nodes);
        loads[node] = load;
      }
    }),
    runs(300),
  );
});

test('WRR takes the node with the fewest connections, equals in turn', (t) => {
  const dispatch = dispatchOf(tiny({ policy: { kind: 'WRR' }, nodes: 3 }));
  const idle = new Int32Array(3);
  t.deepEqual(
    Array.from({ length: 5 }, () => dispatch(0, idle, 0)),
    [0, 1, 2, 0, 1],
  );
  t.is(dispatch(0, Int32Array.of(1, 1, 0), 0), 2);
  t.is(dispatch(0, Int32Array.of(3, 2, 4), 0), 1);
});

test('LB sends a file to one node, whatever the loads, and files to all of them', (t) => {
  const dispatch = dispatchOf(tiny({ policy: { kind: 'LB' }, nodes: 4 }));
  const counts = [0, 0, 0, 0];
  for (let file = 0; file < 300; file += 1) {
    const node = dispatch(file, Int32Array.of(0, 9, 9, 9), 0);
    t.is(dispatch(file, Int32Array.of(9, 0, 0, 0), 1), node);
    counts[node] = (counts[node] ?? 0) + 1;
  }
  t.true(
    counts.every((count) => count > 45 && count < 110),
    counts.join(' '),
  );
});

test('LB/GC takes who has the file, else most room, else the oldest file', (t) => {
  const cluster = tiny({ policy: { kind: 'LB/GC' }, nodes: 2, cacheOctets: 4000 });
  const caches = [createCache('lru', 4000, SIZES), createCache('lru', 4000, SIZES)];
  const dispatch = createDispatch({ cluster, sizes: SIZES, caches });
  const idle = new Int32Array(2);
  const [first, second] = caches;
  t.is(dispatch(0, idle, 0), 0);
  first?.add(0, 0);
  t.is(dispatch(0, idle, 0), 0);
  t.is(dispatch(1, idle, 0), 1);
  second?.add(1, 1);
  first?.add(2, 2);
  t.is(dispatch(3, idle, 0), 1);
  second?.add(3, 3);
  t.is(dispatch(4, idle, 0), 0, 'file 0 is the oldest');
  first?.use(0, 4);
  t.is(dispatch(4, idle, 0), 1, 'file 1 is');
});

test('bounded loads: nobody is above its share, and a file that can stay stays', (t) => {
  const bound = 1.25;
  const dispatch = dispatchOf(tiny({ policy: { kind: 'bounded', bound }, nodes: 5 }));
  const steps = fc.array(fc.record({ file: fc.nat({ max: 299 }), ends: fc.nat({ max: 9 }) }), {
    minLength: 50,
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (asked) => {
      const loads = new Int32Array(5);
      for (const { file, ends } of asked) {
        if ((loads[ends] ?? 0) > 0) loads[ends] = (loads[ends] ?? 0) - 1;
        const active = loads.reduce((sum, load) => sum + load, 0);
        const node = dispatch(file, loads, 0);
        loads[node] = (loads[node] ?? 0) + 1;
        t.true((loads[node] ?? 0) <= Math.ceil((bound * (active + 1)) / 5));
      }
    }),
    runs(200),
  );
  const idle = new Int32Array(5);
  const homes = Array.from(SIZES, (_, file) => dispatch(file, idle, 0));
  t.is(new Set(homes).size, 5);
  t.deepEqual(
    Array.from(SIZES, (_, file) => dispatch(file, idle, 1)),
    homes,
  );
});

test('two choices: a file has two nodes, and gets the one with less to do', (t) => {
  const dispatch = dispatchOf(tiny({ policy: { kind: 'two-choice' }, nodes: 6 }));
  let pairs = 0;
  for (let file = 0; file < 300; file += 1) {
    const found = new Set<number>();
    for (let busy = 0; busy < 6; busy += 1) {
      const loads = new Int32Array(6);
      loads[busy] = 9;
      found.add(dispatch(file, loads, 0));
    }
    t.true(found.size <= 2);
    if (found.size < 2) continue;
    pairs += 1;
    for (const node of found) {
      const loads = new Int32Array(6).fill(9);
      loads[node] = 8;
      t.is(dispatch(file, loads, 0), node);
    }
  }
  t.true(pairs > 200, String(pairs));
});

test('buckets: files of one bucket stay together, and move only where they may', (t) => {
  const of = (moves: boolean): Dispatch =>
    dispatchOf(tiny({ policy: { kind: 'buckets', buckets: 1, moves }, nodes: 2 }));
  const [fixed, moving] = [of(false), of(true)];
  const idle = new Int32Array(2);
  t.is(fixed(0, idle, 0), 0);
  t.is(moving(0, idle, 0), 0);
  const crowded = Int32Array.of(1000, 0);
  t.is(fixed(7, crowded, 0), 0);
  t.is(moving(7, crowded, 0), 1);
  t.is(moving(0, idle, 0), 1);
});
