/**
 * Which server of a pool takes a new connection or a request: what all policies share.
 *
 * A scheduler keeps what it must remember between choices, its turns or its table; whatever it
 * looks at besides is an argument of the choice. A pool that changes gets a new scheduler, so that
 * a change never touches a connection that is bound already.
 */

/** A server of a pool, as its operator names and weighs it. */
export interface PoolServer {
  /** Unique in its pool. */
  readonly name: string;
  /**
   * Its share of what is new, an integer from 0 to 256, the range of HAProxy; 0 takes nothing new.
   */
  readonly weight: number;
}

/** What a choice may look at; servers are named by their place in the pool. */
export interface Choice {
  /** Milliseconds on the clock of the switch. */
  readonly nowMs: number;
  /** What a hash is taken of: a source address, a URL, a cookie. Empty when there is nothing. */
  readonly key: Uint8Array;
  /**
   * The server that has the connection of a later request, if it may go on there: a policy without
   * a key keeps it.
   */
  readonly present?: number | undefined;
  /** Whether a server may take something new: it is up, and is not drained. */
  isAble(place: number): boolean;
  /** The connections that a server has now. */
  active(place: number): number;
}

/** What a server says of itself. */
export interface LoadReport {
  readonly place: number;
  /**
   * How much it has to do, a finite number from 0 on, in a unit that all servers of a pool share.
   */
  readonly load: number;
  /** When it said so, on the clock of the choices. */
  readonly atMs: number;
}

/** A source of random numbers: the next whole number, 0 … `limit` − 1. */
export type DrawBelow = (limit: number) => number;

/** One policy at work on one pool. */
export interface Scheduler {
  /**
   * The place of the chosen server, or undefined when none is able and has a weight, or when the
   * policy refuses.
   */
  choose(choice: Choice): number | undefined;
  /**
   * The policy on another pool, with what it remembers of the servers that remain; there where
   * nothing else keeps that. From then on this one is not asked any more.
   */
  succeed?(pool: readonly PoolServer[]): Scheduler;
  /** A server is down: what it was given is given to others; there where that is remembered. */
  lost?(place: number): void;
  /** Takes a server's report; there where the policy looks at reports. */
  report?(report: LoadReport): void;
  /** Binds a key to a server until it is not used for long; there where sessions are learned. */
  learn?(key: Uint8Array, place: number, nowMs: number): void;
  /**
   * What a response to a request with `key` has to say in a Set-Cookie field so that the next one
   * comes to the server at `place`; undefined when the client knows it already.
   */
  setCookie?(key: Uint8Array, place: number): string | undefined;
  /** Whether the answer to a request with `key` may begin a session; there where they are learned. */
  awaitsAnswer?(key: Uint8Array, nowMs: number): boolean;
}
