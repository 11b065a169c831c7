/** The edges of each header, against the rules in TypeScript. */
import type { ExecutionContext } from 'ava';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import { findDifference } from '../differential/pair.ts';
import { VECTORS } from '../differential/vectors.ts';

/** The core does what the rules do. */
export async function checkRules(t: ExecutionContext, core: Core): Promise<void> {
  for (const { what, story } of VECTORS) {
    const difference = await findDifference(core, story);
    // One is enough, and some take long.
    if (difference !== undefined) {
      t.fail(`${what}: ${difference}`);
      return;
    }
  }
  t.pass();
}
