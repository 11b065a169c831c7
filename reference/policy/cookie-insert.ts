/**
 * Cookie switching: a cookie of the switch's own names the server.
 *
 * A client without it, or with one that names nobody, gets a server by another policy, and the
 * cookie with the response. Who forges a cookie gets no more than a server of his choice.
 */
import { lettersOf } from './octets.ts';
import type { Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';
import { chooseForSession, placesByName, type SessionRules } from './session.ts';

/** Cookie switching by the cookie `name`; the key of a choice is its value, empty without it. */
export function createCookieInsert(
  pool: Pool,
  name: string,
  otherwise: Scheduler,
  rules: SessionRules,
): Scheduler & Required<Pick<Scheduler, 'setCookie'>> {
  const places = placesByName(pool);
  return {
    ...otherwise,
    choose: (choice) =>
      chooseForSession(pool, choice, places.get(lettersOf(choice.key)), otherwise, rules),
    setCookie(key, place): string | undefined {
      const server = pool[place]?.name;
      if (server === undefined || server === lettersOf(key)) return undefined;
      return `${name}=${server}; path=/`;
    },
  };
}
