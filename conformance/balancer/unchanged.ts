/**
 * What a server switch may do to a packet, and that it does nothing else.
 *
 * Packets are compared octet for octet; only the fields that the mode changes are left
 * out, and of those each is judged by itself.
 */
import { TCP_FLAG, verifyChecksums } from 'scapy-ts';
import type { BalancerObservation } from '../driver/balancer.ts';
import type { Observed } from '../verdict/outcome.ts';
import type { IpPacket } from './packet.ts';

/** A fault, or undefined where all is well. */
export type Fault = Observed | undefined;

/** The end of a connection that is translated on the way. */
export type TranslatedEnd = 'source' | 'destination';

const TTL_AT = 8;
const HEADER_CHECKSUM_AT = 10;
const ADDRESS_AT: Readonly<Record<TranslatedEnd, number>> = { source: 12, destination: 16 };
const PORT_AT: Readonly<Record<TranslatedEnd, number>> = { source: 0, destination: 2 };
const DATA_OFFSET_AT = 12;
const TCP_CHECKSUM_AT = 16;
const TCP_OPTIONS_AT = 20;

const IP_FIELDS: readonly (readonly [from: number, name: string])[] = [
  [0, 'IP header length'],
  [1, 'DSCP and ECN'],
  [2, 'IP length'],
  [4, 'IP identification'],
  [6, 'IP fragment field'],
  [TTL_AT, 'TTL'],
  [9, 'protocol'],
  [HEADER_CHECKSUM_AT, 'IP checksum'],
  [12, 'source address'],
  [16, 'destination address'],
  [20, 'IP options'],
];
const TCP_FIELDS: readonly (readonly [from: number, name: string])[] = [
  [0, 'source port'],
  [2, 'destination port'],
  [4, 'sequence number'],
  [8, 'acknowledgment number'],
  [12, 'data offset and flags'],
  [14, 'window'],
  [TCP_CHECKSUM_AT, 'TCP checksum'],
  [18, 'urgent pointer'],
  [TCP_OPTIONS_AT, 'TCP options or payload'],
];

function fieldAt({ headerOctets }: IpPacket, at: number): string {
  const isIp = at < headerOctets;
  const place = isIp ? at : at - headerOctets;
  return (isIp ? IP_FIELDS : TCP_FIELDS).findLast(([from]) => from <= place)?.[1] ?? 'packet';
}

function masked({ octets, headerOctets }: IpPacket, end: TranslatedEnd): Uint8Array {
  const copy = octets.slice();
  const hide = (at: number, count: number): unknown => copy.fill(0, at, at + count);
  hide(TTL_AT, 1);
  hide(HEADER_CHECKSUM_AT, 2);
  hide(ADDRESS_AT[end], 4);
  hide(headerOctets + PORT_AT[end], 2);
  hide(headerOctets + TCP_CHECKSUM_AT, 2);
  return copy;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return undefined;
}

function compare(
  sent: readonly IpPacket[],
  arrived: readonly IpPacket[],
  viewOf: (packet: IpPacket) => Uint8Array,
): Fault {
  for (const [nth, before] of sent.entries()) {
    const after = arrived[nth];
    const which = `packet ${nth + 1} of ${sent.length}`;
    if (after === undefined) return { expected: which, observed: 'it did not arrive' };
    const at = firstDifference(viewOf(before), viewOf(after));
    if (at !== undefined) {
      const field = fieldAt(before, at);
      const value = (octets: Uint8Array): string => String(octets[at] ?? 'no octet');
      const where = `${which}, ${field}, octet ${at}`;
      return {
        expected: `${where}: ${value(before.octets)}`,
        observed: value(after.octets),
      };
    }
  }
  if (arrived.length === sent.length) return undefined;
  return { expected: `${sent.length} packets`, observed: `${arrived.length}` };
}

function hopsFault(sent: readonly IpPacket[], arrived: readonly IpPacket[], hops: number): Fault {
  const nth = sent.findIndex(({ ttl }, place) => arrived[place]?.ttl !== ttl - hops);
  const before = sent[nth];
  if (before === undefined) return undefined;
  const expected = `packet ${nth + 1}, TTL: ${before.ttl - hops}`;
  return { expected, observed: String(arrived[nth]?.ttl) };
}

/**
 * Packets on both sides of a translation of `end`: in the same order, each once, and nothing else of
 * them changed but TTL, which lost `hops`, and the checksums.
 */
export function translationFault(
  sent: readonly IpPacket[],
  arrived: readonly IpPacket[],
  end: TranslatedEnd,
  hops: number,
): Fault {
  const fault = compare(sent, arrived, (packet) => masked(packet, end));
  if (fault !== undefined) return fault;
  return hopsFault(sent, arrived, hops);
}

/** Packets as they were in a tunnel: nothing of them changed but TTL, which lost `hops`. */
export function tunnelFault(
  sent: readonly IpPacket[],
  arrived: readonly IpPacket[],
  hops: number,
): Fault {
  const fault = compare(sent, arrived, ({ octets }) => {
    const copy = octets.slice();
    return copy.fill(0, TTL_AT, TTL_AT + 1).fill(0, HEADER_CHECKSUM_AT, HEADER_CHECKSUM_AT + 2);
  });
  return fault ?? hopsFault(sent, arrived, hops);
}

/** Packets that arrived as they were sent, to the octet. */
export function identityFault(sent: readonly IpPacket[], arrived: readonly IpPacket[]): Fault {
  return compare(sent, arrived, ({ octets }) => octets);
}

function optionsOf({ octets, headerOctets }: IpPacket): Uint8Array {
  const words = (octets[headerOctets + DATA_OFFSET_AT] ?? 0) >> 4;
  return octets.subarray(headerOctets + TCP_OPTIONS_AT, headerOctets + words * 4);
}

/** SYN segments arrive with the options that they were sent with. */
export function optionsFault(sent: readonly IpPacket[], arrived: readonly IpPacket[]): Fault {
  const isSyn = ({ flags }: IpPacket): boolean =>
    flags !== undefined && (flags & TCP_FLAG.SYN) !== 0;
  const said = sent.filter(isSyn).map((each) => optionsOf(each).join(' '));
  const heard = arrived.filter(isSyn).map((each) => optionsOf(each).join(' '));
  if (said.length > 0 && said.join() === heard.join()) return undefined;
  const expected = `SYNs with the options ${said.join(', ') || 'of any client'}`;
  return { expected, observed: heard.join(', ') || 'none' };
}

/** Whatever anybody received has the checksums that a sender of the whole packet would write. */
export function checksumFault({ frames }: Pick<BalancerObservation, 'frames'>): Fault {
  for (const { host, direction, atMs, octets } of frames) {
    const wrong = verifyChecksums(octets).find(({ valid }) => !valid);
    if (direction === 'received' && wrong !== undefined) {
      const { layer, computed, found } = wrong;
      const where = `${layer} checksum at ${host} after ${atMs} ms`;
      return { expected: `${where}: ${computed}`, observed: String(found) };
    }
  }
  return undefined;
}
