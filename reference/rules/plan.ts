/**
 * One direction of a rule, made ready for the packets: what to add, and which address to write.
 *
 *               client ▶ owner            owner ▶ client
 *   written     destination := owner      source := virtual
 *   mac         owner's                   stays
 *   seq         + clientSeq               − ownerSeq
 *   ack, SACK   + ownerSeq                − clientSeq
 *   TSval       + clientTimestamp         − ownerTimestamp
 *   TSecr       + ownerTimestamp          − clientTimestamp
 *   window      clientWindow              ownerWindow
 *
 * So one function rewrites both directions.
 */
import type { MacAddress } from 'scapy-ts';
import { writeUint16, writeUint32 } from '../tcp/word.ts';
import type { Endpoint, Rule, WindowShift } from './rule.ts';

/** What the rewriting of one direction writes and adds; sums are modulo 2^32. */
export interface Plan {
  /** Which of a packet's two endpoints is written. */
  readonly side: 'source' | 'destination';
  /** In network order, 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
  /** The new destination MAC, six octets; undefined leaves it. */
  readonly mac: Uint8Array | undefined;
  readonly seq: number;
  readonly ack: number;
  readonly tsValue: number;
  readonly tsEcho: number;
  readonly window: WindowShift;
  /** Subtracted from TTL or hop limit: 0 on a bridge, 1 on a router. */
  readonly hops: 0 | 1;
}

/** The plan for what the client sends. */
export function planClient(rule: Rule, hops: 0 | 1): Plan {
  const { owner, deltas } = rule;
  return {
    side: 'destination',
    address: addressOctets(owner.address),
    port: owner.port,
    mac: macOctets(owner.mac),
    seq: deltas.clientSeq,
    ack: deltas.ownerSeq,
    tsValue: deltas.clientTimestamp,
    tsEcho: deltas.ownerTimestamp,
    window: deltas.clientWindow,
    hops,
  };
}

/** The plan for what the owner sends. */
export function planOwner(rule: Rule, hops: 0 | 1): Plan {
  const { key, deltas } = rule;
  return {
    side: 'source',
    address: addressOctets(key.virtual.address),
    port: key.virtual.port,
    mac: undefined,
    seq: -deltas.ownerSeq,
    ack: -deltas.clientSeq,
    tsValue: -deltas.ownerTimestamp,
    tsEcho: -deltas.clientTimestamp,
    window: deltas.ownerWindow,
    hops,
  };
}

/** An address in network order: 4 octets for IPv4, 16 for IPv6. */
export function addressOctets(address: Endpoint['address']): Uint8Array {
  if (typeof address === 'number') {
    const octets = new Uint8Array(4);
    writeUint32(octets, 0, address);
    return octets;
  }
  const octets = new Uint8Array(16);
  for (let word = 0; word < 4; word += 1) {
    writeUint32(octets, word * 4, Number((address >> BigInt(96 - word * 32)) & 0xffffffffn));
  }
  return octets;
}

function macOctets(address: MacAddress): Uint8Array {
  const octets = new Uint8Array(6);
  writeUint16(octets, 0, Math.floor(address / 2 ** 32));
  writeUint32(octets, 2, address);
  return octets;
}
