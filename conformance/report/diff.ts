/** Two recorded runs side by side: what fails now that did not, what is mended, what else differs. */
import { formatFingerprint } from '../run/fingerprint.ts';
import type { RecordedRequirement, RecordedRun, RecordedScenario } from './recorded-run.ts';

/** What became of something between run A and run B. */
export type Change = 'new-failure' | 'fixed' | 'changed' | 'only-in-a' | 'only-in-b' | 'same';

/** One side of a difference: a verdict and the failures behind it. */
export interface Side {
  readonly verdict: string;
  readonly fingerprints: readonly string[];
}

/** A requirement or a scenario in both runs. */
export interface Difference {
  readonly name: string;
  /** Where the scenario is, in B if it is there. */
  readonly at?: string;
  readonly change: Change;
  readonly a?: Side;
  readonly b?: Side;
}

/** Everything that differs, and how much does not. */
export interface RunDifference {
  readonly requirements: readonly Difference[];
  readonly scenarios: readonly Difference[];
}

interface Named extends Side {
  readonly name: string;
  readonly at?: string;
}

function isFailure({ verdict }: Side): boolean {
  return /^(?:fail|known-failure)\b/u.test(verdict);
}

/** The failures that a side stands for: none where another requirement explains them. */
function failuresOf(side: Side | undefined): readonly string[] {
  return side !== undefined && isFailure(side) ? side.fingerprints : [];
}

function changeOf(a: Side | undefined, b: Side | undefined): Change {
  const known = failuresOf(a);
  if (failuresOf(b).some((failure) => !known.includes(failure))) return 'new-failure';
  if (a === undefined) return 'only-in-b';
  if (b === undefined) return 'only-in-a';
  if (isFailure(a) && /^(?:pass|unexpected-pass)\b/u.test(b.verdict)) return 'fixed';
  const same = a.verdict === b.verdict && String(a.fingerprints) === String(b.fingerprints);
  return same ? 'same' : 'changed';
}

function sideOf({ verdict, fingerprints }: Named): Side {
  return { verdict, fingerprints };
}

function compare(all: readonly Named[], others: readonly Named[]): readonly Difference[] {
  const inA = new Map(all.map((each) => [each.name, each]));
  const inB = new Map(others.map((each) => [each.name, each]));
  return [...new Set([...inB.keys(), ...inA.keys()])].map((name): Difference => {
    const [a, b] = [inA.get(name), inB.get(name)];
    const at = (b ?? a)?.at;
    return {
      name,
      change: changeOf(a, b),
      ...(at === undefined ? {} : { at }),
      ...(a === undefined ? {} : { a: sideOf(a) }),
      ...(b === undefined ? {} : { b: sideOf(b) }),
    };
  });
}

function namedRequirement({ id, verdict, fingerprints }: RecordedRequirement): Named {
  return { name: id, verdict, fingerprints: fingerprints.map(formatFingerprint).toSorted() };
}

/** Lines move and outlines repeat a name: a scenario is the n-th of its name in its file. */
function namedScenarios(scenarios: readonly RecordedScenario[]): readonly Named[] {
  const seen = new Map<string, number>();
  return scenarios.map(({ name, uri, line, verdict, fingerprint }): Named => {
    const key = `${uri} ${name}`;
    const place = (seen.get(key) ?? 0) + 1;
    seen.set(key, place);
    const failure = fingerprint === undefined ? [] : [formatFingerprint(fingerprint)];
    return {
      name: place === 1 ? name : `${name} (${place})`,
      at: `${uri}:${line}`,
      verdict,
      fingerprints: failure,
    };
  });
}

/** What differs between the runs `a` and `b`, in the order of `b`. */
export function diffRuns(a: RecordedRun, b: RecordedRun): RunDifference {
  return {
    requirements: compare(
      a.requirements.map(namedRequirement),
      b.requirements.map(namedRequirement),
    ),
    scenarios: compare(namedScenarios(a.cases), namedScenarios(b.cases)),
  };
}

/** Whether B fails in a way that A does not. */
export function hasNewFailure({ requirements }: RunDifference): boolean {
  return requirements.some(({ change }) => change === 'new-failure');
}
