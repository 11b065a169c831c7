/**
 * Affinity: who has a session comes to the server that has it.
 *
 * The key of a choice is what tells the session: a source address, the value of a cookie that the
 * server made, a TLS session ID. An empty key is no session. A session whose server cannot take it
 * moves to the one that is chosen instead.
 */
import type { Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';
import type { SessionStore } from './session-store.ts';
import { chooseForSession, placesByName, type SessionRules } from './session.ts';

/** What of affinity an operator may choose. */
export interface AffinityOptions extends SessionRules {
  /** When a new key is bound: when a server is chosen for it, or when one says so (`learn`). */
  readonly bind: 'choice' | 'answer';
}

/** Affinity by what `store` remembers; `otherwise` chooses for keys that it does not know. */
export function createAffinity(
  pool: Pool,
  store: SessionStore,
  otherwise: Scheduler,
  options: AffinityOptions,
): Scheduler & Required<Pick<Scheduler, 'learn'>> {
  const places = placesByName(pool);

  function learn(key: Uint8Array, place: number, nowMs: number): void {
    const server = pool[place]?.name;
    if (server !== undefined && key.length > 0) store.bind(key, server, nowMs);
  }

  return {
    ...otherwise,
    choose(choice): number | undefined {
      const server = store.use(choice.key, choice.nowMs);
      const known = server === undefined ? undefined : places.get(server);
      const place = chooseForSession(pool, choice, known, otherwise, options);
      const mayBind = options.bind === 'choice' || server !== undefined;
      if (mayBind && place !== undefined && place !== known) {
        learn(choice.key, place, choice.nowMs);
      }
      return place;
    },
    learn,
    ...(options.bind === 'answer' && {
      awaitsAnswer: (key: Uint8Array, nowMs: number) => !store.has(key, nowMs),
    }),
  };
}
