/** The simulated core as the laboratory of a whole Prism takes it. */
import { fileURLToPath } from 'node:url';
import type { OwnSwitch } from '../../../reference/host/laboratory/site.ts';
import { buildCore, whyNoBuild } from '../sim/build.ts';
import { whyNoLibrary } from '../sim/library.ts';
import { DESIGN } from './design.ts';

/** The core, which takes each frame as one on a wire; it knows no rules for IPv6. */
export const NETFPGA_SIM: OwnSwitch = {
  name: 'netfpga-sim',
  main: fileURLToPath(new URL('sim-main.ts', import.meta.url)),
  hasOffloads: false,
};

/** Why it cannot be simulated on this machine, in a sentence; undefined where it can. */
export function whyNoSimulation(): string | undefined {
  return whyNoBuild() ?? whyNoLibrary();
}

/** Builds it where that was not done before: a laboratory does not wait for as long as that takes. */
export async function prepareSimulation(): Promise<void> {
  await buildCore(DESIGN);
}
