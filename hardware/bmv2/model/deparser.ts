/** The deparser: the valid headers in their order, and what the parser has left of the packet. */
import { emitHeader, isValid, octetsOf } from './header.ts';
import type { Header } from './layout.ts';
import type { Packet, Step } from './packet.ts';

/** Makes the octets that leave. */
export type Deparser = (packet: Packet) => Uint8Array;

/** A deparser that first updates checksums, then runs primitives, then writes. */
export function deparser(
  headers: readonly Header[],
  updates: readonly Step[],
  primitives: readonly Step[],
): Deparser {
  return (p) => {
    for (const update of updates) update(p);
    for (const primitive of primitives) primitive(p);
    let size = 0;
    for (const header of headers) if (isValid(p, header)) size += octetsOf(p, header);
    const octets = new Uint8Array(size + p.octets.length - p.at);
    let at = 0;
    for (const header of headers) {
      if (!isValid(p, header)) continue;
      emitHeader(p, header, octets, at * 8);
      at += octetsOf(p, header);
    }
    octets.set(p.octets.subarray(p.at), size);
    return octets.length > p.limit ? octets.slice(0, p.limit) : octets;
  };
}
