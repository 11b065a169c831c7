/**
 * A captured connection as stimuli.
 *
 * What the client sent is injected as it was captured. What the other end sent is injected as an
 * owner would have sent it, and then the captured frame itself is what the client has to see: it
 * was made by a real TCP stack and by nothing of ours.
 */
import { build, formatIpv4, formatIpv6, layer, mac, parse, type Packet } from 'scapy-ts';
import type { Deltas, Endpoint, Profile, Rule } from '../driver/device.ts';
import type { Fixture } from '../traffic/fixture.ts';
import { HOSTS, ownerOf } from '../traffic/testbed.ts';
import type { Finding } from './aspect.ts';
import type { Expectation, Stimulus } from './delivery.ts';
import { fragmentsOf, pieceOf, reassembled } from './fragments.ts';
import { compareFrames, leewayFor } from './compare.ts';
import { compareError, errorBeforeRule, translatedError, type Sender } from './icmp-error.ts';
import { translated, untranslated, type Direction } from './translate.ts';

/** What a replay needs to know of the device. */
export interface ReplayChoice {
  readonly deltas: Deltas;
  readonly profile: Profile;
  /** The owner's frames are replayed too. */
  readonly reverse: boolean;
}

/** The rules to set, and what to inject under them. */
export interface Replay {
  readonly rules: readonly Rule[];
  readonly stimuli: readonly Stimulus[];
  /** Frames of the capture that belong to no connection: address resolution. */
  readonly left: number;
}

/** A stimulus that has to come out as one frame. */
type FrameStimulus = Stimulus & { readonly expectation: Extract<Expectation, { kind: 'frame' }> };

const CLIENT = HOSTS.client;
const OWNER = HOSTS['backend 1'];

type Ttl = Profile['ttl'];

/** Both ends of a segment. */
interface Ends {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** The ends of the first segment in `packet`, quoted or not; undefined when there is none. */
function endsOf(packet: Packet): Ends | undefined {
  const tcp = layer(packet, 'tcp') ?? layer(packet, 'tcpQuote');
  if (tcp?.srcPort === undefined || tcp.dstPort === undefined) return undefined;
  const v4 = layer(packet, 'ipv4');
  const v6 = layer(packet, 'ipv6');
  if (v4?.src !== undefined && v4.dst !== undefined) {
    return {
      from: { address: formatIpv4(v4.src), port: tcp.srcPort },
      to: { address: formatIpv4(v4.dst), port: tcp.dstPort },
    };
  }
  if (v6?.src === undefined || v6.dst === undefined) return undefined;
  return {
    from: { address: formatIpv6(v6.src), port: tcp.srcPort },
    to: { address: formatIpv6(v6.dst), port: tcp.dstPort },
  };
}

function same(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

/** The rule whose connection `ends` belong to, and who sends what has them. */
function ruleOf(
  rules: readonly Rule[],
  ends: Ends,
): { readonly rule: Rule; readonly sender: Sender } | undefined {
  for (const rule of rules) {
    const { client, virtual } = rule;
    if (same(client, ends.from) && same(virtual, ends.to)) return { rule, sender: 'client' };
    if (same(virtual, ends.from) && same(client, ends.to)) return { rule, sender: 'owner' };
  }
  return undefined;
}

/** `frame` between two hosts of the test bed, whatever its Ethernet addresses were. */
function between(frame: Uint8Array, source: string, destination: string): Uint8Array {
  return build(
    parse(frame).layers.map((each) =>
      each.kind === 'ether' ? { ...each, src: mac(source), dst: mac(destination) } : each,
    ),
  );
}

function fromClient(captured: Uint8Array): Uint8Array {
  return between(captured, CLIENT.mac, HOSTS.controller.mac);
}

function toClient(captured: Uint8Array): Uint8Array {
  return between(captured, OWNER.mac, CLIENT.mac);
}

/** A frame that goes in at one side, and what the other has to see. */
function passing(
  direction: Direction,
  frame: Uint8Array,
  wanted: Uint8Array,
  ttl: Ttl,
): FrameStimulus {
  const [from, to] = direction === 'client-to-owner' ? [CLIENT, OWNER] : [OWNER, CLIENT];
  const leeway = leewayFor(frame, ttl);
  const expectation = { kind: 'frame', at: to.role, frame: wanted, leeway, direction } as const;
  return { role: from.role, frame, expectation };
}

/** A segment: the rule says what the owner has to see, or what the owner had sent. */
function segmentStimulus(captured: Uint8Array, rule: Rule, sender: Sender, ttl: Ttl): Stimulus {
  if (sender === 'client') {
    const frame = fromClient(captured);
    return passing('client-to-owner', frame, translated(frame, rule, 'client-to-owner'), ttl);
  }
  const wanted = toClient(captured);
  const frame = untranslated(wanted, rule, 'owner-to-client');
  return passing('owner-to-client', frame, wanted, ttl);
}

/** An ICMP error about a segment of `sender`, to whom it travels back. */
function errorStimulus(captured: Uint8Array, rule: Rule, sender: Sender, ttl: Ttl): Stimulus {
  const [direction, frame] =
    sender === 'owner'
      ? (['client-to-owner', fromClient(captured)] as const)
      : (['owner-to-client', errorBeforeRule(toClient(captured), rule)] as const);
  const wanted = translatedError(frame, rule, sender);
  const { expectation, ...rest } = passing(direction, frame, wanted, ttl);
  const compare = (seen: Uint8Array): readonly Finding[] =>
    compareError({ frame, seen, rule, sender, ttl });
  return { ...rest, expectation: { ...expectation, compare } };
}

/**
 * What is wrong with a fragment, against the captured one.
 *
 * Its TCP checksum cannot be added up and has to be the captured one; where a field is wrong too,
 * the checksum is no fault of its own.
 */
function compareFragment(wanted: Uint8Array, seen: Uint8Array, ttl: Ttl): readonly Finding[] {
  const all = compareFrames(wanted, seen, { ttl, bridged: true });
  const fields = all.filter(({ aspect }) => aspect !== 'tcp-checksum');
  return fields.length > 0 ? fields : all;
}

/** The fragments of one segment that the client saw. */
function fragmentStimuli(
  captured: readonly Uint8Array[],
  rule: Rule,
  ttl: Ttl,
): readonly Stimulus[] {
  const wanted = captured.map(toClient);
  const whole = untranslated(reassembled(wanted), rule, 'owner-to-client');
  const cuts = wanted.flatMap((frame) => pieceOf(frame)?.offset ?? []).slice(1);
  return fragmentsOf(whole, cuts).map((frame, index): Stimulus => {
    const expected = wanted[index] ?? frame;
    const { expectation, ...rest } = passing('owner-to-client', frame, expected, ttl);
    const compare = (seen: Uint8Array): readonly Finding[] => compareFragment(expected, seen, ttl);
    return { ...rest, expectation: { ...expectation, compare } };
  });
}

/** The frames of a capture, with the fragments of one datagram in one list. */
function datagrams(frames: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const lists = new Map<string, Uint8Array[]>();
  for (const [index, frame] of frames.entries()) {
    const piece = pieceOf(frame);
    const whole = piece === undefined || (piece.last && piece.offset === 0);
    const name = whole ? `frame ${index}` : piece.label;
    lists.set(name, [...(lists.get(name) ?? []), frame]);
  }
  return [...lists.values()];
}

/** What to inject for one datagram of a capture; empty when it belongs to no connection. */
function stimuliOf(
  frames: readonly Uint8Array[],
  rules: readonly Rule[],
  ttl: Ttl,
): readonly Stimulus[] {
  const [first = new Uint8Array(0)] = frames;
  const { layers } = parse(first);
  const icmpAt = layers.findIndex(({ kind }) => kind === 'icmpv4' || kind === 'icmpv6');
  const ends = endsOf(layers.slice(icmpAt + 1));
  const found = ends === undefined ? undefined : ruleOf(rules, ends);
  if (found === undefined) return [];
  const { rule, sender } = found;
  if (icmpAt >= 0) return [errorStimulus(first, rule, sender, ttl)];
  if (frames.length === 1) return [segmentStimulus(first, rule, sender, ttl)];
  if (sender === 'owner') return fragmentStimuli(frames, rule, ttl);
  throw new Error('no fixture has fragments of the client');
}

/** The stimuli of a fixture under rules that hand every connection to backend 1. */
export function replayOf(fixture: Fixture, { deltas, profile, reverse }: ReplayChoice): Replay {
  const rules = fixture.connections.map(({ client, virtual }): Rule => {
    const owner = ownerOf(OWNER, fixture.family);
    return { client, virtual, owner, deltas, locked: false };
  });
  const all = datagrams(fixture.frames).flatMap((frames) => stimuliOf(frames, rules, profile.ttl));
  const stimuli = all.filter(({ role }) => reverse || role === CLIENT.role);
  return { rules, stimuli, left: fixture.frames.length - all.length };
}
