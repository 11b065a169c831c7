/** What a switch keeps from packet to packet, besides its tables: registers and counters. */

/** A cell of a counter. */
export interface Count {
  packets: number;
  octets: number;
}

/** By the index of the array in its program, then by the index of the cell; absent cells are 0. */
export interface Resources {
  readonly registers: readonly Map<number, number>[];
  readonly wideRegisters: readonly Map<number, bigint>[];
  readonly counters: readonly Map<number, Count>[];
}

/** Adds a packet of `octets` octets to the cell. */
export function count(cells: Map<number, Count>, index: number, octets: number): void {
  const cell = cells.get(index);
  if (cell === undefined) {
    cells.set(index, { packets: 1, octets });
  } else {
    cell.packets += 1;
    cell.octets += octets;
  }
}
