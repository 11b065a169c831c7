/** All program defects. */
import { BRIDGING } from './bridging.ts';
import { CHECKSUMS } from './checksums.ts';
import type { ProgramDefect } from './defect.ts';
import { HEADERS } from './headers.ts';
import { ERRORS_AND_FRAGMENTS } from './icmp.ts';
import { NUMBERS } from './numbers.ts';
import { OPTIONS } from './options.ts';
import { RULES } from './rules.ts';

/** In the order in which they are told. */
export const PROGRAM_DEFECTS: readonly ProgramDefect[] = [
  ...NUMBERS,
  ...OPTIONS,
  ...CHECKSUMS,
  ...HEADERS,
  ...ERRORS_AND_FRAGMENTS,
  ...RULES,
  ...BRIDGING,
];
