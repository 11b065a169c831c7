/** A baseline after a run: new failures are added, expired ones renewed, nothing is lost unsaid. */
import { sameFingerprint, type Fingerprint } from '../run/fingerprint.ts';
import { concerns, hasExpired, type BaselineEntry, type Version } from './entry.ts';

/** A requirement of a finished run, as far as a baseline asks. */
export interface Outcome {
  /** The verdict as text, e.g. `known-failure(https://…)`. */
  readonly verdict: string;
  readonly id: string;
  readonly fingerprints: readonly Fingerprint[];
  /** Set when another failure explains those of this requirement. */
  readonly because?: string | undefined;
  /** Set when some of its scenarios were not run. */
  readonly partial?: boolean | undefined;
}

/** What the user says of the failures of a run. */
export interface Excuse {
  readonly issue: string;
  readonly expires: string;
  /** The day of the update, `YYYY-MM-DD`. */
  readonly today: string;
}

/** An entry that got a new issue and a new last day. */
export interface Renewal {
  readonly before: BaselineEntry;
  readonly after: BaselineEntry;
}

/** What becomes of each entry. */
export interface Update {
  readonly kept: readonly BaselineEntry[];
  readonly renewed: readonly Renewal[];
  readonly added: readonly BaselineEntry[];
  /** Entries of this device whose requirement passed: to be pruned. */
  readonly passed: readonly BaselineEntry[];
}

function failuresOf(outcomes: readonly Outcome[]): readonly Fingerprint[] {
  return outcomes
    .filter(({ verdict, because }) => /^(?:known-failure|fail)\b/u.test(verdict) && !because)
    .flatMap(({ fingerprints }) => fingerprints);
}

function hasPassed({ fingerprint }: BaselineEntry, outcomes: readonly Outcome[]): boolean {
  const found = outcomes.find(({ id }) => id === fingerprint.requirement);
  return found?.partial !== true && /^(?:pass|unexpected-pass)\b/u.test(found?.verdict ?? '');
}

/** What `entries` become after a run on `device` that came to `outcomes`. */
export function updateBaseline(
  entries: readonly BaselineEntry[],
  device: Version,
  outcomes: readonly Outcome[],
  { issue, expires, today }: Excuse,
): Update {
  const own = entries.filter((entry) => concerns(entry, device));
  const failures = failuresOf(outcomes);
  const live = own.filter((entry) => !hasExpired(entry, today));
  const knows =
    (fingerprint: Fingerprint) =>
    (entry: BaselineEntry): boolean =>
      sameFingerprint(entry.fingerprint, fingerprint);
  const unknown = failures.filter((failure) => !live.some(knows(failure)));
  const expired = own.filter((entry) => unknown.some((failure) => knows(failure)(entry)));
  const added = unknown
    .filter((failure) => !expired.some(knows(failure)))
    .map((fingerprint): BaselineEntry => {
      return { fingerprint, device: device.name, versions: device.version, issue, expires };
    });
  const passed = own.filter((entry) => hasPassed(entry, outcomes));
  return {
    kept: entries.filter((entry) => !expired.includes(entry) && !passed.includes(entry)),
    renewed: expired.map((before) => ({ before, after: { ...before, issue, expires } })),
    added,
    passed,
  };
}
