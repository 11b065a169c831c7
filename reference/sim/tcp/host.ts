/**
 * A model host with a TCP: one event in, effects out; no clock, no input or output.
 *
 *   frame ─▶ checksums ─▶ MAC and address ─▶ connection ─▶ frames, notices
 *                                        └─▶ listener, or RST
 *
 * It is TCP as a Prism sees it from outside, after RFC 9293 and, where that leaves a choice, Linux.
 * Not modelled: fragments, IPv6 neighbour discovery (neighbours are given), urgent octets, ECN,
 * keep-alive, Nagle's algorithm (off), SYN cookies, data in SYN segments, signatures.
 */
import { TCP_FLAG } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import { seqAdd, seqDistance, seqNum } from '../../tcp/seq-num.ts';
import type { TcpSnapshot } from '../../tcp/snapshot.ts';
import type { Connection, TcpSettings } from './connection.ts';
import { createConnection } from './beginning.ts';
import { negotiate } from './negotiate.ts';
import type { Operation } from './operation.ts';
import { operate } from './operation.ts';
import { receive } from './receive.ts';
import { importConnection } from './repair.ts';
import type { Ends, Incoming, Segment } from './segment.ts';
import { hasFlag, readFrame, writeArpReply } from './segment.ts';
import { output, sendSyn } from './send.ts';
import type { HostDrop, HostEffect, HostState } from './state.ts';
import { connectionId, endpointId, refuse } from './state.ts';
import { endTimers, nextTimerNs } from './timers.ts';

export { exportConnection } from './repair.ts';
export { connectionId, createHost } from './state.ts';
export type { Operation } from './operation.ts';
export type { HostEffect, HostNotice, HostOptions, HostState } from './state.ts';

/** What can happen to a host. */
export type HostEvent =
  /** The octets belong to the host from now on and must not change. */
  | { readonly kind: 'frame'; readonly octets: Uint8Array }
  /** Time has come to `nowNs`; an earlier time than the last is ignored. */
  | { readonly kind: 'tick'; readonly nowNs: number }
  | { readonly kind: 'listen'; readonly local: Endpoint; settings?: Partial<TcpSettings> }
  | { readonly kind: 'unlisten'; readonly local: Endpoint }
  /** Throws where there is a connection between these ends. */
  | ({ readonly kind: 'connect'; readonly settings?: Partial<TcpSettings> } & Ends)
  /** Stays in repair mode until `thaw`. Throws where there is a connection between these ends. */
  | ({ readonly kind: 'import'; readonly snapshot: TcpSnapshot } & Ends)
  | (Operation & { readonly id: string });

/** Performs one event on `host`, in place, and says what the host does about it. */
export function step(host: HostState, event: HostEvent): readonly HostEffect[] {
  host.effects = [];
  switch (event.kind) {
    case 'frame':
      takeFrame(host, readFrame(event.octets));
      break;
    case 'tick':
      advance(host, event.nowNs);
      break;
    case 'listen':
      host.listeners.set(endpointId(event.local), { ...host.settings, ...event.settings });
      break;
    case 'unlisten':
      host.listeners.delete(endpointId(event.local));
      break;
    case 'connect':
      connect(host, event, { ...host.settings, ...event.settings });
      break;
    case 'import':
      admit(host, importConnection(host, event, event.snapshot, host.settings));
      break;
    default: {
      const connection = host.connections.get(event.id);
      if (connection !== undefined) operate(host, connection, event);
    }
  }
  return host.effects;
}

/** When the host wants a tick; undefined for never. */
export function nextAtNs({ connections }: HostState): number | undefined {
  let nextNs = Infinity;
  for (const connection of connections.values()) {
    nextNs = Math.min(nextNs, nextTimerNs(connection) ?? Infinity);
  }
  return nextNs === Infinity ? undefined : nextNs;
}

function advance(host: HostState, nowNs: number): void {
  if (nowNs <= host.nowNs) return;
  host.nowNs = nowNs;
  for (const connection of host.connections.values()) endTimers(host, connection);
}

function connect(host: HostState, { local, remote }: Ends, settings: TcpSettings): void {
  const connection = createConnection({
    id: connectionId({ local, remote }),
    local,
    remote,
    isPassive: false,
    settings,
    state: 'SYN-SENT',
    negotiated: negotiate(settings, { local, remote }, {}),
    iss: seqNum(settings.iss ?? host.random()),
    receiveNext: seqNum(0),
    timestampOffset: host.random(),
  });
  admit(host, connection);
  sendSyn(host, connection);
  output(host, connection);
}

function admit(host: HostState, connection: Connection): void {
  const { id } = connection;
  if (host.connections.has(id)) throw new Error(`there is a connection ${id} already`);
  host.connections.set(id, connection);
}

function takeFrame(host: HostState, incoming: Incoming): void {
  if (incoming.kind === 'arp') {
    const isMine = host.addresses.has(incoming.targetIp);
    if (isMine) host.effects.push({ kind: 'frame', octets: writeArpReply(host.mac, incoming) });
    return;
  }
  if (incoming.kind !== 'segment') return drop(host, incoming.kind);
  const { ends, segment, dst } = incoming;
  const { address } = ends.local;
  const isMine = dst === host.mac && (host.addresses.has(address) || host.hidden.has(address));
  if (!isMine) return drop(host, 'not-mine');
  const connection = host.connections.get(connectionId(ends));
  if (connection === undefined || isAnew(host, connection, segment)) {
    return takeFirst(host, ends, segment);
  }
  if (connection.frozen && !connection.settings.repairAcknowledges) return drop(host, 'frozen');
  receive(host, connection, segment);
}

/** A SYN that may end TIME-WAIT: it is newer than all that was. RFC 6191, RFC 9293 MAY-2. */
function isAnew(host: HostState, connection: Connection, segment: Segment): boolean {
  const { state, local, receive: side } = connection;
  const isSyn = hasFlag(segment, TCP_FLAG.SYN) && !hasFlag(segment, TCP_FLAG.ACK | TCP_FLAG.RST);
  const isNewer = seqDistance(side.next, segment.seq) > 0;
  return state === 'TIME-WAIT' && isSyn && isNewer && host.listeners.has(endpointId(local));
}

/** A segment that no connection is for. RFC 9293 sections 3.10.7.1 and 3.10.7.2. */
function takeFirst(host: HostState, { local, remote }: Ends, segment: Segment): void {
  const settings = host.listeners.get(endpointId(local));
  if (hasFlag(segment, TCP_FLAG.RST)) return;
  const isAck = hasFlag(segment, TCP_FLAG.ACK);
  if (settings === undefined || isAck) return refuse(host, { local, remote }, segment);
  if (!hasFlag(segment, TCP_FLAG.SYN)) return;
  const { timestamps } = segment.options;
  const connection = createConnection({
    id: connectionId({ local, remote }),
    local,
    remote,
    isPassive: true,
    isSigned: segment.options.signing !== undefined,
    settings,
    state: 'SYN-RECEIVED',
    negotiated: negotiate(settings, { local, remote }, segment.options),
    iss: seqNum(settings.iss ?? host.random()),
    receiveNext: seqAdd(segment.seq, 1),
    timestampOffset: host.random(),
  });
  connection.receive.timestampRecent = timestamps?.value;
  host.connections.set(connection.id, connection);
  sendSyn(host, connection);
  output(host, connection);
}

function drop(host: HostState, reason: HostDrop): void {
  host.dropped[reason] += 1;
}
