/**
 * Defects of the core: one expression of its Verilog is another, and a test has to notice.
 *
 *   expression ─▶ (DEBUG == number ? the wrong one : expression)
 *
 * One design has all of them: to build it takes as long as to build one. The register DEBUG chooses;
 * with 0 the design is the core.
 */

/** What the test bench of the core can be asked to find, where the suite cannot. */
export const CHECKS = [
  /** Each header's edges, against the rules in TypeScript, octet for octet. */
  'rules',
  /** Frames of all lengths, with idle clocks and back-pressure: no octet and no clock is lost. */
  'pace',
  /** Frames cut, too long or with holes, each named, and its neighbours unhurt. */
  'ill-frames',
  /** Counters that are read while frames flow. */
  'counters',
  /** A rule that is written over, or emptied, while frames flow. */
  'one-step',
  /** Commands that are to be refused. */
  'commands',
  /** What the bridge learns and forgets. */
  'stations',
  /** A table that is full, and asked for flows that it has and has not. */
  'full-table',
] as const;

/** One of them. */
export type Check = (typeof CHECKS)[number];

/** Who has to find a defect: a requirement of the suite, or a check of the test bench. */
export type Finder =
  | { readonly kind: 'suite'; readonly requirement: string }
  | { readonly kind: 'bench'; readonly check: Check };

/** One thing that is wrong with the core. */
export interface RtlDefect {
  /** As it is called in tests and tables: lower case, with hyphens. */
  readonly name: string;
  /** What the core does wrong, in a sentence. */
  readonly sentence: string;
  readonly foundBy: Finder;
  /** The module, which is a file of its own. */
  readonly module: string;
  /** An expression that occurs in the file exactly once. */
  readonly find: string;
  /** The expression in its place, of the same width. */
  readonly replace: string;
}

/** By a requirement of the suite. */
export function bySuite(requirement: string): Finder {
  return { kind: 'suite', requirement };
}

/** By a check of the test bench. */
export function byBench(check: Check): Finder {
  return { kind: 'bench', check };
}
