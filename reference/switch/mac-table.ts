/**
 * Which port a station is behind: a learning bridge's table. IEEE 802.1D section 7.8.
 *
 * Learned from the source address of a frame as it came in, before any rewriting: else a rule would
 * move a station. Shared by all VLANs. A full table learns nothing new until an entry has aged:
 * stations that are known stay known, whatever a flood of forged addresses does.
 */
import { readUint16, readUint32, readUint8 } from '../tcp/word.ts';

/** After this time without a frame from it, a station is forgotten. */
export const MAC_AGE_NS = 300_000_000_000n;

interface Station {
  readonly port: number;
  readonly seenNs: bigint;
}

/** Stations by MAC address. */
export type MacTable = Map<number, Station>;

/** The MAC address at octet `at`: 0 for the destination, 6 for the source. */
export function readMac(frame: Uint8Array, at: number): number {
  return readUint16(frame, at) * 2 ** 32 + readUint32(frame, at + 2);
}

/** Notes that the sender of `frame` is behind `port`. */
export function learn(
  table: MacTable,
  frame: Uint8Array,
  port: number,
  nowNs: bigint,
  capacity: number,
): void {
  const isGroup = (readUint8(frame, 6) & 1) === 1;
  const address = readMac(frame, 6);
  const hasRoom = table.has(address) || table.size < capacity;
  if (!isGroup && hasRoom) table.set(address, { port, seenNs: nowNs });
}

/** Forgets the stations that have been silent for too long. */
export function forgetSilent(table: MacTable, nowNs: bigint): void {
  for (const [address, station] of table) {
    if (nowNs - station.seenNs > MAC_AGE_NS) table.delete(address);
  }
}
