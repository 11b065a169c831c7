/**
 * Pairs the frames that left with the frames that had to leave, and finds what is wrong.
 *
 * Frames of different flows may overtake each other, so a frame is paired with the wanted frame
 * that it equals; what is left on both sides of one port is paired by likeness, and the rest is
 * missing, doubled, or at the wrong port.
 */
import { parse, summary } from 'scapy-ts';
import type { PortRole } from '../driver/device.ts';
import type { Finding } from './aspect.ts';
import { compareFrames, type Leeway } from './compare.ts';
import type { Direction } from './translate.ts';

/** What a device must do with an injected frame. */
export type Expectation =
  | {
      readonly kind: 'frame';
      readonly at: PortRole;
      readonly frame: Uint8Array;
      readonly leeway: Leeway;
      /** A correct device may also drop it. */
      readonly optional?: boolean;
      readonly direction?: Direction;
    }
  | { readonly kind: 'nothing' };

/** A frame to inject and what must come of it. */
export interface Stimulus {
  readonly role: PortRole;
  readonly frame: Uint8Array;
  readonly expectation: Expectation;
}

/** A frame that left, and where. */
export interface Output {
  readonly role: PortRole;
  readonly frame: Uint8Array;
}

type Wanted = Extract<Expectation, { kind: 'frame' }> & { readonly injected: Uint8Array };

/** How many frames of one port are likened to a wanted one; bounds the work on a broken device. */
const MAX_LIKENED = 16;

/** One line that tells what a frame is. */
export function describeFrame(frame: Uint8Array): string {
  return summary(parse(frame).layers);
}

function describeOutput(output: Output): string {
  return `${describeFrame(output.frame)} at ${output.role}`;
}

/** Frames that left and are not yet paired, by port and in order. */
type Pool = Map<PortRole, Uint8Array[]>;

function poolOf(outputs: readonly Output[]): Pool {
  const pool: Pool = new Map();
  for (const { role, frame } of outputs) {
    const queue = pool.get(role);
    if (queue === undefined) pool.set(role, [frame]);
    else queue.push(frame);
  }
  return pool;
}

/** Takes out the first frame that is right for `wanted`; false when there is none. */
function takeEqual(pool: Pool, wanted: Wanted): boolean {
  const queue = pool.get(wanted.at) ?? [];
  const index = queue
    .slice(0, MAX_LIKENED)
    .findIndex((frame) => compareFrames(wanted.frame, frame, wanted.leeway).length === 0);
  if (index < 0) return false;
  queue.splice(index, 1);
  return true;
}

/** Takes out the frame at the same port that differs least from `wanted`. */
function takeLike(pool: Pool, wanted: Wanted): readonly Finding[] | undefined {
  const queue = pool.get(wanted.at) ?? [];
  let best: { readonly index: number; readonly findings: readonly Finding[] } | undefined;
  for (const [index, frame] of queue.slice(0, MAX_LIKENED).entries()) {
    const findings = compareFrames(wanted.frame, frame, wanted.leeway);
    if (best === undefined || findings.length < best.findings.length) best = { index, findings };
  }
  if (best === undefined) return undefined;
  queue.splice(best.index, 1);
  return best.findings.map((finding) => ({ ...finding, injected: wanted.injected }));
}

/** Takes out a frame that reads like `wanted` at whatever port. */
function takeElsewhere(pool: Pool, wanted: Wanted): Output | undefined {
  const likeness = describeFrame(wanted.frame);
  for (const [role, queue] of pool) {
    const index = queue.slice(0, MAX_LIKENED).findIndex((each) => describeFrame(each) === likeness);
    const [frame] = index < 0 ? [] : queue.splice(index, 1);
    if (frame !== undefined) return { role, frame };
  }
  return undefined;
}

function missing(wanted: Wanted, elsewhere: Output | undefined): Finding {
  return {
    aspect: wanted.direction === 'owner-to-client' ? 'delivery-to-client' : 'delivery',
    field: 'frame',
    expected: `${describeFrame(wanted.frame)} at ${wanted.at}`,
    observed: elsewhere === undefined ? 'no such frame at any port' : describeOutput(elsewhere),
    injected: wanted.injected,
    wanted: wanted.frame,
    ...(elsewhere === undefined ? {} : { output: elsewhere.frame }),
  };
}

function unexpected(output: Output, wanted: readonly Wanted[]): Finding {
  const again = wanted.some(
    ({ at, frame, leeway }) =>
      at === output.role && compareFrames(frame, output.frame, leeway).length === 0,
  );
  return {
    aspect: again ? 'duplicate' : 'port',
    field: 'frame',
    expected: again ? 'the frame once' : 'no further frame at any port',
    observed: again ? `the frame again: ${describeOutput(output)}` : describeOutput(output),
    output: output.frame,
  };
}

/** Everything that is wrong with `outputs` as the answer to `stimuli`; empty when all is right. */
export function judgeDelivery(
  stimuli: readonly Stimulus[],
  outputs: readonly Output[],
): readonly Finding[] {
  const pool = poolOf(outputs);
  const wanted = stimuli.flatMap(({ frame, expectation }): readonly Wanted[] =>
    expectation.kind === 'frame' ? [{ ...expectation, injected: frame }] : [],
  );
  const unmet = wanted.filter((each) => !takeEqual(pool, each));
  const findings: Finding[] = [];
  for (const each of unmet) {
    const likened = takeLike(pool, each);
    if (likened !== undefined) findings.push(...likened);
    else if (each.optional !== true) findings.push(missing(each, takeElsewhere(pool, each)));
  }
  const rest = [...pool].flatMap(([role, queue]) => queue.map((frame) => ({ role, frame })));
  return [...findings, ...rest.map((output) => unexpected(output, wanted))];
}
