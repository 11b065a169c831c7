/**
 * One direction of a rule as the kernel has it: 80 octets in an array map.
 *
 *    0  what the segment has: source, destination, their ports ........ network order
 *   12  flags
 *   16  what is written: address 4, port 2 ........................... network order
 *   22  window shifts: sender's 1, reader's 1
 *   24  owner's MAC address 6
 *   32  to add to: seq 4, ack 4, TSval 4, TSecr 4
 *   48  difference of the checksums by the address 4, by the port 4
 *   64  counted: packets 8, octets 8 ................................. by the program
 *
 * A record is written before anything points at it and, but for its counters, never changed while
 * something does. It names its flow, so that a processor that has read a pointer just before it
 * became another's finds out.
 */
import { checksum, sumWords } from 'scapy-ts';
import type { Plan } from '../../rules/plan.ts';
import type { Endpoint } from '../../rules/rule.ts';
import { writeUint16, writeUint32 } from '../../tcp/word.ts';

/** Octets of a record. */
export const RECORD_OCTETS = 80;

/** Octets of the key by which a flow is found. */
export const FLOW_OCTETS = 12;

/** Octets of the key by which two hosts are found: the first of a flow's. */
export const HOSTS_OCTETS = 8;

/** Offsets in a record. */
export const RECORD_AT = {
  flow: 0,
  flags: 12,
  address: 16,
  port: 20,
  windowIn: 22,
  windowOut: 23,
  mac: 24,
  seq: 32,
  ack: 36,
  tsValue: 40,
  tsEcho: 44,
  addressDifference: 48,
  portDifference: 52,
  packets: 64,
  octets: 72,
} as const;

/** What is to be done, so that the program can skip the rest. */
export const RECORD_FLAG = {
  /** The source is written, not the destination. */
  source: 1,
  /** The MAC address is the new destination's. */
  mac: 2,
  /** The MAC address is what the source must have: direct server return. */
  direct: 4,
  numbers: 8,
  window: 16,
  /** SACK edges or timestamps change. */
  options: 32,
} as const;

/** What becomes of a flow's segments; stands above the record's number in the flow's value. */
export const VERDICT = { translate: 0, locked: 1, barred: 2 } as const;

/** One direction of a rule. */
export interface Direction {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly plan: Plan;
  /** The MAC address that the sender must have; undefined where any will do. */
  readonly senderMac: Uint8Array | undefined;
}

/** The key of what `from` sends to `to`; throws RangeError for IPv6. */
export function encodeFlow(from: Endpoint, to: Endpoint): Uint8Array {
  const octets = new Uint8Array(FLOW_OCTETS);
  writeFlow(octets, from, to);
  return octets;
}

/** The key of what the host of `from` sends to the host of `to`; throws RangeError for IPv6. */
export function encodeHosts(from: Endpoint, to: Endpoint): Uint8Array {
  return encodeFlow(from, to).subarray(0, HOSTS_OCTETS);
}

/** The record of one direction, its counters at 0. */
export function encodeRecord({ from, to, plan, senderMac }: Direction): Uint8Array {
  const octets = new Uint8Array(RECORD_OCTETS);
  const view = new DataView(octets.buffer);
  writeFlow(octets, from, to);
  view.setUint32(RECORD_AT.flags, flagsOf(plan, senderMac), true);
  octets.set(plan.address, RECORD_AT.address);
  writeUint16(octets, RECORD_AT.port, plan.port);
  octets[RECORD_AT.windowIn] = plan.window.in;
  octets[RECORD_AT.windowOut] = plan.window.out;
  const mac = plan.mac ?? senderMac;
  if (mac !== undefined) octets.set(mac, RECORD_AT.mac);
  view.setUint32(RECORD_AT.seq, plan.seq, true);
  view.setUint32(RECORD_AT.ack, plan.ack, true);
  view.setUint32(RECORD_AT.tsValue, plan.tsValue, true);
  view.setUint32(RECORD_AT.tsEcho, plan.tsEcho, true);
  const [address, port] = plan.side === 'source' ? [0, 8] : [4, 10];
  writeDifference(octets, RECORD_AT.addressDifference, address, RECORD_AT.address, 4);
  writeDifference(octets, RECORD_AT.portDifference, port, RECORD_AT.port, 2);
  return octets;
}

function flagsOf(plan: Plan, senderMac: Uint8Array | undefined): number {
  const { side, mac, seq, ack, tsValue, tsEcho, window } = plan;
  return (
    (side === 'source' ? RECORD_FLAG.source : 0) |
    (mac === undefined ? 0 : RECORD_FLAG.mac) |
    (senderMac === undefined ? 0 : RECORD_FLAG.direct) |
    ((seq | ack) === 0 ? 0 : RECORD_FLAG.numbers) |
    (window.in === window.out ? 0 : RECORD_FLAG.window) |
    ((ack | tsValue | tsEcho) === 0 ? 0 : RECORD_FLAG.options)
  );
}

function writeFlow(octets: Uint8Array, from: Endpoint, to: Endpoint): void {
  writeUint32(octets, 0, ipv4Of(from));
  writeUint32(octets, 4, ipv4Of(to));
  writeUint16(octets, 8, from.port);
  writeUint16(octets, 10, to.port);
}

function ipv4Of({ address }: Endpoint): number {
  if (typeof address !== 'number') throw new RangeError('the program knows IPv4 only');
  return address;
}

/**
 * Writes `~before + after` as a ones'-complement sum of 16 bits, 0 where they are congruent.
 *
 * In network order, for the program adds words up as they stand in memory. RFC 1624; RFC 1071
 * section 2.
 */
function writeDifference(
  octets: Uint8Array,
  at: number,
  before: number,
  after: number,
  length: number,
): void {
  const sum = sumWords(octets, after, after + length, checksum(octets, before, before + length));
  writeUint16(octets, at, sum === 0xffff ? 0 : sum);
}
