/** Defects of parser and deparser: what a frame is taken for, and what of it leaves. */
import type { ProgramDefect } from './defect.ts';

/** Headers misread, or lost. */
export const HEADERS: readonly ProgramDefect[] = [
  {
    name: 'ip-options-read-as-tcp',
    sentence: 'TCP is read behind 5 words of an IPv4 header, whatever its length.',
    breaks: 'PRISM-REW-12',
    file: 'prism.p4',
    find: '(4, 6 .. 15, _): ip_option;',
    replace: '(4, 6 .. 15, _): ipv4_payload;',
  },
  {
    name: 'ip-options-lost',
    sentence: 'The deparser does not know IPv4 options.',
    breaks: 'PRISM-REW-12',
    file: 'prism.p4',
    find: '        packet.emit(hdr.ip_options);\n',
    replace: '',
  },
  {
    name: 'second-tag-lost',
    sentence: 'Of two tags the deparser emits the outer one.',
    breaks: 'PRISM-FWD-10',
    file: 'prism.p4',
    find: 'packet.emit(hdr.tags);',
    replace: 'packet.emit(hdr.tags[0]);',
  },
  {
    name: 'one-tag-alone',
    sentence: 'There is room for one tag; frames with two are bridged.',
    breaks: 'PRISM-FWD-10',
    file: 'prism.p4',
    find: 'vlan_t[4] tags;',
    replace: 'vlan_t[1] tags;',
  },
  {
    name: 'ipv6-length-without-header',
    sentence: 'The length of an IPv6 payload is taken for that of the packet.',
    breaks: 'PRISM-REW-18',
    file: 'prism.p4',
    find: 'hdr.ipv6.payload_length + 40;',
    replace: 'hdr.ipv6.payload_length;',
  },
  {
    name: 'ipv6-looked-up-as-ipv4',
    sentence: 'The flow of an IPv6 packet is looked up as one of IPv4.',
    breaks: 'PRISM-REW-18',
    file: 'prism.p4',
    find: 'meta.flow.version = 6;',
    replace: 'meta.flow.version = 4;',
  },
  {
    name: 'hop-by-hop-options-end-search',
    sentence: 'TCP is not looked for behind hop-by-hop options, and the packet is bridged.',
    breaks: 'PRISM-REW-18',
    file: 'prism.p4',
    find: '(6, HOP_BY_HOP): extension;',
    replace: '(6, HOP_BY_HOP): accept;',
  },
  {
    name: 'fragment-read-as-segment',
    sentence: 'The octets of a later fragment are read as a TCP header.',
    breaks: 'PRISM-FWD-04',
    file: 'prism.p4',
    find: '(PROTO_TCP, _, _): fragment;',
    replace: '(PROTO_TCP, _, _): tcp;',
  },
  {
    name: 'ip-version-unchecked',
    sentence: 'What the Ethernet type calls IPv4 is read as IPv4, whatever its version.',
    breaks: 'PRISM-SEC-04',
    file: 'prism.p4',
    find: '(4, 5, _): ipv4_payload;',
    replace: '(_, 5, _): ipv4_payload;',
  },
  {
    name: 'headers-past-end-translated',
    sentence: 'A segment whose headers are longer than its packet is translated.',
    breaks: 'PRISM-SEC-04',
    file: 'prism.p4',
    find: 'meta.headers_octets > meta.ip_octets ||\n             ',
    replace: '',
  },
  {
    name: 'hidden-tcp-bridged',
    sentence: 'TCP behind headers that are not skipped is bridged and not punted.',
    breaks: 'PRISM-REW-18',
    file: 'prism.p4',
    find: `state opaque {
        meta.view = OPAQUE;`,
    replace: `state opaque {
        meta.view = PLAIN;`,
  },
];
