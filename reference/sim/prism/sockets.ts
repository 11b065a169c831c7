/** The clients' connections of a model host, by key, as controller and agent speak of them. */
import type { SocketEffect, SocketEvent } from '../../owner/socket.ts';
import type { ConnectionKey, Endpoint } from '../../rules/rule.ts';
import {
  connectionId,
  exportConnection,
  type HostEvent,
  type HostNotice,
  type HostState,
} from '../tcp/host.ts';

/** What comes of an effect: events for the host, and what is known at once. */
export interface SocketOutcome {
  readonly events: readonly HostEvent[];
  readonly told?: SocketEvent;
}

/** The connections of clients at a host, whose end of them is `localOf`. */
export interface Sockets {
  perform(effect: SocketEffect): SocketOutcome;
  /** A notice about a client's connection; undefined where it is about another. */
  translate(notice: HostNotice): SocketEvent | undefined;
  /** A client has connected by itself. */
  adopt(key: ConnectionKey): void;
}

/** The connections of no client yet. */
export function createSockets(host: HostState, localOf: (key: ConnectionKey) => Endpoint): Sockets {
  const keys = new Map<string, ConnectionKey>();
  const endsOf = (key: ConnectionKey): { local: Endpoint; remote: Endpoint } => {
    return { local: localOf(key), remote: key.client };
  };
  const idOf = (key: ConnectionKey): string => connectionId(endsOf(key));

  function exportSocket(key: ConnectionKey): SocketOutcome {
    const id = idOf(key);
    const taken = exportConnection(host, id);
    if (!taken.ok) {
      const reason = taken.error.kind === 'state' ? taken.error.state : 'it is gone';
      return { events: [], told: { kind: 'export-failed', key, reason } };
    }
    keys.delete(id);
    const told: SocketEvent = { kind: 'exported', key, snapshot: taken.value };
    return { events: [{ kind: 'drop', id }], told };
  }

  return {
    adopt(key): void {
      keys.set(idOf(key), key);
    },
    perform(effect): SocketOutcome {
      const { key } = effect;
      const id = idOf(key);
      switch (effect.kind) {
        case 'write':
          return { events: [{ kind: 'write', id, octets: effect.octets }] };
        case 'export':
          return exportSocket(key);
        case 'import':
          if (host.connections.has(id)) {
            const reason = 'there is such a connection';
            return { events: [], told: { kind: 'import-failed', key, reason } };
          }
          keys.set(id, key);
          return {
            events: [{ kind: 'import', ...endsOf(key), snapshot: effect.snapshot }],
            told: { kind: 'imported', key },
          };
        case 'abort':
        case 'drop':
          keys.delete(id);
          return { events: [{ kind: effect.kind, id }] };
        case 'settle':
          // A model host says so by itself.
          return { events: [] };
        case 'finish':
        case 'thaw':
        case 'pause':
        case 'resume':
          return { events: [{ kind: effect.kind, id }] };
        default:
          return effect satisfies never;
      }
    },
    translate(notice): SocketEvent | undefined {
      const key = keys.get(notice.id);
      if (key === undefined) return undefined;
      switch (notice.kind) {
        case 'received':
          return { kind: 'received', key, octets: notice.octets };
        case 'peer-finished':
          return { kind: 'peer-finished', key };
        case 'reset':
          keys.delete(notice.id);
          return { kind: 'reset', key };
        case 'closed':
          keys.delete(notice.id);
          return { kind: 'ended', key };
        case 'sent-all':
          return { kind: 'sent-all', key };
        case 'opened':
          return undefined;
        default:
          return notice satisfies never;
      }
    },
  };
}
