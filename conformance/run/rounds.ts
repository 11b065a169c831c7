/**
 * A run in rounds: every scenario judged several times.
 *
 * The same device and the same seed give the same verdict. One that changes is no verdict.
 */
import { formatVerdict } from '../verdict/verdict.ts';
import type { CaseResult } from './collect.ts';

/** The scenarios of all rounds so far. */
export interface Rounds {
  /** Takes a result; tells whether it is the one whose evidence its scenario keeps. */
  add(result: CaseResult): boolean;
  /** One result a scenario, in the order of the first round. */
  results(): readonly CaseResult[];
}

interface Repeated {
  /** The first failure, else the first that was undecided, else the first. */
  shown: CaseResult;
  /** What each round said. */
  readonly said: string[];
}

/** Our own fault before anything else, a failure before what is undecided. */
function weight({ fault, verdict }: CaseResult): number {
  if (fault !== undefined) return 3;
  return verdict.kind === 'fail' ? 2 : Number(verdict.kind === 'inconclusive');
}

/** The verdict, and what a replay found broken: one that blames another requirement has changed. */
function sayingOf({ verdict, broken }: CaseResult): string {
  const blamed = [...new Set(broken.map(({ requirement }) => requirement))].toSorted();
  return [formatVerdict(verdict), ...blamed].join(' ');
}

function settled({ shown, said }: Repeated): CaseResult {
  if (shown.fault !== undefined || said.every((each) => each === said[0])) return shown;
  const { fingerprint: _, ...rest } = shown;
  return {
    ...rest,
    verdict: { kind: 'inconclusive', reason: 'nondeterministic' },
    broken: [],
    observed: `in rounds 1 to ${said.length}: ${said.join(', ')}`,
    rounds: said,
  };
}

/** No round yet. */
export function createRounds(): Rounds {
  const scenarios = new Map<string, Repeated>();
  return {
    add(result): boolean {
      const key = `${result.uri}:${result.line}`;
      const known = scenarios.get(key);
      const said = sayingOf(result);
      if (known === undefined) {
        scenarios.set(key, { shown: result, said: [said] });
        return true;
      }
      known.said.push(said);
      if (weight(result) <= weight(known.shown)) return false;
      known.shown = result;
      return true;
    },
    results: () => [...scenarios.values()].map(settled),
  };
}
