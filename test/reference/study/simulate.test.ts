import test from 'ava';
import fc from 'fast-check';
import { admissionLimit } from '../../../reference/policy/lard.ts';
import {
  clusterOf,
  COSTS,
  POLICIES,
  readingUs,
  sendingUs,
} from '../../../reference/study/cluster.ts';
import { simulate } from '../../../reference/study/simulate.ts';
import { synthesise } from '../../../reference/study/synthetic.ts';
import { runs } from '../../runs.ts';
import { clusters, tiny, traceOf, traces } from './bed.ts';

test('requests that go in come out, no connection stays open, and no cache is too full', (t) => {
  fc.assert(
    fc.property(traces, clusters, (trace, cluster) => {
      const { completed, open, usedOctets, reads } = simulate(trace, cluster);
      t.is(completed, trace.requests.length);
      t.is(open, 0);
      t.is(usedOctets.length, cluster.nodes);
      t.true(usedOctets.every((used) => used >= 0 && used <= cluster.cacheOctets));
      t.true(reads >= new Set(trace.requests).size, 'each file is read at least once');
      t.true(reads <= trace.requests.length);
    }),
    runs(500),
  );
});

test('the same trace through the same cluster gives the same figures', (t) => {
  fc.assert(
    fc.property(traces, clusters, (trace, cluster) => {
      t.deepEqual(simulate(trace, cluster), simulate(trace, cluster));
    }),
    runs(100),
  );
});

test('sending costs for every begun 512 octets, reading for every begun 4 and 44 KiB', (t) => {
  t.deepEqual(
    [0, 1, 512, 513].map((octets) => sendingUs(octets, COSTS)),
    [0, 40, 40, 80],
  );
  t.is(sendingUs(1024, { ...COSTS, processorSpeed: 4 }), 20);
  t.deepEqual(
    [0, 1, 4096, 4097, 45_056, 45_057, 2 * 45_056 + 1].map((octets) => readingUs(octets, COSTS)),
    [28_000, 28_410, 28_410, 28_820, 32_510, 46_920, 65_430],
  );
});

test('alone, a request takes its set-up, its read if it misses, its sending and its closing', (t) => {
  // One node admits one connection here: the first request reads 28,410 µs, and is the warm-up.
  const { perSecond, delayMs, reads, missShare } = simulate(traceOf([0, 0, 0, 0], [512]), tiny({}));
  t.is(reads, 1);
  t.is(missShare, 0);
  t.is(Math.round(delayMs * 1000), 145 + 40 + 145);
  t.is(Math.round(perSecond), Math.round(3e6 / 990));
});

test('a miss takes the disk’s time too', (t) => {
  const { delayMs, missShare } = simulate(traceOf([0, 1, 2, 3], [512, 512, 512, 512]), tiny({}));
  t.is(missShare, 1);
  t.is(Math.round(delayMs * 1000), 145 + 28_410 + 40 + 145);
});

test('who asks for a file that is being read waits, and has it read no second time', (t) => {
  const two = tiny({ thresholds: { low: 3, high: 3 } });
  t.is(admissionLimit(1, two.thresholds), 2);
  // Larger than the cache: nothing but the read that goes on can spare the second one.
  t.is(simulate(traceOf([0, 0], [20_000]), two).reads, 1);
  t.is(simulate(traceOf([0, 0], [20_000]), tiny({})).reads, 2);
});

test('disks and processors are one for each node: two nodes take half the time', (t) => {
  const sizes = Array.from({ length: 400 }, () => 4096);
  const trace = traceOf([...sizes.keys()], sizes);
  const rate = (nodes: number): number =>
    simulate(trace, tiny({ policy: { kind: 'WRR' }, nodes, thresholds: { low: 5, high: 5 } }))
      .perSecond;
  t.true(Math.abs(rate(2) / rate(1) - 2) < 0.05, String(rate(2) / rate(1)));
});

test('with a global memory a file that a peer has is not read again', (t) => {
  const trace = traceOf([0, 0, 0, 0, 0, 0], [4096]);
  const of = (kind: 'WRR' | 'WRR/GMS'): number =>
    simulate(trace, tiny({ policy: { kind }, nodes: 3, thresholds: { low: 1, high: 1 } })).reads;
  t.is(of('WRR'), 3);
  t.is(of('WRR/GMS'), 1);
});

test('what a peer sends takes the processors of both, as often as the factor says', (t) => {
  const trace = traceOf([0, 0, 0], [512 * 100]);
  const delay = (peerFactor: number): number =>
    simulate(trace, {
      ...tiny({ policy: { kind: 'WRR/GMS' }, nodes: 2, thresholds: { low: 1, high: 1 } }),
      cacheOctets: 1e6,
      costs: { ...COSTS, peerFactor },
    }).delayMs;
  t.is(admissionLimit(2, { low: 1, high: 1 }), 1);
  // The second and the third request are measured, and the second is the one that a peer serves.
  t.is(Math.round(1000 * (delay(2) - delay(1)) * 2), 2 * 4000);
});

test('what the controller has in memory reaches no node', (t) => {
  const cluster = tiny({ frontOctets: 1000 });
  const { completed, reads, frontShare } = simulate(
    traceOf([0, 1, 0, 1, 0, 1], [10, 1001]),
    cluster,
  );
  t.is(completed, 6);
  t.is(reads, 2);
  t.true(frontShare > 0);
});

test('a node counts as idle below 0.4 times the lower threshold, for as long as it is', (t) => {
  const trace = synthesise({ requests: 3000, seed: 1, files: 50, octets: 500_000 });
  const idle = (kind: 'LB' | 'WRR'): number =>
    simulate(trace, { ...clusterOf(kind, 4), cacheOctets: 1e6 }).idleShare;
  t.is(idle('WRR'), 0);
  t.true(idle('LB') > 0.3 && idle('LB') < 1, String(idle('LB')));
});

test('a trace of nothing has no figures, and is no fault', (t) => {
  for (const kind of POLICIES) {
    t.like(simulate(traceOf([], []), clusterOf(kind, 2)), { completed: 0, perSecond: 0, open: 0 });
  }
});
