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

/** Takes out the first output that is right for `wanted`. */
function takeEqual(pool: Output[], wanted: Wanted): Output | undefined {
  const found = pool
    .filter(({ role }) => role === wanted.at)
    .slice(0, MAX_LIKENED)
    .find(({ frame }) => compareFrames(wanted.frame, frame, wanted.leeway).length === 0);
  if (found !== undefined) pool.splice(pool.indexOf(found), 1);
  return found;
}

/** Takes out the output at the same port that differs least from `wanted`. */
function takeLike(pool: Output[], wanted: Wanted): readonly Finding[] | undefined {
  let best: { readonly output: Output; readonly findings: readonly Finding[] } | undefined;
  for (const output of pool.filter(({ role }) => role === wanted.at).slice(0, MAX_LIKENED)) {
    const findings = compareFrames(wanted.frame, output.frame, wanted.leeway);
    if (best === undefined || findings.length < best.findings.length) best = { output, findings };
  }
  if (best === undefined) return undefined;
  pool.splice(pool.indexOf(best.output), 1);
  return best.findings.map((finding) => ({ ...finding, injected: wanted.injected }));
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
  const pool = [...outputs];
  const wanted = stimuli.flatMap(({ frame, expectation }): readonly Wanted[] =>
    expectation.kind === 'frame' ? [{ ...expectation, injected: frame }] : [],
  );
  const unmet = wanted.filter((each) => takeEqual(pool, each) === undefined);
  const findings: Finding[] = [];
  for (const each of unmet) {
    const likened = takeLike(pool, each);
    if (likened !== undefined) findings.push(...likened);
    else if (each.optional !== true) {
      const tcp = describeFrame(each.frame);
      const at = pool.findIndex(({ frame }) => describeFrame(frame) === tcp);
      findings.push(missing(each, at < 0 ? undefined : pool.splice(at, 1)[0]));
    }
  }
  return [...findings, ...pool.map((output) => unexpected(output, wanted))];
}
