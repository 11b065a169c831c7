/**
 * ICMP errors about segments of a connection: as a reporter sends them, and as they have to arrive.
 *
 *   sent near the client   IP reporter ▸ virtual   ICMP   IP virtual ▸ client   TCP seq …
 *   arrives at the owner   IP reporter ▸ owner     ICMP   IP owner ▸ client     TCP seq + owner delta
 *
 *   sent near the owner    IP reporter ▸ client    ICMP   IP client ▸ owner     TCP seq …
 *   arrives at the client  IP reporter ▸ client    ICMP   IP client ▸ virtual   TCP seq − client delta
 *
 * RFC 5508 section 4.2. Not judged: the quoted acknowledgment number, options and TCP checksum, of
 * which eight quoted octets show nothing, and the address of a reporter near the owner.
 */
import {
  build,
  diff,
  ether,
  icmpv4,
  icmpv6,
  ipv4,
  ipv4Address,
  ipv6,
  ipv6Address,
  mac,
  parse,
  raw,
  verifyChecksums,
  type FieldDifference,
  type Ipv4,
  type Ipv6,
  type Layer,
  type Packet,
  type Written,
} from 'scapy-ts';
import type { Endpoint, Profile, Rule } from '../driver/device.ts';
import type { Finding } from './aspect.ts';
import { shifted } from './translate.ts';
import { segmentLayers, type SegmentFields } from '../traffic/segment.ts';
import { HOSTS } from '../traffic/testbed.ts';

/** Whose segment caused the error: it travels back to that side. */
export type Sender = 'client' | 'owner';

/** What an error says. */
export interface ErrorWords {
  readonly type: number;
  readonly code: number;
  /** The second 32 bits: MTU, pointer, or unused. */
  readonly rest: number;
}

/** How much of the segment an error quotes. */
export interface Quote {
  readonly fields: SegmentFields;
  /** Octets of TCP header and payload. */
  readonly octets: number;
}

/** Who reports: the host that the segment was for, or a router in front of it. */
export type Reporter = 'host' | 'router' | 'neighbour';

/** Octets of an Ethernet header, and of an IP header without options. */
const ETHERNET_OCTETS = 14;
const IP_OCTETS = { 4: 20, 6: 40 } as const;
const ROUTERS: Readonly<Record<Sender, { readonly 4: string; readonly 6: string }>> = {
  owner: { 4: '192.0.2.254', 6: '2001:db8:1::fe' },
  client: { 4: '10.0.0.254', 6: '2001:db8:3::fe' },
};

/** The router next to the switch, where it is not the owner that speaks for a router behind it. */
const NEIGHBOUR_MAC = '02:00:00:00:00:fe';

interface Ends {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** The ends of the sender's segment as they stand at the far side, where the error arises. */
function endsThere(rule: Rule, sender: Sender): Ends {
  return sender === 'owner'
    ? { source: rule.virtual, destination: rule.client }
    : { source: rule.client, destination: rule.owner };
}

/** The quoted IP header and what follows it; a router has taken hops and quotes no more. */
function quoted(ends: Ends, { fields, octets }: Quote): Uint8Array {
  const path = { ...ends, sourceMac: HOSTS.client.mac, destinationMac: HOSTS.controller.mac };
  const packet = build(segmentLayers(path, { ...fields, ipv4: { ...fields.ipv4, ttl: 61 } }));
  const version = ends.source.address.includes(':') ? 6 : 4;
  const header = IP_OCTETS[version];
  return packet.slice(ETHERNET_OCTETS, ETHERNET_OCTETS + header + octets);
}

/** An error to send. */
export interface Report {
  readonly rule: Rule;
  readonly sender: Sender;
  readonly words: ErrorWords;
  readonly quote: Quote;
  readonly reporter: Reporter;
}

/** The error as its reporter sends it. */
export function errorFrame({ rule, sender, words, quote, reporter }: Report): Uint8Array {
  const ends = endsThere(rule, sender);
  const version = ends.source.address.includes(':') ? 6 : 4;
  const src = reporter === 'host' ? ends.destination.address : ROUTERS[sender][version];
  const macs =
    sender === 'owner'
      ? { src: HOSTS.client.mac, dst: HOSTS.controller.mac }
      : { src: reporter === 'neighbour' ? NEIGHBOUR_MAC : rule.owner.mac, dst: HOSTS.client.mac };
  const addresses = { src, dst: ends.source.address };
  const outer: Packet =
    version === 6
      ? [ipv6({ ...addresses, nextHeader: 58 }), icmpv6(words)]
      : [ipv4({ ...addresses, protocol: 1 }), icmpv4(words)];
  return build([ether(macs), ...outer, raw(quoted(ends, quote))]);
}

type Network = Written<Ipv4> | Written<Ipv6>;

function withAddress(header: Network, side: 'src' | 'dst', address: string): Network {
  if (header.kind === 'ipv6') return { ...header, [side]: ipv6Address(address) };
  const { checksum: _recomputed, ...rest } = header;
  return { ...rest, [side]: ipv4Address(address) };
}

/** A quoted layer of the sender's segment, as the sender had sent it. */
function quotedAsSent(layer: Layer, rule: Rule, sender: Sender): Layer {
  const { owner, virtual, deltas } = rule;
  const end = sender === 'owner' ? owner : virtual;
  const shift = sender === 'owner' ? deltas.ownerSeq : -deltas.clientSeq;
  switch (layer.kind) {
    case 'ipv4':
    case 'ipv6':
      return withAddress(layer, sender === 'owner' ? 'src' : 'dst', end.address);
    case 'tcp':
    case 'tcpQuote': {
      const port = sender === 'owner' ? 'srcPort' : 'dstPort';
      return { ...layer, [port]: end.port, seq: shifted(layer.seq ?? 0, shift) };
    }
    default:
      return layer;
  }
}

function outerToSender(layer: Layer, rule: Rule, sender: Sender): Layer {
  if (layer.kind === 'icmpv4' || layer.kind === 'icmpv6') {
    const { checksum: _recomputed, ...rest } = layer;
    return rest;
  }
  if (sender === 'client') return layer;
  if (layer.kind === 'ether') return { ...layer, dst: mac(rule.owner.mac) };
  const isNetwork = layer.kind === 'ipv4' || layer.kind === 'ipv6';
  return isNetwork ? withAddress(layer, 'dst', rule.owner.address) : layer;
}

/** The error as it has to arrive; what is not judged stays as in `frame`. */
export function translatedError(frame: Uint8Array, rule: Rule, sender: Sender): Uint8Array {
  const { layers } = parse(frame);
  const icmpAt = layers.findIndex(({ kind }) => kind === 'icmpv4' || kind === 'icmpv6');
  return build(
    layers.map((layer, index) =>
      index > icmpAt ? quotedAsSent(layer, rule, sender) : outerToSender(layer, rule, sender),
    ),
  );
}

/** An error about the client's segment as it arose near the owner, from how it has to arrive. */
export function errorBeforeRule(frame: Uint8Array, rule: Rule): Uint8Array {
  const deltas = { ...rule.deltas, clientSeq: -rule.deltas.clientSeq };
  return translatedError(frame, { ...rule, virtual: rule.owner, deltas }, 'client');
}

/** Judged by adding up, or not judged at all. */
const NOT_COMPARED: readonly string[] = [
  'ether.src',
  'ipv4.checksum',
  'icmpv4.checksum',
  'icmpv6.checksum',
  'tcp.checksum',
  'tcp.ack',
  'tcp.options',
];

function isAllowed(change: FieldDifference, outerIp: number, choices: Choices): boolean {
  const name = `${change.layer}.${change.field}`;
  if (NOT_COMPARED.includes(name) || change.layer === 'padding') return true;
  if (change.index !== outerIp) return false;
  if (change.field === 'ttl' || change.field === 'hopLimit') {
    return choices.ttl === 'decrement' && Number(change.after) === Number(change.before) - 1;
  }
  return change.field === 'src' && change.after === choices.otherSource;
}

/** What a correct device may choose. */
interface Choices {
  readonly ttl: Profile['ttl'];
  /** The address under which a reporter near the owner may be hidden. */
  readonly otherSource?: string;
}

/** An error that was sent, and a frame that left. */
export interface Comparison {
  readonly frame: Uint8Array;
  readonly seen: Uint8Array;
  readonly rule: Rule;
  readonly sender: Sender;
  readonly ttl: Profile['ttl'];
}

/** What is wrong with a frame as the translation of an error; empty when a correct device sends it. */
export function compareError(comparison: Comparison): readonly Finding[] {
  const { frame, seen, rule, sender, ttl } = comparison;
  const wanted = translatedError(frame, rule, sender);
  const expected = parse(wanted).layers;
  const outerIp = expected.findIndex(({ kind }) => kind === 'ipv4' || kind === 'ipv6');
  const choices = sender === 'client' ? { ttl, otherSource: rule.virtual.address } : { ttl };
  const fields = diff(expected, parse(seen).layers)
    .filter((change) => !isAllowed(change, outerIp, choices))
    .map(({ index, layer, field, before, after }) => {
      const name = index > outerIp + 1 ? `quoted ${layer}.${field}` : `${layer}.${field}`;
      return { field: name, expected: before, observed: after };
    });
  const sums = verifyChecksums(seen)
    .filter(({ layer, valid }) => layer !== 'tcp' && !valid)
    .map(({ layer, index, found, computed }) => {
      const name = index > outerIp + 1 ? `quoted ${layer}.checksum` : `${layer}.checksum`;
      return { field: name, expected: hex(computed), observed: hex(found) };
    });
  return [...fields, ...sums].map((each): Finding => {
    return { aspect: 'icmp-error', ...each, injected: frame, output: seen, wanted };
  });
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}
