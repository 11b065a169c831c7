/** Ethernet: addresses in a frame, and which port a frame of the switch's own leaves at. */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import { ipv4FromNumber, macFromNumber } from 'scapy-ts';
import type { MacTable } from '../switch/mac-table.ts';
import { readMac } from '../switch/mac-table.ts';
import { readUint32, writeUint16, writeUint32 } from '../tcp/word.ts';

/** A frame that leaves. */
export interface Emission {
  readonly kind: 'emit';
  readonly port: number;
  /** Must not change: several ports may have the same octets. */
  readonly octets: Uint8Array;
}

/** Where the addresses of an Ethernet header stand. */
export const MAC_AT = { destination: 0, source: 6 } as const;

/** All stations. */
export const BROADCAST: MacAddress = macFromNumber(2 ** 48 - 1);

/** The MAC address at an octet. */
export function macAt(frame: Uint8Array, at: number): MacAddress {
  return macFromNumber(readMac(frame, at));
}

/** Writes a MAC address. */
export function writeMac(frame: Uint8Array, at: number, address: MacAddress): void {
  writeUint16(frame, at, Math.floor(address / 2 ** 32));
  writeUint32(frame, at + 2, address);
}

/** The IPv4 address at an octet. */
export function readAddress(octets: Uint8Array, at: number): Ipv4Address {
  return ipv4FromNumber(readUint32(octets, at));
}

/** A frame at one port. */
export function emit(port: number, octets: Uint8Array): Emission {
  return { kind: 'emit', port, octets };
}

/** A frame to where its receiver is, or to all `ports` while nobody knows where that is. */
export function route(
  macs: MacTable,
  ports: readonly number[],
  octets: Uint8Array,
): readonly Emission[] {
  const station = macs.get(readMac(octets, MAC_AT.destination));
  if (station !== undefined) return [emit(station.port, octets)];
  return ports.map((port) => emit(port, octets));
}
