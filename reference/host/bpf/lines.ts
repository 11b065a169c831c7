/**
 * What the parts of the rewriting program share: where things are, and what is done often.
 *
 *   fp − 78  Ethernet 14 │ fp − 64  IPv4 20 │ fp − 44  TCP 20 │ fp − 24  work, and below the headers
 *
 * The key of a flow, of two hosts, and of a station stand as such in the headers, so that a look-up
 * needs no copy. Registers: `r6` the frame, `r7` the record, `r8` octets of the TCP header, `r9` the
 * sum by which the TCP checksum has to move.
 */
import type { Line, Operand, Register } from './assembler.ts';
import { call, compute, compute32, jumpIf, load, loadMap, swap } from './assembler.ts';

type HelperName =
  'lookup' | 'storeOctets' | 'moveIpChecksum' | 'moveTcpChecksum' | 'redirect' | 'loadOctets';

/** Calls of the kernel's helpers. linux/bpf.h */
export const HELPER: Readonly<Record<HelperName, Line>> = {
  lookup: call(1, 'bpf_map_lookup_elem'),
  storeOctets: call(9, 'bpf_skb_store_bytes'),
  moveIpChecksum: call(10, 'bpf_l3_csum_replace'),
  moveTcpChecksum: call(11, 'bpf_l4_csum_replace'),
  redirect: call(23, 'bpf_redirect'),
  loadOctets: call(26, 'bpf_skb_load_bytes'),
};

/** Offsets in struct __sk_buff. linux/bpf.h */
export const SKB = { length: 0, protocol: 16, hasTag: 20, segments: 164 } as const;

/** Offsets from the frame pointer. */
export const AT = {
  ethernet: -78,
  sourceMac: -72,
  ip: -64,
  totalLength: -62,
  fragment: -58,
  protocol: -55,
  source: -52,
  destination: -48,
  sourcePort: -44,
  destinationPort: -42,
  seq: -40,
  ack: -36,
  dataOffset: -32,
  flags: -31,
  window: -30,
  slot: -24,
  optionHead: -24,
  optionAt: -88,
  optionsSeen: -96,
  pair: -104,
  icmp: -128,
  quote: -120,
  quotedPorts: -100,
} as const;

/** Of an Ethernet header. */
export const ETHERNET_OCTETS = 14;
/** Of an IPv4 header without options. */
export const IPV4_OCTETS = 20;
/** Of a TCP header without options. */
export const TCP_OCTETS = 20;

/** A number of 16 bits as a little-endian host reads it from network order. */
export function network16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/** `count` octets of the frame from `at` on, to the stack at `to`; jumps where there are fewer. */
export function loadFrame(
  at: Operand | readonly [Register, plus: number],
  to: number,
  count: number,
  otherwise: string,
): readonly Line[] {
  return [...frameArguments(at, to, count), HELPER.loadOctets, jumpIf('r0', '!=', 0, otherwise)];
}

/** `count` octets from the stack at `from`, into the frame at `at`. */
export function storeFrame(
  at: Operand | readonly [Register, plus: number],
  from: number,
  count: number,
): readonly Line[] {
  return [
    ...frameArguments(at, from, count),
    compute('r5', '=', 0),
    HELPER.storeOctets,
    jumpIf('r0', '!=', 0, 'failed'),
  ];
}

function frameArguments(
  at: Operand | readonly [Register, plus: number],
  stackAt: number,
  count: number,
): readonly Line[] {
  const [base, plus] = typeof at === 'object' ? at : [at, 0];
  return [
    compute('r2', '=', base),
    ...(plus === 0 ? [] : [compute('r2', '+=', plus)]),
    compute('r1', '=', 'r6'),
    compute('r3', '=', 'fp'),
    compute('r3', '+=', stackAt),
    compute('r4', '=', count),
  ];
}

/** The value for the key on the stack in `r0`; jumps where there is none. */
export function find(map: number, name: string, keyAt: number, otherwise: string): readonly Line[] {
  return [
    loadMap('r1', map, name),
    compute('r2', '=', 'fp'),
    compute('r2', '+=', keyAt),
    HELPER.lookup,
    jumpIf('r0', '==', 0, otherwise),
  ];
}

/** Folds a sum of less than 2^47 to 16 bits. RFC 1071. */
export function fold(sum: 'r5' | 'r9', spare: 'r2' | 'r3'): readonly Line[] {
  return Array.from({ length: 3 }, () => [
    compute(spare, '=', sum),
    compute(spare, '>>=', 16),
    compute(sum, '&=', 0xffff),
    compute(sum, '+=', spare),
  ]).flat();
}

/** Adds the record's delta at `delta` to `word`, and the difference to `sum`; uses `r3`. */
export function shift(word: 'r2', delta: number, sum: 'r5' | 'r9'): readonly Line[] {
  return [
    compute('r3', '=', word),
    compute32('r3', '^=', -1),
    compute(sum, '+=', 'r3'),
    load('r3', 4, 'r7', delta),
    swap(word, 4),
    compute32(word, '+=', 'r3'),
    swap(word, 4),
    compute(sum, '+=', word),
  ];
}
