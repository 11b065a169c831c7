/** A defect of a whole Prism. */
import type { Alteration } from '../sim.ts';

/** A Prism with one thing wrong. */
export interface SystemDefect extends Alteration {
  /** Unique; small letters and hyphens. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly sentence: string;
  /** Id of the requirement that has to fail. */
  readonly breaks: string;
}
