/** Defects of addresses: who a segment is sent to, and who it comes from. */
import { isForth } from './passage.ts';
import { dropping, editing, overlooking, spoiling } from './change.ts';
import type { Defect } from './defect.ts';
import { hasFlag, payloadOctets, TCP } from './edit.ts';
import { tapped } from './tap.ts';

/** Defects of who a segment is addressed to and comes from. */
export const addressDefects: readonly Defect[] = [
  {
    name: 'owner-port-not-written',
    sentence: "What goes to an owner keeps the virtual endpoint's port.",
    breaks: 'PRISM-REW-01',
    apply: editing((octets, { tcp }, passage) => {
      if (isForth(passage)) octets.setUint16(tcp + TCP.destinationPort, passage.rule.virtual.port);
    }),
  },
  {
    name: 'owner-mac-cut',
    sentence: "The last octet of the owner's MAC address is written as 0.",
    breaks: 'PRISM-REW-01',
    apply: spoiling((octets, _segment, passage) => {
      if (isForth(passage)) octets.setUint8(5, 0);
    }),
  },
  {
    name: 'controller-gets-copy',
    sentence: 'What goes to an owner leaves at the port of the controller too.',
    breaks: 'PRISM-REW-01',
    apply: (device) =>
      tapped(device, () => ({
        output: (output, { ports }) =>
          output.port === ports.backend0 && ports.controller !== undefined
            ? [output, { ...output, port: ports.controller }]
            : [output],
      })),
  },
  {
    name: 'syn-goes-to-controller',
    sentence: "The client's SYN goes to the controller although a rule is for it.",
    breaks: 'PRISM-REW-01',
    apply: overlooking((segment, passage) => isForth(passage) && hasFlag(segment, 'SYN')),
  },
  {
    name: 'virtual-port-not-written',
    sentence: "What goes to the client comes from the owner's port.",
    breaks: 'PRISM-REW-02',
    apply: editing((octets, { tcp }, passage) => {
      if (!isForth(passage)) octets.setUint16(tcp + TCP.sourcePort, passage.rule.owner.port);
    }),
  },
  {
    name: 'full-segment-of-owner-dropped',
    sentence: 'A full segment of the owner does not reach the client.',
    breaks: 'PRISM-REW-02',
    apply: dropping((segment, passage) => !isForth(passage) && payloadOctets(segment) >= 1400),
  },
];
