/**
 * A packet of a connection on its last step: rewritten or wrapped as the service says, and out.
 *
 *             client ▶ server                        server ▶ client
 *   nat       destination := server, TTL − hops      source := virtual, TTL − hops
 *   dsr       nothing of the packet                  not seen here
 *   ipip      whole, in another packet               not seen here
 *   all       MAC addresses                          MAC addresses
 */
import { rewriteFragment, rewriteIcmpError, rewriteSegment } from '../rules/rewrite.ts';
import type { Plan } from '../rules/plan.ts';
import { hopLimitAt } from '../rules/frame-view.ts';
import { copyFrame } from '../switch/frame-copy.ts';
import { readUint8 } from '../tcp/word.ts';
import type { IcmpReason } from './answer.ts';
import type { Connection } from './connection.ts';
import { measure } from './counters.ts';
import { rewriteDatagram, rewriteDatagramError } from './datagram.ts';
import type { Emission } from './link.ts';
import { MAC_AT, route, writeMac } from './link.ts';
import type { CarriedView } from './packet.ts';
import type { BalancerState } from './state.ts';
import { encapsulate, isWholeOnly, OUTER_OCTETS, packetOctets } from './tunnel.ts';

/** A frame of a connection, and who sent it. */
export interface Passage {
  readonly octets: Uint8Array;
  readonly view: CarriedView;
  readonly connection: Connection;
  readonly side: 'client' | 'server';
}

/** Why a packet cannot go on, and what its sender is told; undefined if it can. */
export interface Obstacle {
  readonly drop: 'hop-limit' | 'too-big';
  /** Undefined where nothing may be said. */
  readonly told: IcmpReason | undefined;
}

/** What keeps a packet from its last step. */
export function findObstacle(
  { config }: BalancerState,
  { octets, view, connection }: Passage,
): Obstacle | undefined {
  const { mode, plans } = connection;
  const mayTell = view.kind === 'segment' || view.kind === 'datagram';
  if (mode === 'nat' && readUint8(octets, hopLimitAt(view.ip)) <= plans.toServer.hops) {
    return { drop: 'hop-limit', told: mayTell ? { kind: 'time-exceeded' } : undefined };
  }
  const isTooBig = packetOctets(octets, view.ip) + OUTER_OCTETS > config.tunnelMtu;
  if (mode !== 'ipip' || !isTooBig) return undefined;
  const mtu = config.tunnelMtu - OUTER_OCTETS;
  const told = mayTell && isWholeOnly(octets, view.ip);
  return { drop: 'too-big', told: told ? { kind: 'too-big', mtu } : undefined };
}

/** The frame on its way; nothing may stand in it. */
export function deliver(state: BalancerState, passage: Passage): readonly Emission[] {
  const { config, counters, macs } = state;
  const { connection, side } = passage;
  const frame = prepare(state, passage);
  writeMac(frame, MAC_AT.source, config.mac);
  const hop = side === 'client' ? connection.server.mac : connection.lastHop;
  writeMac(frame, MAC_AT.destination, hop);
  measure(side === 'client' ? counters.toServer : counters.toClient, frame);
  return route(macs, config.ports, frame);
}

function prepare(state: BalancerState, { octets, view, connection, side }: Passage): Uint8Array {
  const { mode, server } = connection;
  const [source] = state.config.addresses;
  if (mode === 'ipip' && source !== undefined) {
    state.tunnelId = (state.tunnelId + 1) & 0xffff;
    const tunnel = { source, destination: server.address, id: state.tunnelId };
    return encapsulate(octets, view.ip, tunnel);
  }
  const frame = copyFrame(octets);
  if (mode === 'nat') {
    rewrite(frame, view, side === 'client' ? connection.plans.toServer : connection.plans.toClient);
  }
  return frame;
}

function rewrite(frame: Uint8Array, view: CarriedView, plan: Plan): void {
  switch (view.kind) {
    case 'segment':
      return rewriteSegment(frame, view, plan);
    case 'datagram':
      return rewriteDatagram(frame, view, plan);
    case 'later':
      return rewriteFragment(frame, { kind: 'fragment', ip: view.ip }, plan);
    case 'error':
      return view.protocol === 'tcp'
        ? rewriteIcmpError(frame, { ...view, kind: 'icmp-error' }, plan)
        : rewriteDatagramError(frame, view, plan);
    default:
      return view satisfies never;
  }
}
