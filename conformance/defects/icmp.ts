/** Defects of ICMP errors about segments of a rule. RFC 792, RFC 4443, RFC 5508. */
import { parse, sumWords, updateChecksum } from 'scapy-ts';
import type { Endpoint } from '../driver/device.ts';
import type { Mutation } from './change.ts';
import { statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { add32, IPV4, TCP, writeAddress } from './edit.ts';
import { editedIcmp, errorIn, QUOTE, QUOTED_TCP, type IcmpError } from './icmp-error.ts';
import { BODY, IP, repaired } from './packet.ts';
import { shiftsOf } from './passage.ts';
import { tapped } from './tap.ts';

/** A device that changes errors which it has translated: each quotes what its receiver has sent. */
function changing(change: (frame: Uint8Array, error: IcmpError) => Uint8Array): Mutation {
  return (device) =>
    tapped(device, () => ({
      output: (output, { arriving }) => {
        const error = errorIn(output.frame, arriving);
        return error === undefined ? [output] : [{ ...output, frame: change(output.frame, error) }];
      },
    }));
}

/** A device that drops errors about what it has translated. */
function droppingErrors(choice: (error: IcmpError) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      input: (input, { leaving }) => {
        const error = errorIn(input.frame, leaving);
        return error !== undefined && choice(error) ? [] : [input];
      },
    }));
}

/** A device on which an error removes the rule of the segment that it quotes. */
function removing(choice: (error: IcmpError) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      frame: async (input, tap) => {
        const { leaving } = await tap.passages();
        const error = errorIn(input.frame, leaving);
        const left = await tap.pass(input);
        if (error === undefined || !choice(error)) return left;
        const status = await statusOf(tap, error.quoted.rule);
        if (status !== undefined) {
          await tap.tell({ op: 'delete', key: status.rule, epoch: status.epoch });
        }
        return left;
      },
    }));
}

/** What of a quoted segment the translation of the error has changed, and what it was before. */
function before({ quoted: { rule, direction } }: IcmpError): {
  readonly at: number;
  readonly port: number;
  readonly end: Endpoint;
} {
  return direction === 'client-to-owner'
    ? { at: QUOTE + IPV4.destination, port: QUOTED_TCP + TCP.destinationPort, end: rule.owner }
    : { at: QUOTE + IPV4.source, port: QUOTED_TCP + TCP.sourcePort, end: rule.virtual };
}

/** Writes the quoted addresses as they came, with the quoted header's checksum. */
function restoreAddress(octets: DataView, error: IcmpError): void {
  const { at, end } = before(error);
  const all = new Uint8Array(octets.buffer);
  const was = sumWords(all, at, at + 4);
  writeAddress(octets, at, end.address);
  const checksum = QUOTE + IPV4.checksum;
  const is = sumWords(all, at, at + 4);
  octets.setUint16(checksum, updateChecksum(octets.getUint16(checksum), was, is));
}

const contentDefects: readonly Defect[] = [
  {
    name: 'icmp-mtu-lost',
    sentence: 'The MTU of "fragmentation needed" leaves as 0.',
    breaks: 'PRISM-FWD-06',
    apply: changing((frame, { type, code }) =>
      type === 3 && code === 4
        ? editedIcmp(frame, (octets) => {
            octets.setUint16(BODY + 6, 0);
          })
        : frame,
    ),
  },
  {
    name: 'icmp-quoted-sequence-not-shifted',
    sentence: 'The sequence number that an ICMP error quotes is not shifted back.',
    breaks: 'PRISM-FWD-06',
    apply: changing((frame, { quoted }) =>
      editedIcmp(frame, (octets) => {
        // What is quoted was shifted on its way; what the error says to its sender is not.
        add32(octets, QUOTED_TCP + TCP.seq, shiftsOf(quoted).seq);
      }),
    ),
  },
  {
    name: 'icmp-checksum-without-quoted-port',
    sentence: 'The ICMP checksum does not follow the port that changes in the quoted header.',
    breaks: 'PRISM-FWD-06',
    apply: changing((frame, error) => {
      const { port, end } = before(error);
      const came = editedIcmp(frame, (octets) => {
        octets.setUint16(port, end.port);
      });
      const after = frame.slice();
      after.set(came.subarray(BODY + 2, BODY + 4), BODY + 2);
      return after;
    }),
  },
  {
    name: 'icmp-quoted-ipv4-checksum-kept',
    sentence: 'The IPv4 checksum of the quoted header leaves as it came.',
    breaks: 'PRISM-FWD-06',
    apply: changing((frame, error) =>
      editedIcmp(frame, (octets) => {
        const at = QUOTE + IPV4.checksum;
        const right = frame.slice(QUOTE + IPV4.source, QUOTED_TCP);
        restoreAddress(octets, error);
        const checksum = octets.getUint16(at);
        new Uint8Array(octets.buffer).set(right, QUOTE + IPV4.source);
        octets.setUint16(at, checksum);
      }),
    ),
  },
  {
    name: 'icmp-dropped-though-claimed',
    sentence: 'ICMP errors are dropped by a device that claims to translate them.',
    breaks: 'PRISM-FWD-06',
    apply: droppingErrors(() => true),
  },
  {
    name: 'icmp-time-exceeded-dropped',
    sentence: 'ICMP errors of type 11 are dropped.',
    breaks: 'PRISM-FWD-06',
    apply: droppingErrors(({ type }) => type === 11),
  },
  {
    name: 'icmpv6-packet-too-big-dropped',
    sentence: 'ICMPv6 "packet too big" is dropped.',
    breaks: 'PRISM-FWD-06',
    apply: (device) =>
      tapped(device, () => ({
        input: (input) =>
          parse(input.frame).layers.some(({ kind, ...rest }) =>
            kind === 'icmpv6' && 'type' in rest ? rest.type === 2 : false,
          )
            ? []
            : [input],
      })),
  },
];

const partDefects: readonly Defect[] = [
  {
    name: 'icmp-outer-header-alone',
    sentence: 'Of an ICMP error the outer addresses are translated, and the quoted ones are not.',
    breaks: 'PRISM-FWD-08',
    apply: changing((frame, error) =>
      editedIcmp(frame, (octets) => {
        restoreAddress(octets, error);
        octets.setUint16(before(error).port, before(error).end.port);
      }),
    ),
  },
  {
    name: 'icmp-quoted-port-kept',
    sentence: 'Of an ICMP error the quoted address is translated, and the quoted port is not.',
    breaks: 'PRISM-FWD-08',
    apply: changing((frame, error) =>
      editedIcmp(frame, (octets) => {
        octets.setUint16(before(error).port, before(error).end.port);
      }),
    ),
  },
  {
    name: 'icmp-quote-alone',
    sentence: 'Of an ICMP error to the owner the quote is translated, the outer address is not.',
    breaks: 'PRISM-FWD-08',
    apply: changing((frame, { quoted: { rule, direction } }) =>
      direction === 'client-to-owner'
        ? frame
        : repaired(frame, (octets) => {
            writeAddress(octets, IP + IPV4.destination, rule.virtual.address);
          }),
    ),
  },
];

const removalDefects: readonly Defect[] = [
  {
    name: 'icmp-unreachable-removes-rule',
    sentence: 'An ICMP "port unreachable" about a segment of the rule removes the rule.',
    breaks: 'PRISM-FWD-07',
    apply: removing(({ type, code }) => type === 3 && code === 3),
  },
  {
    name: 'icmp-source-quench-removes-rule',
    sentence: 'An ICMP "source quench" about a segment of the rule removes the rule.',
    breaks: 'PRISM-FWD-07',
    apply: removing(({ type }) => type === 4),
  },
];

/** Defects of ICMP errors. */
export const icmpDefects: readonly Defect[] = [
  ...contentDefects,
  ...partDefects,
  ...removalDefects,
];
