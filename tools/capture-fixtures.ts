/**
 * Captures the fixtures anew, all or those that are named.
 *
 *     sudo node --import ./tools/register.mjs tools/capture-fixtures.ts [topic/name…]
 *
 * Needs root, and tcpdump, tshark, curl, nginx, python3, nft, tc, ethtool, ip and ss.
 * Exit status: 0 all captured and proved, 1 one was not, 64 an unknown name, 69 not root, 130
 * interrupted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureFixture } from './fixtures/capture.ts';
import { removeNamespaces } from './fixtures/lab.ts';
import { killAll } from './fixtures/process.ts';
import type { Recipe } from './fixtures/recipe.ts';
import { RECIPES } from './fixtures/recipes/all.ts';

const ATTEMPTS_MAX = 3;

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'prismspec-'));

function stop(status: number): never {
  killAll();
  removeNamespaces();
  rmSync(scratch, { recursive: true, force: true });
  process.exit(status);
}

async function main(wanted: readonly string[]): Promise<number> {
  const known = new Map(RECIPES.map((recipe) => [`${recipe.topic}/${recipe.name}`, recipe]));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    console.error(`unknown fixture ${unknown.join(', ')}; known: ${[...known.keys()].join(', ')}`);
    return 64;
  }
  if (process.getuid?.() !== 0) {
    console.error('capture-fixtures: needs root (network namespaces and packet capture)');
    return 69;
  }
  let failures = 0;
  for (const [name, recipe] of known) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!(await captured(name, recipe))) failures += 1;
  }
  return failures === 0 ? 0 : 1;
}

/** A busy machine can spoil a moment that a fixture needs; the proofs notice, and it is retried. */
async function captured(name: string, recipe: Recipe): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      const folder = mkdtempSync(join(scratch, 'fixture-'));
      const { frames } = await captureFixture(recipe, fixtures, folder);
      console.log(`${name}: ${frames} frames`);
      return true;
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      console.error(`${name}: attempt ${attempt} of ${ATTEMPTS_MAX}: ${reason}`);
    }
  }
  return false;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(130));
stop(await main(process.argv.slice(2)));
