/** Defects of ICMP errors that are for another, or about what is no segment. RFC 792, RFC 1122. */
import type { Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { IPV4 } from './edit.ts';
import { editedIcmp, errorIn, QUOTE } from './icmp-error.ts';
import { IP, repaired } from './packet.ts';
import { tapped } from './tap.ts';

/** A device that lets an error through its rules after `change`, which `undo` takes back. */
function misreading(
  isMisread: (frame: Uint8Array) => boolean,
  change: (frame: Uint8Array) => Uint8Array,
  undo: (frame: Uint8Array) => Uint8Array,
): Mutation {
  return (device) =>
    tapped(device, () => ({
      frame: async (input, tap) => {
        const { leaving } = await tap.passages();
        const error = errorIn(input.frame, leaving);
        if (error === undefined || !isMisread(input.frame)) return tap.pass(input);
        const left = await tap.pass({ ...input, frame: change(input.frame) });
        return left.map((output) => ({ ...output, frame: undo(output.frame) }));
      },
    }));
}

/** `frame` with an octet of the quoted IPv4 header changed, as its ICMP checksum is. */
function withQuotedOctet(at: number, value: number): (frame: Uint8Array) => Uint8Array {
  return (frame) =>
    editedIcmp(frame, (octets) => {
      octets.setUint8(QUOTE + at, value);
    });
}

const PROTOCOL_AT = 9;
const FRAGMENT_AT = IPV4.fragment + 1;

/** Defects of ICMP errors that are no rule's. */
export const misreadDefects: readonly Defect[] = [
  {
    name: 'icmp-for-another-taken',
    sentence: 'An ICMP error goes to the sender of what it quotes, whoever it was for.',
    breaks: 'PRISM-FWD-08',
    apply: misreading(
      (frame) => frame[QUOTE + PROTOCOL_AT] === 6,
      (frame) =>
        repaired(frame, (octets) => {
          octets.setUint32(IP + IPV4.destination, octets.getUint32(QUOTE + IPV4.source));
        }),
      (frame) => frame,
    ),
  },
  {
    name: 'icmp-about-udp-translated',
    sentence:
      'An ICMP error about a UDP datagram with the addresses and ports of a rule is changed.',
    breaks: 'PRISM-FWD-03',
    apply: misreading(
      (frame) => frame[QUOTE + PROTOCOL_AT] === 17,
      withQuotedOctet(PROTOCOL_AT, 6),
      withQuotedOctet(PROTOCOL_AT, 17),
    ),
  },
  {
    name: 'icmp-about-fragment-translated',
    sentence: 'An ICMP error about a later fragment is read as one about a TCP header.',
    breaks: 'PRISM-FWD-04',
    apply: misreading(
      (frame) => frame[QUOTE + FRAGMENT_AT] !== 0,
      withQuotedOctet(FRAGMENT_AT, 0),
      withQuotedOctet(FRAGMENT_AT, 185),
    ),
  },
];
