/** Defects of ICMP errors, and of fragments. */
import type { ProgramDefect } from './defect.ts';

/** Errors and fragments that go the wrong way, or are translated in part. */
export const ERRORS_AND_FRAGMENTS: readonly ProgramDefect[] = [
  {
    name: 'quoted-sequence-kept',
    sentence: 'The sequence number that an ICMP error quotes is not shifted.',
    breaks: 'PRISM-FWD-06',
    file: 'prism.p4',
    find: 'hdr.quoted_tcp.seq = hdr.quoted_tcp.seq + meta.change.ack;',
    replace: '',
  },
  {
    name: 'quoted-sequence-shifted-as-seq',
    sentence: 'The quoted sequence number is shifted like one that goes the way of the error.',
    breaks: 'PRISM-FWD-06',
    file: 'prism.p4',
    find: 'hdr.quoted_tcp.seq = hdr.quoted_tcp.seq + meta.change.ack;',
    replace: 'hdr.quoted_tcp.seq = hdr.quoted_tcp.seq + meta.change.seq;',
  },
  {
    name: 'quoted-port-kept',
    sentence: 'The port that an ICMP error quotes as its source leaves as it came.',
    breaks: 'PRISM-FWD-08',
    file: 'prism.p4',
    find: 'hdr.quoted_tcp.src_port = translated.dst_port;',
    replace: '',
  },
  {
    name: 'router-loses-its-address',
    sentence: 'An ICMP error of a router leaves as if from the other end.',
    breaks: 'PRISM-FWD-06',
    file: 'prism.p4',
    find: '(src == meta.flow.src) ? translated.src : src;',
    replace: 'translated.src;',
  },
  {
    name: 'error-for-another-taken',
    sentence: 'An ICMP error goes to the sender of what it quotes, whoever it was for.',
    breaks: 'PRISM-FWD-08',
    file: 'prism.p4',
    find: 'if (addressee != meta.flow.dst) { meta.view = PLAIN; }',
    replace: 'if (addressee != meta.flow.dst) { meta.view = ERROR; }',
  },
  {
    name: 'quoted-fragment-read-as-segment',
    sentence: 'What an ICMP error quotes of a later fragment is read as a TCP header.',
    breaks: 'PRISM-FWD-04',
    file: 'prism.p4',
    find: '(5, PROTO_TCP, 0): quoted_tcp;',
    replace: '(5, PROTO_TCP, _): quoted_tcp;',
  },
  {
    name: 'time-exceeded-not-read',
    sentence: 'ICMP errors of type 11 are bridged.',
    breaks: 'PRISM-FWD-06',
    file: 'prism.p4',
    find: '(true, 11): quoted_ipv4;',
    replace: '(true, 11): accept;',
  },
  {
    name: 'packet-too-big-not-read',
    sentence: 'Of ICMPv6 errors only "destination unreachable" is read.',
    breaks: 'PRISM-FWD-06',
    file: 'prism.p4',
    find: '(false, 1 .. 4): quoted_ipv6;',
    replace: '(false, 1): quoted_ipv6;',
  },
  {
    name: 'fragment-name-unchecked',
    sentence: 'A later fragment is taken for one of whatever datagram has its place.',
    breaks: 'PRISM-FWD-05',
    file: 'prism.p4',
    find: 'if (first != name) { meta.view = OPAQUE; }',
    replace: 'if (first != name) { meta.view = FRAGMENT; }',
  },
  {
    name: 'orphaned-fragment-bridged',
    sentence: 'A later fragment whose first one was not seen is bridged and not punted.',
    breaks: 'PRISM-FWD-05',
    file: 'prism.p4',
    find: 'if (first != name) { meta.view = OPAQUE; }',
    replace: 'if (first != name) { meta.view = PLAIN; }',
  },
  {
    name: 'fragment-ports-swapped',
    sentence: 'The ports that are kept for later fragments are read the other way round.',
    breaks: 'PRISM-FWD-05',
    file: 'prism.p4',
    find: `meta.flow.src_port = ports[31:16];
            meta.flow.dst_port = ports[15:0];`,
    replace: `meta.flow.src_port = ports[15:0];
            meta.flow.dst_port = ports[31:16];`,
  },
  {
    name: 'datagrams-told-by-addresses',
    sentence: 'The identification does not tell one datagram from another.',
    breaks: 'PRISM-FWD-05',
    file: 'prism.p4',
    find: 'name = hdr.ipv4.src ++ hdr.ipv4.dst ++ hdr.ipv4.id;',
    replace: 'name = hdr.ipv4.src ++ hdr.ipv4.dst ++ 16w0;',
  },
];
