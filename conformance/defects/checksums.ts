/** Defects of the two checksums, which no other field shares. */
import { sumWords, updateChecksum } from 'scapy-ts';
import { onLeaving, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import {
  hasFlag,
  IPV4,
  OPTION,
  optionsOf,
  overwritten,
  payloadOctets,
  TCP,
  viewOf,
  type Segment,
} from './edit.ts';
import { foldedOnce, wordsOf } from './folding.ts';
import { isForth, shiftsOf, type Passage } from './passage.ts';

/** What becomes of a checksum; undefined leaves it as it is. */
type Spoil = (found: number, segment: Segment, passage: Passage) => number | undefined;

function spoilingChecksum(place: (segment: Segment) => number | undefined, spoil: Spoil): Mutation {
  return onLeaving((segment, passage) => {
    const at = place(segment);
    if (at === undefined) return segment.frame;
    return overwritten(segment.frame, (octets) => {
      octets.setUint16(at, spoil(octets.getUint16(at), segment, passage) ?? octets.getUint16(at));
    });
  });
}

function spoilingTcp(spoil: Spoil): Mutation {
  return spoilingChecksum(({ tcp }) => tcp + TCP.checksum, spoil);
}

function spoilingIpv4(spoil: Spoil): Mutation {
  return spoilingChecksum(
    ({ version, ip }) => (version === 4 ? ip + IPV4.checksum : undefined),
    spoil,
  );
}

/** Sum of an IPv4 address in dotted text. */
function addressSum(address: string): number {
  const octets = Uint8Array.from(address.split('.').map(Number));
  return sumWords(octets, 0, octets.length);
}

/** The address that the rule has taken away, and the one that it has written. */
function exchanged(passage: Passage): readonly [string, string] {
  const { owner, virtual } = passage.rule;
  return isForth(passage) ? [virtual.address, owner.address] : [owner.address, virtual.address];
}

/** A checksum that the change of address has not reached. */
const withoutAddress: Spoil = (found, { version }, passage) => {
  if (version === 6) return undefined;
  const [was, is] = exchanged(passage);
  return updateChecksum(found, addressSum(is), addressSum(was));
};

/** The sum of a 32-bit number. */
function sum32(value: number): number {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return sumWords(octets, 0, 4);
}

/** The TCP checksum of a segment up to `to`. RFC 9293 section 3.1. */
export function tcpChecksum({ frame, ip, tcp, end, version }: Segment, to: number): number {
  const [at, length] = version === 4 ? [12, 8] : [8, 32];
  const pseudo = sumWords(frame, ip + at, ip + at + length, 6 + end - tcp);
  const head = sumWords(frame, tcp, tcp + TCP.checksum, pseudo);
  return ~sumWords(frame, tcp + TCP.urgent, to, head) & 0xffff;
}

/** A checksum from which the second carry of the change of address is lost. */
const secondCarryLost: Spoil = (found, segment, passage) => {
  const before = withoutAddress(found, segment, passage);
  if (before === undefined) return undefined;
  const [was, is] = exchanged(passage);
  return ~foldedOnce(wordsOf(was), wordsOf(is), ~before & 0xffff) & 0xffff;
};

/** A checksum to which the change of address and port was added without its own second carry. */
const carryOfChangeLost: Spoil = (found, { version }, passage) => {
  if (version === 6) return undefined;
  const { owner, virtual } = passage.rule;
  const [was, is] = isForth(passage) ? [virtual, owner] : [owner, virtual];
  const change = foldedOnce([...wordsOf(was.address), was.port], [...wordsOf(is.address), is.port]);
  return change > 0xffff ? updateChecksum(found, 1, 0) : undefined;
};

/** Defects of the IPv4 header checksum. */
const ipv4Defects: readonly Defect[] = [
  {
    name: 'ipv4-checksum-not-updated',
    sentence: 'The IPv4 header checksum leaves as it came although an address has changed.',
    breaks: 'PRISM-REW-04',
    apply: spoilingIpv4(withoutAddress),
  },
  {
    name: 'ipv4-second-carry-lost',
    sentence: 'The carry that arises when the carries are added is lost from the IPv4 checksum.',
    breaks: 'PRISM-REW-04',
    apply: spoilingIpv4(secondCarryLost),
  },
  {
    name: 'ipv4-checksum-minus-zero',
    sentence: 'An IPv4 checksum that becomes 0x0000 leaves as 0xFFFF, as by RFC 1141.',
    breaks: 'PRISM-REW-06',
    apply: spoilingIpv4((found) => (found === 0 ? 0xffff : undefined)),
  },
  {
    name: 'ipv4-checksum-recomputed',
    sentence: 'The IPv4 checksum is computed anew, also where it was wrong on arrival.',
    breaks: 'PRISM-REW-08',
    apply: spoilingIpv4((_found, { frame, ip, tcp }) => {
      const sum = sumWords(frame, ip, ip + IPV4.checksum);
      return ~sumWords(frame, ip + IPV4.source, tcp, sum) & 0xffff;
    }),
  },
];

/** Defects of the TCP checksum. */
const tcpDefects: readonly Defect[] = [
  {
    name: 'tcp-checksum-off-by-one',
    sentence: 'The TCP checksum of what goes to an owner is too large by one.',
    breaks: 'PRISM-REW-05',
    apply: spoilingTcp((found, _segment, passage) =>
      isForth(passage) ? (found + 1) & 0xffff : undefined,
    ),
  },
  {
    name: 'tcp-checksum-without-addresses',
    sentence: 'The TCP checksum follows the ports and not the addresses of the pseudo-header.',
    breaks: 'PRISM-REW-05',
    apply: spoilingTcp(withoutAddress),
  },
  {
    name: 'tcp-checksum-follows-unset-ack',
    sentence: 'The TCP checksum follows a shift of the acknowledgment number also without ACK.',
    breaks: 'PRISM-REW-05',
    apply: spoilingTcp((found, segment, passage) => {
      if (hasFlag(segment, 'ACK')) return undefined;
      const number = viewOf(segment.frame).getUint32(segment.tcp + TCP.ack);
      return updateChecksum(found, sum32(number), sum32((number + shiftsOf(passage).ack) >>> 0));
    }),
  },
  {
    name: 'tcp-checksum-second-carry-lost',
    sentence: 'The carry that arises when the carries are added is lost from the TCP checksum.',
    breaks: 'PRISM-REW-05',
    apply: spoilingTcp(secondCarryLost),
  },
  {
    name: 'carry-of-change-lost',
    sentence: 'What a rule changes is summed by itself, and the second carry of that sum is lost.',
    breaks: 'PRISM-REW-05',
    apply: spoilingTcp(carryOfChangeLost),
  },
  {
    name: 'tcp-checksum-minus-zero',
    sentence: 'A TCP checksum that becomes 0x0000 leaves as 0xFFFF.',
    breaks: 'PRISM-REW-06',
    apply: spoilingTcp((found) => (found === 0 ? 0xffff : undefined)),
  },
  {
    name: 'tcp-checksum-recomputed',
    sentence: 'The TCP checksum is computed anew, also where it was wrong on arrival.',
    breaks: 'PRISM-REW-07',
    apply: spoilingTcp((_found, segment) => tcpChecksum(segment, segment.end)),
  },
  {
    name: 'tcp-checksum-recomputed-when-spliced',
    sentence: "The TCP checksum of an owner's segment is computed anew under SPLICE.",
    breaks: 'PRISM-REW-07',
    apply: spoilingTcp((_found, segment, passage) =>
      isForth(passage) || shiftsOf(passage).seq === 0
        ? undefined
        : tcpChecksum(segment, segment.end),
    ),
  },
  {
    name: 'odd-octet-summed-low',
    sentence: 'The last octet of an odd segment is summed as the low half of a word.',
    breaks: 'PRISM-REW-09',
    apply: spoilingTcp((found, segment) => {
      if (payloadOctets(segment) % 2 === 0) return undefined;
      const octet = segment.frame[segment.end - 1] ?? 0;
      return updateChecksum(found, octet << 8, octet);
    }),
  },
  {
    name: 'odd-octet-not-summed',
    sentence: 'The last octet of a segment with one octet of payload is left out of the checksum.',
    breaks: 'PRISM-REW-09',
    apply: spoilingTcp((found, segment) =>
      payloadOctets(segment) === 1
        ? updateChecksum(found, (segment.frame[segment.end - 1] ?? 0) << 8, 0)
        : undefined,
    ),
  },
  {
    name: 'padding-summed',
    sentence: 'Ethernet padding is summed into the TCP checksum.',
    breaks: 'PRISM-REW-10',
    apply: spoilingTcp((found, segment) =>
      segment.end < segment.frame.length
        ? updateChecksum(found, 0, sumWords(segment.frame, segment.end, segment.frame.length))
        : undefined,
    ),
  },
  {
    name: 'ipv6-checksum-without-addresses',
    sentence: "The TCP checksum over IPv6 leaves out the last word of the client's address.",
    breaks: 'PRISM-REW-18',
    apply: spoilingTcp((found, { frame, ip, version }, passage) => {
      if (version === 4) return undefined;
      const at = ip + (isForth(passage) ? 8 : 24) + 14;
      return updateChecksum(found, sumWords(frame, at, at + 2), 0);
    }),
  },
  {
    name: 'sack-edges-not-summed',
    sentence: 'The TCP checksum does not follow the shift of SACK edges at odd places.',
    breaks: 'PRISM-SEQ-06',
    apply: spoilingTcp((found, segment, passage) => {
      const { frame } = segment;
      const sack = optionsOf(segment).find(({ kind }) => kind === OPTION.sack);
      if (sack === undefined || sack.at % 2 === 0 || !hasFlag(segment, 'ACK')) return undefined;
      const octets = new DataView(frame.slice(sack.at - 1, sack.at + sack.length + 1).buffer);
      const is = sumWords(frame, sack.at - 1, sack.at + sack.length + 1);
      for (let at = 3; at + 4 <= octets.byteLength; at += 4) {
        octets.setUint32(at, (octets.getUint32(at) - shiftsOf(passage).ack) >>> 0);
      }
      return updateChecksum(
        found,
        is,
        sumWords(new Uint8Array(octets.buffer), 0, octets.byteLength),
      );
    }),
  },
];

/** Defects of checksums. */
export const checksumDefects: readonly Defect[] = [...ipv4Defects, ...tcpDefects];
