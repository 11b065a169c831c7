/** The one function behind text, JSON and the exit status. */
import type { Level } from '../catalogue/requirement.ts';
import type { Verdict } from './verdict.ts';

/** Exit statuses: an enumeration, never a count. */
export const EXIT = {
  conformant: 0,
  failure: 1,
  undecided: 2,
  nothingDecided: 4,
  usage: 64,
  badInput: 65,
  unreachable: 69,
  ownFault: 70,
  interrupted: 130,
} as const;
/** One of the statuses of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the exit status depends on. */
export interface Judged {
  readonly level: Level;
  readonly verdict: Verdict;
}

const STRICTNESS: readonly Level[] = ['MUST', 'SHOULD', 'MAY'];

/** Whether a requirement of `level` counts when the gate is at `gate`. */
export function gates(level: Level, gate: Level): boolean {
  return STRICTNESS.indexOf(level) <= STRICTNESS.indexOf(gate);
}

/**
 * The exit status of a run over `judged` requirements, gated at `gate`.
 *
 * `minTests` decided requirements are needed, at least one, or nothing was decided.
 */
export function exitCode(judged: readonly Judged[], gate: Level, minTests = 1): ExitCode {
  const gated = judged.filter(({ level }) => gates(level, gate));
  const count = (kind: Verdict['kind']): number =>
    gated.filter(({ verdict }) => verdict.kind === kind).length;
  if (count('fail') > 0) return EXIT.failure;
  if (count('inconclusive') > 0) return EXIT.undecided;
  return count('pass') < Math.max(1, minTests) ? EXIT.nothingDecided : EXIT.conformant;
}
