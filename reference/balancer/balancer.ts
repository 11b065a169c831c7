/**
 * The server switch: one event in, effects out; no clock, no randomness, no input or output.
 *
 * A frame travels one way:
 *
 *   in ─▶ learn ─▶ ARP? ─▶ asked for an address of the switch: answered
 *           │
 *           ├─ not sent to the switch's MAC address, nor by a server to its client ─▶ bridged
 *           ├─ another switch is active ─▶ dropped
 *           ▼
 *         view ─▶ sound? ─▶ echo request ─▶ answered
 *           │
 *           ├─ ICMP error ─▶ the connection of what it quotes ──────────────────────────────┐
 *           ├─ later fragment ─▶ the connection of its first ───────────────────────────────┤
 *           ▼                                                                               │
 *      segment, datagram ─▶ its connection ─ none, or it asks for a new one ─▶ open ─┐      │
 *           │                                 refused: dropped, or reset ◀───────────┤      │
 *           ├────────────────────────────────────────────────────────────────────────┘      │
 *           ▼                                                                               ▼
 *      permitted? server there? ─▶ TTL, size ─▶ how far the connection has come ─▶ rewritten and out
 *
 * Which server serves a connection is decided in `open`, once, and nowhere else.
 */
import type { SegmentView } from '../rules/frame-view.ts';
import { ETHERNET_OCTETS, findEtherType, hasIpOptions } from '../rules/frame-view.ts';
import { readFlowKey, readReplyKey } from '../switch/flow-key.ts';
import { learn, readMac } from '../switch/mac-table.ts';
import { readUint16, readUint8 } from '../tcp/word.ts';
import { spend } from './allowance.ts';
import type { Asked } from './answer.ts';
import { errorFor, resetFor } from './answer.ts';
import type { Configured, HealthReport, LoadMessage } from './change.ts';
import { advance, configure, noteHealth, noteLoad } from './change.ts';
import type { BalancerOptions } from './config.ts';
import type { Connection } from './connection.ts';
import { markKey } from './connection.ts';
import type { Flow } from './connection-table.ts';
import { expire, findFlow, remove, touch } from './connection-table.ts';
import type { DropReason } from './counters.ts';
import { deliver, findObstacle } from './delivery.ts';
import { recallFirst, rememberFirst } from './fragments.ts';
import { hearArp, hearEcho } from './host.ts';
import type { Emission } from './link.ts';
import { emit, macAt, MAC_AT } from './link.ts';
import { callerOf, isStillPermitted, open } from './opening.ts';
import type { CarriedView, DatagramView, ErrorView, LaterView, PacketView } from './packet.ts';
import { isSound, isSoundIcmp, protocolOf, readSegment, viewPacket } from './packet.ts';
import type { Phase, Segment } from './phase.ts';
import {
  hearClient,
  hearDatagram,
  hearServer,
  isHalfOpen,
  isNonsense,
  isOver,
  opens,
  reset,
} from './phase.ts';
import { isServing } from './pool.ts';
import type { BalancerState } from './state.ts';
import { listen, take } from './takeover.ts';

export { createBalancer } from './state.ts';
export type { BalancerState } from './state.ts';

/** What can happen to a server switch. */
export type BalancerEvent =
  /** A frame comes in; its octets must not change from now on. */
  | { readonly kind: 'frame'; readonly port: number; readonly octets: Uint8Array }
  | { readonly kind: 'configure'; readonly options: BalancerOptions }
  | ({ readonly kind: 'health' } & HealthReport)
  | ({ readonly kind: 'load' } & LoadMessage)
  /** The switch becomes the active one of several, or a candidate for it; or ends being so. */
  | { readonly kind: 'role'; readonly isActive: boolean }
  /** Time has come to `nowNs`, which is never earlier than the last. */
  | { readonly kind: 'tick'; readonly nowNs: bigint };

/** What a server switch does about an event, in order. */
export type Effect = Emission | Configured;

/** A packet that was sent to the switch, and where it came in. */
interface Arrival<View> {
  readonly port: number;
  readonly octets: Uint8Array;
  readonly view: View;
}

type Transport = SegmentView | DatagramView;

/** Most connections of one queue that a frame forgets, of those that are due. */
const EXPIRED_PER_FRAME = 4;
const ETHER_TYPE_ARP = 0x0806;
const NOTHING: readonly Effect[] = [];

/**
 * Performs one event on `state`, in place, and says what the switch does about it.
 *
 * Throws RangeError for a frame at a port that the switch does not have.
 */
export function step(state: BalancerState, event: BalancerEvent): readonly Effect[] {
  switch (event.kind) {
    case 'frame':
      return receive(state, event.port, event.octets);
    case 'configure':
      return configure(state, event.options);
    case 'health':
      noteHealth(state, event);
      return NOTHING;
    case 'load':
      noteLoad(state, event);
      return NOTHING;
    case 'role':
      return take(state, event.isActive);
    case 'tick':
      return advance(state, event.nowNs);
    default:
      return event satisfies never;
  }
}

function receive(state: BalancerState, port: number, octets: Uint8Array): readonly Effect[] {
  const { config, table, macs, nowMs } = state;
  if (!config.ports.includes(port)) throw new RangeError(`no port ${port}`);
  if (state.mayBeDue) state.mayBeDue = expire(table, config.timers, nowMs, EXPIRED_PER_FRAME);
  if (octets.length < ETHERNET_OCTETS) return drop(state, 'runt');
  const typeAt = findEtherType(octets);
  const tagOctets = typeAt + 2 - ETHERNET_OCTETS;
  if (octets.length > config.limits.frameOctets + tagOctets) return drop(state, 'oversize');
  const isOwn = readMac(octets, MAC_AT.source) === config.mac;
  if (!isOwn) learn(macs, octets, port, state.nowNs, config.limits.stations);
  const answer = readUint16(octets, typeAt) === ETHER_TYPE_ARP ? hearArp(state, octets) : undefined;
  if (answer !== undefined) return [emit(port, answer)];
  const isForUs = readMac(octets, MAC_AT.destination) === config.mac;
  if (isForUs && !state.isActive) return drop(state, 'standby');
  const view = viewPacket(octets, typeAt);
  // A server beside its client need not answer through its gateway, and is translated all the same.
  const isServed = isForUs || (state.isActive && flowOf(state, octets, view)?.side === 'server');
  if (isServed) return serve(state, { port, octets, view });
  return [...listen(state, octets), ...bridge(state, port, octets)];
}

/** What is not sent to the switch passes it as any bridge, or not at all. */
function bridge(state: BalancerState, from: number, octets: Uint8Array): readonly Effect[] {
  const { config, macs } = state;
  if (config.others === 'drop') return drop(state, 'other');
  const station = macs.get(readMac(octets, MAC_AT.destination));
  if (station?.port === from) return drop(state, 'same-port');
  if (station !== undefined) return [emit(station.port, octets)];
  return config.ports.filter((port) => port !== from).map((port) => emit(port, octets));
}

function serve(state: BalancerState, arrival: Arrival<PacketView>): readonly Effect[] {
  const { config, counters } = state;
  const { port, octets, view } = arrival;
  if (view.kind === 'other') return drop(state, 'not-here');
  // Of a group no frame comes; an answer to it would go to all of them.
  const isOfGroup = (readUint8(octets, MAC_AT.source) & 1) === 1;
  if (view.kind === 'opaque' || isOfGroup) return drop(state, 'malformed');
  if (!isSound(octets, view.ip)) return drop(state, 'damaged');
  if (hasIpOptions(view.ip)) {
    counters.optioned += 1;
    if (config.ipOptions === 'drop') return drop(state, 'ip-options');
  }
  if (view.kind === 'later' || ('isFirstFragment' in view && view.isFirstFragment)) {
    counters.fragments += 1;
    if (config.fragments === 'drop') return drop(state, 'fragment');
  }
  switch (view.kind) {
    case 'echo': {
      const answer = hearEcho(state, octets, view);
      return typeof answer === 'string' ? drop(state, answer) : say(state, port, answer);
    }
    case 'error':
      if (!isSoundIcmp(octets, view.ip)) return drop(state, 'damaged');
      return follow(state, { port, octets, view }, 'stray-error');
    case 'later':
      return follow(state, { port, octets, view }, 'fragment');
    case 'segment':
    case 'datagram':
      return carry(state, { port, octets, view });
    default:
      return view satisfies never;
  }
}

/** The connection that a packet belongs to, and who sent it; an error is as a reply to its quote. */
function flowOf(state: BalancerState, octets: Uint8Array, view: PacketView): Flow | undefined {
  const { table, config, nowMs, datagrams } = state;
  switch (view.kind) {
    case 'segment':
    case 'datagram': {
      const key = markKey(protocolOf(view), readFlowKey(octets, view.ip));
      return findFlow(table, key, config.timers, nowMs);
    }
    case 'error': {
      const key = markKey(view.protocol, readReplyKey(octets, view.quote));
      return findFlow(table, key, config.timers, nowMs);
    }
    case 'later':
      return recallFirst(datagrams, octets, view.ip, table);
    default:
      return undefined;
  }
}

/** What has no ports of its own, to where its connection leads; it keeps none alive. RFC 5508. */
function follow(
  state: BalancerState,
  arrival: Arrival<ErrorView | LaterView>,
  otherwise: DropReason,
): readonly Effect[] {
  const flow = flowOf(state, arrival.octets, arrival.view);
  return flow === undefined ? drop(state, otherwise) : pass(state, arrival, flow);
}

function carry(state: BalancerState, arrival: Arrival<Transport>): readonly Effect[] {
  const { octets, view } = arrival;
  const segment = view.kind === 'segment' ? readSegment(octets, view.ip) : undefined;
  if (segment !== undefined && isNonsense(segment)) return drop(state, 'malformed');
  const flow = flowOf(state, octets, view);
  const isNew = flow?.side === 'client' && asksAnew(flow.connection, segment);
  if (isNew) remove(state.table, flow.connection);
  if (flow !== undefined && !isNew) {
    const isAgain = segment !== undefined && opens(segment);
    if (isAgain) flow.connection.pool.counts.syns += 1;
    return passOn(state, arrival, flow, segment);
  }
  const found = open(state, callerOf(octets, view, segment));
  if (typeof found === 'string') return refuse(state, arrival, found);
  return passOn(state, arrival, found, segment);
}

/**
 * Whether a packet of a known connection asks for another one, and so for a server of its own choice.
 *
 * A SYN with the number of the old one is the old one, late. While a connection lives a SYN goes to
 * its server, which knows what to say to it (RFC 9293 section 3.10.7.4); half open, it goes to another
 * only if that server is down.
 */
function asksAnew(connection: Connection, segment: Segment | undefined): boolean {
  const hasServer = isServing(connection.member);
  if (segment === undefined) {
    return !hasServer && (isHalfOpen(connection) || connection.departed === 'reset');
  }
  if (!opens(segment)) return false;
  return isOver(connection)
    ? segment.seq !== connection.clientIsn
    : isHalfOpen(connection) && !hasServer;
}

/** A segment or datagram of a connection: as `pass`, and the connection has come further. */
function passOn(
  state: BalancerState,
  arrival: Arrival<Transport>,
  flow: Flow,
  segment: Segment | undefined,
): readonly Effect[] {
  const { octets, view } = arrival;
  const { config, table, nowMs } = state;
  const { connection, side } = flow;
  const effects = pass(state, arrival, flow, () => {
    const phase = hear(connection, side, segment);
    touch(table, connection, phase, nowMs);
    if (side === 'client') connection.lastHop = macAt(octets, MAC_AT.source);
  });
  if (view.isFirstFragment) {
    rememberFirst(state.datagrams, octets, view.ip, flow, config.limits.datagrams);
  }
  return effects;
}

function hear(connection: Connection, side: Flow['side'], segment: Segment | undefined): Phase {
  if (segment === undefined) return hearDatagram(connection, side);
  return side === 'client' ? hearClient(connection, segment) : hearServer(connection, segment);
}

/** A packet of a connection, to its other side; `note` is called when nothing stands against it. */
function pass(
  state: BalancerState,
  arrival: Arrival<CarriedView>,
  flow: Flow,
  note?: () => void,
): readonly Effect[] {
  const { connection } = flow;
  if (!isStillPermitted(state, connection)) return drop(state, 'denied');
  if (connection.departed === 'reset' && !isServing(connection.member)) {
    touch(state.table, connection, reset(connection), state.nowMs);
    drop(state, 'departed');
    return tellClosed(state, arrival);
  }
  const passage = { ...arrival, ...flow };
  const obstacle = findObstacle(state, passage);
  if (obstacle !== undefined) {
    drop(state, obstacle.drop);
    const { told } = obstacle;
    return told === undefined
      ? NOTHING
      : say(state, arrival.port, errorFor(asked(state, arrival), told));
  }
  note?.();
  return deliver(state, passage);
}

/** What belongs to no connection, and may not have one. */
function refuse(
  state: BalancerState,
  arrival: Arrival<Transport>,
  reason: DropReason,
): readonly Effect[] {
  const { config } = state;
  drop(state, reason);
  switch (reason) {
    case 'stray':
      return config.strays === 'reset' ? tellClosed(state, arrival) : NOTHING;
    case 'closed-port':
    case 'no-server':
    case 'table-full':
      return config.refusal === 'reset' ? tellClosed(state, arrival) : NOTHING;
    case 'hop-limit':
      return say(state, arrival.port, errorFor(asked(state, arrival), { kind: 'time-exceeded' }));
    default:
      return NOTHING;
  }
}

/** As a host says that there is nobody at a port: by a reset, or under UDP by an ICMP error. */
function tellClosed(state: BalancerState, arrival: Arrival<CarriedView>): readonly Effect[] {
  const { port, view } = arrival;
  if (view.kind === 'segment') return say(state, port, resetFor(asked(state, arrival), view));
  if (view.kind !== 'datagram') return NOTHING;
  return say(state, port, errorFor(asked(state, arrival), { kind: 'port-unreachable' }));
}

function say(
  state: BalancerState,
  port: number,
  answer: Uint8Array | undefined,
): readonly Effect[] {
  if (answer === undefined) return NOTHING;
  const { allowance, config, counters, nowMs } = state;
  if (spend(allowance, config.limits.answersPerSecond, nowMs)) return [emit(port, answer)];
  counters.unanswered += 1;
  return NOTHING;
}

function asked({ config }: BalancerState, { octets, view }: Arrival<CarriedView>): Asked {
  return { octets, ip: view.ip, mac: config.mac };
}

function drop(state: BalancerState, reason: DropReason): readonly Effect[] {
  state.counters.dropped[reason] += 1;
  return NOTHING;
}
