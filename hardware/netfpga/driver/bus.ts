/** The way to the registers of a core, whatever carries the calls: a simulator, a card. */

/** One register and what it is to hold: byte offset in the core, and 32 bits as an unsigned number. */
export interface RegisterWrite {
  readonly address: number;
  readonly value: number;
}

/** The registers of one core; a call rejects when the core cannot be asked. */
export interface Registers {
  /** The 32 bits of a register, as an unsigned number; some registers are cleared by this. */
  read(address: number): Promise<number>;
  /** Writes one after the other, as they stand; resolves when the last has been taken. */
  write(writes: readonly RegisterWrite[]): Promise<void>;
}
