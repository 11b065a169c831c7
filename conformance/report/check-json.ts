/** What captures show, as one JSON document. */
import type { CheckResult } from '../check/check.ts';
import type { ExitCode } from '../verdict/exit-code.ts';
import { formatVerdict } from '../verdict/verdict.ts';

/** The files of a check, its result and its exit status. */
export interface CheckRecord {
  readonly suite: string;
  readonly files: Readonly<Record<string, string>>;
  readonly result: CheckResult;
  readonly exit: ExitCode;
}

/** The document, with its line feed. */
export function checkJson({ suite, files, result, exit }: CheckRecord): string {
  const { judgements, ...rest } = result;
  const requirements = judgements.map(({ requirement, verdict, ...counts }) => {
    const { id, level, text } = requirement;
    const told = verdict === undefined ? 'not-exercised' : formatVerdict(verdict);
    return { id, level, text, verdict: told, ...counts };
  });
  return `${JSON.stringify({ suite, files, ...rest, requirements, exit }, undefined, 2)}\n`;
}
