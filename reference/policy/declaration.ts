/**
 * Policies as an operator declares them, in a configuration or in the profile of a device.
 *
 * A declaration is data; `schedulerOf` makes it work on a pool, `keyOf` says what of a connection
 * or a request its hash is taken of, and `declarationFault` refuses what cannot work.
 */
import { createAffinity } from './affinity.ts';
import { createBucketHash } from './bucket-hash.ts';
import { createCookieInsert } from './cookie-insert.ts';
import type { HashName } from './hash.ts';
import { createLardScheduler, type LardSchedulerOptions } from './lard-scheduler.ts';
import { createLeastConnections, type TieRule } from './least-connections.ts';
import { createLightestLoad } from './lightest-load.ts';
import { createMaglev, type MaglevOptions } from './maglev.ts';
import { createModuloHash } from './modulo-hash.ts';
import { createNginxAddressHash, createNginxHash } from './nginx-hash.ts';
import type { Pool } from './pool.ts';
import { createRandomChoice } from './random.ts';
import { createRingHash, type RingOptions } from './ring-hash.ts';
import { createRoundRobin } from './round-robin.ts';
import type { DrawBelow, Scheduler } from './scheduler.ts';
import { createSessionStore, type SessionLimits, type SessionStore } from './session-store.ts';
import type { SessionRules } from './session.ts';
import { createStaying } from './staying.ts';
import { createWeightedRoundRobin, type TurnOrder } from './weighted-round-robin.ts';

/** How the hash of a key leads to a server. */
export type Placement =
  | { readonly kind: 'modulo'; readonly hash: HashName }
  | { readonly kind: 'buckets'; readonly hash: HashName; readonly count: number }
  | { readonly kind: 'nginx' }
  | { readonly kind: 'nginx-address' }
  | ({ readonly kind: 'maglev' } & MaglevOptions)
  | ({ readonly kind: 'ring' } & RingOptions);

/** A policy that looks at no key. */
export type KeylessDeclaration =
  | { readonly policy: 'random'; readonly draws?: number }
  | { readonly policy: 'round-robin' }
  | { readonly policy: 'weighted-round-robin'; readonly order: TurnOrder }
  | { readonly policy: 'least-connections'; readonly tie: TieRule }
  | { readonly policy: 'lightest-load'; readonly maxAgeMs: number };

/** A policy that hashes a key. */
export type HashDeclaration = { readonly placement: Placement } & (
  | { readonly policy: 'connection-hash' | 'source-hash' }
  | { readonly policy: 'url-hash'; readonly input: 'path' | 'path-and-query' }
  | { readonly policy: 'cookie-hash'; readonly cookie: string }
);

/** LARD, whose targets are URLs: it hashes nothing, and remembers. */
export type LardDeclaration = {
  readonly policy: 'lard';
  readonly input: 'path' | 'path-and-query';
} & LardSchedulerOptions;

/** A policy that keeps sessions, and the one that chooses where there is none. */
export type SessionDeclaration = SessionRules & { readonly otherwise: KeylessDeclaration } & (
    | { readonly policy: 'cookie-insert'; readonly cookie: string }
    | ({ readonly policy: 'cookie-learn'; readonly cookie: string } & SessionLimits)
    | ({ readonly policy: 'source-affinity' | 'tls-session' } & SessionLimits)
  );

/** A policy with its options. */
export type PolicyDeclaration =
  KeylessDeclaration | HashDeclaration | LardDeclaration | SessionDeclaration;

/** The names of all policies. */
export type PolicyName = PolicyDeclaration['policy'];

/**
 * The declared policy at work on a pool.
 *
 * `store` has the sessions of a pool that was before; without it there are none yet.
 */
export function schedulerOf(
  declaration: PolicyDeclaration,
  pool: Pool,
  draw: DrawBelow,
  store?: SessionStore,
): Scheduler {
  if ('placement' in declaration) return hashScheduler(declaration.placement, pool);
  if ('otherwise' in declaration) return sessionScheduler(declaration, pool, draw, store);
  if (declaration.policy === 'lard') return createLardScheduler(pool, declaration);
  return keylessScheduler(declaration, pool, draw);
}

function keylessScheduler(declaration: KeylessDeclaration, pool: Pool, draw: DrawBelow): Scheduler {
  return createStaying(newcomerScheduler(declaration, pool, draw));
}

function newcomerScheduler(
  declaration: KeylessDeclaration,
  pool: Pool,
  draw: DrawBelow,
): Scheduler {
  switch (declaration.policy) {
    case 'random':
      return createRandomChoice(pool, draw, declaration.draws);
    case 'round-robin':
      return createRoundRobin(pool);
    case 'weighted-round-robin':
      return createWeightedRoundRobin(pool, declaration.order);
    case 'least-connections':
      return createLeastConnections(pool, declaration.tie);
    case 'lightest-load':
      return createLightestLoad(pool, declaration.maxAgeMs);
    default:
      return declaration satisfies never;
  }
}

function hashScheduler(placement: Placement, pool: Pool): Scheduler {
  switch (placement.kind) {
    case 'modulo':
      return createModuloHash(pool, placement.hash);
    case 'buckets':
      return createBucketHash(pool, placement.hash, placement.count);
    case 'nginx':
      return createNginxHash(pool);
    case 'nginx-address':
      return createNginxAddressHash(pool);
    case 'maglev':
      return createMaglev(pool, placement);
    case 'ring':
      return createRingHash(pool, placement);
    default:
      return placement satisfies never;
  }
}

function sessionScheduler(
  declaration: SessionDeclaration,
  pool: Pool,
  draw: DrawBelow,
  store: SessionStore | undefined,
): Scheduler {
  const otherwise = keylessScheduler(declaration.otherwise, pool, draw);
  if (declaration.policy === 'cookie-insert') {
    return createCookieInsert(pool, declaration.cookie, otherwise, declaration);
  }
  const { dead, weightless } = declaration;
  return createAffinity(pool, store ?? createSessionStore(declaration), otherwise, {
    dead,
    weightless,
    bind: declaration.policy === 'source-affinity' ? 'choice' : 'answer',
  });
}
