/** A backend as a process: a station, the agent's step function, and a model server. */
import type { AgentEffect, AgentEvent } from '../../backend/event.ts';
import { step, type AgentState } from '../../backend/step.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import type { Process } from '../network/process.ts';
import { step as stepHost, type HostEvent, type HostNotice } from '../tcp/host.ts';
import type { Origin, Said } from './origin.ts';
import { createStation, type Seat } from './station.ts';

/** What a backend's process is made of. */
export interface BackendSeat extends Seat {
  readonly state: AgentState;
  /** Where its server listens, and where its end of imported connections is. */
  readonly endpoint: Endpoint;
  /** Where the latter is if it is elsewhere. */
  readonly owned?: Endpoint;
  readonly origin: Origin;
}

/** A backend whose server can be reached directly, and through its agent. */
export function createBackendProcess(seat: BackendSeat): Process {
  const { host, state, endpoint, owned = endpoint, origin } = seat;
  /** The connections that its server has with the agent, by `keyText`. */
  const visits = new Map<string, ConnectionKey>();
  const station = createStation(seat, {
    localOf: () => owned,
    tell,
    onNotice,
    work: () => origin.say(host.nowNs).flatMap(onSaid),
    nextAtNs: origin.nextAtNs,
  });

  stepHost(host, { kind: 'listen', local: endpoint });

  function tell(event: AgentEvent): readonly HostEvent[] {
    return step(state, event).flatMap(perform);
  }

  function perform(effect: AgentEffect): readonly HostEvent[] {
    switch (effect.kind) {
      case 'server-open':
        visits.set(keyText(effect.key), effect.key);
        return [];
      case 'server-write':
        origin.take(keyText(effect.key), effect.octets, host.nowNs);
        return [];
      case 'server-finish':
        leaveServer(effect.key);
        // A server that is told that nothing more will come says nothing more either.
        return tell({ kind: 'server-finished', key: effect.key });
      case 'server-abort':
        leaveServer(effect.key);
        return [];
      default:
        return station.perform(effect);
    }
  }

  function leaveServer(key: ConnectionKey): void {
    visits.delete(keyText(key));
    origin.close(keyText(key));
  }

  /** The server's own connections: those of a controller that passes requests on. */
  function onNotice(notice: HostNotice): readonly HostEvent[] {
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

  return station.process;
}
