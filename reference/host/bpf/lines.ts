/**
 * What the parts of the rewriting program share: where things are, and what is done often.
 *
 *   fp − 78  Ethernet 14 │ fp − 64  IPv4 20 │ fp − 44  TCP 20 │ fp − 24  work, and below the headers
 *   fp − 98  Ethernet 14 │ fp − 84  IPv6 40 │
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

/** Offsets from the frame pointer that are those of both IP versions. */
export const AT = {
  sourcePort: -44,
  destinationPort: -42,
  seq: -40,
  ack: -36,
  dataOffset: -32,
  flags: -31,
  window: -30,
  slot: -24,
  optionHead: -24,
  optionAt: -112,
  optionsSeen: -120,
  pair: -128,
  icmp: -184,
  quote: -176,
  quotedPorts: -136,
} as const;

/** Where the headers of an IP version are, on the stack and in the frame. */
export interface Layout {
  readonly version: 4 | 6;
  readonly addressOctets: 4 | 16;
  /** Of an IP header without options or extensions. */
  readonly ipOctets: number;
  /** Offsets from the frame pointer. */
  readonly ethernet: number;
  readonly sourceMac: number;
  readonly ip: number;
  readonly source: number;
  readonly destination: number;
  /** Offset of TCP in a frame. */
  readonly tcpAt: number;
}

/** Of an Ethernet header. */
export const ETHERNET_OCTETS = 14;
/** Of an IPv4 header without options. */
export const IPV4_OCTETS = 20;
/** Of an IPv6 header. */
export const IPV6_OCTETS = 40;
/** Of a TCP header without options. */
export const TCP_OCTETS = 20;

function layoutOf(version: 4 | 6, addressOctets: 4 | 16, ipOctets: number): Layout {
  const ip = AT.sourcePort - ipOctets;
  const destination = AT.sourcePort - addressOctets;
  return {
    version,
    addressOctets,
    ipOctets,
    ethernet: ip - ETHERNET_OCTETS,
    sourceMac: ip - ETHERNET_OCTETS + 6,
    ip,
    source: destination - addressOctets,
    destination,
    tcpAt: ETHERNET_OCTETS + ipOctets,
  };
}

/** Frames of IPv4. */
export const LAYOUT_4: Layout = layoutOf(4, 4, IPV4_OCTETS);
/** Frames of IPv6. */
export const LAYOUT_6: Layout = layoutOf(6, 16, IPV6_OCTETS);

/** Where each word of `octets` begins. */
export function wordsIn(octets: number): readonly number[] {
  return Array.from({ length: octets / 4 }, (_, word) => word * 4);
}

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
