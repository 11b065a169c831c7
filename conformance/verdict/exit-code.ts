/** The one function behind text, JSON and the exit status. */
import type { Level } from '../catalogue/requirement.ts';
import type { Verdict } from './verdict.ts';

/** Exit statuses: an enumeration, never a count. */
export const EXIT = {
  conformant: 0,
  failure: 1,
  undecided: 2,
  staleBaseline: 3,
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
  readonly id: string;
  readonly level: Level;
  readonly verdict: Verdict;
  /** The requirement whose failure leaves this one undecided. */
  readonly because?: string;
}

/** What a run comes to: the status of the process, and the same in words. */
export interface Conclusion {
  readonly exit: ExitCode;
  readonly meaning: string;
}

/** The suite itself failed, so that nothing is said of the device. */
export const OWN_FAULT: Conclusion = {
  exit: EXIT.ownFault,
  meaning: 'a fault of the suite: the verdicts mean nothing',
};

const STRICTNESS: readonly Level[] = ['MUST', 'SHOULD', 'MAY'];

/** Whether a requirement of `level` counts when the gate is at `gate`. */
export function gates(level: Level, gate: Level): boolean {
  return STRICTNESS.indexOf(level) <= STRICTNESS.indexOf(gate);
}

function isNewFailure({ verdict }: Judged): boolean {
  return verdict.kind === 'fail' && verdict.expired === undefined;
}

function isStale({ verdict }: Judged): boolean {
  return verdict.kind === 'unexpected-pass' || verdict.kind === 'fail';
}

/**
 * What a run over `judged` requirements comes to, gated at `gate`.
 *
 * New failures come before what is undecided, and that before a baseline out of date. What a gated
 * failure leaves undecided adds nothing to it. `minTests` decided requirements are needed, at least
 * one, or nothing was decided.
 */
export function conclude(judged: readonly Judged[], gate: Level, minTests = 1): Conclusion {
  const gated = judged.filter(({ level }) => gates(level, gate));
  const failed = new Set(gated.flatMap(({ id, verdict }) => (verdict.kind === 'fail' ? id : [])));
  const undecided = gated.filter(
    ({ verdict, because = '' }) => verdict.kind === 'inconclusive' && !failed.has(because),
  );
  const known = gated.filter(({ verdict }) => verdict.kind === 'known-failure').length;
  const passed = gated.filter(({ verdict }) => verdict.kind === 'pass').length;
  if (gated.some(isNewFailure)) return { exit: EXIT.failure, meaning: 'not conformant' };
  if (undecided.length > 0) {
    const failure = known + failed.size > 0 ? 'new failure' : 'failure';
    const meaning = `no ${failure}, but a required requirement is undecided`;
    return { exit: EXIT.undecided, meaning };
  }
  if (gated.some(isStale)) {
    const meaning = 'no new failure, but the baseline is out of date';
    return { exit: EXIT.staleBaseline, meaning };
  }
  if (passed + known < Math.max(1, minTests)) {
    return { exit: EXIT.nothingDecided, meaning: 'nothing was decided' };
  }
  return { exit: EXIT.conformant, meaning: known > 0 ? 'no new failure' : 'conformant' };
}
