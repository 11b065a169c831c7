/**
 * ICMP errors about TCP segments, as a capture shows them. RFC 792, RFC 4443 section 3.
 *
 *   | IP | type code checksum rest | quoted IP | ports, sequence number, and perhaps more |
 */
import { endpointNumber, type AddressBook, type EndpointNumber } from './address-book.ts';
import { readIpHeader, type IpHeader } from './ip-header.ts';
import type { FrameReference } from './ledger.ts';
import { digestPayload, fold, i32, sumHeader, u16, type Digest } from './octets.ts';

/** A checksum; undefined where it cannot be known. */
export type Verified = boolean | undefined;

/** An error that quotes a segment. */
export interface QuotedError {
  readonly place: FrameReference;
  /** Type and code, and the second 32 bits: MTU, pointer, or unused. */
  readonly words: number;
  readonly rest: number;
  /** The address that it is sent to, as `AddressBook` numbers it. */
  readonly to: number;
  /** The ends of the quoted segment. */
  readonly quotedFrom: EndpointNumber;
  readonly quotedTo: EndpointNumber;
  readonly id: number;
  readonly seq: number;
  /** Quoted octets of payload, and their hash. */
  readonly octets: number;
  readonly hash: number;
  readonly ipChecksum: Verified;
  readonly icmpChecksum: Verified;
  readonly quotedChecksum: Verified;
}

const PROTOCOL = { icmpv4: 1, tcp: 6, icmpv6: 58 } as const;
const ICMP_OCTETS = 8;
/** Octets of a quoted TCP header that every error has. RFC 792. */
const LEAST_QUOTE = 8;
/** Unreachable, source quench, redirect, time exceeded, parameter problem; and those of ICMPv6. */
const ERRORS = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4] } as const;

const digest: Digest = { sum: 0, hash: 0 };

function headerVerified(octets: Uint8Array, { version, at, payloadAt }: IpHeader): Verified {
  return version === 6 ? undefined : fold(sumHeader(octets, at, payloadAt)) === 0xffff;
}

function icmpVerified(octets: Uint8Array, header: IpHeader): Verified {
  const { version, at, payloadAt, end } = header;
  if (end > octets.length) return undefined;
  digestPayload(octets, payloadAt, end, digest);
  const pseudo =
    version === 4 ? 0 : sumHeader(octets, at + 8, payloadAt) + PROTOCOL.icmpv6 + (end - payloadAt);
  return fold(digest.sum + pseudo) === 0xffff;
}

/** Where the payload behind the quoted TCP header begins; `end` where nothing of it is quoted. */
function quotedPayloadAt(octets: Uint8Array, at: number, end: number): number {
  return Math.min(end, at + 12 < end ? at + ((octets[at + 12] ?? 0) >> 4) * 4 : end);
}

/** Reads the error in a frame whose IP header is at `ipAt`; undefined when it is none of TCP. */
export function readQuotedError(
  octets: Uint8Array,
  ipAt: number,
  place: FrameReference,
  book: AddressBook,
): QuotedError | undefined {
  const outer = readIpHeader(octets, ipAt, book);
  if (outer === undefined) return undefined;
  const { version, payloadAt } = outer;
  const types: readonly number[] = ERRORS[version];
  if (outer.protocol !== (version === 4 ? PROTOCOL.icmpv4 : PROTOCOL.icmpv6)) return undefined;
  if (!types.includes(octets[payloadAt] ?? -1)) return undefined;
  const quoted = readIpHeader(octets, payloadAt + ICMP_OCTETS, book);
  const end = Math.min(outer.end, octets.length);
  if (quoted?.version !== version || quoted.protocol !== PROTOCOL.tcp || quoted.offset > 0) {
    return undefined;
  }
  const tcpAt = quoted.payloadAt;
  if (end < tcpAt + LEAST_QUOTE) return undefined;
  const behind = quotedPayloadAt(octets, tcpAt, end);
  const icmpChecksum = icmpVerified(octets, outer);
  digestPayload(octets, behind, end, digest);
  return {
    place,
    words: u16(octets, payloadAt),
    rest: i32(octets, payloadAt + 4) >>> 0,
    to: outer.to,
    quotedFrom: endpointNumber(quoted.from, u16(octets, tcpAt)),
    quotedTo: endpointNumber(quoted.to, u16(octets, tcpAt + 2)),
    id: quoted.id,
    seq: i32(octets, tcpAt + 4),
    octets: end - behind,
    hash: digest.hash,
    ipChecksum: headerVerified(octets, outer),
    icmpChecksum,
    quotedChecksum: headerVerified(octets, quoted),
  };
}
