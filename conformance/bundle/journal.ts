/**
 * Keeps what was done to a device since its last reset, as far as memory is meant to go.
 *
 * Frames that are too many go, the oldest first; commands stay, for the rules depend on them.
 */
import type { Operation } from './sequence.ts';

/** How much is kept. */
export interface JournalLimits {
  /** Octets of frames: injected, expected and seen. */
  readonly octets: number;
  readonly operations: number;
}

/** What is kept in memory while a scenario runs. */
export const JOURNAL_LIMITS: JournalLimits = { octets: 32 << 20, operations: 100_000 };
/** What is counted for a frame beside its octets. */
const FRAME_OVERHEAD = 64;

/** What was recorded. */
export interface Recorded {
  readonly operations: readonly Operation[];
  /** Nothing was left out. */
  readonly complete: boolean;
}

/** A record of operations. */
export interface Journal {
  record(operation: Operation): void;
  /** Says that something was done that is not recorded. */
  omit(): void;
  /** How many frames were injected and left, also those that were not kept. */
  frames(): number;
  recorded(): Recorded;
}

/** How many frames an operation has, and their octets. */
function weigh(operation: Operation): { readonly frames: number; readonly octets: number } {
  let octets = 0;
  if (operation.kind === 'inject') {
    for (const { frame, expectation } of operation.stimuli) {
      octets += frame.length + FRAME_OVERHEAD;
      if (expectation.kind === 'frame') octets += expectation.frame.length;
    }
    return { frames: operation.stimuli.length, octets };
  }
  if (operation.kind !== 'observe') return { frames: 0, octets };
  const { outputs } = operation.observation;
  for (const { frame } of outputs) octets += frame.length + FRAME_OVERHEAD;
  return { frames: outputs.length, octets };
}

/** The last quarter of `list`; in the end nothing. */
function lastQuarter<T>(list: readonly T[]): readonly T[] {
  return list.slice(list.length - Math.floor(list.length / 4));
}

/** `operation` with fewer frames: a batch may alone be too large. */
function shortened(operation: Operation): Operation {
  if (operation.kind === 'inject') {
    return { kind: 'inject', stimuli: lastQuarter(operation.stimuli) };
  }
  if (operation.kind !== 'observe') return operation;
  const { outputs, ...rest } = operation.observation;
  return { kind: 'observe', observation: { ...rest, outputs: lastQuarter(outputs) } };
}

/** A new journal; where no evidence is wanted it only counts. */
export function createJournal(keeps: boolean, limits: JournalLimits = JOURNAL_LIMITS): Journal {
  let operations: Operation[] = [];
  let complete = true;
  let frames = 0;
  let held = 0;

  /** Takes out the oldest operations that carry frames, until half of the room is free. */
  function makeRoom(): void {
    complete = false;
    let excess = held - limits.octets / 2;
    let surplus = operations.length - limits.operations / 2;
    operations = operations.filter((operation) => {
      const { octets } = weigh(operation);
      if (excess <= 0 && surplus <= 0) return true;
      if (operation.kind === 'reset' || (operation.kind === 'command' && surplus <= 0)) return true;
      excess -= octets;
      surplus -= 1;
      held -= octets;
      return false;
    });
  }

  return {
    record(operation): void {
      const weight = weigh(operation);
      frames += weight.frames;
      if (!keeps) return;
      let kept = operation;
      let { octets } = weight;
      while (octets > limits.octets / 2) {
        complete = false;
        kept = shortened(kept);
        ({ octets } = weigh(kept));
      }
      held += octets;
      operations.push(kept);
      if (held > limits.octets || operations.length > limits.operations) makeRoom();
    },
    omit(): void {
      complete = false;
    },
    frames: () => frames,
    recorded: () => ({ operations, complete }),
  };
}
