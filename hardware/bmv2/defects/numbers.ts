/** Defects of sequence and acknowledgment numbers, of windows, and of both ways. */
import type { ProgramDefect } from './defect.ts';

/** Wrong numbers. */
export const NUMBERS: readonly ProgramDefect[] = [
  {
    name: 'ack-shifted-by-seq-delta',
    sentence: 'The acknowledgment number is shifted by the delta of the sequence number.',
    breaks: 'PRISM-SEQ-01',
    file: 'prism.p4',
    find: 'hdr.tcp.ack = hdr.tcp.ack + meta.change.ack;',
    replace: 'hdr.tcp.ack = hdr.tcp.ack + meta.change.seq;',
  },
  {
    name: 'ack-delta-added-on-the-way-back',
    sentence: 'The delta of the acknowledgment number is added both ways.',
    breaks: 'PRISM-SEQ-01',
    file: 'prism.p4',
    find: '{ -meta.rule.owner_seq, -meta.rule.client_seq,',
    replace: '{ -meta.rule.owner_seq, meta.rule.client_seq,',
  },
  {
    name: 'deltas-swapped-on-the-way-back',
    sentence: "The owner's numbers are shifted by the delta of the other direction.",
    breaks: 'PRISM-SEQ-01',
    file: 'prism.p4',
    find: '{ -meta.rule.owner_seq, -meta.rule.client_seq,',
    replace: '{ -meta.rule.client_seq, -meta.rule.owner_seq,',
  },
  {
    name: 'carry-between-halves-lost',
    sentence: 'The two halves of the sequence number are added by themselves.',
    breaks: 'PRISM-SEQ-01',
    file: 'prism.p4',
    find: 'hdr.tcp.seq = hdr.tcp.seq + meta.change.seq;',
    replace:
      'hdr.tcp.seq = (hdr.tcp.seq[31:16] + meta.change.seq[31:16]) ++ (hdr.tcp.seq[15:0] + meta.change.seq[15:0]);',
  },
  {
    name: 'window-of-syn-converted',
    sentence: 'The window of a SYN is converted like that of other segments.',
    breaks: 'PRISM-SEQ-12',
    file: 'prism.p4',
    find: 'if (hdr.tcp.syn == 0) {',
    replace: 'if (hdr.tcp.isValid()) {',
  },
  {
    name: 'window-wraps',
    sentence: 'A window that becomes larger than 65535 loses its upper bits.',
    breaks: 'PRISM-SEQ-12',
    file: 'prism.p4',
    find: '(window > 65535) ?',
    replace: '(window > 65535 << 14) ?',
  },
  {
    name: 'window-shifted-in-16-bits',
    sentence: 'The upper bits of a window are lost before it is divided.',
    breaks: 'PRISM-SEQ-12',
    file: 'prism.p4',
    find: '((bit<32>)hdr.tcp.window << meta.change.window_in)',
    replace: '(bit<32>)(hdr.tcp.window << meta.change.window_in)',
  },
  {
    name: 'owner-window-not-converted',
    sentence: "Only the client's windows are converted.",
    breaks: 'PRISM-SEQ-12',
    file: 'prism.p4',
    find: 'meta.rule.owner_window_in, meta.rule.owner_window_out };\n            }',
    replace: '0, 0 };\n            }',
  },
  {
    name: 'ttl-decremented',
    sentence: 'The TTL is decremented, as every example of a P4 router does.',
    breaks: 'PRISM-REW-14',
    file: 'prism.p4',
    find: 'hdr.ipv4.src = (bit<32>)meta.src;',
    replace: 'hdr.ipv4.src = (bit<32>)meta.src; hdr.ipv4.ttl = hdr.ipv4.ttl - 1;',
  },
];
