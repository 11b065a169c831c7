/** The timers of a connection: retransmission, window probe, delayed acknowledgment, the end. */
import type { Connection } from './connection.ts';
import { noteTimeout } from './acknowledgment.ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';
import { end } from './receive.ts';
import { acknowledge, probe } from './emit.ts';
import { flightOctets, output, resend, sendSyn } from './send.ts';
import type { HostState } from './state.ts';

/** Linux: tcp_retries2, tcp_orphan_retries, tcp_syn_retries, tcp_synack_retries. */
export const RETRIES_MAX = { open: 15, closed: 8, syn: 6, synAck: 5 } as const;

/** When the next timer of a connection ends; undefined when none runs. */
export function nextTimerNs({ receive, timers }: Connection): number | undefined {
  const { sendNs, endNs } = timers;
  const nextNs = Math.min(sendNs ?? Infinity, endNs ?? Infinity, receive.ackByNs ?? Infinity);
  return nextNs === Infinity ? undefined : nextNs;
}

/** Does what the timers that have ended ask for. */
export function endTimers(host: HostState, connection: Connection): void {
  const { receive, timers } = connection;
  if (timers.endNs !== undefined && timers.endNs <= host.nowNs) {
    if (connection.state === 'TIME-WAIT') host.connections.delete(connection.id);
    else end(host, connection);
    return;
  }
  if (receive.ackByNs !== undefined && receive.ackByNs <= host.nowNs) acknowledge(host, connection);
  if (timers.sendNs === undefined || timers.sendNs > host.nowNs) return;
  timers.sendNs = undefined;
  connection.retransmission.retries += 1;
  connection.retransmission.backoff += 1;
  if (connection.retransmission.retries > retriesMax(connection)) {
    end(host, connection, 'timeout');
    return;
  }
  sendAgain(host, connection);
  output(host, connection);
}

function sendAgain(host: HostState, connection: Connection): void {
  const { send, state } = connection;
  if (state === 'SYN-SENT' || state === 'SYN-RECEIVED') sendSyn(host, connection);
  else if (flightOctets(send) > 0) {
    noteTimeout(connection);
    send.cursor = resend(host, connection, send.cursor);
  } else {
    const edge = seqAdd(send.unacknowledged, send.window);
    // A small window that stays small is used in the end. RFC 9293 section 3.8.6.2.1.
    const hasRoom = seqDistance(send.cursor, edge) > 0;
    if (hasRoom) send.cursor = resend(host, connection, send.cursor, edge);
    else probe(host, connection);
  }
}

function retriesMax({ state, closed }: Connection): number {
  if (state === 'SYN-SENT') return RETRIES_MAX.syn;
  if (state === 'SYN-RECEIVED') return RETRIES_MAX.synAck;
  return closed ? RETRIES_MAX.closed : RETRIES_MAX.open;
}
