/**
 * Frames octet by octet, so that every field can be what no stack would send.
 *
 *   Ethernet ─ tags ─ IPv4 ─┬─ TCP ─ payload ─ trailer
 *                           ├─ ICMP error ─ quoted IPv4 ─ quoted ports and sequence number
 *                           └─ octets
 */
import { checksum } from 'scapy-ts';
import type { Endpoint, Rule } from '../../../../reference/rules/rule.ts';
import { writeUint16, writeUint32 } from '../../../../reference/tcp/word.ts';

/** Whose flow a frame is of: `barred` comes from the virtual endpoint itself, the rest have no rule. */
export type Sender = 'client' | 'owner' | 'barred' | 'past-the-switch' | 'stranger';

/** A checksum as it should be, or as it is. */
export type Sum = 'right' | number;

/** All of a frame. */
export interface Shape {
  readonly sender: Sender;
  readonly destinationMac: number;
  readonly sourceMac: number;
  /** The types of the tags, the outermost first. */
  readonly tags: readonly number[];
  readonly version: number;
  /** Words of the IP header. */
  readonly ipWords: number;
  /** What the total length is more than it should be. */
  readonly totalError: number;
  /** Reserved bit, DF, MF and offset. */
  readonly fragment: number;
  readonly protocol: number;
  readonly ipChecksum: Sum;
  readonly seq: number;
  readonly ack: number;
  /** Words of the TCP header; as it should be where it is left out. */
  readonly dataOffset: number | undefined;
  readonly flags: number;
  readonly window: number;
  readonly tcpChecksum: Sum;
  readonly urgent: number;
  /** At most 40, filled with zeros to a whole word. */
  readonly options: Uint8Array;
  readonly payloadOctets: number;
  /** The type of the ICMP error, and the words of the IP header that it quotes. */
  readonly icmpType: number;
  readonly quotedWords: number;
  readonly trailerOctets: number;
  /** Where the frame is cut off. */
  readonly cutAt: number | undefined;
  /** Octets behind the addresses that are changed at last. */
  readonly changes: readonly { readonly at: number; readonly value: number }[];
}

const PROTOCOL = { icmp: 1, tcp: 6 } as const;
const MACS_OCTETS = 12;
const TYPE_IPV4 = 0x0800;
const IP_OCTETS = 20;
const TCP_OCTETS = 20;
const ICMP_OCTETS = 8;
const QUOTED_TCP_OCTETS = 8;

/** The octets of a frame of `rule`'s connection, or beside it. */
export function frameOf(shape: Shape, rule: Rule): Uint8Array {
  const { from, to } = flowOf(shape.sender, rule);
  const packet = packetOf(shape, from, to);
  const ipAt = MACS_OCTETS + 4 * shape.tags.length + 2;
  const frame = new Uint8Array(ipAt + packet.length + shape.trailerOctets);
  writeMac(frame, 0, shape.destinationMac);
  writeMac(frame, 6, shape.sourceMac);
  for (const [at, type] of shape.tags.entries()) {
    writeUint16(frame, MACS_OCTETS + 4 * at, type);
    writeUint16(frame, MACS_OCTETS + 4 * at + 2, at + 7);
  }
  writeUint16(frame, ipAt - 2, TYPE_IPV4);
  frame.set(packet, ipAt);
  frame.fill(0xa5, ipAt + packet.length);
  for (const { at, value } of shape.changes) {
    frame[MACS_OCTETS + (at % (frame.length - MACS_OCTETS))] = value;
  }
  return shape.cutAt === undefined ? frame : frame.slice(0, shape.cutAt);
}

function flowOf(sender: Sender, { key, owner }: Rule): Record<'from' | 'to', Endpoint> {
  const { client, virtual } = key;
  switch (sender) {
    case 'client':
      return { from: client, to: virtual };
    case 'owner':
      return { from: owner, to: client };
    case 'barred':
      return { from: virtual, to: client };
    case 'past-the-switch':
      return { from: client, to: owner };
    case 'stranger':
      return { from: { ...client, port: client.port ^ 0x100 }, to: virtual };
    default:
      return sender satisfies never;
  }
}

function packetOf(shape: Shape, from: Endpoint, to: Endpoint): Uint8Array {
  const payload = payloadOf(shape, from, to);
  const header = ipHeader(shape, { from, to, carried: payload.length });
  return Uint8Array.of(...header, ...payload);
}

function payloadOf(shape: Shape, from: Endpoint, to: Endpoint): Uint8Array {
  if (shape.protocol === PROTOCOL.tcp) return segmentOf(shape, from, to);
  return shape.protocol === PROTOCOL.icmp ? errorOf(shape, from, to) : pattern(shape.payloadOctets);
}

interface Carried {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly carried: number;
}

function ipHeader(shape: Shape, { from, to, carried }: Carried): Uint8Array {
  const octets = Math.max(IP_OCTETS, 4 * shape.ipWords);
  const header = new Uint8Array(octets).fill(1, IP_OCTETS);
  header[0] = (shape.version << 4) | shape.ipWords;
  writeUint16(header, 2, octets + carried + shape.totalError);
  writeUint16(header, 4, 0x1234);
  writeUint16(header, 6, shape.fragment);
  header[8] = 64;
  header[9] = shape.protocol;
  writeUint32(header, 12, Number(from.address));
  writeUint32(header, 16, Number(to.address));
  const { ipChecksum: sum } = shape;
  writeUint16(header, 10, sum === 'right' ? checksum(header, 0, octets) : sum);
  return header;
}

function segmentOf(shape: Shape, from: Endpoint, to: Endpoint): Uint8Array {
  const octets = TCP_OCTETS + 4 * Math.ceil(shape.options.length / 4);
  const segment = new Uint8Array(octets + shape.payloadOctets);
  writeUint16(segment, 0, from.port);
  writeUint16(segment, 2, to.port);
  writeUint32(segment, 4, shape.seq);
  writeUint32(segment, 8, shape.ack);
  writeUint16(segment, 12, ((shape.dataOffset ?? octets / 4) << 12) | shape.flags);
  writeUint16(segment, 14, shape.window);
  writeUint16(segment, 18, shape.urgent);
  segment.set(shape.options, TCP_OCTETS);
  segment.set(pattern(shape.payloadOctets), octets);
  const { tcpChecksum: sum } = shape;
  writeUint16(segment, 16, sum === 'right' ? tcpSum(segment, from, to) : sum);
  return segment;
}

function tcpSum(segment: Uint8Array, from: Endpoint, to: Endpoint): number {
  const pseudo = new Uint8Array(12);
  writeUint32(pseudo, 0, Number(from.address));
  writeUint32(pseudo, 4, Number(to.address));
  writeUint16(pseudo, 8, PROTOCOL.tcp);
  writeUint16(pseudo, 10, segment.length);
  return checksum(Uint8Array.of(...pseudo, ...segment), 0, pseudo.length + segment.length);
}

/** An error about a segment the other way; it travels as a reply to that would. */
function errorOf(shape: Shape, from: Endpoint, to: Endpoint): Uint8Array {
  const about = { ...shape, ipWords: shape.quotedWords, protocol: PROTOCOL.tcp, totalError: 0 };
  const quotedIp = ipHeader(
    { ...about, version: 4, fragment: 0 },
    { from: to, to: from, carried: TCP_OCTETS },
  );
  const error = new Uint8Array(ICMP_OCTETS + quotedIp.length + QUOTED_TCP_OCTETS);
  error[0] = shape.icmpType;
  error[1] = 4;
  error.set(quotedIp, ICMP_OCTETS);
  const tcpAt = ICMP_OCTETS + quotedIp.length;
  writeUint16(error, tcpAt, to.port);
  writeUint16(error, tcpAt + 2, from.port);
  writeUint32(error, tcpAt + 4, shape.seq);
  writeUint16(error, 2, checksum(error, 0, error.length));
  return error;
}

/** Octets that name their place. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at * 7 + 1);
}

function writeMac(frame: Uint8Array, at: number, mac: number): void {
  writeUint16(frame, at, Math.floor(mac / 2 ** 32));
  writeUint32(frame, at + 2, mac);
}
