/** A whole Prism for a test: the laboratory, and a server of another language where it is wanted. */
import { fileURLToPath } from 'node:url';
import { raiseLaboratory, type Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import type { LaboratoryOptions } from '../../reference/host/laboratory/site.ts';

const SERVER = fileURLToPath(new URL('prism-server.py', import.meta.url));

/** What may differ from test to test. */
export interface PrismBedOptions extends Omit<LaboratoryOptions, 'name' | 'serverOf'> {
  /** Whether the server of b1 is a process of another language. */
  readonly hasServerProcess?: boolean;
}

/** Brings up the network and all parts; the caller takes it down. */
export function raisePrism(
  name: string,
  { hasServerProcess = false, ...options }: PrismBedOptions = {},
): Promise<Laboratory> {
  const serverOf = (backend: string, path: string): readonly string[] | undefined =>
    hasServerProcess && backend === 'b1' ? ['python3', SERVER, path, 'b1'] : undefined;
  return raiseLaboratory({ name, ...options, serverOf });
}
