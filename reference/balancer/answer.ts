/**
 * What the switch says in its own words: resets, ICMP errors, echo replies.
 *
 * Each goes back the way the packet came, in the name of the address that the packet was sent to.
 */
import type { MacAddress, Packet } from 'scapy-ts';
import {
  build,
  icmpv4,
  ipv4,
  PROTOCOL,
  pseudoHeaderSum,
  raw,
  sumWords,
  tcp,
  TCP_FLAG,
} from 'scapy-ts';
import type { IpView, SegmentView } from '../rules/frame-view.ts';
import { destinationAt } from '../rules/frame-view.ts';
import { TCP_AT } from '../tcp/header.ts';
import { readUint16, readUint32, readUint8 } from '../tcp/word.ts';
import { readAddress, writeMac } from './link.ts';
import { FLAG } from './phase.ts';

/** Why a packet goes no further. RFC 792, RFC 1191. */
export type IcmpReason =
  | { readonly kind: 'port-unreachable' }
  | { readonly kind: 'too-big'; readonly mtu: number }
  | { readonly kind: 'time-exceeded' };

const TTL = 64;
const ICMP_ECHO_REPLY = 0;
/** An error is no longer than this, its IP header counted. RFC 1812 section 4.3.2.3. */
const ERROR_OCTETS_MAX = 576;
const ERROR_HEADERS_OCTETS = 28;

/** A frame to answer, and the MAC address that answers. */
export interface Asked {
  readonly octets: Uint8Array;
  readonly ip: IpView;
  readonly mac: MacAddress;
}

/**
 * The reset that a closed port answers a segment with. RFC 9293 section 3.10.7.1.
 *
 * Undefined for what is never answered: a reset, a wrong checksum, a segment that is not all there.
 */
export function resetFor(asked: Asked, view: SegmentView): Uint8Array | undefined {
  const { octets, ip } = asked;
  if (view.isFirstFragment || !hasRightChecksum(octets, ip)) return undefined;
  const at = ip.transportAt;
  const flags = readUint8(octets, at + TCP_AT.flags);
  if ((flags & FLAG.rst) !== 0) return undefined;
  const ports = {
    srcPort: readUint16(octets, at + TCP_AT.dstPort),
    dstPort: readUint16(octets, at + TCP_AT.srcPort),
  };
  if ((flags & FLAG.ack) !== 0) {
    const seq = readUint32(octets, at + TCP_AT.ack);
    return reply(asked, [tcp({ ...ports, seq, flags: TCP_FLAG.RST, window: 0 })]);
  }
  const controls = (flags & FLAG.syn) / FLAG.syn + (flags & FLAG.fin) / FLAG.fin;
  const length = ip.end - view.headerEnd + controls;
  const ack = (readUint32(octets, at + TCP_AT.seq) + length) >>> 0;
  return reply(asked, [tcp({ ...ports, ack, flags: TCP_FLAG.RST | TCP_FLAG.ACK, window: 0 })]);
}

/** The ICMP error about a packet, with as much of it as may be quoted. */
export function errorFor(asked: Asked, reason: IcmpReason): Uint8Array {
  const { octets, ip } = asked;
  const quoted = octets.subarray(ip.ipAt, ip.end).slice(0, ERROR_OCTETS_MAX - ERROR_HEADERS_OCTETS);
  return reply(asked, [icmpOf(reason), raw(quoted)]);
}

/** The reply to an echo request: the same message, its type another. RFC 792, RFC 1122 3.2.2.6. */
export function echoFor(asked: Asked): Uint8Array {
  const { octets, ip } = asked;
  const message = octets.slice(ip.transportAt, ip.end);
  const rest = readUint32(message, 4);
  return reply(asked, [icmpv4({ type: ICMP_ECHO_REPLY, rest }), raw(message.subarray(8))]);
}

function hasRightChecksum(octets: Uint8Array, ip: IpView): boolean {
  const src = readAddress(octets, ip.sourceAt);
  const dst = readAddress(octets, destinationAt(ip));
  const pseudo = pseudoHeaderSum({ kind: 'ipv4', src, dst }, PROTOCOL.tcp, ip.end - ip.transportAt);
  return sumWords(octets, ip.transportAt, ip.end, pseudo) === 0xffff;
}

function icmpOf(reason: IcmpReason): Packet[number] {
  switch (reason.kind) {
    case 'port-unreachable':
      return icmpv4({ type: 3, code: 3 });
    case 'too-big':
      return icmpv4({ type: 3, code: 4, mtu: reason.mtu });
    case 'time-exceeded':
      return icmpv4({ type: 11, code: 0 });
    default:
      return reason satisfies never;
  }
}

function reply({ octets, ip, mac }: Asked, message: Packet): Uint8Array {
  const packet = build([
    ipv4({
      src: readAddress(octets, destinationAt(ip)),
      dst: readAddress(octets, ip.sourceAt),
      ttl: TTL,
    }),
    ...message,
  ]);
  const whole = new Uint8Array(ip.ipAt + packet.length);
  whole.set(octets.subarray(0, ip.ipAt));
  whole.set(octets.subarray(6, 12), 0);
  writeMac(whole, 6, mac);
  whole.set(packet, ip.ipAt);
  return whole;
}
