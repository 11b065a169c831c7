/**
 * What is proved of the core, and how.
 *
 * A property is a module of Verilog beside this file: it holds a part of the core, drives it with
 * whatever may come, and says what must hold (`assert`) as long as what may come is as it should be
 * (`assume`). Each of its outputs is something that must be able to happen.
 */

/** How a property is decided; for each, all inputs count that the module's assumptions leave. */
export type Method =
  /** Holds `clocks` after any state: so always, in a part that keeps nothing longer than that. */
  | { readonly kind: 'pipeline'; readonly clocks: number }
  /** Holds from the reset on for `clocks`, and for one more wherever it held for so many. */
  | { readonly kind: 'induction'; readonly clocks: number }
  /** Holds from the reset on, for ever: an invariant is found by property-directed reachability. */
  | { readonly kind: 'reachability' }
  /** Holds from the reset on for `clocks`; no more is known. */
  | { readonly kind: 'bounded'; readonly clocks: number };

/** One edit of the core that a property must notice. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Which of several places where `from` stands, from 0. */
  readonly nth?: number;
}

/** Something that is proved. */
export interface Property {
  /** The module and its file. */
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  /** Files of the core, without `prism_` and `.v`. */
  readonly files: readonly string[];
  /** What is cut out, as yosys selects it: its outputs are anything at any time. */
  readonly cuts?: readonly string[];
  readonly parameters?: Readonly<Record<string, number>>;
  readonly method: Method;
  /** In how many clocks from the reset each output can be seen, and each mutant is refuted. */
  readonly witnessClocks: number;
  readonly mutants: readonly Mutant[];
}
