/**
 * Keys of the rule table: two endpoints as a string, one UTF-16 unit for each 16-bit word.
 *
 *   ┌──────────────────────┬──────────────────────┐
 *   │ address … │   port   │ address … │   port   │    sender, then receiver
 *   └──────────────────────┴──────────────────────┘
 *
 * The same string comes from a rule's endpoints and from a frame's octets, so that one lookup in a
 * Map decides; the two IP versions differ in length.
 */
import type { IpView } from '../rules/frame-view.ts';
import { destinationAt } from '../rules/frame-view.ts';
import { addressOctets } from '../rules/plan.ts';
import type { Endpoint } from '../rules/rule.ts';
import { TCP_AT } from '../tcp/header.ts';
import { readUint16 } from '../tcp/word.ts';

/** The key of what `from` sends to `to`. */
export function flowKey(from: Endpoint, to: Endpoint): string {
  return endpointKey(from) + endpointKey(to);
}

/** The key of what the host of `from` sends to the host of `to`, whatever the ports. */
export function hostsKey(from: Endpoint, to: Endpoint): string {
  return addressKey(from) + addressKey(to);
}

/** The key of the flow that a segment belongs to. */
export function readFlowKey(frame: Uint8Array, ip: IpView): string {
  return readKey(frame, ip, ip.sourceAt, TCP_AT.srcPort, TCP_AT.dstPort);
}

/** The key of the flow that answers a segment. */
export function readReplyKey(frame: Uint8Array, ip: IpView): string {
  return readKey(frame, ip, destinationAt(ip), TCP_AT.dstPort, TCP_AT.srcPort);
}

/** The key of a packet's two hosts. */
export function readHostsKey(frame: Uint8Array, ip: IpView): string {
  return readAddress(frame, ip.sourceAt, 2 * ip.addressOctets);
}

function readKey(
  frame: Uint8Array,
  ip: IpView,
  fromAt: number,
  fromPort: number,
  toPort: number,
): string {
  const { sourceAt, addressOctets: length, transportAt } = ip;
  const toAt = sourceAt + sourceAt + length - fromAt;
  const sender = readUint16(frame, transportAt + fromPort);
  const receiver = readUint16(frame, transportAt + toPort);
  if (length === 4) {
    // One call is several times faster than joining parts, and this is done for every segment.
    return String.fromCharCode(
      readUint16(frame, fromAt),
      readUint16(frame, fromAt + 2),
      sender,
      readUint16(frame, toAt),
      readUint16(frame, toAt + 2),
      receiver,
    );
  }
  return (
    readAddress(frame, fromAt, length) +
    String.fromCharCode(sender) +
    readAddress(frame, toAt, length) +
    String.fromCharCode(receiver)
  );
}

function readAddress(octets: Uint8Array, at: number, lengthOctets: number): string {
  let key = '';
  for (let word = at; word < at + lengthOctets; word += 2) {
    key += String.fromCharCode(readUint16(octets, word));
  }
  return key;
}

function endpointKey(endpoint: Endpoint): string {
  return addressKey(endpoint) + String.fromCharCode(endpoint.port);
}

function addressKey(endpoint: Endpoint): string {
  const octets = addressOctets(endpoint.address);
  return readAddress(octets, 0, octets.length);
}
