/**
 * And-inverter graphs with memory, as yosys writes them.
 *
 *   literal  2 · variable, + 1 when inverted; 0 is false, 1 is true
 *   aig M I L O A B C      variables, inputs, latches, outputs, ands, bad states, constraints
 *   latches, outputs, bad states, constraints: a line each; ands: two differences in 7-bit groups
 *
 * Biere, Heljanko, Wieringa: AIGER 1.9 And Beyond (2011).
 */

/** A variable of a graph, or its inverse: 2 · variable + (1 when inverted). */
export type Literal = number;

/** One bit of memory. */
export interface Latch {
  readonly next: Literal;
  /** Its first value, where it has one. */
  readonly reset: 0 | 1 | undefined;
}

/** A graph: variables 1 … inputs, then the latches, then the ands. */
export interface Aig {
  readonly inputs: number;
  readonly latches: readonly Latch[];
  /** Two literals for each and. */
  readonly ands: Uint32Array;
  readonly outputs: readonly Literal[];
  /** What an `assert` forbids. */
  readonly bads: readonly Literal[];
  /** What an `assume` promises. */
  readonly constraints: readonly Literal[];
}

const NEWLINE = 10;
const GROUP_BITS = 7;
const GROUP = 1 << GROUP_BITS;

interface Cursor {
  readonly octets: Uint8Array;
  at: number;
}

function readNumbers(cursor: Cursor): readonly number[] {
  const end = cursor.octets.indexOf(NEWLINE, cursor.at);
  if (end < 0) throw new Error(`aiger: no line at octet ${cursor.at}`);
  const line = new TextDecoder().decode(cursor.octets.subarray(cursor.at, end));
  cursor.at = end + 1;
  return line
    .split(' ')
    .filter((word) => word !== 'aig')
    .map((word) => {
      if (!/^\d+$/u.test(word)) throw new Error(`aiger: ${word} is not a number`);
      return Number(word);
    });
}

function readDifference(cursor: Cursor): number {
  let difference = 0;
  for (let scale = 1; ; scale *= GROUP) {
    const octet = cursor.octets[cursor.at++];
    if (octet === undefined) throw new Error('aiger: ends in the middle of an and');
    difference += (octet % GROUP) * scale;
    if (octet < GROUP) return difference;
  }
}

function readLiterals(cursor: Cursor, count: number): readonly Literal[] {
  return Array.from({ length: count }, () => readNumbers(cursor)[0] ?? 0);
}

function readLatch(cursor: Cursor, own: Literal): Latch {
  const [next = 0, reset = 0] = readNumbers(cursor);
  return { next, reset: reset === own ? undefined : reset === 1 ? 1 : 0 };
}

/** Reads a graph in the binary form of AIGER 1.9; throws Error where it is none. */
export function parseAiger(octets: Uint8Array): Aig {
  const cursor: Cursor = { octets, at: 0 };
  const [, inputs = 0, latchCount = 0, outputCount = 0, andCount = 0, badCount = 0, limits = 0] =
    readNumbers(cursor);
  const latches = Array.from({ length: latchCount }, (_, index) =>
    readLatch(cursor, 2 * (inputs + index + 1)),
  );
  const outputs = readLiterals(cursor, outputCount);
  const bads = readLiterals(cursor, badCount);
  const constraints = readLiterals(cursor, limits);
  const ands = new Uint32Array(2 * andCount);
  for (let index = 0; index < andCount; index++) {
    const own = 2 * (inputs + latchCount + index + 1);
    const left = own - readDifference(cursor);
    ands[2 * index] = left;
    ands[2 * index + 1] = left - readDifference(cursor);
  }
  return { inputs, latches, ands, outputs, bads, constraints };
}
