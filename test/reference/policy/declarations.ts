/** One declaration for each policy, order, rule and placement that there is. */
import type { Placement, PolicyDeclaration } from '../../../reference/policy/declaration.ts';

const RING_BOUND = 125;

/** Placements by a title. */
export const PLACEMENTS: readonly (readonly [string, Placement])[] = [
  ['modulo sdbm', { kind: 'modulo', hash: 'sdbm' }],
  ['modulo xxhash64', { kind: 'modulo', hash: 'xxhash64' }],
  ['buckets', { kind: 'buckets', hash: 'crc32', count: 64 }],
  ['nginx', { kind: 'nginx' }],
  ['nginx-address', { kind: 'nginx-address' }],
  ['maglev paper', { kind: 'maglev', variant: 'paper', size: 251 }],
  ['maglev envoy', { kind: 'maglev', variant: 'envoy', size: 251 }],
  ['maglev cilium', { kind: 'maglev', variant: 'cilium', size: 251 }],
  ['maglev katran-v1', { kind: 'maglev', variant: 'katran-v1', size: 251 }],
  ['maglev katran-v2', { kind: 'maglev', variant: 'katran-v2', size: 251 }],
  ['ring envoy', { kind: 'ring', variant: 'envoy', minimumSize: 64 }],
  ['ring nginx', { kind: 'ring', variant: 'nginx' }],
  [
    'ring envoy bounded',
    { kind: 'ring', variant: 'envoy', minimumSize: 64, boundPercent: RING_BOUND },
  ],
  ['ring nginx bounded', { kind: 'ring', variant: 'nginx', boundPercent: RING_BOUND }],
];

/** What all policies with sessions have here. */
export const SESSION = {
  otherwise: { policy: 'least-connections', tie: 'turn' },
  dead: 'choose',
  weightless: 'choose',
  entriesMax: 10,
  expireMs: 1000,
} as const;

/** Declarations by a title. */
export const DECLARATIONS: readonly (readonly [string, PolicyDeclaration])[] = [
  ['random', { policy: 'random' }],
  ['random of two', { policy: 'random', draws: 2 }],
  ['round-robin', { policy: 'round-robin' }],
  ['smooth', { policy: 'weighted-round-robin', order: 'smooth' }],
  ['haproxy-static', { policy: 'weighted-round-robin', order: 'haproxy-static' }],
  ['ipvs', { policy: 'weighted-round-robin', order: 'ipvs' }],
  ['least-connections first', { policy: 'least-connections', tie: 'first' }],
  ['least-connections turn', { policy: 'least-connections', tie: 'turn' }],
  ['least-connections smooth', { policy: 'least-connections', tie: 'smooth' }],
  ['lightest-load', { policy: 'lightest-load', maxAgeMs: 1000 }],
  ...PLACEMENTS.map(
    ([title, placement]) =>
      [`source-hash, ${title}`, { policy: 'source-hash', placement }] as const,
  ),
  [
    'connection-hash',
    { policy: 'connection-hash', placement: { kind: 'maglev', variant: 'envoy', size: 1021 } },
  ],
  ['url-hash', { policy: 'url-hash', input: 'path', placement: { kind: 'modulo', hash: 'crc32' } }],
  [
    'cookie-hash',
    { policy: 'cookie-hash', cookie: 'SRV', placement: { kind: 'modulo', hash: 'djb2' } },
  ],
  ['lard', { policy: 'lard', input: 'path', replicated: false, targets: 9, low: 999, high: 999 }],
  ['lard/r', { policy: 'lard', input: 'path', replicated: true, targets: 9, low: 999, high: 999 }],
  ['cookie-insert', { policy: 'cookie-insert', cookie: 'SRV', ...SESSION }],
  ['cookie-learn', { policy: 'cookie-learn', cookie: 'SID', ...SESSION }],
  ['source-affinity', { policy: 'source-affinity', ...SESSION }],
  ['tls-session', { policy: 'tls-session', ...SESSION }],
];
