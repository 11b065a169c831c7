/** What the parts of a demonstration share: a laboratory, and where they write. */
import type { Counted } from './counted.ts';
import type { Laboratory } from './laboratory.ts';
import type { RuleReader } from './rules.ts';

/** Where the demonstration is written; a terminal has one line that changes. */
export interface DemoOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What all parts are given. */
export interface Stage {
  readonly laboratory: Laboratory;
  readonly rules: RuleReader;
  readonly output: DemoOutput;
  /** Octets of the great download. */
  readonly downloadOctets: number;
}

/** Writes a line. */
export function say({ output }: Stage, text: string): void {
  output.write(`${text}\n`);
}

/** A number of octets, as wide as all are. */
export function count(value: number): string {
  return value.toLocaleString('en-US').padStart(13);
}

/** Octets of clients that have passed the controller, both ways. */
export function throughController({ fromClients, toClients }: Counted): number {
  return fromClients + toClients;
}
