import test from 'ava';
import fc from 'fast-check';
import { createReplicatedLard } from '../../../reference/policy/lard-replicated.ts';
import {
  admissionLimit,
  createLard,
  LARD_THRESHOLDS,
  leastLoaded,
  UNABLE,
  type Lard,
} from '../../../reference/policy/lard.ts';
import { runs } from '../../runs.ts';

const TARGETS = 100;

function loads(...each: readonly number[]): Int32Array {
  return Int32Array.from(each);
}

/** LARD and LARD/R, which do the same until a set has a second node. */
function both(nodes: number, targets = TARGETS): readonly Lard<string>[] {
  return [createLard<string>({ nodes, targets }), createReplicatedLard<string>({ nodes, targets })];
}

/** LARD whose target `/a` is at node 0. */
function mapped(nodes: number): Lard<string> {
  const lard = createLard<string>({ nodes, targets: TARGETS });
  lard.choose('/a', new Int32Array(nodes), 0);
  return lard;
}

test('PRISM-LARD-1 an unknown target goes to the least loaded node, the first of equals', (t) => {
  for (const lard of both(4)) {
    t.is(lard.choose('/a', loads(3, 1, 2, 1), 0), 1);
    t.deepEqual(lard.nodesOf('/a'), [1]);
    t.is(lard.choose('/b', loads(3, 2, 2, 1), 0), 3);
    t.deepEqual(lard.nodesOf('/c'), []);
  }
});

test('PRISM-LARD-1 a target that moves goes to the least loaded node, and stays there', (t) => {
  const lard = mapped(3);
  t.is(lard.choose('/a', loads(130, 100, 90), 0), 2);
  t.is(lard.choose('/a', loads(0, 0, 65), 0), 2);
});

test('PRISM-LARD-2 beside a node with room a target stays at load 65 and moves at 66', (t) => {
  t.is(mapped(2).choose('/a', loads(65, 0), 0), 0);
  t.is(mapped(2).choose('/a', loads(66, 0), 0), 1);
});

test('PRISM-LARD-2 a node with 24 connections has room, one with 25 has none', (t) => {
  t.is(mapped(2).choose('/a', loads(66, 24), 0), 1);
  t.is(mapped(2).choose('/a', loads(66, 25), 0), 0);
});

test('PRISM-LARD-2 without room anywhere a target stays at load 129 and moves at 130', (t) => {
  t.is(mapped(2).choose('/a', loads(129, 25), 0), 0);
  t.is(mapped(2).choose('/a', loads(130, 129), 0), 1);
});

test('PRISM-LARD-2 other thresholds have the same boundaries', (t) => {
  const lard = createLard<string>({ nodes: 2, targets: TARGETS, low: 2, high: 4 });
  lard.choose('/a', loads(0, 0), 0);
  t.is(lard.choose('/a', loads(5, 2), 0), 0);
  t.is(lard.choose('/a', loads(7, 2), 0), 0);
  t.is(lard.choose('/a', loads(4, 1), 0), 0);
  t.is(lard.choose('/a', loads(5, 1), 0), 1);
  t.throws(() => createLard({ nodes: 2, targets: 1, low: 5, high: 4 }), { instanceOf: RangeError });
  t.throws(() => createLard({ nodes: 2, targets: 1, low: 0 }), { instanceOf: RangeError });
});

test('PRISM-LARD-6 what a node had is anybody’s once it has failed', (t) => {
  for (const lard of both(3)) {
    t.is(lard.choose('/a', loads(0, 1, 1), 0), 0);
    t.is(lard.choose('/b', loads(1, 0, 1), 0), 1);
    lard.unmap(0);
    t.deepEqual(lard.nodesOf('/a'), []);
    t.deepEqual(lard.nodesOf('/b'), [1]);
    t.is(lard.size(), 1);
    t.is(lard.choose('/a', loads(9, 9, 8), 0), 2, 'not where it was, though that is back');
  }
});

test('PRISM-LARD-6 a node that may take nothing is not chosen, mapped or not', (t) => {
  for (const lard of both(2)) {
    t.is(lard.choose('/a', loads(0, 1), 0), 0);
    t.is(lard.choose('/a', loads(UNABLE, 60), 0), 1);
    t.is(lard.choose('/a', loads(0, 60), 0), 1);
    t.is(lard.choose('/a', loads(UNABLE, UNABLE), 0), -1);
    t.is(lard.choose('/c', loads(UNABLE, UNABLE), 0), -1);
    t.is(lard.size(), 0);
  }
  t.is(leastLoaded(loads()), -1);
});

test('PRISM-LARD-5 no number of targets makes the table larger, and the oldest goes first', (t) => {
  for (const lard of both(2, 3)) {
    for (const target of ['/a', '/b', '/c', '/a']) lard.choose(target, loads(0, 0), 0);
    lard.choose('/d', loads(0, 0), 0);
    t.deepEqual(
      ['/a', '/b', '/c', '/d'].map((target) => lard.nodesOf(target).length),
      [1, 0, 1, 1],
    );
    for (let at = 0; at < 1000; at += 1) lard.choose(`/${at}`, loads(0, 0), 0);
    t.is(lard.size(), 3);
  }
});

test('PRISM-LARD-4 the limit is the largest for which the law below holds', (t) => {
  t.is(admissionLimit(0), 0);
  t.is(admissionLimit(1), 24);
  t.is(admissionLimit(8), 7 * 65 + 24);
  t.is(admissionLimit(3, { low: 2, high: 10 }), 21);
  // One connection more, and all nodes but one are at 65, the last at 25.
  t.is(
    [65, 65, 25].reduce((sum, load) => sum + load, 0),
    admissionLimit(3) + 1,
  );
});

/** Nodes, thresholds, and for every step a target to ask for, or a connection to end. */
const busyHours = fc.record({
  nodes: fc.integer({ min: 1, max: 6 }),
  low: fc.integer({ min: 1, max: 6 }),
  above: fc.integer({ min: 0, max: 8 }),
  replicated: fc.boolean(),
  steps: fc.array(fc.record({ target: fc.nat({ max: 5 }), ends: fc.nat({ max: 20 }) }), {
    minLength: 60,
    maxLength: 250,
    size: 'max',
  }),
});

test('PRISM-LARD-4 within the limit some node always has less than too much', (t) => {
  let full = 0;
  fc.assert(
    fc.property(busyHours, ({ nodes, low, above, replicated, steps }) => {
      const thresholds = { low, high: low + above };
      const options = { ...thresholds, nodes, targets: 4, keepMs: 20 };
      const lard = replicated ? createReplicatedLard<number>(options) : createLard<number>(options);
      const limit = admissionLimit(nodes, thresholds);
      const busy = new Int32Array(nodes);
      let total = 0;
      for (const [nowMs, { target, ends }] of steps.entries()) {
        const ending = ends < nodes ? (busy[ends] ?? 0) : 0;
        if (ending > 0) {
          busy[ends] = ending - 1;
          total -= 1;
        } else if (total < limit) {
          const node = lard.choose(target, busy, nowMs);
          busy[node] = (busy[node] ?? 0) + 1;
          total += 1;
        }
        t.true(total <= limit);
        if (total === limit) full += 1;
        if (busy.some((load) => load < low)) continue;
        const high = busy.filter((load) => load >= thresholds.high).length;
        t.true(high <= nodes - 2, `${busy.join(' ')}, ${JSON.stringify(thresholds)}`);
      }
    }),
    runs(300),
  );
  t.true(full > 0, 'the limit was reached, or nothing was tried');
});

test('PRISM-LARD-4 whatever the loads: none idle and all within the limit leaves two below high', (t) => {
  const { low, high } = LARD_THRESHOLDS;
  const crowd = fc
    .integer({ min: 2, max: 12 })
    .chain((nodes) => fc.array(fc.nat({ max: 2 * high }), { minLength: nodes, maxLength: nodes }))
    .map((extra) => {
      // Takes from the last until no more is left than the limit allows.
      let over = extra.reduce((sum, load) => sum + load + low, 0) - admissionLimit(extra.length);
      return extra.map((load) => {
        const less = Math.min(load, Math.max(0, over));
        over -= less;
        return load - less + low;
      });
    });
  fc.assert(
    fc.property(crowd, (busy) => {
      t.true(busy.filter((load) => load >= high).length <= busy.length - 2, busy.join(' '));
    }),
    runs(1000),
  );
});

test('one node has what it is given as long as nothing is out of balance', (t) => {
  const calm = fc.array(fc.nat({ max: 65 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(calm, { maxLength: 20 }), (hours) => {
      for (const lard of both(3)) {
        const first = lard.choose('/a', loads(2, 1, 3), 0);
        for (const hour of hours) t.is(lard.choose('/a', loads(...hour), 0), first);
      }
    }),
    runs(100),
  );
});
