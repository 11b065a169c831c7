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

/** The most octets of a session's key: of a cookie as long as every client has room for. RFC 6265 6.1. */
export const SESSION_KEY_MAX = 4096;

/** A bounded memory of sessions; of keys that are longer than `SESSION_KEY_MAX` there are none. */
export interface SessionStore {
  /** The name of the server of a session, which is used by that; undefined when it is not known. */
  use(key: Uint8Array, nowMs: number): string | undefined;
  /** Whether there is such a session; this is no use of it. */
  has(key: Uint8Array, nowMs: number): boolean;
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

  function find(key: Uint8Array, nowMs: number): Binding | undefined {
    const binding = key.length > SESSION_KEY_MAX ? undefined : bindings.get(lettersOf(key));
    return binding === undefined || nowMs - binding.usedMs >= expireMs ? undefined : binding;
  }

  return {
    use(key, nowMs): string | undefined {
      const binding = find(key, nowMs);
      if (binding !== undefined) put(lettersOf(key), binding.server, nowMs);
      return binding?.server;
    },
    has: (key, nowMs) => find(key, nowMs) !== undefined,
    bind(key, server, nowMs): void {
      if (key.length <= SESSION_KEY_MAX) put(lettersOf(key), server, nowMs);
    },
    size: () => bindings.size,
  };
}
