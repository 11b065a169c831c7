/** Where the suite's own files are, and which version of it this is. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { FeatureSource } from '../run/plan.ts';

/** The suite's folder, whatever folder the command was started in. */
export const SUITE_ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** The suite's version, as in package.json. */
export function suiteVersion(): string {
  const text = readFileSync(join(SUITE_ROOT, 'package.json'), 'utf8');
  const version = /"version": "(?<version>[^"]+)"/u.exec(text)?.groups?.['version'];
  if (version === undefined) throw new Error('package.json has no version');
  return version;
}

/** All feature files, in the order of their paths. */
export function readFeatures(): readonly FeatureSource[] {
  return readdirSync(join(SUITE_ROOT, 'features'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.feature'))
    .map((path) => `features/${path}`)
    .toSorted()
    .map((uri) => ({ uri, text: readFileSync(join(SUITE_ROOT, uri), 'utf8') }));
}
