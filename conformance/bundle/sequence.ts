/**
 * What was done to a device since its last reset, operation by operation, and what it did.
 *
 *   reset ─▶ observe ─▶ command ─▶ inject ─▶ observe
 *                                     └─ what is judged, by what the last look saw
 *
 * It is the part of a bundle that can be done again, on another device or with less in it.
 */
import type { Command, Hello, PortRole, Reply } from '../driver/device.ts';
import type { Aspect, Finding } from '../observe/aspect.ts';
import { judgeDelivery, type Expectation, type Stimulus } from '../observe/delivery.ts';
import type { Observation } from '../observe/observer.ts';
import { judgeUnchanged, judgeUntouched } from '../observe/unchanged.ts';

/** A frame that was injected, and what it is judged by. */
export interface RecordedStimulus extends Stimulus {
  /** The judgement is about this frame; of others it is not known what they had to become. */
  readonly judged?: boolean;
  /** Further expectations: the device may meet any one of them, the same for all its frames. */
  readonly alternatives?: readonly Expectation[];
  /** Where it has to come out as it was sent, when no rule is for it. */
  readonly unchangedAt?: readonly PortRole[];
  /** A correct device may also drop it; of a frame that no rule is for. */
  readonly mayDrop?: boolean;
}

/** One thing that was done, and what came of it. */
export type Operation =
  | { readonly kind: 'reset' }
  | { readonly kind: 'command'; readonly command: Command; readonly reply: Reply }
  | { readonly kind: 'inject'; readonly stimuli: readonly RecordedStimulus[] }
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'observe'; readonly observation: Observation };

/** Which findings count: all, all that a MUST speaks of, or those in some aspects. */
export type Scope = 'everything' | 'musts' | readonly Aspect[];

/** How the failing step came to its verdict; `recorded` when not by frames that can be judged anew. */
export type Judgement =
  | { readonly kind: 'delivery'; readonly scope: Scope }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'untouched' }
  | { readonly kind: 'recorded' };

/** Operations in order, and how the device was judged by them. */
export interface Sequence {
  readonly operations: readonly Operation[];
  /** Nothing since the last reset was left out for its size. */
  readonly complete: boolean;
  readonly judgement: Judgement;
  /** What was found wrong. */
  readonly findings: readonly Finding[];
}

/** The judgement of a step that looked at something else than frames. */
export const RECORDED: Judgement = { kind: 'recorded' };

/** A frame that does not leave at all breaks every sentence about how it leaves. */
const LEAVES: readonly Aspect[] = ['delivery', 'delivery-to-client'];

/** Those of `findings` that count in `scope`. */
export function inScope(findings: readonly Finding[], scope: Scope): readonly Finding[] {
  if (scope === 'everything') return findings;
  if (scope === 'musts') return findings.filter(({ aspect }) => aspect !== 'canonical-checksum');
  return findings.filter(({ aspect }) => scope.includes(aspect) || LEAVES.includes(aspect));
}

/** All stimuli of `operations`, in the order in which they were injected. */
export function stimuliOf(operations: readonly Operation[]): readonly RecordedStimulus[] {
  return operations.flatMap((each) => (each.kind === 'inject' ? each.stimuli : []));
}

/** The stimuli that `sequence` is judged by. */
export function judgedStimuli({ operations }: Sequence): readonly RecordedStimulus[] {
  return stimuliOf(operations).filter(({ judged }) => judged === true);
}

/** What the last look of `operations` saw. */
export function lastObservation(operations: readonly Operation[]): Observation | undefined {
  const last = operations.findLast(({ kind }) => kind === 'observe');
  return last?.kind === 'observe' ? last.observation : undefined;
}

/** Findings if the device did none of what it may; those of the first way are told. */
function judgeAlternatives(
  stimuli: readonly RecordedStimulus[],
  { outputs }: Observation,
  scope: Scope,
): readonly Finding[] {
  const first = inScope(judgeDelivery(stimuli, outputs), scope);
  if (first.length === 0) return first;
  const ways = stimuli[0]?.alternatives?.length ?? 0;
  for (let way = 0; way < ways; way += 1) {
    const others = stimuli.map((each): Stimulus => {
      return { ...each, expectation: each.alternatives?.[way] ?? each.expectation };
    });
    if (inScope(judgeDelivery(others, outputs), scope).length === 0) return [];
  }
  return first;
}

/**
 * What is wrong with what the device did in `sequence`.
 *
 * Undefined when that cannot be told: the step looked at something else, or frames may be missing
 * and nothing proves that none will come.
 */
export function judge(sequence: Sequence, hello: Hello): readonly Finding[] | undefined {
  const { judgement, operations } = sequence;
  const observation = lastObservation(operations);
  if (judgement.kind === 'recorded' || observation === undefined) return undefined;
  const stimuli = judgedStimuli(sequence);
  const { outputs, proof } = observation;
  const findings =
    judgement.kind === 'delivery'
      ? judgeAlternatives(stimuli, observation, judgement.scope)
      : judgement.kind === 'unchanged'
        ? judgeUnchanged(
            stimuli.map(({ frame, unchangedAt = [], mayDrop = false }) => {
              return { frame, at: unchangedAt, optional: mayDrop };
            }),
            outputs,
            hello,
          )
        : judgeUntouched(
            stimuli.map(({ frame }) => frame),
            outputs,
            hello,
          );
  if (proof === 'none' && findings.every(({ output }) => output === undefined)) return undefined;
  return findings;
}
