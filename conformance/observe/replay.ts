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
import type { Stimulus } from './delivery.ts';
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

const CLIENT = HOSTS.client;
const OWNER = HOSTS['backend 1'];

/** Both ends of a TCP segment, or undefined when the packet is none. */
function endsOf(packet: Packet): { readonly from: Endpoint; readonly to: Endpoint } | undefined {
  const tcp = layer(packet, 'tcp');
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

/** `frame` between two hosts of the test bed, whatever its Ethernet addresses were. */
function between(frame: Uint8Array, source: string, destination: string): Uint8Array {
  return build(
    parse(frame).layers.map((each) =>
      each.kind === 'ether' ? { ...each, src: mac(source), dst: mac(destination) } : each,
    ),
  );
}

function fromClient(captured: Uint8Array, rule: Rule, profile: Profile): Stimulus {
  const frame = between(captured, CLIENT.mac, HOSTS.controller.mac);
  const direction: Direction = 'client-to-owner';
  const wanted = translated(frame, rule, direction);
  const expectation = { frame: wanted, leeway: { ttl: profile.ttl }, direction };
  return {
    role: CLIENT.role,
    frame,
    expectation: { kind: 'frame', at: OWNER.role, ...expectation },
  };
}

function fromOwner(captured: Uint8Array, rule: Rule, profile: Profile): Stimulus {
  const wanted = between(captured, OWNER.mac, CLIENT.mac);
  const direction: Direction = 'owner-to-client';
  const frame = untranslated(wanted, rule, direction);
  const expectation = { frame: wanted, leeway: { ttl: profile.ttl }, direction };
  return {
    role: OWNER.role,
    frame,
    expectation: { kind: 'frame', at: CLIENT.role, ...expectation },
  };
}

/** The stimuli of a fixture under rules that hand every connection to backend 1. */
export function replayOf(fixture: Fixture, { deltas, profile, reverse }: ReplayChoice): Replay {
  const rules = fixture.connections.map(({ client, virtual }): Rule => {
    const owner = ownerOf(OWNER, fixture.family);
    return { client, virtual, owner, deltas, locked: false };
  });
  const stimuli: Stimulus[] = [];
  let left = 0;
  for (const frame of fixture.frames) {
    const ends = endsOf(parse(frame).layers);
    const forward =
      ends && rules.find((rule) => same(rule.client, ends.from) && same(rule.virtual, ends.to));
    const backward =
      ends && rules.find((rule) => same(rule.virtual, ends.from) && same(rule.client, ends.to));
    if (forward !== undefined) stimuli.push(fromClient(frame, forward, profile));
    else if (backward === undefined) left += 1;
    else if (reverse) stimuli.push(fromOwner(frame, backward, profile));
  }
  return { rules, stimuli, left };
}
