/** Defects of fragments: only the first has a TCP header, and all go one way. */
import { onLeaving, type Mutation } from './change.ts';
import { tcpChecksum } from './checksums.ts';
import type { Defect } from './defect.ts';
import { edited, IPV4, overwritten, segmentOf, sendTo, TCP, viewOf } from './edit.ts';
import { endsOf, fragmentOffset, IP, protocolOf } from './packet.ts';
import { isForth, type Passages } from './passage.ts';
import { tapped } from './tap.ts';

/** A rule's client and virtual address, or its owner's and client's, and nothing of ports. */
function isBetweenHosts(frame: Uint8Array, { rules }: Passages, forth: boolean): boolean {
  const { from, to } = endsOf(frame);
  return rules.some(({ rule: { client, virtual, owner } }) =>
    forth
      ? from.address === client.address && to.address === virtual.address
      : from.address === owner.address && to.address === client.address,
  );
}

/** A device that bridges some later fragments past its rules. */
function forgettingLater(
  isForgotten: (frame: Uint8Array, passages: Passages) => boolean,
): Mutation {
  return (device) =>
    tapped(device, () => ({
      past: ({ frame }, passages) =>
        fragmentOffset(frame) > 0 && isForgotten(frame, passages) ? frame : undefined,
    }));
}

/** Fragment offset of an IPv6 packet whose first header is of fragments. RFC 8200 section 4.5. */
function offsetV6(frame: Uint8Array): number | undefined {
  const isFragment = frame.length >= 62 && frame[12] === 0x86 && frame[20] === 44;
  return isFragment ? viewOf(frame).getUint16(56) >> 3 : undefined;
}

/** The first fragment of a segment of the client as its owner gets it; others as they are. */
function ofFirstAlone(frame: Uint8Array, { arriving }: Passages): Uint8Array {
  const segment = offsetV6(frame) === 0 ? segmentOf(frame) : undefined;
  const passage = segment === undefined ? undefined : arriving(segment);
  if (segment === undefined || passage === undefined || !isForth(passage)) return frame;
  return edited(segment, (octets) => {
    sendTo(octets, segment, passage.rule.owner);
  });
}

function isFirst(frame: Uint8Array): boolean {
  if (protocolOf(frame) === undefined) return false;
  return (viewOf(frame).getUint16(IP + IPV4.fragment) & 0x3fff) === 0x2000;
}

/** Defects of fragments. */
export const fragmentDefects: readonly Defect[] = [
  {
    name: 'later-fragment-read-as-segment',
    sentence: 'A later fragment whose octets look like a segment of a rule is sent to the owner.',
    breaks: 'PRISM-FWD-04',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, { arriving }) => {
          if (fragmentOffset(frame) === 0) return undefined;
          const field = viewOf(frame).getUint16(IP + IPV4.fragment);
          const setField = (octets: DataView, value: number): void => {
            octets.setUint16(IP + IPV4.fragment, value);
          };
          const whole = overwritten(frame, (octets) => {
            setField(octets, 0);
          });
          const segment = segmentOf(whole);
          const passage = segment === undefined ? undefined : arriving(segment);
          if (segment === undefined || passage === undefined || !isForth(passage)) return undefined;
          const sent = edited(segment, (octets) => {
            sendTo(octets, segment, passage.rule.owner);
          });
          return overwritten(sent, (octets) => {
            setField(octets, field);
          });
        },
      })),
  },
  {
    name: 'first-fragment-alone-translated',
    sentence: 'Of a fragmented segment of the client, the first fragment alone is translated.',
    breaks: 'PRISM-FWD-05',
    apply: forgettingLater((frame, passages) => isBetweenHosts(frame, passages, true)),
  },
  {
    name: 'owner-first-fragment-alone-translated',
    sentence: 'Of a fragmented segment of the owner, the first fragment alone is translated.',
    breaks: 'PRISM-FWD-05',
    apply: forgettingLater((frame, passages) => isBetweenHosts(frame, passages, false)),
  },
  {
    name: 'third-fragment-forgotten',
    sentence: 'A last fragment that follows two others goes on untranslated.',
    breaks: 'PRISM-FWD-05',
    apply: forgettingLater((frame, passages) => {
      const field = viewOf(frame).getUint16(IP + IPV4.fragment);
      return field > 185 && field < 0x2000 && isBetweenHosts(frame, passages, true);
    }),
  },
  {
    name: 'ipv6-first-fragment-alone-translated',
    sentence: 'Of a fragmented IPv6 segment, the first fragment alone is translated.',
    breaks: 'PRISM-FWD-05',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, passages) =>
          offsetV6(frame) === undefined ? undefined : ofFirstAlone(frame, passages),
      })),
  },
  {
    name: 'fragments-told-by-addresses',
    sentence: 'A later fragment goes untranslated if the last first one was of no rule.',
    breaks: 'PRISM-FWD-05',
    apply: (device) =>
      tapped(device, () => {
        let isRuled = true;
        return {
          past: ({ frame }, passages) => {
            if (isFirst(frame)) isRuled = passages.arriving(endsOf(frame)) !== undefined;
            const isLater = fragmentOffset(frame) > 0 && isBetweenHosts(frame, passages, true);
            return isLater && !isRuled ? frame : undefined;
          },
        };
      }),
  },
  {
    name: 'first-fragment-summed-alone',
    sentence: 'The TCP checksum of a fragmented segment is computed over its first fragment.',
    breaks: 'PRISM-FWD-05',
    apply: onLeaving((segment) =>
      isFirst(segment.frame)
        ? overwritten(segment.frame, (octets) => {
            octets.setUint16(segment.tcp + TCP.checksum, tcpChecksum(segment, segment.end));
          })
        : segment.frame,
    ),
  },
  {
    name: 'later-fragments-dropped-though-claimed',
    sentence: 'Later fragments are dropped by a device that claims to translate them.',
    breaks: 'PRISM-FWD-05',
    apply: (device) =>
      tapped(device, () => ({
        input: (input, { rules }) =>
          rules.length > 0 && fragmentOffset(input.frame) > 0 ? [] : [input],
      })),
  },
];
