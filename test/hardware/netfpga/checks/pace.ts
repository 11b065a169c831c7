/** Frames of all lengths, with and without idle clocks and back-pressure. */
import type { ExecutionContext } from 'ava';
import { pattern } from '../../../../conformance/traffic/segment.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { Exchange, FrameIn, Pace } from '../../../../hardware/netfpga/sim/wire.ts';

/** What a header is cut off at. */
export const HEADER_OCTETS = 128;
/** The shortest frame and the longest, but for jumbo frames, that the bench sends. */
export const RUNT_OCTETS = 14;
/** The longest frame with a tag that is no jumbo frame. */
export const MAX_OCTETS = 1518;

const LONGEST = 9014;
const WIRE = 0x01;

const LENGTHS: readonly number[] = [
  // No frame waits for one that is shorter: the first has as many words as a header.
  HEADER_OCTETS,
  ...Array.from({ length: MAX_OCTETS - RUNT_OCTETS + 1 }, (_, at) => RUNT_OCTETS + at),
  LONGEST,
];

/** Words of `width` bits. */
export function wordsOf(octets: number, width: number): number {
  return Math.ceil((8 * octets) / width);
}

/** A frame that is flooded, no two with the same octets. */
export function bridged(length: number, seed = 0): FrameIn {
  const octets = pattern(length, length + seed);
  octets.set([0x02, 0, 0, 0, 0, 0x77, 0x02, 0, 0, 0, 0, 0x11, 0x88, 0xb5]);
  return { octets, source: WIRE };
}

/** As long as frames may be with a tag. */
function tagged(): FrameIn {
  const frame = bridged(LONGEST + 4);
  frame.octets.set([0x81, 0x00], 12);
  return frame;
}

/** They have left as they came, in order. */
export function assertUnchanged(
  t: ExecutionContext,
  frames: readonly FrameIn[],
  { outputs, breaches }: Exchange,
): void {
  t.deepEqual(breaches, []);
  t.is(outputs.length, frames.length);
  for (const [at, { octets, source, input, declared, destination }] of outputs.entries()) {
    const due = frames[at]?.octets ?? new Uint8Array(0);
    if (Buffer.compare(octets, due) !== 0) t.deepEqual(octets, due, `frame ${at}`);
    t.deepEqual([input, source, declared, destination], [at, WIRE, due.length, 0x56]);
  }
}

/** A word goes in and one comes out in each clock, also from one frame to the next. */
export function assertNoBubble(
  t: ExecutionContext,
  { inputs, outputs }: Exchange,
  width: number,
): void {
  for (const stream of [inputs, outputs]) {
    let cycle = stream[0]?.firstCycle ?? Number.NaN;
    for (const [at, span] of stream.entries()) {
      const words = wordsOf(outputs[at]?.octets.length ?? 0, width);
      const due = [cycle, cycle + words - 1];
      t.deepEqual([span.firstCycle, span.lastCycle], due, `frame ${at}`);
      cycle += words;
    }
  }
}

/** Every length, one frame behind the other. */
export async function sweep(t: ExecutionContext, core: Core, width: number): Promise<void> {
  const frames = [...LENGTHS.map((length) => bridged(length)), tagged()];
  const result = await core.exchange(frames);
  assertUnchanged(t, frames, result);
  assertNoBubble(t, result, width);
}

const PACES: readonly Pace[] = [
  { idlePercent: 50, seed: 21 },
  { stallPercent: 50, seed: 22 },
  { stallPercent: 95, seed: 23 },
  { idlePercent: 30, stallPercent: 30, seed: 24 },
];

/** At every pace the same octets leave, in the same order, and no clock is lost. */
export async function checkPace(t: ExecutionContext, core: Core): Promise<void> {
  const lengths = Array.from({ length: 140 }, (_, at) => (at % 2 === 0 ? RUNT_OCTETS : at + 20));
  const frames = [HEADER_OCTETS, ...lengths, MAX_OCTETS].map((length, at) => bridged(length, at));
  await core.reset();
  const result = await core.exchange(frames);
  assertUnchanged(t, frames, result);
  assertNoBubble(t, result, 256);
  for (const pace of PACES) assertUnchanged(t, frames, await core.exchange(frames, pace));
}
