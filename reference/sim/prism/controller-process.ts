/** The controller as a process: a model host, the step function, and its alarms. */
import type { Command } from '../../control/command.ts';
import { decodeReply, encodeCommand, type ReplyPart } from '../../control/codec.ts';
import type { ControllerEffect, ControllerEvent } from '../../controller/event.ts';
import { step, type ControllerState } from '../../controller/step.ts';
import { openMessage, sealMessage, type Seal } from '../../handoff/codec.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { drive } from '../host-process.ts';
import type { Process, ProcessEffect } from '../network/process.ts';
import {
  connectionId,
  nextAtNs,
  step as stepHost,
  type HostEvent,
  type HostNotice,
  type HostState,
} from '../tcp/host.ts';
import { createAlarms } from './alarms.ts';
import { createSockets, type SocketEffect } from './sockets.ts';

/** What a controller's process is made of. */
export interface ControllerSeat {
  readonly host: HostState;
  readonly state: ControllerState;
  readonly virtual: Endpoint;
  /** Where the connections to backends come from. */
  readonly address: Endpoint['address'];
  readonly servers: ReadonlyMap<string, Endpoint>;
  readonly seal: Seal;
  readonly heartbeatNs: number;
  readonly onNote?: (key: ConnectionKey, what: string, atNs: number) => void;
}

const FIRST_PORT = 32_768;

/** A controller that listens at the virtual endpoint; channels lead to `switch` and the backends. */
export function createControllerProcess(seat: ControllerSeat): Process {
  const { host, state, virtual, seal } = seat;
  const alarms = createAlarms<ConnectionKey | 'heartbeat'>();
  const sockets = createSockets(host, ({ virtual: local }) => local);
  const asked = new Map<number, { readonly key: ConnectionKey; readonly epoch: number }>();
  const listings = new Map<number, ReplyPart[]>();
  const upstreams = new Map<string, ConnectionKey>();
  const upstreamIds = new Map<string, string>();
  let lastRequest = 0;
  let lastPort = FIRST_PORT;
  let left: ProcessEffect[] = [];

  stepHost(host, { kind: 'listen', local: virtual });
  alarms.set('heartbeat', 'heartbeat', 0);

  function tell(event: ControllerEvent): readonly HostEvent[] {
    return step(state, event).flatMap(perform);
  }

  function perform(effect: ControllerEffect): readonly HostEvent[] {
    switch (effect.kind) {
      case 'send': {
        const octets = sealMessage(effect.message, seal);
        left.push({ kind: 'message', to: effect.to, octets });
        return [];
      }
      case 'command':
        command(effect.key, effect.command);
        return [];
      case 'list':
        lastRequest += 1;
        listings.set(lastRequest, []);
        left.push({
          kind: 'message',
          to: 'switch',
          octets: encodeCommand({ requestId: lastRequest, command: { op: 'get' } }),
        });
        return [];
      case 'timer': {
        const { key, afterMs } = effect;
        const atNs = afterMs === undefined ? undefined : host.nowNs + afterMs * 1e6;
        alarms.set(keyText(key), key, atNs);
        return [];
      }
      case 'noted':
        seat.onNote?.(effect.key, effect.what, host.nowNs);
        return [];
      case 'upstream-open':
        return openUpstream(effect.key, effect.backend);
      case 'upstream-write':
      case 'upstream-finish':
      case 'upstream-abort':
        return useUpstream(effect);
      default:
        return useSocket(effect);
    }
  }

  function useSocket(effect: SocketEffect): readonly HostEvent[] {
    const { events, told } = sockets.perform(effect);
    return told === undefined ? events : [...events, ...tell(told)];
  }

  function command(key: ConnectionKey, given: Command): void {
    lastRequest += 1;
    if (given.op !== 'get') asked.set(lastRequest, { key, epoch: given.epoch });
    const octets = encodeCommand({ requestId: lastRequest, command: given });
    left.push({ kind: 'message', to: 'switch', octets });
  }

  function openUpstream(key: ConnectionKey, backend: string): readonly HostEvent[] {
    const remote = seat.servers.get(backend);
    if (remote === undefined) return tell({ kind: 'upstream-failed', key });
    lastPort += 1;
    const local = { address: seat.address, port: lastPort };
    const id = connectionId({ local, remote });
    upstreams.set(id, key);
    upstreamIds.set(keyText(key), id);
    return [{ kind: 'connect', local, remote }];
  }

  function useUpstream(
    effect: Extract<
      ControllerEffect,
      { kind: 'upstream-write' | 'upstream-finish' | 'upstream-abort' }
    >,
  ): readonly HostEvent[] {
    const id = upstreamIds.get(keyText(effect.key));
    if (id === undefined) return [];
    if (effect.kind === 'upstream-write') return [{ kind: 'write', id, octets: effect.octets }];
    upstreams.delete(id);
    upstreamIds.delete(keyText(effect.key));
    return [{ kind: effect.kind === 'upstream-finish' ? 'close' : 'abort', id }];
  }

  function onNotice(notice: HostNotice): readonly HostEvent[] {
    const key = upstreams.get(notice.id);
    if (key !== undefined) return onUpstream(key, notice);
    if (notice.kind === 'opened' && notice.isPassive) {
      const opened = { client: notice.remote, virtual: notice.local };
      sockets.adopt(opened);
      return tell({ kind: 'opened', key: opened });
    }
    const event = sockets.translate(notice);
    return event === undefined ? [] : tell(event);
  }

  function onUpstream(key: ConnectionKey, notice: HostNotice): readonly HostEvent[] {
    switch (notice.kind) {
      case 'opened':
        return tell({ kind: 'upstream-opened', key });
      case 'received':
        return tell({ kind: 'upstream-received', key, octets: notice.octets });
      case 'peer-finished':
        return tell({ kind: 'upstream-finished', key });
      case 'reset':
        return tell({ kind: 'upstream-failed', key });
      case 'closed':
      case 'sent-all':
        return [];
      default:
        return notice satisfies never;
    }
  }

  function onMessage(from: string, octets: Uint8Array): readonly HostEvent[] {
    if (from !== 'switch') {
      const message = openMessage(octets, seal);
      return message.ok ? tell({ kind: 'message', from, message: message.value }) : [];
    }
    const part = decodeReply(octets);
    if (part === undefined) return [];
    const { requestId, reply } = part;
    const listing = listings.get(requestId);
    if (listing !== undefined) return onListing(requestId, listing, part);
    const about = asked.get(requestId);
    asked.delete(requestId);
    if (about === undefined) return [];
    const error = reply.ok ? undefined : reply.error;
    return tell({ kind: 'replied', ...about, error });
  }

  /** A list comes in parts, each of which may be lost, late or doubled. */
  function onListing(
    requestId: number,
    listing: ReplyPart[],
    part: ReplyPart,
  ): readonly HostEvent[] {
    if (listing.some((each) => each.part === part.part)) return [];
    listing.push(part);
    if (listing.length < part.parts) return [];
    listings.delete(requestId);
    const rules = listing.flatMap(({ reply }) => (reply.ok ? reply.rules : []));
    return tell({ kind: 'listed', rules });
  }

  function onAlarms(): readonly HostEvent[] {
    return alarms.takeDue(host.nowNs).flatMap((due) => {
      if (due !== 'heartbeat') return tell({ kind: 'timeout', key: due });
      alarms.set('heartbeat', 'heartbeat', host.nowNs + seat.heartbeatNs);
      return tell({ kind: 'heartbeat' });
    });
  }

  return {
    step(event, nowNs): readonly ProcessEffect[] {
      left = [];
      const frames = [...drive(host, [{ kind: 'tick', nowNs }], onNotice)];
      frames.push(...drive(host, onAlarms(), onNotice));
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
    nextAtNs: () => earliest(nextAtNs(host), alarms.nextAtNs()),
  };
}

/** The earlier of two times, either of which may be never. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
