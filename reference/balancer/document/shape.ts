/** What a schema says of a document, as objections. */
import type { z } from 'zod';
import type { Objection, Path } from './fault.ts';

type Issue = z.core.$ZodIssue;

/** The objections that the issues of a schema are, one for each place. */
export function objectionsOf(issues: readonly Issue[], whole: unknown): readonly Objection[] {
  const seen = new Set<string>();
  return issues
    .flatMap((issue) => objectionsOfOne(issue, whole))
    .filter(({ path }) => {
      const place = JSON.stringify(path);
      const isFirst = !seen.has(place);
      seen.add(place);
      return isFirst;
    });
}

function objectionsOfOne(issue: Issue, whole: unknown): readonly Objection[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const { message: expected } = issue;
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, expected, advice: adviceFor(valueAt(whole, path), expected) }];
  }
  const names = expected.split(/[ ,]+/u).slice(2);
  return issue.keys.map((key) => {
    const meant = names.find((name) => isSlip(key, name));
    const advice = meant === undefined ? 'leave it out' : `write ${meant}`;
    return { path: [...path, key], isOfName: true, expected, advice };
  });
}

function adviceFor(value: unknown, expected: string): string {
  if (value === undefined) return 'add it';
  const isBare = typeof value === 'number' || typeof value === 'boolean';
  return isBare && expected === 'a text' ? 'put it in quotes' : 'replace it';
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined,
    whole,
  );
}

/** Whether two names differ in case, or in what one more, one less or one other letter makes. */
function isSlip(written: string, meant: string): boolean {
  const [a, b] = [written.toLowerCase(), meant.toLowerCase()];
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const rests = [a.slice(start), b.slice(start)];
  const tails = [
    [rests[0]?.slice(1), rests[1]],
    [rests[0], rests[1]?.slice(1)],
    [rests[0]?.slice(1), rests[1]?.slice(1)],
  ];
  return a === b || tails.some(([one, other]) => one === other);
}
