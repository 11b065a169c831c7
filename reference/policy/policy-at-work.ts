/** A policy at work on a pool, and what of it outlives a change of the pool. */
import { schedulerOf, type PolicyDeclaration } from './declaration.ts';
import type { Pool } from './pool.ts';
import type { DrawBelow, Scheduler } from './scheduler.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';

/** A policy with what it remembers. */
export interface PolicyAtWork {
  readonly declaration: PolicyDeclaration;
  readonly servers: Pool;
  readonly scheduler: Scheduler;
  /** What sessions the policy keeps; undefined if it keeps none. */
  readonly sessions: SessionStore | undefined;
}

/**
 * Puts a policy to work, after `former`: where nothing changes its turns go on, and where the
 * policy is the same, its sessions and its targets stay with the servers that remain.
 */
export function putToWork(
  declaration: PolicyDeclaration,
  servers: Pool,
  draw: DrawBelow,
  former?: PolicyAtWork,
): PolicyAtWork {
  const known = isSame(former?.declaration, declaration) ? former : undefined;
  if (known !== undefined && isSame(known.servers, servers)) {
    return known;
  }
  const sessions =
    known?.sessions ?? ('entriesMax' in declaration ? createSessionStore(declaration) : undefined);
  const scheduler =
    known?.scheduler.succeed?.(servers) ?? schedulerOf(declaration, servers, draw, sessions);
  return { declaration, servers, sessions, scheduler };
}

/** Declarations and pools are data, a few words each. */
function isSame<T>(a: T, b: T): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
