/** All defects of the core. */
import type { RtlDefect } from './defect.ts';
import { HEADERS } from './headers.ts';
import { NUMBERS } from './numbers.ts';
import { OPTIONS } from './options.ts';
import { RULES } from './rules.ts';
import { STREAMS } from './streams.ts';

/** In the order in which they are told; the first has number 1. */
export const RTL_DEFECTS: readonly RtlDefect[] = [
  ...HEADERS,
  ...OPTIONS,
  ...NUMBERS,
  ...RULES,
  ...STREAMS,
];

/** What DEBUG is to hold for a defect; 0 is none. */
export function numberOf({ name }: Pick<RtlDefect, 'name'>): number {
  return RTL_DEFECTS.findIndex((each) => each.name === name) + 1;
}
