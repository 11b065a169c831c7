/** Rows for the tables: how wide a field is, what it is when unset, how it is shown. */
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  ipv4Address,
  ipv4FromNumber,
  ipv6Address,
} from '../address.ts';
import { ipv6FromBigInt, mac, macFromNumber } from '../address.ts';
import type { Field } from './table.ts';
import type { Ipv4Address, Ipv6Address, MacAddress } from '../address.ts';

/** A whole number of `bits` bits, shown in decimal. */
export function whole(bits: number, unset: number | 'computed' = 0): Field<number> {
  return { bits, unset, show: String };
}

/** A whole number of `bits` bits, shown in hexadecimal. */
export function hex(bits: number, unset: number | 'computed' = 0): Field<number> {
  const digits = Math.ceil(bits / 4);
  return { bits, unset, show: (value) => `0x${value.toString(16).padStart(digits, '0')}` };
}

/** A number shown with its name where it has one: `6 (TCP)`. */
export function named(
  plain: Field<number>,
  names: Readonly<Record<number, string>>,
): Field<number> {
  return {
    ...plain,
    show(value): string {
      const name = names[value];
      return name === undefined ? plain.show(value) : `${plain.show(value)} (${name})`;
    },
  };
}

/** Octets outside the fixed part, shown in hexadecimal. */
export function octetsField(): Field<Uint8Array> {
  return { bits: 0, unset: new Uint8Array(0), show: hexText };
}

/** `de ad be ef`; at most 32 octets, then how many there are. */
export function hexText(octets: Uint8Array): string {
  const shown = Array.from(octets.subarray(0, 32), (o) => o.toString(16).padStart(2, '0'));
  const text = shown.join(' ');
  if (octets.length <= 32) return text;
  return `${text} … (${octets.length} octets)`;
}

/** An Ethernet address, unset 00:00:00:00:00:00. */
export function macField(): Field<MacAddress> {
  return { bits: 48, unset: macFromNumber(0), show: formatMac, fromText: mac };
}

/** An IPv4 address, unset 0.0.0.0. */
export function ipv4Field(): Field<Ipv4Address> {
  return { bits: 32, unset: ipv4FromNumber(0), show: formatIpv4, fromText: ipv4Address };
}

/** An IPv6 address, unset `::`. */
export function ipv6Field(): Field<Ipv6Address> {
  return { bits: 128, unset: ipv6FromBigInt(0n), show: formatIpv6, fromText: ipv6Address };
}
