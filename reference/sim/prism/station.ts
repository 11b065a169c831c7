/**
 * What controller and backend have alike as processes: a model host, the sockets of clients, alarms,
 * and sealed messages.
 *
 *   network ─▶ host ─▶ sockets ─▶ tell ─▶ step function ─▶ effects ─▶ perform ─▶ host ─▶ network
 */
import { openMessage, sealMessage, type Seal } from '../../handoff/codec.ts';
import type { Message } from '../../handoff/message.ts';
import type { OwnerEffect, SocketEvent } from '../../owner/socket.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { drive } from '../host-process.ts';
import type { Process, ProcessEffect } from '../network/process.ts';
import { nextAtNs, type HostEvent, type HostNotice, type HostState } from '../tcp/host.ts';
import { createAlarms } from './alarms.ts';
import { createSockets, type Sockets } from './sockets.ts';

/** What either of them may want done. */
export type StationEffect =
  OwnerEffect | { readonly kind: 'send'; readonly to: string; readonly message: Message };

/** What either of them may be told. */
export type StationEvent =
  | SocketEvent
  | { readonly kind: 'timeout'; readonly key: ConnectionKey }
  | { readonly kind: 'message'; readonly from: string; readonly message: Message };

/** Where a process sits. */
export interface Seat {
  readonly host: HostState;
  readonly seal: Seal;
  readonly onNote?: (key: ConnectionKey, what: string, atNs: number) => void;
}

/** What a process is beside its station. */
export interface Occupant {
  /** Its own end of a client's connection. */
  readonly localOf: (key: ConnectionKey) => Endpoint;
  /** Gives its step function an event, and performs what that wants. */
  readonly tell: (event: StationEvent) => readonly HostEvent[];
  /** A notice about a connection that is no client's. */
  readonly onNotice: (notice: HostNotice) => readonly HostEvent[];
  /** Octets that are no message of controller or backend; undefined where they may be one. */
  readonly onOctets?: (from: string, octets: Uint8Array) => readonly HostEvent[] | undefined;
  /** What it does by itself as time passes, and when it wants to. */
  readonly work: () => readonly HostEvent[];
  readonly nextAtNs: () => number | undefined;
}

/** A process without its own effects. */
export interface Station {
  readonly sockets: Sockets;
  readonly process: Process;
  perform(effect: StationEffect): readonly HostEvent[];
  /** Octets for another process; they leave with the step. */
  leave(to: string, octets: Uint8Array): void;
}

/** The station of `occupant`. */
export function createStation({ host, seal, onNote }: Seat, occupant: Occupant): Station {
  const alarms = createAlarms<ConnectionKey>();
  const sockets = createSockets(host, occupant.localOf);
  let left: ProcessEffect[] = [];

  function perform(effect: StationEffect): readonly HostEvent[] {
    switch (effect.kind) {
      case 'send':
        leave(effect.to, sealMessage(effect.message, seal));
        return [];
      case 'timer': {
        const { key, afterMs } = effect;
        const atNs = afterMs === undefined ? undefined : host.nowNs + afterMs * 1e6;
        alarms.set(keyText(key), key, atNs);
        return [];
      }
      case 'noted':
        onNote?.(effect.key, effect.what, host.nowNs);
        return [];
      default: {
        const { events, told } = sockets.perform(effect);
        return told === undefined ? events : [...events, ...occupant.tell(told)];
      }
    }
  }

  function leave(to: string, octets: Uint8Array): void {
    left.push({ kind: 'message', to, octets });
  }

  function onNotice(notice: HostNotice): readonly HostEvent[] {
    const event = sockets.translate(notice);
    return event === undefined ? occupant.onNotice(notice) : occupant.tell(event);
  }

  function onMessage(from: string, octets: Uint8Array): readonly HostEvent[] {
    const own = occupant.onOctets?.(from, octets);
    if (own !== undefined) return own;
    const message = openMessage(octets, seal);
    return message.ok ? occupant.tell({ kind: 'message', from, message: message.value }) : [];
  }

  function onAlarms(): readonly HostEvent[] {
    return alarms.takeDue(host.nowNs).flatMap((key) => occupant.tell({ kind: 'timeout', key }));
  }

  return {
    sockets,
    perform,
    leave,
    process: {
      step(event, nowNs): readonly ProcessEffect[] {
        left = [];
        const frames = [...drive(host, [{ kind: 'tick', nowNs }], onNotice)];
        frames.push(...drive(host, onAlarms(), onNotice));
        frames.push(...drive(host, occupant.work(), onNotice));
        if (event.kind === 'frame') {
          frames.push(...drive(host, [{ kind: 'frame', octets: event.octets }], onNotice));
        } else if (event.kind === 'message') {
          frames.push(...drive(host, onMessage(event.from, event.octets), onNotice));
        }
        return [
          ...left,
          ...frames.map((octets): ProcessEffect => ({ kind: 'frame', port: 0, octets })),
        ];
      },
      nextAtNs: () => earliest([nextAtNs(host), alarms.nextAtNs(), occupant.nextAtNs()]),
    },
  };
}

/** The earliest of times, each of which may be never. */
function earliest(times: readonly (number | undefined)[]): number | undefined {
  const set = times.filter((time) => time !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}
