/**
 * Sessions and the servers that they are bound to, until they have not been used for long.
 *
 * Each use puts a session last, so that the first is both the next to expire and the one that goes
 * when there are too many. Servers are known by name: a store outlives the pools it is used with.
 */
import { lettersOf } from './octets.ts';

/** How much a store remembers, and for how long. */
export interface SessionLimits {
  /** The most sessions, 1 or more. */
  readonly entriesMax: number;
  /** How long a session is remembered that is not used, in milliseconds, above 0. */
  readonly expireMs: number;
}

/** A bounded memory of sessions. */
export interface SessionStore {
  /** The name of the server of a session, which is used by that; undefined when it is not known. */
  use(key: Uint8Array, nowMs: number): string | undefined;
  /** Binds a session. */
  bind(key: Uint8Array, server: string, nowMs: number): void;
  /** How many sessions there are; expired ones count until they are in the way. */
  size(): number;
}

interface Binding {
  readonly server: string;
  readonly usedMs: number;
}

/** An empty store. */
export function createSessionStore({ entriesMax, expireMs }: SessionLimits): SessionStore {
  const bindings = new Map<string, Binding>();

  function put(letters: string, server: string, nowMs: number): void {
    bindings.delete(letters);
    for (const [oldest, { usedMs }] of bindings) {
      if (bindings.size < entriesMax && nowMs - usedMs < expireMs) break;
      bindings.delete(oldest);
    }
    bindings.set(letters, { server, usedMs: nowMs });
  }

  return {
    use(key, nowMs): string | undefined {
      const letters = lettersOf(key);
      const binding = bindings.get(letters);
      if (binding === undefined || nowMs - binding.usedMs >= expireMs) return undefined;
      put(letters, binding.server, nowMs);
      return binding.server;
    },
    bind: (key, server, nowMs) => put(lettersOf(key), server, nowMs),
    size: () => bindings.size,
  };
}
