/**
 * ARP for IPv4 over Ethernet. RFC 826.
 *
 *   | hardwareType 16 | protocolType 16 | hardwareLength 8 | protocolLength 8 | operation 16 |
 *   | senderMac 48 | senderIp 32 | targetMac 48 | targetIp 32 |
 */
import { header } from './compile.ts';
import { cutOff, endAt, note, take } from './cursor.ts';
import { hex, ipv4Field, macField, named, whole } from './fields.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Given, Header, Written } from './table.ts';
import type { Ipv4Address, MacAddress } from '../address.ts';

/** An ARP message with Ethernet and IPv4 addresses. */
export interface Arp {
  readonly kind: 'arp';
  readonly hardwareType: number;
  readonly protocolType: number;
  readonly hardwareLength: number;
  readonly protocolLength: number;
  readonly operation: number;
  readonly senderMac: MacAddress;
  readonly senderIp: Ipv4Address;
  readonly targetMac: MacAddress;
  readonly targetIp: Ipv4Address;
}

/** The lengths that the addresses of this layer have; with others it is raw. */
const ARP_LENGTHS = { hardware: 6, protocol: 4 } as const;

/** The ARP message. */
export const ARP: Header<Arp> = header<Arp>('arp', 'ARP', {
  hardwareType: whole(16, 1),
  protocolType: hex(16, 0x0800),
  hardwareLength: whole(8, ARP_LENGTHS.hardware),
  protocolLength: whole(8, ARP_LENGTHS.protocol),
  operation: named(whole(16, 1), { 1: 'request', 2: 'reply' }),
  senderMac: macField(),
  senderIp: ipv4Field(),
  targetMac: macField(),
  targetIp: ipv4Field(),
});

/** An ARP message, unset a request. */
export function arp(given: Given<Arp> = {}): Written<Arp> {
  return ARP.make(given);
}

/** Reads an ARP message. */
export function readArp(cursor: Cursor): Step {
  const { octets, at, end } = cursor;
  if (end - at < ARP.lengthOctets) return cutOff(cursor, ARP);
  const layer = ARP.read(octets, at);
  const { hardwareLength, protocolLength } = layer;
  if (hardwareLength !== ARP_LENGTHS.hardware) {
    const need = ARP_LENGTHS.hardware;
    note(cursor, ARP, { kind: 'invalid', field: 'hardwareLength', at, need, have: hardwareLength });
    return 'raw';
  }
  if (protocolLength !== ARP_LENGTHS.protocol) {
    const need = ARP_LENGTHS.protocol;
    note(cursor, ARP, { kind: 'invalid', field: 'protocolLength', at, need, have: protocolLength });
    return 'raw';
  }
  take(cursor, layer, ARP.lengthOctets);
  endAt(cursor, cursor.at);
  return 'raw';
}

/** Writes an ARP message. */
export function writeArp(layer: Written<Arp>, { octets, at }: Site): void {
  ARP.write(octets, at, layer, {});
}
