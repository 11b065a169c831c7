/**
 * Makes a failing sequence smaller, by trying smaller ones on the device.
 *
 * First frames go, then commands for other connections and pauses, then what the frames carry. A
 * smaller sequence is taken only if the same failure comes of it. Commands for the connections of
 * the frames that are left stay, and so does the judgement.
 */
import { DriverFault, NotSupported } from '../driver/device.ts';
import type { Finding } from '../observe/aspect.ts';
import { isFaultOf, type Fingerprint } from '../run/fingerprint.ts';
import { clientOf, endsOf, endText } from './ends.ts';
import { minimise } from './minimise.ts';
import { perform, type Bench } from './perform.ts';
import { judge, type Operation, type RecordedStimulus, type Sequence } from './sequence.ts';
import { EDITS, rulesOf, simplified } from './simplify.ts';

/** How many single frames are tried before frames are taken away by halves. */
const MAX_GUESSES = 3;

/** How much may be tried. */
export interface Budget {
  /** Most sequences that are done on the device. */
  readonly trials: number;
  /** Whether there is still time; a device may be slow. */
  readonly hasTime: () => boolean;
}

/** What came of shrinking. */
export interface Shrunk {
  readonly sequence: Sequence;
  /** How many sequences were done on the device. */
  readonly trials: number;
}

/** One operation, or one frame of a batch. */
interface Part {
  readonly operation: Operation;
  /** Frames of one batch have the same number. */
  readonly batch: number;
}

function partsOf({ operations }: Sequence): readonly Part[] {
  return operations.flatMap((operation, batch): readonly Part[] => {
    if (operation.kind !== 'inject') return [{ operation, batch }];
    return operation.stimuli.map((stimulus): Part => {
      return { operation: { kind: 'inject', stimuli: [stimulus] }, batch };
    });
  });
}

function operationsOf(parts: readonly Part[]): readonly Operation[] {
  const operations: Operation[] = [];
  let batchBefore = -1;
  for (const { operation, batch } of parts) {
    const before = operations.at(-1);
    if (operation.kind === 'inject' && before?.kind === 'inject' && batch === batchBefore) {
      const stimuli = [...before.stimuli, ...operation.stimuli];
      operations[operations.length - 1] = { kind: 'inject', stimuli };
    } else operations.push(operation);
    batchBefore = batch;
  }
  return operations;
}

function stimulusOf({ operation }: Part): RecordedStimulus | undefined {
  return operation.kind === 'inject' ? operation.stimuli[0] : undefined;
}

/** Whether one of `findings` is the failure `wanted`. */
export function recurs(findings: readonly Finding[], wanted: Fingerprint): boolean {
  return findings.some((finding) => isFaultOf(finding, wanted));
}

/** Tells the commands for connections that no frame of `parts` belongs to. */
function foreignTo(parts: readonly Part[]): (part: Part) => boolean {
  const ends = parts.flatMap((part) => {
    const frame = stimulusOf(part)?.frame;
    return frame === undefined ? [] : [endsOf(frame)];
  });
  // Where one frame's connection is not known, any rule may be the one that matters.
  const isKnown = ends.every((each) => each.length > 0);
  const own = new Set(ends.flat());
  return ({ operation }) =>
    isKnown && operation.kind === 'command' && !own.has(endText(clientOf(operation.command)));
}

/** Tells pauses and looks that are neither the first, by which a bridge learns, nor the last. */
function betweenLooks(parts: readonly Part[]): (part: Part) => boolean {
  const looks = parts.filter(({ operation }) => operation.kind === 'observe');
  const [first, last] = [looks[0], looks.at(-1)];
  return (part) =>
    part.operation.kind === 'advance' ||
    (part.operation.kind === 'observe' && part !== first && part !== last);
}

/** A sequence being shrunk: the smallest failing one so far, and how to try another. */
interface Workshop {
  smallest(): Sequence;
  parts(): readonly Part[];
  /** Does `parts`; true, and the smallest from now on, when the failure is still there. */
  attempt(parts: readonly Part[]): Promise<boolean>;
  trials(): number;
}

function createWorkshop(
  sequence: Sequence,
  wanted: Fingerprint,
  bench: Bench,
  budget: Budget,
): Workshop {
  let smallest = sequence;
  let parts = partsOf(sequence);
  let trials = 0;
  let isOver = false;

  async function fails(candidate: readonly Part[]): Promise<Sequence | undefined> {
    const operations = await perform(operationsOf(candidate), bench);
    const tried = { ...sequence, operations };
    const findings = judge(tried, bench.hello) ?? [];
    return recurs(findings, wanted) ? { ...tried, findings } : undefined;
  }

  return {
    smallest: () => smallest,
    parts: () => parts,
    trials: () => trials,
    async attempt(candidate): Promise<boolean> {
      if (isOver || trials >= budget.trials || !budget.hasTime()) return false;
      trials += 1;
      try {
        const failing = await fails(candidate);
        if (failing === undefined) return false;
        [smallest, parts] = [failing, candidate];
        return true;
      } catch (error) {
        // A device that cannot be asked any more ends the search, and not the scenario.
        if (!(error instanceof DriverFault || error instanceof NotSupported)) throw error;
        isOver = true;
        return false;
      }
    },
  };
}

/** Takes away those of the parts that `mayGo`, as many as the failure allows. */
async function drop(shop: Workshop, mayGo: (part: Part) => boolean): Promise<void> {
  const parts = shop.parts();
  await minimise(parts.filter(mayGo), (kept) => {
    const left = new Set(kept);
    return shop.attempt(parts.filter((part) => !mayGo(part) || left.has(part)));
  });
}

function isFrame({ operation }: Part): boolean {
  return operation.kind === 'inject';
}

/** Tries each of the first of `guilty` frames alone, without commands for other connections. */
async function accuse(shop: Workshop, guilty: readonly Part[]): Promise<void> {
  for (const one of guilty.slice(0, MAX_GUESSES)) {
    const isForeign = foreignTo([one]);
    const left = shop.parts().filter((part) => part === one || !(isFrame(part) || isForeign(part)));
    if (left.length < shop.parts().length && (await shop.attempt(left))) return;
  }
}

async function simplify(shop: Workshop): Promise<void> {
  const rules = rulesOf(shop.smallest().operations);
  for (const edit of EDITS) {
    for (const [index, part] of shop.parts().entries()) {
      const stimulus = stimulusOf(part);
      const simpler = stimulus === undefined ? undefined : simplified(stimulus, edit, rules);
      if (simpler === undefined) continue;
      const operation = { kind: 'inject', stimuli: [simpler] } as const;
      await shop.attempt(shop.parts().with(index, { ...part, operation }));
    }
  }
}

/**
 * The smallest sequence found with which `bench` fails in the way of `wanted`.
 *
 * It is `sequence` itself when that was judged by more than frames, or does not fail again.
 */
export async function shrink(
  sequence: Sequence,
  wanted: Fingerprint,
  bench: Bench,
  budget: Budget,
): Promise<Shrunk> {
  if (sequence.judgement.kind === 'recorded' || !recurs(sequence.findings, wanted)) {
    return { sequence, trials: 0 };
  }
  const shop = createWorkshop(sequence, wanted, bench, budget);
  const guilty = new Set(
    sequence.findings
      .filter((finding) => isFaultOf(finding, wanted))
      .map(({ injected }) => injected),
  );
  await accuse(
    shop,
    shop.parts().filter((part) => guilty.has(stimulusOf(part)?.frame)),
  );
  let before: number;
  do {
    before = shop.parts().length;
    await drop(shop, isFrame);
    await drop(shop, foreignTo(shop.parts()));
    await drop(shop, betweenLooks(shop.parts()));
    // Without a pause in between, a frame may have become superfluous.
  } while (shop.parts().length < before);
  await simplify(shop);
  return { sequence: shop.smallest(), trials: shop.trials() };
}
