/** Defects of wrong lengths: a device that believes a header rather than what it has. */
import { underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { IPV4, overwritten, TCP, viewOf } from './edit.ts';
import { BODY, endsOf, IP, protocolOf, sentTo } from './packet.ts';
import { isForth, type Passages } from './passage.ts';
import { tapped } from './tap.ts';

/** Lengths that a plain IPv4 packet claims, in octets. */
export interface Claims {
  /** Of the IP packet. */
  readonly total: number;
  /** Of the TCP header. */
  readonly header: number;
  /** What the frame has for the IP packet. */
  readonly room: number;
}

/** The lengths that a plain TCP packet claims; undefined for a frame that cannot hold one. */
export function claimsOf(frame: Uint8Array): Claims | undefined {
  if (protocolOf(frame) !== 6 || frame.length < BODY + 20) return undefined;
  return {
    total: viewOf(frame).getUint16(IP + IPV4.totalLength),
    header: ((frame[BODY + TCP.flags] ?? 0) >> 4) * 4,
    room: frame.length - IP,
  };
}

function withTotal(frame: Uint8Array, total: number, checksum: number): Uint8Array {
  return overwritten(frame, (octets) => {
    octets.setUint16(IP + IPV4.totalLength, total);
    octets.setUint16(IP + IPV4.checksum, checksum);
  });
}

/** A device that takes the whole frame for the packet where its length says otherwise. */
function believing(isBelieved: (claims: Claims) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      frame: async (input, tap) => {
        const claims = claimsOf(input.frame);
        if (claims === undefined || !isBelieved(claims)) return tap.pass(input);
        const { total, room } = claims;
        const checksum = viewOf(input.frame).getUint16(IP + IPV4.checksum);
        const left = await tap.pass({ ...input, frame: withTotal(input.frame, room, checksum) });
        return left.map((output) =>
          claimsOf(output.frame) === undefined
            ? output
            : {
                ...output,
                frame: withTotal(
                  output.frame,
                  total,
                  viewOf(output.frame).getUint16(IP + IPV4.checksum),
                ),
              },
        );
      },
    }));
}

/** A segment behind an IPv4 header that is said to have 3 or 4 words, as its owner gets it. */
function afterShortHeader(frame: Uint8Array, { arriving }: Passages): Uint8Array | undefined {
  const words = (frame[IP] ?? 0) & 0x0f;
  const isShort = frame.length >= BODY && frame[12] === 8 && (words === 3 || words === 4);
  if (!isShort || frame[IP + 9] !== 6) return undefined;
  const ports = IP + 4 * words;
  const { from, to } = endsOf(frame);
  const view = viewOf(frame);
  const passage = arriving({
    from: { ...from, port: view.getUint16(ports) },
    to: { ...to, port: view.getUint16(ports + 2) },
  });
  if (passage === undefined || !isForth(passage)) return undefined;
  return overwritten(sentTo(frame, passage.rule.owner), (octets) => {
    octets.setUint16(ports + 2, passage.rule.owner.port);
  });
}

/** Defects of wrong lengths. */
export const lengthDefects: readonly Defect[] = [
  {
    name: 'data-offset-believed-past-end',
    sentence: 'Options are shifted as far as the data offset says, also behind the packet.',
    breaks: 'PRISM-SEC-04',
    apply: believing(({ total, header, room }) => 20 + header > total && 20 + header <= room),
  },
  {
    name: 'short-total-length-ignored',
    sentence: 'A TCP header is translated although the packet ends inside it.',
    breaks: 'PRISM-SEC-04',
    apply: believing(({ total }) => total < 40),
  },
  {
    name: 'short-ip-header-believed',
    sentence: 'Behind an IPv4 header of less than 5 words, ports are read out of addresses.',
    breaks: 'PRISM-SEC-04',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, passages) => afterShortHeader(frame, passages),
      })),
  },
  {
    name: 'cut-header-hangs',
    sentence: 'After a frame that ends inside a TCP header, no segment of a rule leaves.',
    breaks: 'PRISM-SEC-04',
    apply: (device) =>
      tapped(device, () => {
        let isHanging = false;
        return {
          input: (input, { arriving }) => {
            const isCut = protocolOf(input.frame) === 6 && input.frame.length < BODY + 20;
            if (isCut && arriving(endsOf(input.frame)) !== undefined) isHanging = true;
            return isHanging && underRule(input, arriving) !== undefined ? [] : [input];
          },
        };
      }),
  },
];
