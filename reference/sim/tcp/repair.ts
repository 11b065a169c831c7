/**
 * A connection taken out of one host and continued at another, as TCP_REPAIR does it.
 *
 * What a snapshot does not hold is lost on the way, as it is in the kernel: octets that came out of
 * order, what the peer selectively acknowledged, round-trip time, congestion window.
 */
import type { Result } from 'scapy-ts';
import { seqAdd } from '../../tcp/seq-num.ts';
import type { TcpSnapshot } from '../../tcp/snapshot.ts';
import type { Connection, TcpSettings, TcpState } from './connection.ts';
import { createConnection } from './beginning.ts';
import { append, peek, queueLength } from './octet-queue.ts';
import type { Ends } from './segment.ts';
import { timestampNow, timestampTicks } from './emit.ts';
import { flightOctets } from './send.ts';
import type { HostState } from './state.ts';
import { connectionId } from './state.ts';

/** Why a connection cannot be exported; nothing has changed then. */
export type ExportError =
  | { readonly kind: 'unknown-connection'; readonly id: string }
  /** Another host could not continue it: only ESTABLISHED can be. */
  | { readonly kind: 'state'; readonly id: string; readonly state: TcpState };

/**
 * Puts a socket in repair mode, and reads all that another host needs.
 *
 * The socket stays, and in repair mode still receives and acknowledges (unless `repairAcknowledges`
 * is off): what comes after the snapshot is lost with the socket. Hence lock first.
 */
export function exportConnection(host: HostState, id: string): Result<TcpSnapshot, ExportError> {
  const connection = host.connections.get(id);
  if (connection === undefined) return { ok: false, error: { kind: 'unknown-connection', id } };
  const { state, send, receive, negotiated } = connection;
  if (state !== 'ESTABLISHED') return { ok: false, error: { kind: 'state', id, state } };
  connection.frozen = true;
  connection.timers.sendNs = undefined;
  const sent = flightOctets(send);
  const snapshot: TcpSnapshot = {
    sendUnacknowledged: send.unacknowledged,
    sent: peek(send.queue, 0, sent).slice(),
    unsent: peek(send.queue, sent, queueLength(send.queue) - sent).slice(),
    receiveNext: receive.next,
    unread: peek(receive.unread, 0, queueLength(receive.unread)).slice(),
    negotiated,
    windows: {
      send: send.window,
      sendMax: send.windowMax,
      sendUpdate: send.windowUpdate,
      receive: receive.window,
      receiveUpdate: receive.updated,
    },
    timestampNow: negotiated.timestamps ? timestampNow(host, connection) : 0,
    timestampRecent: (negotiated.timestamps ? receive.timestampRecent : undefined) ?? 0,
  };
  return { ok: true, value: snapshot };
}

/** A connection that continues where the snapshot was taken; in repair mode, and not yet sending. */
export function importConnection(
  host: HostState,
  { local, remote }: Ends,
  snapshot: TcpSnapshot,
  settings: TcpSettings,
): Connection {
  const { sendUnacknowledged, sent, unsent, windows, timestampRecent } = snapshot;
  const connection = createConnection({
    id: connectionId({ local, remote }),
    local,
    remote,
    isPassive: true,
    settings,
    state: 'ESTABLISHED',
    negotiated: snapshot.negotiated,
    iss: seqAdd(sendUnacknowledged, -1),
    receiveNext: snapshot.receiveNext,
    timestampOffset: snapshot.timestampNow - timestampTicks(host),
  });
  const { send, receive } = connection;
  append(send.queue, sent);
  append(send.queue, unsent);
  send.unacknowledged = sendUnacknowledged;
  send.queueStart = sendUnacknowledged;
  send.next = seqAdd(sendUnacknowledged, sent.length);
  send.cursor = send.next;
  send.window = windows.send;
  send.windowMax = windows.sendMax;
  send.windowUpdate = windows.sendUpdate;
  append(receive.unread, snapshot.unread);
  receive.updated = windows.receiveUpdate;
  receive.window = windows.receive;
  receive.timestampRecent = timestampRecent === 0 ? undefined : timestampRecent;
  connection.frozen = true;
  return connection;
}
