/**
 * Frames of a TCP connection as the test bed's hosts send them.
 *
 * A segment is described by what a scenario says of it; the rest has fixed, ordinary values.
 */
import {
  build,
  dot1q,
  ether,
  ipv4,
  ipv6,
  raw,
  tcp,
  type Ipv4,
  type Layer,
  type Tcp,
  type Written,
} from 'scapy-ts';
import type { ConnectionKey, Endpoint, Owner, Rule } from '../driver/device.ts';
import { HOSTS, type Host } from './testbed.ts';

/** What a scenario may say of a segment. */
export interface SegmentFields {
  readonly seq?: number;
  readonly ack?: number;
  /** Letters as scapy writes them, or the 9-bit number. */
  readonly flags?: string | number;
  readonly window?: number;
  readonly urgent?: number;
  readonly options?: Tcp['options'];
  readonly payload?: Uint8Array;
  /** Further fields of the TCP header, forced as they are given. */
  readonly tcp?: Partial<Written<Tcp>>;
  /** Further fields of the IPv4 header, forced as they are given. */
  readonly ipv4?: Partial<Written<Ipv4>>;
  /** VLAN identifiers, outermost first. */
  readonly vlans?: readonly number[];
  /** Octets after the end of the IP packet. */
  readonly trailer?: Uint8Array;
}

/** Where a segment comes from and goes to. */
export interface Path {
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** The path of a client's segment: the client sends it to the controller's MAC address. */
export function clientPath(key: ConnectionKey, client: Host): Path {
  return {
    sourceMac: client.mac,
    destinationMac: HOSTS.controller.mac,
    source: key.client,
    destination: key.virtual,
  };
}

/** The path of an owner's segment: from the owner straight to the client. */
export function ownerPath(owner: Owner, key: ConnectionKey, client: Host): Path {
  return {
    sourceMac: owner.mac,
    destinationMac: client.mac,
    source: { address: owner.address, port: owner.port },
    destination: key.client,
  };
}

/** Both paths of a rule's connection. */
export function pathsOf(rule: Rule, client: Host): { readonly client: Path; readonly owner: Path } {
  return { client: clientPath(rule, client), owner: ownerPath(rule.owner, rule, client) };
}

/** `length` octets that name their own position, so that a lost or moved octet shows. */
export function pattern(length: number, first = 1): Uint8Array {
  const octets = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) octets[at] = first + at * 7;
  return octets;
}

/** The layers of a segment on `path`; fields that are not given are ordinary or computed. */
export function segmentLayers(path: Path, fields: SegmentFields = {}): readonly Layer[] {
  const family6 = path.source.address.includes(':');
  const vlans = (fields.vlans ?? []).map((vid) => dot1q({ vid }));
  const addresses = { src: path.source.address, dst: path.destination.address };
  const ip = family6
    ? ipv6({ ...addresses, hopLimit: 64 })
    : ipv4({ ...addresses, ttl: 64, df: 1, id: 0x1000, ...fields.ipv4 });
  const header = tcp({
    srcPort: path.source.port,
    dstPort: path.destination.port,
    seq: fields.seq ?? 1000,
    ack: fields.ack ?? 2000,
    flags: fields.flags ?? 'A',
    window: fields.window ?? 0xfaf0,
    urgent: fields.urgent ?? 0,
    ...(fields.options === undefined ? {} : { options: fields.options }),
    ...fields.tcp,
  });
  const payload = fields.payload ?? new Uint8Array(0);
  return [
    ether({ src: path.sourceMac, dst: path.destinationMac }),
    ...vlans,
    ip,
    header,
    ...(payload.length === 0 ? [] : [raw(payload)]),
  ];
}

/** The octets of a segment on `path`. */
export function segment(path: Path, fields: SegmentFields = {}): Uint8Array {
  const frame = build(segmentLayers(path, fields));
  const trailer = fields.trailer ?? new Uint8Array(0);
  return trailer.length === 0 ? frame : Uint8Array.of(...frame, ...trailer);
}
