/**
 * What becomes of a session: it stays with its server, it is refused, or a server is chosen anew.
 */
import { isEligible, type Pool } from './pool.ts';
import type { Choice, Scheduler } from './scheduler.ts';

/** Choices about sessions that products make differently. */
export interface SessionRules {
  /** A server that is not able: choose anew, or refuse as HAProxy does without `redispatch`. */
  readonly dead: 'choose' | 'refuse';
  /** A server of weight 0: it keeps its sessions as in HAProxy, or they are chosen for anew. */
  readonly weightless: 'keep' | 'choose';
}

/** Chooses the server at `place`, which has the session; by `otherwise` when it cannot have it. */
export function chooseForSession(
  pool: Pool,
  choice: Choice,
  place: number | undefined,
  otherwise: Scheduler,
  { dead, weightless }: SessionRules,
): number | undefined {
  if (place === undefined) return otherwise.choose(choice);
  if (isEligible(pool, choice, place)) return place;
  const fate = choice.isAble(place) ? weightless : dead;
  if (fate === 'refuse') return undefined;
  return fate === 'keep' ? place : otherwise.choose(choice);
}

/** The places of a pool by the names of its servers. */
export function placesByName(pool: Pool): ReadonlyMap<string, number> {
  return new Map(pool.map(({ name }, place) => [name, place]));
}
