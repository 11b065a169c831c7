/** What the options of the command line may be. */
import { InvalidArgumentError } from 'commander';
import type { Level } from '../catalogue/requirement.ts';

/** Reports that can be asked for. */
export const REPORTS = ['json', 'junit', 'html'] as const;
/** One of `REPORTS`. */
export type ReportName = (typeof REPORTS)[number];

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/u.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`expected a whole number of at least ${least}`);
    }
    return value;
  };
}

/** `must`, `should` or `may`. */
export function levelName(text: string): Level {
  const levels: Readonly<Record<string, Level>> = { must: 'MUST', should: 'SHOULD', may: 'MAY' };
  const level = levels[text.toLowerCase()];
  if (level === undefined) throw new InvalidArgumentError('expected must, should or may');
  return level;
}

/** Names of reports, separated by commas; empty for none. */
export function reportNames(text: string): readonly ReportName[] {
  return text
    .split(',')
    .filter((word) => word !== '')
    .map((word) => {
      const name = REPORTS.find((each) => each === word);
      if (name === undefined) {
        throw new InvalidArgumentError(`unknown report ${word}: expected ${REPORTS.join(', ')}`);
      }
      return name;
    });
}
