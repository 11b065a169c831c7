/**
 * What a baseline makes of the verdicts of a run.
 *
 * A failure is known when every fingerprint that its scenarios left is: another failure of the same
 * requirement is new. What a known failure leaves undecided is known by the same entries, under the
 * culprit's name.
 */
import { sameFingerprint, type Fingerprint } from '../run/fingerprint.ts';
import type { RequirementResult } from '../run/result.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { concerns, hasExpired, type BaselineEntry, type Version } from './entry.ts';

/** Verdicts with the baseline in mind, and the entries that had no part in them. */
export interface Applied {
  readonly requirements: readonly RequirementResult[];
  /** Entries for other devices or versions. */
  readonly others: readonly BaselineEntry[];
  /** Entries of requirements that failed, but not in this way. */
  readonly unmatched: readonly BaselineEntry[];
}

function issuesOf(entries: readonly BaselineEntry[]): readonly string[] {
  return [...new Set(entries.map(({ issue }) => issue))];
}

/** The entries that know `fingerprint`, under one of the names `ids`. */
function knowing(
  fingerprint: Fingerprint,
  ids: readonly string[],
  entries: readonly BaselineEntry[],
): readonly BaselineEntry[] {
  return entries.filter((entry) =>
    ids.some((requirement) => sameFingerprint(entry.fingerprint, { ...fingerprint, requirement })),
  );
}

/** The verdict on failures that `known` has entries for, one list for each fingerprint. */
function excused(
  verdict: Verdict,
  known: readonly (readonly BaselineEntry[])[],
  today: string,
): Verdict {
  if (known.length === 0 || known.some((entries) => entries.length === 0)) return verdict;
  const live = known.map((entries) => entries.filter((entry) => !hasExpired(entry, today)));
  if (live.every((entries) => entries.length > 0)) {
    return { kind: 'known-failure', issues: issuesOf(live.flat()) };
  }
  const lapsed = known.filter((_, index) => live[index]?.length === 0);
  const [expired] = lapsed
    .flat()
    .map(({ expires }) => expires)
    .toSorted()
    .toReversed();
  return verdict.kind === 'fail' && expired !== undefined ? { kind: 'fail', expired } : verdict;
}

function verdictWith(
  { requirement, verdict, because, fingerprints, partial }: RequirementResult,
  entries: readonly BaselineEntry[],
  today: string,
): Verdict {
  if (verdict.kind === 'pass') {
    const own = entries.filter(({ fingerprint }) => fingerprint.requirement === requirement.id);
    if (own.length === 0 || partial === true) return verdict;
    return { kind: 'unexpected-pass', issues: issuesOf(own) };
  }
  if (verdict.kind !== 'fail' && because === undefined) return verdict;
  const ids = because === undefined ? [requirement.id] : [requirement.id, because];
  return excused(
    verdict,
    fingerprints.map((each) => knowing(each, ids, entries)),
    today,
  );
}

/** Applies `entries` to the results of a run on `device` on the day `today`, `YYYY-MM-DD`. */
export function applyBaseline(
  results: readonly RequirementResult[],
  entries: readonly BaselineEntry[],
  device: Version,
  today: string,
): Applied {
  const own = entries.filter((entry) => concerns(entry, device));
  const requirements = results.map((result) => {
    return { ...result, verdict: verdictWith(result, own, today) };
  });
  const failed = results.filter(({ verdict }) => verdict.kind === 'fail');
  const unmatched = own.filter(({ fingerprint }) =>
    failed.some(
      ({ requirement, fingerprints }) =>
        requirement.id === fingerprint.requirement &&
        !fingerprints.some((each) => sameFingerprint(each, fingerprint)),
    ),
  );
  return { requirements, others: entries.filter((entry) => !own.includes(entry)), unmatched };
}
