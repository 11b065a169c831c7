/**
 * Memory for packets that are built.
 *
 * Why not `new Uint8Array`: above 64 octets it costs as much as parsing and building the packet
 * (measured: 300 ns for 66 octets, 750 ns for 1514, against 60 to 100 ns here). Like Node's Buffers,
 * packets share a slab; no two overlap, and none is given out twice.
 */

const SLAB_OCTETS = 65_536;
const MAX_SHARED_OCTETS = 4_096;
/** Views on octets that begin at a multiple of 8 are the fast ones. */
const ALIGNMENT = 8;

let slab = new ArrayBuffer(0);
let used = 0;

/** Zeroed octets of this length, in a buffer that other packets may share. */
export function allocate(lengthOctets: number): Uint8Array {
  if (lengthOctets > MAX_SHARED_OCTETS) return new Uint8Array(lengthOctets);
  if (used + lengthOctets > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_OCTETS);
    used = 0;
  }
  const octets = new Uint8Array(slab, used, lengthOctets);
  used = (used + lengthOctets + ALIGNMENT - 1) & -ALIGNMENT;
  return octets;
}
