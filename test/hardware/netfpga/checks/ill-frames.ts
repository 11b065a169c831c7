/** Frames that are ill among such that are well. */
import type { ExecutionContext } from 'ava';
import { REGISTERS } from '../../../../hardware/netfpga/driver/registers.ts';
import { errorNames, type ErrorName } from '../../../../hardware/netfpga/driver/table-error.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { FrameIn, Pace } from '../../../../hardware/netfpga/sim/wire.ts';
import { essence, openRuled, segmentOf } from '../ruled.ts';

const WIRE = 0x01;
/** Words of 32 octets: in the header, and behind it. */
const SHORT = 100;
const LONG = 300;

/** A frame, and what is to become of it. */
export interface Bad extends Partial<FrameIn> {
  readonly what: string;
  readonly length: number;
  readonly errors: readonly ErrorName[];
  /** How many octets leave; none when it is dropped. */
  readonly leaves?: number;
  /** It has no end, and so the next frame is a part of it. */
  readonly takesNext?: true;
}

/** All that can be wrong with a frame. */
export const ILL: readonly Bad[] = [
  { what: 'is cut in its first word', length: 20, declared: LONG, errors: ['CUT'] },
  { what: 'is cut in the header', length: 60, declared: LONG, errors: ['CUT'] },
  { what: 'is cut at the end of the header', length: 128, declared: LONG, errors: ['CUT'] },
  { what: 'is cut behind the header', length: 200, declared: LONG, errors: ['CUT'], leaves: 200 },
  { what: 'is cut by one octet', length: 299, declared: LONG, errors: ['CUT'], leaves: 299 },
  { what: 'is cut between words', length: 288, declared: LONG, errors: ['CUT'], leaves: 288 },
  { what: 'goes on in the header', length: LONG, declared: SHORT, errors: ['OVERRUN'] },
  { what: 'goes on by an octet in the header', length: 65, declared: 64, errors: ['OVERRUN'] },
  { what: 'goes on behind it', length: LONG, declared: 200, errors: ['OVERRUN'], leaves: 200 },
  { what: 'goes on by an octet', length: LONG, declared: 299, errors: ['OVERRUN'], leaves: 299 },
  {
    what: 'has no end, and is short',
    length: 64,
    hasLast: false,
    errors: ['OVERRUN'],
    takesNext: true,
  },
  {
    what: 'has no end',
    length: 320,
    hasLast: false,
    errors: ['OVERRUN'],
    leaves: 320,
    takesNext: true,
  },
  { what: 'has a hole in the header', length: LONG, hole: 40, errors: ['KEEP'] },
  { what: 'has a hole behind it', length: LONG, hole: 200, errors: ['KEEP'], leaves: LONG },
  { what: 'has a hole at the end', length: LONG, hole: 295, errors: ['CUT', 'KEEP'], leaves: 295 },
  { what: 'is short and has a hole at the end', length: 60, hole: 50, errors: ['CUT', 'KEEP'] },
  { what: 'lacks its last octet', length: LONG, hole: 299, errors: ['CUT'], leaves: 299 },
  { what: 'is told to be of no octets', length: 60, declared: 0, errors: ['RUNT', 'OVERRUN'] },
  { what: 'is told to be a runt', length: 60, declared: 13, errors: ['RUNT', 'OVERRUN'] },
  { what: 'is a runt', length: 13, errors: ['RUNT'] },
  { what: 'is one octet', length: 1, errors: ['RUNT'] },
  { what: 'is an octet too long', length: 9015, errors: ['OVERSIZE'] },
  { what: 'is of 16 kB', length: 16_384, errors: ['OVERSIZE'] },
  { what: 'is as long as TUSER can say', length: 65_535, errors: ['OVERSIZE'] },
  { what: 'is told to be of 64 kB', length: 60, declared: 65_535, errors: ['OVERSIZE', 'CUT'] },
  { what: 'goes on to 16 kB', length: 16_384, declared: SHORT, errors: ['OVERRUN'] },
  ...[0, 0x03, 0x41, 0xff, 0x20, 0x80].map((source): Bad => {
    return { what: `comes from ${source.toString(2)}`, length: LONG, source, errors: ['SOURCE'] };
  }),
];

const PACES: readonly Pace[] = [
  {},
  { idlePercent: 40, seed: 3 },
  { stallPercent: 60, seed: 4 },
  { idlePercent: 30, stallPercent: 30, seed: 5 },
];

/** Its octets are those of a segment. */
export function illFrame({ length, errors: _errors, what: _what, ...rest }: Bad): FrameIn {
  return { source: WIRE, ...rest, octets: segmentOf(length) };
}

/** A segment that is translated. */
export function good(serial: number): FrameIn {
  return { source: WIRE, octets: segmentOf(60 + 37 * (serial % 9), serial) };
}

async function readErrors(core: Core): Promise<readonly ErrorName[]> {
  return errorNames(await core.read(REGISTERS.ERROR));
}

async function readCount(
  core: Core,
  name: 'PKTIN' | 'PKTOUT' | 'DROPPED' | 'MALFORMED',
): Promise<number> {
  return core.read(REGISTERS[name]);
}

/** What leaves of frames that are well. */
export async function aloneOf(core: Core, frames: readonly FrameIn[]): Promise<readonly string[]> {
  const { outputs } = await core.exchange(frames);
  for (const name of ['PKTIN', 'PKTOUT', 'DROPPED', 'MALFORMED'] as const)
    await readCount(core, name);
  return outputs.map(essence);
}

/** A frame that is ill is named and counted, and its neighbours go on, whatever the pace. */
export async function checkIllFrames(t: ExecutionContext, core: Core): Promise<void> {
  await openRuled(core);
  const well = [0, 1, 2, 3].map(good);
  const due = await aloneOf(core, well);
  t.is(new Set(due).size, well.length);
  for (const pace of PACES) {
    for (const ill of ILL) await assertNeighbours(t, core, { ill, well, due, pace });
  }
}

interface Trial {
  readonly ill: Bad;
  readonly well: readonly FrameIn[];
  readonly due: readonly string[];
  readonly pace: Pace;
}

async function assertNeighbours(
  t: ExecutionContext,
  core: Core,
  { ill, well, due, pace }: Trial,
): Promise<void> {
  const at = 2;
  const frames = [...well.slice(0, at), illFrame(ill), ...well.slice(at)];
  const { outputs, breaches } = await core.exchange(frames, pace);
  t.deepEqual(breaches, [], ill.what);
  const left = frames.map((_, input) => outputs.find((output) => output.input === input));
  const rest = left.toSpliced(at, 1).map(essence);
  const taken = due.map((each, index) => (ill.takesNext && index === at ? 'nothing' : each));
  t.deepEqual(rest, taken, ill.what);
  t.is(left[at]?.octets.length, ill.leaves, ill.what);
  t.deepEqual((await readErrors(core)).toSorted(), ill.errors.toSorted(), ill.what);
  const began = frames.length - (ill.takesNext ? 1 : 0);
  const dropped = ill.leaves === undefined ? 1 : 0;
  const counts = ['PKTIN', 'PKTOUT', 'DROPPED', 'MALFORMED'] as const;
  const were: number[] = [];
  for (const name of counts) were.push(await readCount(core, name));
  t.deepEqual(were, [began, began - dropped, dropped, dropped], ill.what);
}
