/**
 * One direction of a rule as the kernel has it: 112 octets in an array map.
 *
 *    0  what the segment has: source, destination, their ports ........ network order
 *   36  flags
 *   40  what is written: address 4 or 16, port 2 at 56 ............... network order
 *   58  window shifts: sender's 1, reader's 1
 *   60  owner's MAC address 6
 *   68  to add to: seq 4, ack 4, TSval 4, TSecr 4
 *   84  difference of the checksums by the address 4, by the port 4
 *   96  counted: packets 8, octets 8 ................................. by the program
 *
 * A record is written before anything points at it and, but for its counters, never changed while
 * something does. It names its flow, so that a processor that has read a pointer just before it
 * became another's finds out.
 */
import { checksum, sumWords } from 'scapy-ts';
import type { Plan } from '../../rules/plan.ts';
import { addressOctets } from '../../rules/plan.ts';
import type { Endpoint } from '../../rules/rule.ts';
import { writeUint16 } from '../../tcp/word.ts';

/** Octets of a record. */
export const RECORD_OCTETS = 112;

/** Octets of the key by which a flow is found, by the IP version. */
export const FLOW_OCTETS = { 4: 12, 6: 36 } as const;

/** Octets of the key by which two hosts are found: the first of a flow's. */
export const HOSTS_OCTETS = { 4: 8, 6: 32 } as const;

/** Offsets in a record. */
export const RECORD_AT = {
  flow: 0,
  flags: 36,
  address: 40,
  port: 56,
  windowIn: 58,
  windowOut: 59,
  mac: 60,
  seq: 68,
  ack: 72,
  tsValue: 76,
  tsEcho: 80,
  addressDifference: 84,
  portDifference: 88,
  packets: 96,
  octets: 104,
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

/** The IP version of an endpoint. */
export function versionOf({ address }: Endpoint): 4 | 6 {
  return typeof address === 'number' ? 4 : 6;
}

/** The key of what `from` sends to `to`; both are of one IP version. */
export function encodeFlow(from: Endpoint, to: Endpoint): Uint8Array {
  const octets = new Uint8Array(FLOW_OCTETS[versionOf(from)]);
  const addresses = [from, to].map(({ address }) => addressOctets(address));
  octets.set(Buffer.concat(addresses));
  writeUint16(octets, octets.length - 4, from.port);
  writeUint16(octets, octets.length - 2, to.port);
  return octets;
}

/** The key of what the host of `from` sends to the host of `to`. */
export function encodeHosts(from: Endpoint, to: Endpoint): Uint8Array {
  return encodeFlow(from, to).subarray(0, HOSTS_OCTETS[versionOf(from)]);
}

/** The record of one direction, its counters at 0. */
export function encodeRecord({ from, to, plan, senderMac }: Direction): Uint8Array {
  const octets = new Uint8Array(RECORD_OCTETS);
  const view = new DataView(octets.buffer);
  const flow = encodeFlow(from, to);
  octets.set(flow);
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
  const { length } = plan.address;
  const [address, port] = plan.side === 'source' ? [0, flow.length - 4] : [length, flow.length - 2];
  writeDifference(octets, RECORD_AT.addressDifference, address, RECORD_AT.address, length);
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
