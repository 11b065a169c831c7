/**
 * TCP. RFC 9293 section 3.1; ECE and CWR are RFC 3168, AE is RFC 9768.
 *
 *   | srcPort 16 | dstPort 16 |
 *   | seq 32 |
 *   | ack 32 |
 *   | dataOffset 4 | reserved 3 | flags 9 | window 16 |
 *   | checksum 16 | urgent 16 | options … |
 */
import { header } from './compile.ts';
import { cutOff, note, take } from './cursor.ts';
import { hex, whole } from './fields.ts';
import { PROTOCOL } from './protocol.ts';
import { transportChecksum, write16 } from './stack.ts';
import { TCP_OPTIONS } from './tcp-options.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Given, Header, Written } from './table.ts';
import type { TcpOption } from './tcp-options.ts';

/** A TCP header. */
export interface Tcp {
  readonly kind: 'tcp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** Header length in 32-bit words. */
  readonly dataOffset: number;
  /** The three bits between data offset and AE. */
  readonly reserved: number;
  /** Nine bits, see TCP_FLAG. */
  readonly flags: number;
  readonly window: number;
  readonly checksum: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
}

/** The first eight octets of a TCP header, in an ICMP error that quotes no more of it. */
export interface TcpQuote {
  readonly kind: 'tcpQuote';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
}

/** The bits of `flags`. */
export const TCP_FLAG = {
  FIN: 0x001,
  SYN: 0x002,
  RST: 0x004,
  PSH: 0x008,
  ACK: 0x010,
  URG: 0x020,
  ECE: 0x040,
  CWR: 0x080,
  AE: 0x100,
} as const;

/** The letters of the flags, lowest bit first: scapy's, `N` for the bit that is AE today. */
const FLAG_LETTERS = 'FSRPAUECN';

/** `SA` for SYN and ACK, `none` for none. */
export function formatTcpFlags(flags: number): string {
  const letters = Array.from(FLAG_LETTERS).filter((_, bit) => (flags & (1 << bit)) !== 0);
  return letters.length === 0 ? 'none' : letters.join('');
}

/** The flags that letters such as `SA` say; throws TypeError on a letter that is none of them. */
export function tcpFlags(letters: string): number {
  let flags = 0;
  for (const letter of letters) {
    const bit = FLAG_LETTERS.indexOf(letter);
    if (bit < 0) throw new TypeError(`${JSON.stringify(letter)} is no TCP flag (${FLAG_LETTERS})`);
    flags |= 1 << bit;
  }
  return flags;
}

/** The TCP header. */
export const TCP: Header<Tcp> = header<Tcp>('tcp', 'TCP', {
  srcPort: whole(16, 20),
  dstPort: whole(16, 80),
  seq: whole(32),
  ack: whole(32),
  dataOffset: whole(4, 'computed'),
  reserved: whole(3),
  flags: { bits: 9, unset: TCP_FLAG.SYN, show: formatTcpFlags },
  window: whole(16, 8192),
  checksum: hex(16, 'computed'),
  urgent: whole(16),
  options: { bits: 0, unset: [], show: (options) => TCP_OPTIONS.show(options) },
});

/** The quoted start of a TCP header. */
export const TCP_QUOTE: Header<TcpQuote> = header<TcpQuote>('tcpQuote', 'TCP (quoted)', {
  srcPort: whole(16),
  dstPort: whole(16),
  seq: whole(32),
});

/** What the factory takes: flags also as letters, `SA`. */
export type GivenTcp = Omit<Given<Tcp>, 'flags'> & { readonly flags?: number | string | undefined };

/** A TCP header; unset data offset and checksum are computed, unset flags are SYN. */
export function tcp(given: GivenTcp = {}): Written<Tcp> {
  const { flags } = given;
  return TCP.make({ ...given, flags: typeof flags === 'string' ? tcpFlags(flags) : flags });
}

/** The quoted start of a TCP header. */
export function tcpQuote(given: Given<TcpQuote> = {}): Written<TcpQuote> {
  return TCP_QUOTE.make(given);
}

const NO_OPTIONS: readonly TcpOption[] = [];

/** Reads a TCP header, or in an ICMP error as much as is quoted of it. */
export function readTcp(cursor: Cursor): Step {
  const { octets, at, end, quoted } = cursor;
  const have = end - at;
  if (have < TCP.lengthOctets) return quoted ? readTcpQuote(cursor) : cutOff(cursor, TCP);
  const dataOffset = (octets[at + TCP.octetOf.dataOffset] ?? 0) >> 4;
  const length = dataOffset * 4;
  if (dataOffset < 5) {
    note(cursor, TCP, { kind: 'invalid', field: 'dataOffset', at, need: 5, have: dataOffset });
    return 'raw';
  }
  if (length > have) {
    if (quoted) return readTcpQuote(cursor);
    note(cursor, TCP, { kind: 'truncated', field: 'dataOffset', at, need: length, have });
    return 'raw';
  }
  const options =
    dataOffset === 5 ? NO_OPTIONS : TCP_OPTIONS.read(octets, at + TCP.lengthOctets, at + length);
  take(cursor, TCP.read(octets, at, options), length);
  return 'raw';
}

function readTcpQuote(cursor: Cursor): Step {
  if (cursor.end - cursor.at < TCP_QUOTE.lengthOctets) return cutOff(cursor, TCP_QUOTE);
  take(cursor, TCP_QUOTE.read(cursor.octets, cursor.at), TCP_QUOTE.lengthOctets);
  return 'raw';
}

/** Octets of the header when built; options are padded with zeros to whole words. */
export function sizeOfTcp({ options }: Written<Tcp>): number {
  if (options === undefined || options.length === 0) return TCP.lengthOctets;
  return TCP.lengthOctets + ((TCP_OPTIONS.size(options) + 3) & ~3);
}

/** Writes a TCP header. */
export function writeTcp(layer: Written<Tcp>, site: Site): void {
  const { octets, at, payload } = site;
  TCP.write(octets, at, layer, { dataOffset: (payload - at) / 4, checksum: 0 });
  if (layer.options !== undefined) {
    TCP_OPTIONS.write(octets, at + TCP.lengthOctets, layer.options);
  }
  if (layer.checksum === undefined) {
    write16(octets, at + TCP.octetOf.checksum, transportChecksum(site, PROTOCOL.tcp));
  }
}

/** Writes the quoted start of a TCP header. */
export function writeTcpQuote(layer: Written<TcpQuote>, { octets, at }: Site): void {
  TCP_QUOTE.write(octets, at, layer, {});
}
