/** A core of a small design, which is built and simulated quickly, for the tests of what it does. */
import type { ExecutionContext } from 'ava';
import { whyNoBuild } from '../../../hardware/netfpga/sim/build.ts';
import type { Core } from '../../../hardware/netfpga/sim/core.ts';
import { openCore, whyNoLibrary } from '../../../hardware/netfpga/sim/library.ts';
import { leaveOut } from '../../oracle.ts';

/** The parameters of a small design, but for the width of its words. */
export const SMALL = { RULES_LOG2: 5, FLOWS_LOG2: 8, STATIONS_LOG2: 8 } as const;

/** The bits of TUSER of the bridged ports: four wires and the controller's way to the host. */
export const BRIDGED_PORTS: readonly number[] = [0, 2, 4, 6, 1];

/** The bit of TUSER of the port for frames that are punted. */
export const PUNT_PORT = 3;

/** The widths of words that a core is built with: of SUME, and of two designs for PLUS. */
export type DataWidth = 256 | 512 | 1024;

const TIMEOUT_MS = 600_000;

/** Whether cores can be built and run here; says so where they cannot, and the test is to return. */
export function isAble(t: ExecutionContext): boolean {
  t.timeout(TIMEOUT_MS);
  const missing = whyNoBuild() ?? whyNoLibrary();
  if (missing !== undefined) leaveOut(t, missing);
  return missing === undefined;
}

/**
 * A core of a small design, closed behind the test; undefined where none can be built.
 *
 * What is undefined in it is random, by a fixed seed.
 */
export async function openSmall(
  t: ExecutionContext,
  width: DataWidth = 256,
): Promise<Core | undefined> {
  if (!isAble(t)) return undefined;
  // 256 is what the core has by itself.
  const parameters = width === 256 ? SMALL : { ...SMALL, DATA_WIDTH: width };
  const core = await openCore({ parameters, seed: 7 });
  t.teardown(() => core.close());
  return core;
}
