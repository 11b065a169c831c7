/** Defects of the options of TCP. */
import type { ProgramDefect } from './defect.ts';

/** SACK and timestamps missed, or read where they are not. */
export const OPTIONS: readonly ProgramDefect[] = [
  {
    name: 'sack-fourth-block-forgotten',
    sentence: 'The fourth block of a SACK option is not shifted.',
    breaks: 'PRISM-SEQ-04',
    file: 'prism.p4',
    find: 'if (meta.sack_blocks > 3)',
    replace: 'if (meta.sack_blocks > 4)',
  },
  {
    name: 'sack-right-edges-shifted-by-seq-delta',
    sentence: 'The right edges of SACK blocks are shifted by the delta of the sequence number.',
    breaks: 'PRISM-SEQ-04',
    file: 'prism.p4',
    find: 'add(at, meta.change.ack);',
    replace: 'add(at, meta.change.seq);',
  },
  {
    name: 'sack-shifted-by-seq-delta',
    sentence: 'The edges of SACK blocks are shifted by the delta of the sequence number.',
    breaks: 'PRISM-SEQ-04',
    file: 'prism.p4',
    find: `add(at + 4, meta.change.ack);
        add(at, meta.change.ack);`,
    replace: `add(at + 4, meta.change.seq);
        add(at, meta.change.seq);`,
  },
  {
    name: 'sack-behind-two-nops-alone',
    sentence: 'SACK is found only where it begins at the third octet of a word, as Linux sends it.',
    breaks: 'PRISM-SEQ-06',
    file: 'prism.p4',
    find: `transition select(meta.sack_blocks) {
            0: first_sack;`,
    replace: `transition select(meta.sack_blocks, meta.rest_at[1:0]) {
            (0, 2): first_sack; (0, _): next_option;`,
  },
  {
    name: 'sack-length-unchecked',
    sentence: 'A SACK option whose length is not 2 + 8n is shifted as far as it goes.',
    breaks: 'PRISM-SEQ-08',
    file: 'prism.p4',
    find: '(0x050a, 10 .. 40): sack;',
    replace: '(0x0500 &&& 0xff00, 10 .. 40): sack;',
  },
  {
    name: 'sack-past-header-shifted',
    sentence: 'A SACK option that runs past the header is shifted as far as the header goes.',
    breaks: 'PRISM-SEQ-08',
    file: 'prism.p4',
    find: '(0x0512, 18 .. 40): sack;',
    replace: '(0x0512, 10 .. 40): sack;',
  },
  {
    name: 'timestamp-deltas-swapped',
    sentence: "The client's TSval is shifted by the delta of TSecr, and TSecr by that of TSval.",
    breaks: 'PRISM-SEQ-10',
    file: 'prism.p4',
    find: ' meta.rule.client_timestamp, meta.rule.owner_timestamp,',
    replace: ' meta.rule.owner_timestamp, meta.rule.client_timestamp,',
  },
  {
    name: 'echo-shifted-by-value-delta',
    sentence: 'TSecr is shifted by the delta of TSval.',
    breaks: 'PRISM-SEQ-10',
    file: 'prism.p4',
    find: 'add(meta.timestamps_at - 10, meta.change.echo);',
    replace: 'add(meta.timestamps_at - 10, meta.change.value);',
  },
  {
    name: 'search-ends-at-nop',
    sentence: 'The first NOP ends the options.',
    breaks: 'PRISM-SEQ-04',
    file: 'prism.p4',
    find: '(_, 1): no_operation;',
    replace: '(_, 1): segment;',
  },
  {
    name: 'end-of-options-ignored',
    sentence: 'SACK is searched for also behind the end of the options.',
    breaks: 'PRISM-SEQ-07',
    file: 'prism.p4',
    find: '(_, 0): segment;',
    replace: '(_, 0): no_operation;',
  },
  {
    name: 'short-option-skipped-by-octet',
    sentence: 'An option of length 0 or 1 does not end the options: its kind alone is skipped.',
    breaks: 'PRISM-SEQ-08',
    file: 'prism.p4',
    find: '(0x0000 &&& 0x00fe, _): segment;',
    replace: '(0x0000 &&& 0x00fe, _): no_operation;',
  },
  {
    name: 'unknown-option-read-as-options',
    sentence: 'An option of an unknown kind is not skipped by its length, but octet by octet.',
    breaks: 'PRISM-SEQ-07',
    file: 'prism.p4',
    find: 'default: other_option;',
    replace: 'default: no_operation;',
  },
  {
    name: 'ninth-option-word-lost',
    sentence: 'The last word of a full header of options is not written back.',
    breaks: 'PRISM-SEQ-04',
    file: 'prism.p4',
    find: 'hdr.options[9].value = meta.options[31:0];',
    replace: '',
  },
];
