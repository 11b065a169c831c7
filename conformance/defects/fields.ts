/** Defects of fields that a rule does not name, and that must leave as they came. */
import { editing, spoiling } from './change.ts';
import type { Defect } from './defect.ts';
import { hasFlag, IPV4, payloadOctets, TCP } from './edit.ts';
import { isForth } from './passage.ts';

function clear(octets: DataView, at: number, mask: number): void {
  octets.setUint8(at, octets.getUint8(at) & ~mask);
}

/** Defects of fields that no rule names. */
export const fieldDefects: readonly Defect[] = [
  {
    name: 'odd-octet-lost',
    sentence: 'The last octet of a payload of odd length leaves as 0, the checksum with it.',
    breaks: 'PRISM-REW-03',
    apply: editing((octets, segment) => {
      if (payloadOctets(segment) % 2 === 1) octets.setUint8(segment.end - 1, 0);
    }),
  },
  {
    name: 'flow-label-cleared',
    sentence: 'The flow label of IPv6 packets that pass a rule is cleared.',
    breaks: 'PRISM-REW-03',
    apply: spoiling((octets, { version, ip }) => {
      if (version === 6) octets.setUint32(ip, octets.getUint32(ip) & 0xfff00000);
    }),
  },
  {
    name: 'mss-clamped',
    sentence: 'An MSS option above 1400 is lowered to 1400.',
    breaks: 'PRISM-REW-03',
    apply: editing((octets, { options, payload }) => {
      if (payload < options + 4 || octets.getUint16(options) !== 0x0204) return;
      octets.setUint16(options + 2, Math.min(1400, octets.getUint16(options + 2)));
    }),
  },
  {
    name: 'ecn-cleared',
    sentence: 'The two ECN bits of what passes a rule are cleared.',
    breaks: 'PRISM-REW-13',
    apply: editing((octets, { version, ip }) => {
      if (version === 4) clear(octets, ip + IPV4.trafficClass, 0x03);
    }),
  },
  {
    name: 'ce-becomes-ect',
    sentence: 'The mark Congestion Experienced becomes ECT(0).',
    breaks: 'PRISM-REW-13',
    apply: editing((octets, { version, ip }) => {
      const at = ip + IPV4.trafficClass;
      if (version === 4 && (octets.getUint8(at) & 3) === 3) clear(octets, at, 1);
    }),
  },
  {
    name: 'df-cleared-with-payload',
    sentence: 'DF is cleared in packets that carry payload.',
    breaks: 'PRISM-REW-13',
    apply: editing((octets, segment) => {
      if (segment.version === 6 || payloadOctets(segment) === 0) return;
      clear(octets, segment.ip + IPV4.fragment, 0x40);
    }),
  },
  {
    name: 'ip-id-zeroed-with-df',
    sentence: 'The identification of packets with DF towards an owner is set to 0.',
    breaks: 'PRISM-REW-13',
    apply: editing((octets, { version, ip }, passage) => {
      if (version === 6 || !isForth(passage)) return;
      if ((octets.getUint8(ip + IPV4.fragment) & 0x40) !== 0) octets.setUint16(ip + IPV4.id, 0);
    }),
  },
  {
    name: 'reserved-bits-cleared',
    sentence: 'The three reserved bits of the TCP header are cleared.',
    breaks: 'PRISM-REW-15',
    apply: editing((octets, { tcp }) => {
      clear(octets, tcp + TCP.flags, 0x0e);
    }),
  },
  {
    name: 'ae-flag-cleared',
    sentence: 'The flag AE, once a reserved bit, is cleared in what goes to the client.',
    breaks: 'PRISM-REW-15',
    apply: editing((octets, { tcp }, passage) => {
      if (!isForth(passage)) clear(octets, tcp + TCP.flags, 0x01);
    }),
  },
  {
    name: 'zero-window-opened',
    sentence: 'A window of 0 leaves as 1.',
    breaks: 'PRISM-REW-15',
    apply: editing((octets, { tcp }) => {
      const at = tcp + TCP.window;
      if (octets.getUint16(at) === 0) octets.setUint16(at, 1);
    }),
  },
  {
    name: 'urgent-cleared-without-urg',
    sentence: 'The urgent pointer of a segment without URG is set to 0.',
    breaks: 'PRISM-REW-15',
    apply: editing((octets, segment) => {
      if (!hasFlag(segment, 'URG')) octets.setUint16(segment.tcp + TCP.urgent, 0);
    }),
  },
];
