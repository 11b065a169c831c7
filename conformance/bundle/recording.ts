/**
 * What a scenario that did not pass has kept, handed from its hook to whoever runs the scenarios.
 *
 * Cucumber loads the hooks itself, so this one place connects both; it holds one recording.
 */
import type { Sequence } from './sequence.ts';

/** The sequence of a failure as it was, and as small as it was made. */
export interface Recording {
  readonly original: Sequence;
  readonly shrunk: Sequence;
  /** How many sequences were done on the device to make it smaller. */
  readonly trials: number;
}

let kept: Recording | undefined;

/** Keeps the recording of the scenario that has just ended. */
export function keepRecording(recording: Recording): void {
  kept = recording;
}

/** The recording that was kept last, once. */
export function takeRecording(): Recording | undefined {
  const taken = kept;
  kept = undefined;
  return taken;
}
