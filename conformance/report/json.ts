/** A run as JSON: one document at the end, and one line for each scenario as it finishes. */
import type { CaseResult } from '../run/collect.ts';
import { formatFingerprint } from '../run/fingerprint.ts';
import type { RequirementResult, RunResult } from '../run/result.ts';
import { formatVerdict } from '../verdict/verdict.ts';

/** What the document is; another shape of it gets another number. */
export const RUN_FORMAT = 'prismspec-run/1';

function caseJson(result: CaseResult): Readonly<Record<string, unknown>> {
  const { verdict, fingerprint, ...rest } = result;
  return {
    ...rest,
    verdict: formatVerdict(verdict),
    ...(fingerprint === undefined ? {} : { fingerprint: formatFingerprint(fingerprint) }),
  };
}

/** One line of the NDJSON stream, with its line feed. */
export function caseLine(result: CaseResult, round = 1): string {
  return `${JSON.stringify({ kind: 'scenario', round, ...caseJson(result) })}\n`;
}

function requirementJson(result: RequirementResult): unknown {
  const { requirement, verdict, cases, fingerprints, ...rest } = result;
  const { id, level, text } = requirement;
  return {
    id,
    level,
    text,
    verdict: formatVerdict(verdict),
    ...rest,
    fingerprints: fingerprints.map(formatFingerprint),
    scenarios: cases.map(({ name }) => name),
  };
}

/** The whole run. */
export function jsonReport(run: RunResult): string {
  const requirements = run.requirements.map(requirementJson);
  const document = { format: RUN_FORMAT, ...run, requirements, cases: run.cases.map(caseJson) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
