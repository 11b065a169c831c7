/**
 * The part of the rewriting program that walks the TCP options: timestamps and SACK edges.
 *
 *   ┌──────┬────────┬───────────────┬───────────────┬ ⋯      at any alignment, in any order
 *   │ kind │ length │ TSval or left │ TSecr or right│
 *   └──────┴────────┴───────────────┴───────────────┴ ⋯
 *
 * Both options are pairs of numbers. They are changed in the frame, one pair at a time; a number at
 * an odd offset changes the checksum by its difference with the octets turned round. RFC 1071.
 */
import { FLAG_BIT, TCP_AT } from '../../tcp/header.ts';
import { OPTION_KIND } from '../../tcp/options.ts';
import type { Line } from './assembler.ts';
import { compute, jump, jumpIf, label, load, store, swap } from './assembler.ts';
import type { Layout } from './lines.ts';
import { AT, fold, loadFrame, shift, storeFrame } from './lines.ts';
import { RECORD_AT, RECORD_FLAG } from './record.ts';

/** Each option has one octet at least, and all have 40 at most. */
const OPTIONS_MAX = 40;
const TIMESTAMPS_OCTETS = 10;
const PAIR_OCTETS = 8;
const SACK_BLOCKS_MAX = 4;

/** `r1` holds the flags, `r8` the octets of the TCP header; goes on at `write`. */
export function optionLines({ tcpAt }: Layout): readonly Line[] {
  return [
    label('options'),
    compute('r1', '&=', RECORD_FLAG.options),
    jumpIf('r1', '==', 0, 'write'),
    jumpIf('r8', '==', TCP_AT.options, 'write'),
    // From here on the end of the header.
    compute('r8', '+=', tcpAt),
    store('fp', AT.optionAt, 8, tcpAt + TCP_AT.options),
    store('fp', AT.optionsSeen, 8, 0),
    ...nextOption(),
    ...timestamps(),
    ...sack(),
    label('option-done'),
    load('r2', 8, 'fp', AT.optionAt),
    load('r3', 1, 'fp', AT.optionHead + 1),
    compute('r2', '+=', 'r3'),
    store('fp', AT.optionAt, 8, 'r2'),
    jump('option'),
  ];
}

/** Ends at EOL, and at an option whose length is impossible. */
function nextOption(): readonly Line[] {
  return [
    label('option'),
    // The verifier must see that there is an end.
    load('r1', 8, 'fp', AT.optionsSeen),
    jumpIf('r1', '>=', OPTIONS_MAX, 'write'),
    compute('r1', '+=', 1),
    store('fp', AT.optionsSeen, 8, 'r1'),
    load('r2', 8, 'fp', AT.optionAt),
    compute('r3', '=', 'r2'),
    compute('r3', '+=', 2),
    // A single octet more can only be EOL, NOP, or impossible.
    jumpIf('r3', '>', 'r8', 'write'),
    ...loadFrame('r2', AT.optionHead, 2, 'failed'),
    load('r2', 8, 'fp', AT.optionAt),
    load('r1', 1, 'fp', AT.optionHead),
    jumpIf('r1', '==', OPTION_KIND.eol, 'write'),
    jumpIf('r1', '!=', OPTION_KIND.nop, 'option-length'),
    compute('r2', '+=', 1),
    store('fp', AT.optionAt, 8, 'r2'),
    jump('option'),
    label('option-length'),
    load('r3', 1, 'fp', AT.optionHead + 1),
    jumpIf('r3', '<', 2, 'write'),
    compute('r2', '+=', 'r3'),
    jumpIf('r2', '>', 'r8', 'write'),
    jumpIf('r1', '==', OPTION_KIND.timestamps, 'timestamps'),
    jumpIf('r1', '==', OPTION_KIND.sack, 'sack'),
    jump('option-done'),
  ];
}

/** Without ACK, or as 0, TSecr echoes nothing. RFC 7323 section 3.2. */
function timestamps(): readonly Line[] {
  return [
    label('timestamps'),
    jumpIf('r3', '!=', TIMESTAMPS_OCTETS, 'option-done'),
    ...loadPair(0),
    ...shiftWord(AT.pair, RECORD_AT.tsValue),
    load('r2', 1, 'fp', AT.flags),
    compute('r2', '&=', FLAG_BIT.ack),
    jumpIf('r2', '==', 0, 'echo-done'),
    load('r2', 4, 'fp', AT.pair + 4),
    jumpIf('r2', '==', 0, 'echo-done'),
    ...shiftWord(AT.pair + 4, RECORD_AT.tsEcho),
    label('echo-done'),
    ...storePair(0, 'timestamps-even'),
    jump('option-done'),
  ];
}

/** A SACK option is whole blocks, and acknowledges only with ACK. RFC 2018 section 3. */
function sack(): readonly Line[] {
  return [
    label('sack'),
    compute('r3', '&=', PAIR_OCTETS - 1),
    jumpIf('r3', '!=', 2, 'option-done'),
    load('r2', 1, 'fp', AT.flags),
    compute('r2', '&=', FLAG_BIT.ack),
    jumpIf('r2', '==', 0, 'option-done'),
    ...Array.from({ length: SACK_BLOCKS_MAX }, (_, block) => [
      load('r3', 1, 'fp', AT.optionHead + 1),
      jumpIf('r3', '<', 2 + (block + 1) * PAIR_OCTETS, 'option-done'),
      ...loadPair(block),
      ...shiftWord(AT.pair, RECORD_AT.ack),
      ...shiftWord(AT.pair + 4, RECORD_AT.ack),
      ...storePair(block, `block-${block}-even`),
    ]).flat(),
    jump('option-done'),
  ];
}

/** Pair number `index` of the option, to the stack; `r5` becomes 0. */
function loadPair(index: number): readonly Line[] {
  return [
    load('r2', 8, 'fp', AT.optionAt),
    ...loadFrame(['r2', 2 + index * PAIR_OCTETS], AT.pair, PAIR_OCTETS, 'failed'),
    compute('r5', '=', 0),
  ];
}

function shiftWord(at: number, delta: number): readonly Line[] {
  return [load('r2', 4, 'fp', at), ...shift('r2', delta, 'r5'), store('fp', at, 4, 'r2')];
}

/** `r5` holds the difference of the pair's sums. */
function storePair(index: number, even: string): readonly Line[] {
  return [
    ...fold('r5', 'r2'),
    load('r2', 8, 'fp', AT.optionAt),
    compute('r3', '=', 'r2'),
    compute('r3', '&=', 1),
    jumpIf('r3', '==', 0, even),
    swap('r5', 2),
    label(even),
    compute('r9', '+=', 'r5'),
    ...storeFrame(['r2', 2 + index * PAIR_OCTETS], AT.pair, PAIR_OCTETS),
  ];
}
