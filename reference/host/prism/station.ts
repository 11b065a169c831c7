/**
 * What controller and agent have alike as processes: the sockets of clients, timers, sealed messages,
 * and one event after the other.
 *
 *   kernel ─▶ sockets ─▶ tell ─▶ step function ─▶ effects ─▶ perform ─▶ kernel
 */
import { openMessage, sealMessage, type Seal } from '../../handoff/codec.ts';
import type { Message } from '../../handoff/message.ts';
import type { OwnerEffect, SocketEvent } from '../../owner/socket.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import type { Messenger } from './messenger.ts';
import { createSockets, type Sockets } from './sockets.ts';

/** What either of them may want done. */
export type StationEffect =
  OwnerEffect | { readonly kind: 'send'; readonly to: string; readonly message: Message };

/** What either of them may be told. */
export type StationEvent =
  | SocketEvent
  | { readonly kind: 'timeout'; readonly key: ConnectionKey }
  | { readonly kind: 'message'; readonly from: string; readonly message: Message };

/** Hears each line of each connection's timeline. */
export type OnNote = (key: ConnectionKey, what: string) => void;

/** What a station is made of. */
export interface StationParts {
  readonly seal: Seal;
  readonly send: Messenger['send'];
  /** The end of a client's connection that is here. */
  readonly localOf: (key: ConnectionKey) => Endpoint;
  readonly tell: (event: StationEvent) => void;
  readonly onNote?: OnNote | undefined;
}

/** A process without its own effects. */
export interface Station {
  readonly sockets: Sockets;
  perform(effect: StationEffect): void;
  /** Octets from another process, which are a message if they bear the seal. */
  onOctets(from: string, octets: Uint8Array): void;
  close(): void;
}

/** A station without connections. */
export function createStation({ seal, send, localOf, tell, onNote }: StationParts): Station {
  const sockets = createSockets(localOf, tell);
  const timers = new Map<string, NodeJS.Timeout>();

  function setTimer(key: ConnectionKey, afterMs: number | undefined): void {
    const name = keyText(key);
    clearTimeout(timers.get(name));
    timers.delete(name);
    if (afterMs === undefined) return;
    const ring = (): void => {
      timers.delete(name);
      tell({ kind: 'timeout', key });
    };
    timers.set(name, setTimeout(ring, afterMs));
  }

  return {
    sockets,
    perform(effect) {
      if (effect.kind === 'send') send(effect.to, sealMessage(effect.message, seal));
      else if (effect.kind === 'timer') setTimer(effect.key, effect.afterMs);
      else if (effect.kind === 'noted') onNote?.(effect.key, effect.what);
      else sockets.perform(effect);
    },
    onOctets(from, octets) {
      const message = openMessage(octets, seal);
      if (message.ok) tell({ kind: 'message', from, message: message.value });
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      sockets.close();
    },
  };
}

/**
 * Gives a step function one event at a time, and performs what it wants.
 *
 * What an effect causes at once waits until the effects before it are done.
 */
export function createLoop<Event, Effect>(
  step: (event: Event) => readonly Effect[],
  perform: (effect: Effect) => void,
): (event: Event) => void {
  const waiting: Event[] = [];
  let isRunning = false;
  return (event) => {
    waiting.push(event);
    if (isRunning) return;
    isRunning = true;
    try {
      // The list grows while it is gone through.
      for (const each of waiting) for (const effect of step(each)) perform(effect);
    } finally {
      waiting.length = 0;
      isRunning = false;
    }
  };
}
