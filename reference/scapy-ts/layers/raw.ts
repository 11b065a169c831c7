/** Octets without a header: payload, what is not understood, and what follows the packet. */
import { header } from './compile.ts';
import { octetsField } from './fields.ts';
import type { Header, Written } from './table.ts';

/** Payload, or octets that are not understood. */
export interface Raw {
  readonly kind: 'raw';
  readonly octets: Uint8Array;
}

/** Octets after the end that the outermost IP header or ARP says; no length counts them. */
export interface Padding {
  readonly kind: 'padding';
  readonly octets: Uint8Array;
}

/** Payload. */
export const RAW: Header<Raw> = header<Raw>('raw', 'Raw', { octets: octetsField() });

/** Padding. */
export const PADDING: Header<Padding> = header<Padding>('padding', 'Padding', {
  octets: octetsField(),
});

const encoder = new TextEncoder();

/** Payload; text is written in UTF-8. */
export function raw(octets: Uint8Array | string): Written<Raw> {
  return { kind: 'raw', octets: typeof octets === 'string' ? encoder.encode(octets) : octets };
}

/** Padding: the last layer of a packet. */
export function padding(octets: Uint8Array): Written<Padding> {
  return { kind: 'padding', octets };
}
