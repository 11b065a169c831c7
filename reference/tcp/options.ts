/**
 * TCP options, walked where they stand. RFC 9293 section 3.1, MUST-6 and MUST-64.
 *
 *   ┌──────┐   ┌──────┬────────┬─────────────┐
 *   │ kind │ ⋯ │ kind │ length │ length−2 …  │    at any alignment, in any order
 *   └──────┘   └──────┴────────┴─────────────┘
 *   EOL, NOP    every other; length counts kind and length
 */

import { readUint8 } from './word.ts';

/** Kinds of options whose octets the switch reads. RFC 2018, RFC 7323. */
export const OPTION_KIND = { eol: 0, nop: 1, sack: 5, timestamps: 8 } as const;

/**
 * Visits every option of two octets or more that starts and ends within `from` … `to` − 1.
 *
 * Ends at EOL, and at an option whose length is impossible (0, 1, or past `to`): what follows
 * cannot be told from payload.
 */
export function walkOptions(
  octets: Uint8Array,
  from: number,
  to: number,
  visit: (kind: number, at: number, lengthOctets: number) => void,
): void {
  let at = from;
  while (at < to) {
    const kind = readUint8(octets, at);
    if (kind === OPTION_KIND.eol) return;
    if (kind === OPTION_KIND.nop) {
      at += 1;
      continue;
    }
    const lengthOctets = readUint8(octets, at + 1);
    if (lengthOctets < 2 || at + lengthOctets > to) return;
    visit(kind, at, lengthOctets);
    at += lengthOctets;
  }
}
