/** What a busy machine makes of a target in real time is no verdict on the target. */
import type { World } from '@cucumber/cucumber';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';
import type { Definition } from './not-applicable.ts';

/** For how long the story of a scenario was kept from being played, where that was long. */
export type LateMsOf = (world: World) => number | undefined;

/** The same step; where the story was played too late, its failure decides nothing. */
export function forgiveLateness(definition: Definition, lateMsOf: LateMsOf): Definition {
  return async function (...words): Promise<unknown> {
    try {
      return await definition.apply(this, words);
    } catch (error) {
      const lateMs = lateMsOf(this);
      if (!(error instanceof Failure) || lateMs === undefined) throw error;
      const waited = `this machine kept it from working for ${Math.round(lateMs)} ms`;
      throw new Inconclusive('late', `${waited}; ${error.message}`);
    }
  };
}
