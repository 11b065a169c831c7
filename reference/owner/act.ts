/** What controller and backend do alike in one turn at a connection, said shortly. */
import type { RequestQueue } from '../http/request-queue.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import type { OwnerEffect } from './socket.ts';

/** What of a connection every owner knows. */
export interface OwnedConnection {
  readonly key: ConnectionKey;
  /** What the client has sent and nobody has got. */
  readonly requests: RequestQueue;
  /** So much of the client waits here that no more is read. */
  isPaused: boolean;
  /** The client has acknowledged all that was written. */
  isAllSent: boolean;
}

/** One step of an owner at one connection. */
export interface OwnerTurn {
  readonly state: { readonly config: { readonly heldOctetsMax: number } };
  readonly connection: OwnedConnection;
  readonly effects: { push(effect: OwnerEffect): unknown };
}

/** Each member of a union without some of its properties. */
export type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Sets the connection's one timer anew; undefined stops it. */
export function setTimer({ connection, effects }: OwnerTurn, afterMs: number | undefined): void {
  effects.push({ kind: 'timer', key: connection.key, afterMs });
}

/** Writes a line into the connection's timeline. */
export function note({ connection, effects }: OwnerTurn, what: string): void {
  effects.push({ kind: 'noted', key: connection.key, what });
}

/** Writes to the client. */
export function write({ connection, effects }: OwnerTurn, octets: Uint8Array): void {
  connection.isAllSent = false;
  effects.push({ kind: 'write', key: connection.key, octets });
}

/** Reads no more of a client that is far ahead of its answers, until it is no longer. */
export function limitHeld({ state, connection, effects }: OwnerTurn): void {
  const isFull = connection.requests.octets > state.config.heldOctetsMax;
  if (isFull === connection.isPaused) return;
  connection.isPaused = isFull;
  effects.push({ kind: isFull ? 'pause' : 'resume', key: connection.key });
}
