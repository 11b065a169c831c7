/** Requests to a simulated core and their answers, as `harness.h` lays them out. */

import {
  cursorOf,
  putOctets,
  putU16,
  putU32,
  putU64,
  putU8,
  takeList,
  takeOctets,
  takeU16,
  takeU32,
  takeU64,
  takeU8,
  type Cursor,
} from './cursor.ts';

/** A frame for the core. */
export interface FrameIn {
  readonly octets: Uint8Array;
  /** The octet of TUSER for the port where it came in, one-hot in a good frame. */
  readonly source: number;
  /** The octet of TUSER for the ports where it is to go; 0 where it is left out. */
  readonly destination?: number;
  /** The length in TUSER; that of the octets where it is left out. */
  readonly declared?: number;
  /** Whether its last word says so; yes where it is left out. */
  readonly hasLast?: boolean;
  /** The octet whose bit of TKEEP is missing. */
  readonly hole?: number;
}

/** The cycles in which the first and the last word of a frame were handed over. */
export interface Span {
  readonly firstCycle: number;
  readonly lastCycle: number;
}

/** A frame from the core. */
export interface FrameOut extends Span {
  readonly octets: Uint8Array;
  readonly source: number;
  readonly destination: number;
  readonly declared: number;
  /** Which of the frames that went in it is; undefined where TUSER does not tell it any more. */
  readonly input: number | undefined;
}

/** A rule of a bus that the core has broken. */
export interface Breach {
  readonly rule: string;
  readonly cycle: number;
}

/** A register that is read or written while frames flow, `after` cycles from the first at least. */
export type Access =
  | { readonly kind: 'read'; readonly address: number; readonly after: number }
  | {
      readonly kind: 'write';
      readonly address: number;
      readonly value: number;
      readonly after: number;
    };

/** How frames are handed over; without it a word in each cycle, in and out. */
export interface Pace {
  /** How often no word goes in though one is there, in percent, 0–95. */
  readonly idlePercent?: number;
  /** How often no word is taken, in percent, 0–95. */
  readonly stallPercent?: number;
  /** Any 30 bits. */
  readonly seed?: number;
  /** One after the other, in this order. */
  readonly accesses?: readonly Access[];
  /** How long all of it may take; enough for a core that works where it is left out. */
  readonly cyclesMax?: number;
}

/** What came of frames. */
export interface Exchange {
  /** One for each frame that went in. */
  readonly inputs: readonly Span[];
  readonly outputs: readonly FrameOut[];
  /** What was read meanwhile. */
  readonly values: readonly number[];
  readonly breaches: readonly Breach[];
}

/** One thing that is asked of a core. */
export type Operation =
  | { readonly kind: 'reset' }
  | { readonly kind: 'read'; readonly address: number }
  | { readonly kind: 'write'; readonly address: number; readonly value: number }
  | { readonly kind: 'tick'; readonly seconds: number }
  | { readonly kind: 'exchange'; readonly frames: readonly FrameIn[]; readonly pace: Pace };

const NONE = 0xffff_ffff;
/** A core may be busy with itself, such as with a table that is emptied. */
const CYCLES_MAX = 1 << 20;
const CYCLES_PER_OCTET_MAX = 8;
const CYCLES_PER_FRAME_MAX = 1000;

/** Longest fixed part of an operation, of an access, and of a frame. */
const OPERATION_OCTETS = 32;
const ACCESS_OCTETS = 17;
const FRAME_OCTETS = 13;

function sizeOf(operation: Operation): number {
  if (operation.kind !== 'exchange') return OPERATION_OCTETS;
  const accesses = (operation.pace.accesses?.length ?? 0) * ACCESS_OCTETS;
  const frames = operation.frames.reduce(
    (sum, { octets }) => sum + FRAME_OCTETS + octets.length,
    0,
  );
  return OPERATION_OCTETS + accesses + frames;
}

function cyclesMaxOf(frames: readonly FrameIn[]): number {
  return frames.reduce(
    (sum, { octets }) => sum + CYCLES_PER_FRAME_MAX + CYCLES_PER_OCTET_MAX * octets.length,
    CYCLES_MAX,
  );
}

function writeExchange(to: Cursor, frames: readonly FrameIn[], pace: Pace): void {
  const { idlePercent = 0, stallPercent = 0, seed = 1, accesses = [] } = pace;
  putU8(to, 4);
  putU8(to, idlePercent);
  putU8(to, stallPercent);
  putU32(to, seed);
  putU64(to, pace.cyclesMax ?? cyclesMaxOf(frames));
  putU32(to, accesses.length);
  for (const access of accesses) {
    putU8(to, access.kind === 'write' ? 1 : 0);
    putU64(to, access.after);
    putU32(to, access.address);
    putU32(to, access.kind === 'write' ? access.value : 0);
  }
  putU32(to, frames.length);
  for (const { octets, source, destination = 0, declared, hasLast = true, hole = NONE } of frames) {
    putU32(to, octets.length);
    putU32(to, hole);
    putU16(to, declared ?? octets.length);
    putU8(to, source);
    putU8(to, destination);
    putU8(to, hasLast ? 1 : 0);
    putOctets(to, octets);
  }
}

/** `operations` as one request. */
export function encodeRequest(operations: readonly Operation[]): Uint8Array {
  const size = operations.reduce((sum, operation) => sum + sizeOf(operation), 0);
  const to = cursorOf(new Uint8Array(size));
  for (const operation of operations) {
    switch (operation.kind) {
      case 'reset':
        putU8(to, 0);
        break;
      case 'read':
        putU8(to, 1);
        putU32(to, operation.address);
        break;
      case 'write':
        putU8(to, 2);
        putU32(to, operation.address);
        putU32(to, operation.value);
        break;
      case 'tick':
        putU8(to, 3);
        putU32(to, operation.seconds);
        break;
      case 'exchange':
        writeExchange(to, operation.frames, operation.pace);
        break;
      default:
        operation satisfies never;
    }
  }
  return to.octets.subarray(0, to.at);
}

/** An answer, read from its beginning on. */
export interface Answer {
  /** The sentence of a fault. */
  readonly fault: string | undefined;
  /** How many cycles the core has run. */
  readonly cycles: number;
  /** The operations' answers. */
  readonly rest: Cursor;
}

/** Takes an answer apart. */
export function readAnswer(octets: Uint8Array): Answer {
  const rest = cursorOf(octets);
  const isGood = takeU8(rest) === 0;
  const cycles = takeU64(rest);
  return { cycles, rest, fault: isGood ? undefined : textOf(octets.subarray(rest.at)) };
}

/** The answer to a read, which is next. */
export function takeValue({ rest }: Answer): number {
  return takeU32(rest);
}

/** The answer to an exchange, which is next; its frames are views of the answer. */
export function takeExchange({ rest }: Answer): Exchange {
  return {
    values: takeList(rest, takeU32),
    inputs: takeList(rest, takeSpan),
    outputs: takeList(rest, takeFrame),
    breaches: takeList(rest, takeBreach),
  };
}

function takeSpan(from: Cursor): Span {
  return { firstCycle: takeU64(from), lastCycle: takeU64(from) };
}

function takeFrame(from: Cursor): FrameOut {
  const firstCycle = takeU64(from);
  const lastCycle = takeU64(from);
  const number = takeU32(from);
  const input = number === NONE ? undefined : number;
  const length = takeU32(from);
  const declared = takeU16(from);
  const source = takeU8(from);
  const destination = takeU8(from);
  const octets = takeOctets(from, length);
  return { firstCycle, lastCycle, input, declared, source, destination, octets };
}

function takeBreach(from: Cursor): Breach {
  const cycle = takeU64(from);
  return { rule: textOf(takeOctets(from, takeU8(from))), cycle };
}

function textOf(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}
