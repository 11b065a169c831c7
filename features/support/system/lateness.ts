/** What a busy machine makes of a Prism in real time is no verdict on the Prism. */
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import type { Definition } from '../not-applicable.ts';
import { SystemWorld } from './world.ts';

/** The same step; where the story was played too late, its failure decides nothing. */
export function forgiveLateness(definition: Definition): Definition {
  return async function (...words): Promise<unknown> {
    try {
      return await definition.apply(this, words);
    } catch (error) {
      const lateMs = this instanceof SystemWorld ? this.played()?.lateMs : undefined;
      if (!(error instanceof Failure) || lateMs === undefined) throw error;
      const waited = `this machine kept it from working for ${Math.round(lateMs)} ms`;
      throw new Inconclusive('late', `${waited}; ${error.message}`);
    }
  };
}
