/** The core as it is simulated for a host: the suite's, so that it is built once for both. */
import type { Design } from '../sim/build.ts';

/** 16,384 rules, and 131,072 rows of flows. */
export const DESIGN: Design = { parameters: { RULES_LOG2: 14, FLOWS_LOG2: 17 } };
