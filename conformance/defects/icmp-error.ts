/**
 * ICMP errors about segments of a rule, in untagged IPv4 frames. RFC 792.
 *
 *   | Ethernet | IPv4 | type code checksum rest | quoted IPv4 | 8 octets of TCP or more |
 *              14     34                        42            62
 */
import { formatIpv4, ipv4FromNumber, sumWords, updateChecksum } from 'scapy-ts';
import type { Endpoint } from '../driver/device.ts';
import { IPV4, TCP, viewOf } from './edit.ts';
import { BODY, fragmentOffset, protocolOf } from './packet.ts';
import type { Passage, Passages } from './passage.ts';

const ICMP = 1;
/** Where the quoted IPv4 header begins. */
export const QUOTE: number = BODY + 8;
/** Where the quoted TCP header begins. */
export const QUOTED_TCP: number = QUOTE + 20;
const ERRORS: readonly number[] = [3, 4, 5, 11, 12];

/** An ICMP error that quotes a segment of a rule. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** How the quoted segment travels, or has travelled. */
  readonly quoted: Passage;
}

function endAt(frame: Uint8Array, address: number, port: number): Endpoint {
  const view = viewOf(frame);
  return {
    address: formatIpv4(ipv4FromNumber(view.getUint32(address))),
    port: view.getUint16(port),
  };
}

/** Reads an error in an untagged frame, if it quotes a segment that `find` knows. */
export function errorIn(frame: Uint8Array, find: Passages['arriving']): IcmpError | undefined {
  if (protocolOf(frame) !== ICMP || fragmentOffset(frame) > 0) return undefined;
  const [type, code] = [frame[BODY] ?? 0, frame[BODY + 1] ?? 0];
  if (!ERRORS.includes(type) || frame.length < QUOTED_TCP + 8 || frame[QUOTE] !== 0x45) {
    return undefined;
  }
  const quoted = find({
    from: endAt(frame, QUOTE + IPV4.source, QUOTED_TCP + TCP.sourcePort),
    to: endAt(frame, QUOTE + IPV4.destination, QUOTED_TCP + TCP.destinationPort),
  });
  return quoted === undefined ? undefined : { type, code, quoted };
}

/** `frame` after a change inside the ICMP message, whose checksum follows. */
export function editedIcmp(frame: Uint8Array, change: (octets: DataView) => void): Uint8Array {
  const after = frame.slice();
  const octets = viewOf(after);
  change(octets);
  const sum = (all: Uint8Array): number =>
    sumWords(all, BODY + 4, all.length, sumWords(all, BODY, BODY + 2));
  octets.setUint16(BODY + 2, updateChecksum(octets.getUint16(BODY + 2), sum(frame), sum(after)));
  return after;
}
