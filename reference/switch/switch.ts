/**
 * The switch: one event in, effects out; no clock, no randomness, no input or output.
 *
 * A frame travels one way:
 *
 *   in ─▶ control port? ─▶ a command, in a datagram
 *    │
 *    ▼
 *   learn (source MAC as it came) ─▶ view ─▶ match ──────── no rule ─────────────┐
 *                                             │                                  │
 *                                      not the owner ─▶ drop                     │
 *                                             │ rule                             │
 *                                             ▼                                  │
 *                                   cannot translate ─▶ drop                     │
 *                                        locked ─▶ drop, hold, punt              │
 *                                             │                                  │
 *                                             ▼                                  ▼
 *                                      rewrite, once ─────────────▶ bridge by destination MAC
 *
 * No segment changes the table: not SYN, FIN, RST, nor an ICMP error. Only commands and time do.
 */
import type { Command, Reply } from '../control/command.ts';
import { decodeCommandFrame, encodeReplyFrames } from '../control/frame.ts';
import type { OpaqueView, RuleView } from '../rules/frame-view.ts';
import {
  ETHERNET_OCTETS,
  findEtherType,
  hasIpOptions,
  hopLimitAt,
  PLAIN,
  viewFrame,
} from '../rules/frame-view.ts';
import { rewriteFragment, rewriteIcmpError, rewriteSegment } from '../rules/rewrite.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import { sameEndpoint } from '../rules/rule.ts';
import { readUint8 } from '../tcp/word.ts';
import type { Capability } from './config.ts';
import type { DropReason } from './counters.ts';
import { bury, execute } from './execute.ts';
import { findExpiry } from './expiry.ts';
import { copyFrame } from './frame-copy.ts';
import { readFlowKey, readHostsKey, readReplyKey } from './flow-key.ts';
import { recallDatagram, rememberDatagram } from './fragment-table.ts';
import { forgetSilent, learn, readMac } from './mac-table.ts';
import type { Flow, Passage } from './rule-table.ts';
import { entryKey } from './rule-table.ts';
import type { SwitchState } from './state.ts';

export { createSwitch } from './state.ts';
export type { SwitchState } from './state.ts';

/** A frame comes in; its octets belong to the switch from now on and must not change. */
interface FrameEvent {
  readonly kind: 'frame';
  readonly port: number;
  readonly octets: Uint8Array;
  /** What a port knows of the frame beside its octets; leaves, unread, with what it becomes. */
  readonly sideband?: Uint8Array;
}

/** What can happen to a switch. */
export type SwitchEvent =
  | FrameEvent
  | { readonly kind: 'command'; readonly command: Command }
  /** Time has come to `nowNs`, which is never earlier than the last. */
  | { readonly kind: 'tick'; readonly nowNs: bigint };

/** What a switch does about an event, in order. */
export type Effect =
  /** The octets must not change: several ports may have the same, and a view of a larger buffer. */
  | {
      readonly kind: 'emit';
      readonly port: number;
      readonly octets: Uint8Array;
      readonly sideband?: Uint8Array;
    }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'expired'; readonly key: ConnectionKey; readonly reason: 'idle' | 'lease' };

/** What becomes of a frame: a flow's plan rewrites it, it is dropped, or (undefined) bridged. */
type Match = { readonly flow: Flow; readonly view: RuleView } | DropReason | undefined;

const NOTHING: readonly Effect[] = [];

/**
 * Performs one event on `state`, in place, and says what the switch does about it.
 *
 * Throws RangeError for a frame at a port that the switch does not have.
 */
export function step(state: SwitchState, event: SwitchEvent): readonly Effect[] {
  switch (event.kind) {
    case 'frame':
      return receive(state, event);
    case 'command': {
      const { reply, effects } = perform(state, event.command);
      return [...effects, { kind: 'reply', reply }];
    }
    case 'tick':
      return advance(state, event.nowNs);
    default:
      return event satisfies never;
  }
}

function receive(state: SwitchState, event: FrameEvent): readonly Effect[] {
  const { config } = state;
  const { port, octets, sideband } = event;
  if (port === config.controlPort) return answer(state, port, octets);
  const isBridged = config.ports.includes(port);
  if (!isBridged && port !== config.puntPort) throw new RangeError(`no port ${port}`);
  if (octets.length < ETHERNET_OCTETS) return drop(state, 'runt');
  const typeAt = findEtherType(octets);
  const tagOctets = typeAt + 2 - ETHERNET_OCTETS;
  if (octets.length > config.frameOctetsMax + tagOctets) return drop(state, 'oversize');
  if (isBridged) learn(state.macs, octets, port, state.nowNs, config.macCapacity);
  const isLegible = tagOctets === 0 || config.capabilities.has('VLAN');
  const view = isLegible ? viewFrame(octets, typeAt) : PLAIN;
  const found = view.kind === 'plain' ? undefined : match(state, octets, view);
  if (found === undefined) return beside(sideband, forward(state, octets, port, false));
  if (typeof found === 'string') return drop(state, found);
  return pass(state, found.flow, { port, octets, view: found.view, sideband });
}

function match(state: SwitchState, frame: Uint8Array, view: RuleView | OpaqueView): Match {
  switch (view.kind) {
    case 'segment': {
      const flowKey = readFlowKey(frame, view.ip);
      const flow = state.rules.flows.get(flowKey);
      if (view.isFirstFragment)
        rememberDatagram(state.fragments, frame, view.ip, { flowKey, flow });
      return matchFlow(state, frame, view, flowKey);
    }
    case 'fragment': {
      const datagram = recallDatagram(state.fragments, frame, view.ip, state.rules);
      if (datagram === undefined) return matchHosts(state, frame, view);
      return matchFlow(state, frame, view, datagram.flowKey);
    }
    case 'icmp-error':
      // An error goes the way of a reply to the segment that it quotes.
      return matchFlow(state, frame, view, readReplyKey(frame, view.quote));
    case 'opaque':
      return matchHosts(state, frame, view);
    default:
      return view satisfies never;
  }
}

function matchFlow(state: SwitchState, frame: Uint8Array, view: RuleView, flowKey: string): Match {
  const flow = state.rules.flows.get(flowKey);
  if (flow === undefined) return state.rules.barred.has(flowKey) ? 'not-owner' : undefined;
  const { key, owner } = flow.entry.rule;
  // In direct server return only the MAC address tells the owner from the controller.
  const isDirect = flow.from === 'owner' && sameEndpoint(owner, key.virtual);
  const isForged = isDirect && view.kind !== 'icmp-error' && readMac(frame, 6) !== owner.mac;
  return isForged ? 'not-owner' : { flow, view };
}

function matchHosts(state: SwitchState, frame: Uint8Array, { ip }: RuleView | OpaqueView): Match {
  return state.rules.hosts.has(readHostsKey(frame, ip)) ? 'opaque' : undefined;
}

function pass(state: SwitchState, flow: Flow, passage: Passage): readonly Effect[] {
  flow.entry.usedNs = state.nowNs;
  const obstacle = findObstacle(state, flow, passage);
  if (obstacle !== undefined) return drop(state, obstacle);
  return flow.entry.rule.locked ? block(state, flow, passage) : translate(state, flow, passage);
}

/** Why this switch cannot translate a rule's frame; never half, never left as it is. */
function findObstacle(state: SwitchState, flow: Flow, passage: Passage): DropReason | undefined {
  const { view, octets } = passage;
  const need = needOf(view);
  if (need !== undefined && !state.config.capabilities.has(need)) return 'incapable';
  const hopsLeft = readUint8(octets, hopLimitAt(view.ip));
  return flow.plan.hops > 0 && hopsLeft <= flow.plan.hops ? 'hop-limit' : undefined;
}

/** What a switch must be capable of to translate more than a plain segment. */
function needOf(view: RuleView): Capability | undefined {
  if (view.kind === 'icmp-error') return 'ICMP';
  if (view.kind === 'fragment' || view.isFirstFragment) return 'FRAG';
  return hasIpOptions(view.ip) ? 'IPOPT' : undefined;
}

/** The lock blocks both directions; only what the client sent may be kept for later. */
function block(state: SwitchState, flow: Flow, passage: Passage): readonly Effect[] {
  const { lock, puntPort, holdFrames } = state.config;
  const { held } = flow.entry;
  if (flow.from === 'owner') return drop(state, 'locked');
  if (lock === 'punt' && puntPort !== undefined)
    return beside(passage.sideband, [emit(puntPort, passage.octets)]);
  if (lock !== 'hold') return drop(state, 'locked');
  if (held.length >= holdFrames) return drop(state, 'hold-full');
  held.push(passage);
  return NOTHING;
}

function translate(state: SwitchState, flow: Flow, passage: Passage): readonly Effect[] {
  const { view, port } = passage;
  const frame = copyFrame(passage.octets);
  if (view.kind === 'segment') rewriteSegment(frame, view, flow.plan);
  else if (view.kind === 'fragment') rewriteFragment(frame, view, flow.plan);
  else rewriteIcmpError(frame, view, flow.plan);
  const count = flow.from === 'client' ? flow.entry.fromClient : flow.entry.fromOwner;
  count.packets += 1;
  count.octets += frame.length;
  // The rule chose the way, not the bridge: it may lead back to where the frame came from.
  return beside(passage.sideband, forward(state, frame, port, true));
}

/**
 * Bridges by destination MAC; a group's is never learned, so it floods.
 *
 * `mayReturn` lets a frame leave where it came in.
 */
function forward(
  state: SwitchState,
  frame: Uint8Array,
  from: number,
  mayReturn: boolean,
): readonly Effect[] {
  const station = state.macs.get(readMac(frame, 0));
  if (station === undefined) {
    const others = state.config.ports.filter((port) => port !== from);
    return others.map((port) => emit(port, frame));
  }
  if (station.port === from && !mayReturn) return drop(state, 'same-port');
  return [emit(station.port, frame)];
}

/** In band, a command that is not sound draws no answer. */
function answer(state: SwitchState, port: number, octets: Uint8Array): readonly Effect[] {
  const request = decodeCommandFrame(octets);
  if (request === undefined) return drop(state, 'control');
  const { reply, effects } = perform(state, request.command);
  const frames = encodeReplyFrames(request, reply);
  return [...effects, ...frames.map((frame) => emit(port, frame))];
}

/** A command and what it sets free: held frames leave before the answer, and before later ones. */
function perform(
  state: SwitchState,
  command: Command,
): { readonly reply: Reply; readonly effects: readonly Effect[] } {
  const reply = execute(state, command);
  const mayUnlock = command.op === 'unlock' || command.op === 'chown';
  return { reply, effects: reply.ok && mayUnlock ? release(state, command.key) : NOTHING };
}

function release(state: SwitchState, key: ConnectionKey): readonly Effect[] {
  const flow = state.rules.flows.get(entryKey(key));
  if (flow === undefined || flow.entry.rule.locked) return NOTHING;
  return flow.entry.held.splice(0).flatMap((passage) => translate(state, flow, passage));
}

function advance(state: SwitchState, nowNs: bigint): readonly Effect[] {
  state.nowNs = nowNs;
  forgetSilent(state.macs, nowNs);
  const effects: Effect[] = [];
  for (const entry of state.rules.entries.values()) {
    const reason = findExpiry(state, entry);
    if (reason === undefined) continue;
    const { key } = entry.rule;
    bury(state, key, entry.epoch);
    effects.push({ kind: 'expired', key, reason });
  }
  return effects;
}

function emit(port: number, octets: Uint8Array): Effect {
  return { kind: 'emit', port, octets };
}

function beside(sideband: Uint8Array | undefined, effects: readonly Effect[]): readonly Effect[] {
  if (sideband === undefined) return effects;
  return effects.map((effect) => ({ ...effect, sideband }));
}

function drop(state: SwitchState, reason: DropReason): readonly Effect[] {
  state.counters.dropped[reason] += 1;
  return NOTHING;
}
