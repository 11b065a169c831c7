/** Reading a control message field by field, in network order. */

/**
 * Reads fields one after the other; octets that are missing are read as none. So a decoder is
 * written straight down and asks once, at its end, whether what it has read was a message.
 */
export interface Reader {
  octets(length: number): Uint8Array;
  /** Reads a number, which must be a safe integer. */
  uint(lengthOctets: number): number;
  /** Reads a number that must be `value`. */
  constant(value: number, lengthOctets: number): void;
  /** Reads one octet that must be one of `choices`; gives the first of them if it is not. */
  choice<T extends number>(choices: readonly [T, ...T[]]): T;
  /** Whether all fields were what they must be, and no octet is missing or left. */
  isWhole(): boolean;
}

/** A reader of a message from its first octet. */
export function createReader(message: Uint8Array): Reader {
  let at = 0;
  let isSound = true;

  function octets(length: number): Uint8Array {
    const from = at;
    at += length;
    return message.subarray(from, at);
  }

  function uint(lengthOctets: number): number {
    const value = octets(lengthOctets).reduce((sum, octet) => sum * 256 + octet, 0);
    isSound &&= Number.isSafeInteger(value);
    return value;
  }

  function constant(value: number, lengthOctets: number): void {
    const found = uint(lengthOctets);
    isSound &&= found === value;
  }

  function choice<T extends number>(choices: readonly [T, ...T[]]): T {
    const value = uint(1);
    const chosen = choices.find((each) => each === value);
    isSound &&= chosen !== undefined;
    return chosen ?? choices[0];
  }

  return { octets, uint, constant, choice, isWhole: () => isSound && at === message.length };
}
