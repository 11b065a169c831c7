/**
 * IP in IP: a packet as the payload of another, which leads to the server. RFC 2003.
 *
 *   Ethernet ─ IPv4 (switch ▶ server, protocol 4) ─ the client's packet, octet for octet
 *
 * The outer header takes DSCP and ECN from the inner one, so that a queue on the way treats both
 * alike and the server hears of congestion (RFC 2983, RFC 6040 section 4.1), and DF: an outer packet
 * may be cut into pieces only where the inner one may.
 */
import type { Ipv4Address } from 'scapy-ts';
import { build, ipv4, raw } from 'scapy-ts';
import type { IpView } from '../rules/frame-view.ts';
import { readUint16, readUint8 } from '../tcp/word.ts';

/** Octets of the outer header. */
export const OUTER_OCTETS = 20;

const PROTOCOL_IPIP = 4;
const OUTER_TTL = 64;
const DF = 0x4000;

/** What an outer header is made of. */
export interface Tunnel {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** Tells the pieces of outer packets apart. RFC 6864. */
  readonly id: number;
}

/** Whether senders forbid that a packet is cut into pieces. */
export function isWholeOnly(frame: Uint8Array, { ipAt }: IpView): boolean {
  return (readUint16(frame, ipAt + 6) & DF) !== 0;
}

/** Octets of a packet, as its header says. */
export function packetOctets(frame: Uint8Array, { ipAt }: IpView): number {
  return readUint16(frame, ipAt + 2);
}

/** The frame with its packet in another; padding behind the packet is left out. */
export function encapsulate(frame: Uint8Array, ip: IpView, tunnel: Tunnel): Uint8Array {
  const service = readUint8(frame, ip.ipAt + 1);
  const packet = build([
    ipv4({
      src: tunnel.source,
      dst: tunnel.destination,
      id: tunnel.id,
      df: isWholeOnly(frame, ip) ? 1 : 0,
      dscp: service >> 2,
      ecn: service & 3,
      ttl: OUTER_TTL,
      protocol: PROTOCOL_IPIP,
    }),
    raw(frame.subarray(ip.ipAt, ip.end)),
  ]);
  const whole = new Uint8Array(ip.ipAt + packet.length);
  whole.set(frame.subarray(0, ip.ipAt));
  whole.set(packet, ip.ipAt);
  return whole;
}
