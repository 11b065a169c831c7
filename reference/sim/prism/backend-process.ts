/** A backend as a process: a model host, the agent's step function, and a model server. */
import type { AgentEffect, AgentEvent } from '../../backend/event.ts';
import { step, type AgentState } from '../../backend/step.ts';
import { openMessage, sealMessage, type Seal } from '../../handoff/codec.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { drive } from '../host-process.ts';
import type { Process, ProcessEffect } from '../network/process.ts';
import {
  nextAtNs,
  step as stepHost,
  type HostEvent,
  type HostNotice,
  type HostState,
} from '../tcp/host.ts';
import { createAlarms } from './alarms.ts';
import { earliest } from './controller-process.ts';
import type { Origin, Said } from './origin.ts';
import { createSockets } from './sockets.ts';

/** What a backend's process is made of. */
export interface BackendSeat {
  readonly host: HostState;
  readonly state: AgentState;
  /** Where its server listens, and where its end of imported connections is. */
  readonly endpoint: Endpoint;
  readonly origin: Origin;
  readonly seal: Seal;
  readonly onNote?: (key: ConnectionKey, what: string, atNs: number) => void;
}

/** A backend whose server can be reached directly, and through its agent. */
export function createBackendProcess(seat: BackendSeat): Process {
  const { host, state, endpoint, origin, seal } = seat;
  const alarms = createAlarms<ConnectionKey>();
  const sockets = createSockets(host, () => endpoint);
  /** The connections that its server has with the agent, by `keyText`. */
  const visits = new Map<string, ConnectionKey>();
  let left: ProcessEffect[] = [];

  stepHost(host, { kind: 'listen', local: endpoint });

  function tell(event: AgentEvent): readonly HostEvent[] {
    return step(state, event).flatMap(perform);
  }

  function perform(effect: AgentEffect): readonly HostEvent[] {
    switch (effect.kind) {
      case 'send': {
        const octets = sealMessage(effect.message, seal);
        left.push({ kind: 'message', to: effect.to, octets });
        return [];
      }
      case 'timer': {
        const { key, afterMs } = effect;
        const atNs = afterMs === undefined ? undefined : host.nowNs + afterMs * 1e6;
        alarms.set(keyText(key), key, atNs);
        return [];
      }
      case 'noted':
        seat.onNote?.(effect.key, effect.what, host.nowNs);
        return [];
      case 'server-open':
        visits.set(keyText(effect.key), effect.key);
        return [];
      case 'server-write':
        origin.take(keyText(effect.key), effect.octets, host.nowNs);
        return [];
      case 'server-finish':
      case 'server-abort':
        visits.delete(keyText(effect.key));
        origin.close(keyText(effect.key));
        return [];
      default: {
        const { events, told } = sockets.perform(effect);
        return told === undefined ? events : [...events, ...tell(told)];
      }
    }
  }

  function onNotice(notice: HostNotice): readonly HostEvent[] {
    const event = sockets.translate(notice);
    if (event !== undefined) return tell(event);
    const { id } = notice;
    if (notice.kind === 'received') origin.take(id, notice.octets, host.nowNs);
    else if (notice.kind === 'peer-finished') return [{ kind: 'finish', id }];
    else if (notice.kind === 'reset') origin.close(id);
    return [];
  }

  /** What the server has said: to the agent, or to a socket of its own. */
  function onSaid({ id, octets, isLast }: Said): readonly HostEvent[] {
    const key = visits.get(id);
    if (key === undefined) {
      if (!host.connections.has(id)) return [];
      return [{ kind: 'write', id, octets }, ...(isLast ? [{ kind: 'finish', id } as const] : [])];
    }
    const served = tell({ kind: 'served', key, octets });
    return isLast ? [...served, ...tell({ kind: 'server-finished', key })] : served;
  }

  function onMessage(from: string, octets: Uint8Array): readonly HostEvent[] {
    const message = openMessage(octets, seal);
    return message.ok ? tell({ kind: 'message', from, message: message.value }) : [];
  }

  return {
    step(event, nowNs): readonly ProcessEffect[] {
      left = [];
      const frames = [...drive(host, [{ kind: 'tick', nowNs }], onNotice)];
      const due = alarms.takeDue(nowNs);
      frames.push(
        ...drive(
          host,
          due.flatMap((key) => tell({ kind: 'timeout', key })),
          onNotice,
        ),
      );
      frames.push(...drive(host, origin.say(nowNs).flatMap(onSaid), onNotice));
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
    nextAtNs: () => earliest(earliest(nextAtNs(host), alarms.nextAtNs()), origin.nextAtNs()),
  };
}
