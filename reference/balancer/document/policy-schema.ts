/** Policies as a document declares them: the words of `PolicyDeclaration`, checked one by one. */
import { z } from 'zod';
import type { PolicyDeclaration } from '../../policy/declaration.ts';
import { choice, expecting, record, text, truth, whole } from './value.ts';

const hash = choice('sdbm', 'djb2', 'xor32', 'crc32', 'xxhash64', 'murmur3');
const count = whole(0);
const input = choice('path', 'path-and-query');

const PLACEMENTS = ['modulo', 'buckets', 'nginx', 'nginx-address', 'maglev', 'ring'] as const;

const ring = z.discriminatedUnion(
  'variant',
  [
    record('fields', {
      kind: z.literal('ring'),
      variant: z.literal('envoy'),
      minimumSize: count.exactOptional(),
      maximumSize: count.exactOptional(),
      boundPercent: count.exactOptional(),
    }),
    record('fields', {
      kind: z.literal('ring'),
      variant: z.literal('nginx'),
      boundPercent: count.exactOptional(),
    }),
  ],
  { error: expecting('a ring', ['envoy', 'nginx']) },
);

const placement = z.discriminatedUnion(
  'kind',
  [
    record('fields', { kind: z.literal('modulo'), hash }),
    record('fields', { kind: z.literal('buckets'), hash, count }),
    record('fields', { kind: z.literal('nginx') }),
    record('fields', { kind: z.literal('nginx-address') }),
    record('fields', {
      kind: z.literal('maglev'),
      variant: choice('paper', 'envoy', 'cilium', 'katran-v1', 'katran-v2'),
      size: count,
    }),
    ring,
  ],
  { error: expecting('a placement such as { kind: modulo, hash: crc32 }', PLACEMENTS) },
);

const KEYLESS = [
  'random',
  'round-robin',
  'weighted-round-robin',
  'least-connections',
  'lightest-load',
] as const;
const KEYED = [
  'connection-hash',
  'source-hash',
  'url-hash',
  'cookie-hash',
  'lard',
  'cookie-insert',
  'cookie-learn',
  'source-affinity',
  'tls-session',
] as const;

const keyless = [
  record('fields', { policy: z.literal('random'), draws: count.exactOptional() }),
  record('fields', { policy: z.literal('round-robin') }),
  record('fields', {
    policy: z.literal('weighted-round-robin'),
    order: choice('smooth', 'haproxy-static', 'ipvs'),
  }),
  record('fields', {
    policy: z.literal('least-connections'),
    tie: choice('first', 'turn', 'smooth'),
  }),
  record('fields', { policy: z.literal('lightest-load'), maxAgeMs: count }),
] as const;

const EXPECTED = 'a policy such as { policy: round-robin }';

const session = {
  dead: choice('choose', 'refuse'),
  weightless: choice('keep', 'choose'),
  otherwise: z.discriminatedUnion('policy', keyless, { error: expecting(EXPECTED, KEYLESS) }),
};
const limits = { entriesMax: count, expireMs: count };

/** A policy with its options; whether their numbers can be is another question. */
export const policy: z.ZodType<PolicyDeclaration> = z.discriminatedUnion(
  'policy',
  [
    ...keyless,
    record('fields', { policy: z.literal('connection-hash'), placement }),
    record('fields', { policy: z.literal('source-hash'), placement }),
    record('fields', { policy: z.literal('url-hash'), input, placement }),
    record('fields', { policy: z.literal('cookie-hash'), cookie: text, placement }),
    record('fields', {
      policy: z.literal('lard'),
      input,
      replicated: truth,
      targets: count,
      low: count.exactOptional(),
      high: count.exactOptional(),
      keepMs: count.exactOptional(),
    }),
    record('fields', { policy: z.literal('cookie-insert'), cookie: text, ...session }),
    record('fields', { policy: z.literal('cookie-learn'), cookie: text, ...session, ...limits }),
    record('fields', { policy: z.literal('source-affinity'), ...session, ...limits }),
    record('fields', { policy: z.literal('tls-session'), ...session, ...limits }),
  ],
  { error: expecting(EXPECTED, [...KEYLESS, ...KEYED]) },
);
