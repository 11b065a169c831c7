/** Small traces and clusters for the tests of the study. */
import fc from 'fast-check';
import { clusterOf, POLICIES, type Cluster } from '../../../reference/study/cluster.ts';
import type { Trace } from '../../../reference/study/trace.ts';

/** A trace of these requests for files of these sizes. */
export function traceOf(requests: readonly number[], sizes: readonly number[]): Trace {
  return { requests: Uint32Array.from(requests), sizes: Uint32Array.from(sizes) };
}

/** A cluster of which everything is tiny, with some of it otherwise. */
export function tiny(changes: Partial<Cluster>): Cluster {
  const thresholds = { low: 2, high: 2 };
  return { ...clusterOf('LARD', 1), thresholds, cacheOctets: 10_000, warmUp: 0, ...changes };
}

const FILES = 12;

/** Any trace over a few files, some of them larger than the cache of `tiny`. */
export const traces: fc.Arbitrary<Trace> = fc
  .record({
    requests: fc.array(fc.nat({ max: FILES - 1 }), { maxLength: 200, size: 'max' }),
    sizes: fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: FILES, maxLength: FILES }),
  })
  .map(({ requests, sizes }) => traceOf(requests, sizes));

const policies: fc.Arbitrary<Cluster['policy']> = fc.oneof(
  fc.constantFrom(...POLICIES).map((kind) => ({ kind })),
  fc.record({
    kind: fc.constant('buckets' as const),
    buckets: fc.integer({ min: 1, max: 8 }),
    moves: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('bounded' as const), bound: fc.constantFrom(1, 1.25, 2) }),
  fc.constant({ kind: 'two-choice' as const }),
);

/** Any tiny cluster. */
export const clusters: fc.Arbitrary<Cluster> = fc
  .record({
    policy: policies,
    nodes: fc.integer({ min: 1, max: 5 }),
    replacement: fc.constantFrom('lru', 'gds'),
    frontOctets: fc.constantFrom(0, 0, 6000),
    thresholds: fc.record({
      low: fc.integer({ min: 2, max: 4 }),
      high: fc.integer({ min: 4, max: 8 }),
    }),
  })
  .map(tiny);
