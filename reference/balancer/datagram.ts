/**
 * Rewriting UDP, and ICMP errors about it, as `rules/rewrite.ts` does for TCP: in place, checksums
 * moved by the difference.
 *
 * A UDP checksum of 0 means that there is none, and stays; one that would become 0 is written 0xffff.
 * RFC 768.
 */
import { sumWords, updateChecksum } from 'scapy-ts';
import type { IpView } from '../rules/frame-view.ts';
import { destinationAt, sameAddress } from '../rules/frame-view.ts';
import type { Plan } from '../rules/plan.ts';
import { rewriteFragment } from '../rules/rewrite.ts';
import { readUint16, writeUint16 } from '../tcp/word.ts';
import type { DatagramView, ErrorView } from './packet.ts';

/** Offsets in a UDP header. */
const UDP_AT = { srcPort: 0, dstPort: 2, checksum: 6, payload: 8 } as const;
const IPV4_CHECKSUM_AT = 10;
const ICMP_CHECKSUM_AT = 2;
const NO_OCTETS = new Uint8Array(0);

/** Rewrites a datagram in place; its payload is not touched. */
export function rewriteDatagram(frame: Uint8Array, { ip }: DatagramView, plan: Plan): void {
  const before = udpSum(frame, ip);
  rewriteFragment(frame, { kind: 'fragment', ip }, plan);
  writePort(frame, ip, plan.side, plan.port);
  moveUdpChecksum(frame, ip, before);
}

/** Rewrites an ICMP error about a datagram in place. RFC 5508 section 4.2. */
export function rewriteDatagramError(frame: Uint8Array, view: ErrorView, plan: Plan): void {
  const { ip, quote } = view;
  const quotedSide = plan.side === 'source' ? 'destination' : 'source';
  // A router on the way reports under its own address: only the quoted host's own is translated.
  const isRouter = !sameAddress(frame, ip, addressAt(ip, plan.side), addressAt(quote, quotedSide));
  const before = sumWords(frame, ip.transportAt, ip.end);
  const outer = isRouter ? { ...plan, address: NO_OCTETS } : plan;
  rewriteFragment(frame, { kind: 'fragment', ip }, outer);
  rewriteQuote(frame, quote, quotedSide, plan);
  const after = sumWords(frame, ip.transportAt, ip.end);
  moveChecksum(frame, ip.transportAt + ICMP_CHECKSUM_AT, before, after);
}

function rewriteQuote(frame: Uint8Array, quote: IpView, side: Plan['side'], plan: Plan): void {
  const headerBefore = sumWords(frame, quote.ipAt, quote.transportAt);
  const before = udpSum(frame, quote);
  frame.set(plan.address, addressAt(quote, side));
  writePort(frame, quote, side, plan.port);
  const headerAfter = sumWords(frame, quote.ipAt, quote.transportAt);
  moveChecksum(frame, quote.ipAt + IPV4_CHECKSUM_AT, headerBefore, headerAfter);
  moveUdpChecksum(frame, quote, before);
}

/** What a plan can change of the words under a UDP checksum. */
function udpSum(frame: Uint8Array, { sourceAt, addressOctets, transportAt }: IpView): number {
  const addresses = sumWords(frame, sourceAt, sourceAt + 2 * addressOctets);
  return sumWords(frame, transportAt, transportAt + UDP_AT.dstPort + 2, addresses);
}

function moveUdpChecksum(frame: Uint8Array, ip: IpView, before: number): void {
  const at = ip.transportAt + UDP_AT.checksum;
  const found = readUint16(frame, at);
  if (found === 0) return;
  const moved = updateChecksum(found, before, udpSum(frame, ip));
  writeUint16(frame, at, moved === 0 ? 0xffff : moved);
}

function moveChecksum(frame: Uint8Array, at: number, before: number, after: number): void {
  writeUint16(frame, at, updateChecksum(readUint16(frame, at), before, after));
}

function addressAt(ip: IpView, side: Plan['side']): number {
  return side === 'source' ? ip.sourceAt : destinationAt(ip);
}

function writePort(frame: Uint8Array, ip: IpView, side: Plan['side'], port: number): void {
  const at = side === 'source' ? UDP_AT.srcPort : UDP_AT.dstPort;
  writeUint16(frame, ip.transportAt + at, port);
}
