/**
 * The parts of a control message; numbers in network order, lengths in octets.
 *
 *   endpoint   version 1 (4 or 6) · address 4 or 16 · port 2
 *   key        client endpoint · virtual endpoint
 *   owner      endpoint · MAC 6
 *   deltas     clientSeq 4 · ownerSeq 4 · clientTimestamp 4 · ownerTimestamp 4
 *              · client's window in 1, out 1 · owner's window in 1, out 1
 */
import { ipv4FromNumber, ipv6FromBigInt, macFromNumber } from 'scapy-ts';
import { addressOctets } from '../rules/plan.ts';
import type { ConnectionKey, Deltas, Endpoint, Owner, WindowShift } from '../rules/rule.ts';
import type { Reader } from './reader.ts';

/** `value` in network order; throws RangeError unless it is an integer that fits. */
export function encodeUint(value: number, lengthOctets: number): readonly number[] {
  const octets: number[] = [];
  let rest = value;
  while (octets.length < lengthOctets) {
    octets.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  }
  if (rest === 0 && Number.isSafeInteger(value)) return octets;
  throw new RangeError(`${value} does not fit into ${lengthOctets} octets`);
}

/** Writes a connection's key. */
export function encodeKey({ client, virtual }: ConnectionKey): readonly number[] {
  return [...encodeEndpoint(client), ...encodeEndpoint(virtual)];
}

/** Reads a connection's key. */
export function readKey(reader: Reader): ConnectionKey {
  return { client: readEndpoint(reader), virtual: readEndpoint(reader) };
}

/** Writes an owner. */
export function encodeOwner(owner: Owner): readonly number[] {
  return [...encodeEndpoint(owner), ...encodeUint(owner.mac, 6)];
}

/** Reads an owner. */
export function readOwner(reader: Reader): Owner {
  return { ...readEndpoint(reader), mac: macFromNumber(reader.uint(6)) };
}

/** Writes deltas. */
export function encodeDeltas(deltas: Deltas): readonly number[] {
  return [
    ...encodeUint(deltas.clientSeq, 4),
    ...encodeUint(deltas.ownerSeq, 4),
    ...encodeUint(deltas.clientTimestamp, 4),
    ...encodeUint(deltas.ownerTimestamp, 4),
    ...encodeWindow(deltas.clientWindow),
    ...encodeWindow(deltas.ownerWindow),
  ];
}

/** Reads deltas. */
export function readDeltas(reader: Reader): Deltas {
  return {
    clientSeq: reader.uint(4),
    ownerSeq: reader.uint(4),
    clientTimestamp: reader.uint(4),
    ownerTimestamp: reader.uint(4),
    clientWindow: readWindow(reader),
    ownerWindow: readWindow(reader),
  };
}

function encodeEndpoint({ address, port }: Endpoint): readonly number[] {
  const version = typeof address === 'bigint' ? 6 : 4;
  return [version, ...addressOctets(address), ...encodeUint(port, 2)];
}

function readEndpoint(reader: Reader): Endpoint {
  const version = reader.choice([4, 6]);
  const address =
    version === 4 ? ipv4FromNumber(reader.uint(4)) : ipv6FromBigInt(readUint128(reader));
  return { address, port: reader.uint(2) };
}

function readUint128(reader: Reader): bigint {
  return reader.octets(16).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function encodeWindow(window: WindowShift): readonly number[] {
  return [...encodeUint(window.in, 1), ...encodeUint(window.out, 1)];
}

function readWindow(reader: Reader): WindowShift {
  return { in: reader.uint(1), out: reader.uint(1) };
}
