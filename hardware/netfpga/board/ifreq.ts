/**
 * A register access as the drivers of both cards take it. netdevice(7).
 *
 *   ioctl(socket, SIOCDEVPRIVATE + 1 write │ + 2 read, struct ifreq)
 *   struct ifreq   interface's name, padded with 0 (16) │ pointer to the access (8) │ 0 (16)
 *   the access     address (4) │ value (4)
 *
 * Numbers are little-endian, as on every machine that these cards were put into.
 */

/** ioctl(2) request that writes a register. */
export const WRITE_REGISTER = 0x89f1;
/** ioctl(2) request that reads one. */
export const READ_REGISTER = 0x89f2;

/** What the pointer in struct ifreq leads to. */
export interface Access {
  /** As the card's bus counts, 0 … 2^32 − 1. */
  readonly address: number;
  /** 0 … 2^32 − 1; what a read is given does not matter. */
  readonly value: number;
}

const NAME_OCTETS = 16;
const IFREQ_OCTETS = 40;
const ACCESS_OCTETS = 8;

/** The access in memory: 8 octets. */
export function emitAccess({ address, value }: Access): Uint8Array {
  const octets = new Uint8Array(ACCESS_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint32(0, address, true);
  view.setUint32(4, value, true);
  return octets;
}

/** The access that stands in 8 octets. Throws RangeError where there are fewer. */
export function parseAccess(octets: Uint8Array): Access {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return { address: view.getUint32(0, true), value: view.getUint32(4, true) };
}

/**
 * The struct ifreq of an interface, with a pointer.
 *
 * Throws RangeError where Linux could have no interface of that name: it has 1 to 15 octets.
 */
export function emitIfreq(device: string, pointer: bigint): Uint8Array {
  const name = new TextEncoder().encode(device);
  if (name.length === 0 || name.length >= NAME_OCTETS) {
    throw new RangeError(`the name of an interface has 1 to 15 octets: '${device}'`);
  }
  const octets = new Uint8Array(IFREQ_OCTETS);
  octets.set(name);
  new DataView(octets.buffer).setBigUint64(NAME_OCTETS, pointer, true);
  return octets;
}
