/** A run as JSON: one document at the end, and one line for each scenario as it finishes. */
import type { CaseResult } from '../run/collect.ts';
import type { RunResult } from '../run/result.ts';
import { formatVerdict } from '../verdict/verdict.ts';

function caseJson(result: CaseResult): unknown {
  const { capture, verdict, ...rest } = result;
  return { ...rest, verdict: formatVerdict(verdict), captured: capture !== undefined };
}

/** One line of the NDJSON stream, with its line feed. */
export function caseLine(result: CaseResult): string {
  return `${JSON.stringify({ kind: 'scenario', ...Object(caseJson(result)) })}\n`;
}

/** The whole run. */
export function jsonReport(run: RunResult): string {
  const requirements = run.requirements.map(({ requirement, verdict, cases }) => ({
    id: requirement.id,
    level: requirement.level,
    text: requirement.text,
    verdict: formatVerdict(verdict),
    scenarios: cases.map(({ name }) => name),
  }));
  const document = { ...run, requirements, cases: run.cases.map(caseJson) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
