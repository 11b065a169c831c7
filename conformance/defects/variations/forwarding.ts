/** Devices whose packets are as correct as those of the reference, and not the same. */
import { TCP_FLAG, verifyChecksums } from 'scapy-ts';
import { without } from '../claims.ts';
import type { Variation } from '../defect.ts';
import { add32, edited, OPTION, optionsOf, overwritten, segmentOf, TCP } from '../edit.ts';
import { onArriving, onLeaving } from '../change.ts';
import { tapped } from '../tap.ts';

/** The MAC address of a switch that puts its own on what it rewrites. */
const SWITCH_MAC = [0x02, 0, 0, 0, 0, 0x99];
/** Smallest Ethernet frame without the check sequence. IEEE 802.3 clause 3.2.8. */
const MIN_FRAME_OCTETS = 60;
const JUNK = 0xa5;

function isCorrupt(frame: Uint8Array): boolean {
  return verifyChecksums(frame).some(({ layer, valid }) => layer === 'tcp' && !valid);
}

function padded(frame: Uint8Array, junk: number): Uint8Array {
  if (frame.length >= MIN_FRAME_OCTETS) return frame;
  const whole = new Uint8Array(MIN_FRAME_OCTETS).fill(junk);
  whole.set(frame);
  return whole;
}

/** Correct devices that do something else to packets. */
export const forwardingVariations: readonly Variation[] = [
  {
    name: 'own-source-mac',
    sentence: 'What passes a rule leaves with the Ethernet source of the switch.',
    apply: onLeaving(({ frame }) => {
      const after = frame.slice();
      after.set(SWITCH_MAC, 6);
      return after;
    }),
  },
  {
    name: 'ones-for-zero',
    sentence: 'A TCP checksum of 0x0000 leaves as 0xFFFF, which is the same number.',
    departs: ['PRISM-REW-06'],
    apply: onLeaving(({ frame, tcp }) =>
      overwritten(frame, (octets) => {
        const at = tcp + TCP.checksum;
        if (octets.getUint16(at) === 0) octets.setUint16(at, 0xffff);
      }),
    ),
  },
  {
    name: 'drops-corrupt',
    sentence: 'Checksums are verified on arrival: what is corrupt is dropped, the rest recomputed.',
    apply: onArriving((segment) => (isCorrupt(segment.frame) ? undefined : segment.frame)),
  },
  {
    name: 'pads-short-frames',
    sentence: 'Frames shorter than Ethernet allows are padded with zeros.',
    apply: (inner) =>
      tapped(inner, () => ({
        output: ({ port, frame }) => [{ port, frame: padded(frame, 0) }],
      })),
  },
  {
    name: 'pads-with-junk',
    sentence: 'What passes a rule is padded with octets that are not zero.',
    apply: onLeaving(({ frame }) => padded(frame, JUNK)),
  },
  {
    name: 'cuts-padding',
    sentence: 'The Ethernet padding of what passes a rule is cut off.',
    apply: onLeaving(({ frame, end }) => frame.slice(0, end)),
  },
  {
    name: 'keeps-zero-echo',
    sentence: 'A TSecr of 0 is taken for no echo at all and leaves as 0.',
    apply: (inner) => {
      // What came in as 0 is known by its own sum: the device shifts it, this puts it back.
      return onLeaving((segment, { rule, direction }) => {
        const { clientTimestamp, ownerTimestamp } = rule.deltas;
        const shift = direction === 'client-to-owner' ? ownerTimestamp : -clientTimestamp;
        const option = optionsOf(segment).find(({ kind }) => kind === OPTION.timestamps);
        if (option?.length !== 10 || (segment.flags & TCP_FLAG.ACK) === 0) return segment.frame;
        const zero = (shift >>> 0) % 2 ** 32;
        return edited(segment, (octets) => {
          if (octets.getUint32(option.at + 6) === zero) octets.setUint32(option.at + 6, 0);
        });
      })(inner);
    },
  },
  {
    name: 'shifts-unused-ack',
    sentence: 'The acknowledgment number is shifted without ACK too, where it means nothing.',
    apply: onLeaving((segment, { rule, direction }) => {
      if ((segment.flags & TCP_FLAG.ACK) !== 0) return segment.frame;
      const { clientSeq, ownerSeq } = rule.deltas;
      const shift = direction === 'client-to-owner' ? ownerSeq : -clientSeq;
      return edited(segment, (octets, { tcp }) => add32(octets, tcp + TCP.ack, shift));
    }),
  },
  {
    name: 'drops-ipv6',
    sentence: 'The device claims no IPv6 rules and drops IPv6 segments between rule hosts.',
    base: { claims: without('V6', 'JUMBO') },
    apply: (inner) =>
      tapped(inner, () => ({
        input: (input) => (segmentOf(input.frame)?.version === 6 ? [] : [input]),
      })),
  },
];
