import test from 'ava';
import fc from 'fast-check';
import { createReplicatedLard } from '../../../reference/policy/lard-replicated.ts';
import { UNABLE, type Lard } from '../../../reference/policy/lard.ts';
import { runs } from '../../runs.ts';

const KEEP_MS = 20_000;

function loads(...each: readonly number[]): Int32Array {
  return Int32Array.from(each);
}

/** LARD/R whose target `/a` has been at nodes 0 and 1 since second 1. */
function grown(nodes = 3): Lard<string> {
  const lard = createReplicatedLard<string>({ nodes, targets: 10 });
  lard.choose('/a', new Int32Array(nodes), 0);
  const busy = new Int32Array(nodes).fill(30);
  busy[0] = 66;
  busy[1] = 24;
  lard.choose('/a', busy, 1000);
  return lard;
}

test('PRISM-LARD-3 on imbalance the least loaded node joins, and gets the request', (t) => {
  const lard = grown();
  t.deepEqual(lard.nodesOf('/a'), [0, 1]);
  t.is(lard.choose('/a', loads(130, 130, 129), 2000), 2);
  t.deepEqual(lard.nodesOf('/a'), [0, 1, 2]);
});

test('PRISM-LARD-3 of the set the least loaded node is asked, of equals the first', (t) => {
  const lard = grown();
  t.is(lard.choose('/a', loads(60, 50, 0), 1001), 1);
  t.is(lard.choose('/a', loads(50, 60, 0), 1002), 0);
  t.is(lard.choose('/a', loads(50, 50, 0), 1003), 0);
});

test('PRISM-LARD-3 the least loaded of the set decides whether there is imbalance', (t) => {
  const lard = grown();
  t.is(lard.choose('/a', loads(200, 65, 0), 1001), 1);
  t.deepEqual(lard.nodesOf('/a'), [0, 1]);
  t.is(lard.choose('/a', loads(200, 66, 0), 1002), 2);
});

test('PRISM-LARD-3 a set that stays as it is for K loses its most loaded node, and not before', (t) => {
  const lard = grown();
  lard.choose('/a', loads(40, 50, 0), 1000 + KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0, 1]);
  t.is(lard.choose('/a', loads(40, 50, 0), 1001 + KEEP_MS), 0);
  t.deepEqual(lard.nodesOf('/a'), [0]);
  lard.choose('/a', loads(40, 50, 0), 9e9);
  t.deepEqual(lard.nodesOf('/a'), [0], 'the last one stays');
});

test('PRISM-LARD-3 of equals the request goes to a node that stays', (t) => {
  const lard = grown();
  t.is(lard.choose('/a', loads(40, 40, 0), 1001 + KEEP_MS), 0);
  t.deepEqual(lard.nodesOf('/a'), [0]);
});

test('PRISM-LARD-3 K begins anew with every change, of growth or of shrinking', (t) => {
  const lard = grown();
  lard.choose('/a', loads(130, 130, 0), 15_000);
  t.deepEqual(lard.nodesOf('/a'), [0, 1, 2]);
  lard.choose('/a', loads(1, 2, 3), 15_000 + KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0, 1, 2]);
  lard.choose('/a', loads(1, 2, 3), 15_001 + KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0, 1]);
  lard.choose('/a', loads(1, 2, 3), 15_001 + 2 * KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0, 1]);
  lard.choose('/a', loads(1, 2, 3), 15_002 + 2 * KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0]);
});

test('PRISM-LARD-3 a node that is in the set already changes nothing', (t) => {
  const lard = grown(2);
  t.is(lard.choose('/a', loads(131, 130), 5000), 1);
  lard.choose('/a', loads(1, 2), 1001 + KEEP_MS);
  t.deepEqual(lard.nodesOf('/a'), [0], 'K was counted from second 1');
});

test('PRISM-LARD-6 a set loses the node that failed, and keeps the others', (t) => {
  const lard = grown();
  lard.unmap(0);
  t.deepEqual(lard.nodesOf('/a'), [1]);
  t.is(lard.choose('/a', loads(UNABLE, UNABLE, 5), 2000), 2);
  t.deepEqual(lard.nodesOf('/a'), [2]);
});

test('more than 32 nodes have bits of their own', (t) => {
  const lard = createReplicatedLard<string>({ nodes: 70, targets: 10 });
  const busy = new Int32Array(70).fill(30);
  for (const [nowMs, node] of [31, 32, 63, 64, 69].entries()) {
    const before = [31, 32, 63, 64, 69].slice(0, nowMs);
    for (const each of before) busy[each] = 66;
    busy[node] = 3;
    t.is(lard.choose('/a', busy, nowMs), node);
  }
  t.deepEqual(lard.nodesOf('/a'), [31, 32, 63, 64, 69]);
  lard.unmap(63);
  t.deepEqual(lard.nodesOf('/a'), [31, 32, 64, 69]);
});

/** LARD/R as it is written down, with sets and times, and without a bound. */
function naive(low: number, high: number, keepMs: number): Lard<number>['choose'] {
  const sets = new Map<number, { nodes: readonly number[]; changedMs: number }>();
  return (target, busy, nowMs) => {
    const load = (node: number): number => busy[node] ?? 0;
    const least = (nodes: readonly number[]): number =>
      nodes.reduce((a, b) => (load(b) < load(a) ? b : a));
    const all = [...busy.keys()];
    const set = sets.get(target);
    if (set === undefined) {
      const node = least(all);
      sets.set(target, { nodes: [node], changedMs: nowMs });
      return node;
    }
    const node = least(set.nodes);
    const hasRoom = all.some((other) => load(other) < low);
    if ((load(node) > high && hasRoom) || load(node) >= 2 * high) {
      const joining = least(all);
      if (!set.nodes.includes(joining)) {
        const nodes = [...set.nodes, joining].toSorted((a, b) => a - b);
        sets.set(target, { nodes, changedMs: nowMs });
      }
      return joining;
    }
    if (set.nodes.length > 1 && nowMs - set.changedMs > keepMs) {
      const most = set.nodes.reduce((a, b) => (load(b) >= load(a) ? b : a));
      const nodes = set.nodes.filter((each) => each !== most);
      sets.set(target, { nodes, changedMs: nowMs });
    }
    return node;
  };
}

test('PRISM-LARD-3 decisions are those of sets and clocks written down plainly', (t) => {
  const asks = fc.array(
    fc.record({
      target: fc.nat({ max: 3 }),
      busy: fc.array(fc.nat({ max: 12 }), { minLength: 4, maxLength: 4 }),
      passesMs: fc.nat({ max: 30 }),
    }),
    { minLength: 20, maxLength: 100, size: 'max' },
  );
  fc.assert(
    fc.property(asks, (hours) => {
      const options = { low: 3, high: 5, keepMs: 20 };
      const lard = createReplicatedLard<number>({ ...options, nodes: 4, targets: 10 });
      const oracle = naive(options.low, options.high, options.keepMs);
      let nowMs = 0;
      for (const { target, busy, passesMs } of hours) {
        nowMs += passesMs;
        const loaded = Int32Array.from(busy);
        t.is(lard.choose(target, loaded, nowMs), oracle(target, loaded, nowMs));
      }
    }),
    runs(300),
  );
});

test('a set is inherited as it is, with the time at which it changed', (t) => {
  const lard = grown();
  const heir = createReplicatedLard<string>({ nodes: 3, targets: 10 });
  for (const entry of lard.entries()) heir.remember(entry);
  t.deepEqual([...heir.entries()], [...lard.entries()]);
  t.true([...heir.entries()].some(({ nodes, changedMs }) => nodes.length > 1 && changedMs > 0));
});
