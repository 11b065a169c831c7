/**
 * A packet of no connection: what has to be true before a server is chosen for it.
 *
 *   a service's address? ─▶ a client's? ─▶ permitted? ─▶ a service's port? ─▶ opens one? ─▶ TTL left?
 *        ─▶ a server that can take it? ─▶ room? ─▶ a new connection
 *
 * Nothing is remembered of what is refused.
 */
import type { MacAddress } from 'scapy-ts';
import { PROTOCOL } from 'scapy-ts';
import { keyOf } from '../policy/key.ts';
import type { SegmentView } from '../rules/frame-view.ts';
import { destinationAt, hopLimitAt } from '../rules/frame-view.ts';
import { findKeyFault } from '../rules/rule-fault.ts';
import { addressOctets } from '../rules/plan.ts';
import { TCP_AT } from '../tcp/header.ts';
import { readUint16, readUint8, writeUint16 } from '../tcp/word.ts';
import type { Visit } from './access.ts';
import { isPermitted } from './access.ts';
import type { Protocol } from './config.ts';
import type { Connection, Ends } from './connection.ts';
import { createConnection, serverKey } from './connection.ts';
import type { Flow } from './connection-table.ts';
import { findFlow, insert, makeRoom, remove } from './connection-table.ts';
import type { DropReason } from './counters.ts';
import { macAt, MAC_AT, readAddress } from './link.ts';
import type { DatagramView } from './packet.ts';
import { protocolOf } from './packet.ts';
import type { Phase, Segment } from './phase.ts';
import { FLAG, isOver, opens } from './phase.ts';
import type { End } from './plans.ts';
import type { Member, Pool } from './pool.ts';
import { choose } from './pool.ts';
import { tally } from './rate.ts';
import { findPool } from './service-index.ts';
import type { BalancerState } from './state.ts';

/** A packet that belongs to no connection. */
export interface Caller extends Ends {
  readonly protocol: Protocol;
  /** Undefined under UDP. */
  readonly segment: Segment | undefined;
  readonly lastHop: MacAddress;
  readonly ttl: number;
}

/** Who sends a packet, which belongs to no connection, to whom. */
export function callerOf(
  octets: Uint8Array,
  view: SegmentView | DatagramView,
  segment: Segment | undefined,
): Caller {
  const { ip } = view;
  return {
    protocol: protocolOf(view),
    client: {
      address: readAddress(octets, ip.sourceAt),
      port: readUint16(octets, ip.transportAt + TCP_AT.srcPort),
    },
    virtual: {
      address: readAddress(octets, destinationAt(ip)),
      port: readUint16(octets, ip.transportAt + TCP_AT.dstPort),
    },
    segment,
    lastHop: macAt(octets, MAC_AT.source),
    ttl: readUint8(octets, hopLimitAt(ip)),
  };
}

/** Makes a connection for a packet, or says why there is none. */
export function open(state: BalancerState, caller: Caller): Flow | DropReason {
  const { config, services } = state;
  const { protocol, virtual, segment } = caller;
  if (!services.virtuals.has(virtual.address)) return 'not-here';
  const fault = refuseClient(state, visitOf(protocol, caller));
  if (fault !== undefined) return fault;
  const pool = findPool(services, { address: virtual.address, protocol }, virtual.port);
  if (pool === undefined) return 'closed-port';
  const phase = phaseOf(segment, config.strays === 'hash');
  if (phase === undefined) return 'stray';
  if (pool.service.mode === 'nat' && caller.ttl <= config.hops) return 'hop-limit';
  if (phase !== 'adopted') pool.counts.syns += 1;
  const found = bind(state, caller, pool, phase);
  if (typeof found === 'string') pool.counts.refused += 1;
  else tally(state.rate, state.nowMs);
  return found;
}

/** Why somebody may not be a client; undefined if he may. */
export function refuseClient(
  { config, services }: BalancerState,
  visit: Visit,
): DropReason | undefined {
  const { source, destination } = visit;
  const isOwn = services.virtuals.has(source) || config.addresses.includes(source);
  // An echo has no ports, and is of a host or not with any.
  const client: End = { address: source, port: visit.sourcePort ?? 1 };
  const virtual: End = { address: destination, port: visit.destinationPort ?? 1 };
  if (isOwn || findKeyFault({ client, virtual }) !== undefined) return 'martian';
  return isPermitted(config.access, visit) ? undefined : 'denied';
}

/** Whether a connection may go on under the access list of now. */
export function isStillPermitted(
  { config: { access } }: BalancerState,
  connection: Connection,
): boolean {
  if (access.established === 'keep') return true;
  if (connection.access !== access) {
    connection.access = access;
    connection.isPermitted = isPermitted(access, visitOf(connection.protocol, connection.ends));
  }
  return connection.isPermitted;
}

function visitOf(protocol: Protocol, { client, virtual }: Ends): Visit {
  return {
    protocol,
    source: client.address,
    sourcePort: client.port,
    destination: virtual.address,
    destinationPort: virtual.port,
  };
}

function bind(state: BalancerState, caller: Caller, pool: Pool, phase: Phase): Flow | DropReason {
  const { table, config, nowMs } = state;
  const ends: Ends = { client: caller.client, virtual: caller.virtual };
  const key = keyOf(pool.service.policy, {
    source: addressOctets(caller.client.address),
    connection: connectionOctets(caller),
  });
  const isTaken = (each: Member): boolean => {
    const rival = findRival(state, pool, each, ends);
    return rival !== undefined && !isOver(rival);
  };
  const member = choose(pool, { nowMs, key, isTaken });
  if (member === undefined) return 'no-server';
  const ended = findRival(state, pool, member, ends);
  if (ended !== undefined) remove(table, ended);
  if (!makeRoom(table, config.limits)) return 'table-full';
  const connection = createConnection({
    ends,
    pool,
    member,
    phase,
    clientIsn: caller.segment?.seq,
    hops: config.hops,
    access: config.access,
    lastHop: caller.lastHop,
    nowMs,
  });
  return insert(table, connection);
}

/**
 * The connection that the client has to a server already, by another virtual endpoint.
 *
 * The server could not tell the two apart: both come from one address and port.
 */
function findRival(
  { table, config, nowMs }: BalancerState,
  pool: Pool,
  member: Member,
  ends: Ends,
): Connection | undefined {
  const key = serverKey(pool, member, ends);
  if (key === undefined) return undefined;
  return findFlow(table, key, config.timers, nowMs)?.connection;
}

/** The phase in which a packet would open a connection; undefined if it would not. */
function phaseOf(segment: Segment | undefined, mayAdopt: boolean): Phase | undefined {
  if (segment === undefined) return 'asked';
  if (opens(segment)) return 'opening';
  return mayAdopt && (segment.flags & FLAG.rst) === 0 ? 'adopted' : undefined;
}

/** Addresses, ports and protocol, each in network order: the same at every switch. */
function connectionOctets({ client, virtual, protocol }: Caller): Uint8Array {
  const octets = new Uint8Array(13);
  octets.set(addressOctets(client.address));
  octets.set(addressOctets(virtual.address), 4);
  writeUint16(octets, 8, client.port);
  writeUint16(octets, 10, virtual.port);
  octets[12] = protocol === 'tcp' ? PROTOCOL.tcp : PROTOCOL.udp;
  return octets;
}
