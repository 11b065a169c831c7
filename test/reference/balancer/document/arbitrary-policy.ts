/** Policies that look at the connection alone, with options that they can have. */
import fc from 'fast-check';
import type {
  KeylessDeclaration,
  Placement,
  PolicyDeclaration,
} from '../../../../reference/policy/declaration.ts';

/** Optional fields may be there or not. */
export const SOME: { readonly requiredKeys: [] } = { requiredKeys: [] };
/** A number from 1 on. */
export const positive: fc.Arbitrary<number> = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const hash = fc.constantFrom('sdbm', 'djb2', 'xor32', 'crc32', 'xxhash64', 'murmur3');

const placement: fc.Arbitrary<Placement> = fc.oneof(
  fc.record({ kind: fc.constant('modulo' as const), hash }),
  fc.record({
    kind: fc.constant('buckets' as const),
    hash,
    count: fc.integer({ min: 1, max: 65_536 }),
  }),
  fc.constant({ kind: 'nginx' as const }),
  fc.record({
    kind: fc.constant('maglev' as const),
    variant: fc.constantFrom('paper', 'envoy', 'cilium', 'katran-v1', 'katran-v2'),
    size: fc.constantFrom(251, 65_537),
  }),
  fc
    .record(
      { minimumSize: fc.constantFrom(1, 1024), boundPercent: fc.constantFrom(101, 200) },
      SOME,
    )
    .map((rest) => ({ kind: 'ring' as const, variant: 'envoy' as const, ...rest })),
  fc.constant({ kind: 'ring' as const, variant: 'nginx' as const, boundPercent: 125 }),
);

const keyless: fc.Arbitrary<KeylessDeclaration> = fc.oneof(
  fc
    .record({ draws: fc.integer({ min: 1, max: 256 }) }, SOME)
    .map((rest) => ({ policy: 'random' as const, ...rest })),
  fc.constant({ policy: 'round-robin' as const }),
  fc.record({
    policy: fc.constant('weighted-round-robin' as const),
    order: fc.constantFrom('smooth', 'haproxy-static', 'ipvs'),
  }),
  fc.record({
    policy: fc.constant('least-connections' as const),
    tie: fc.constantFrom('first', 'turn', 'smooth'),
  }),
  fc.record({ policy: fc.constant('lightest-load' as const), maxAgeMs: positive }),
);

/** Any of them. */
export const anyPolicy: fc.Arbitrary<PolicyDeclaration> = fc.oneof(
  keyless,
  fc.record({ policy: fc.constantFrom('connection-hash', 'source-hash'), placement }),
  fc
    .record({ low: fc.constantFrom(1, 20), high: fc.constantFrom(25, 70), keepMs: fc.nat() }, SOME)
    .filter(({ low = 25, high = 65 }) => low <= high)
    .map((rest) => ({
      policy: 'lard' as const,
      input: 'path' as const,
      replicated: true,
      targets: 9,
      ...rest,
    })),
  fc.record({
    policy: fc.constant('source-affinity' as const),
    dead: fc.constantFrom('choose', 'refuse'),
    weightless: fc.constantFrom('keep', 'choose'),
    otherwise: keyless,
    entriesMax: fc.integer({ min: 1, max: 2 ** 24 }),
    expireMs: positive,
  }),
);
