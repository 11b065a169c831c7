/**
 * Keeps what runs of server switches found, and writes docs/products.md from it.
 *
 *     node --import ./tools/register.mjs tools/products.ts RUN.json …   keeps these runs, writes it
 *     node --import ./tools/register.mjs tools/products.ts              writes it
 *     node --import ./tools/register.mjs tools/products.ts --check RUN.json …
 *
 * Of several runs of one product the later one counts, for what it has judged. The last exits 1 when
 * the page is stale, or when one of these runs found something else.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import {
  evidenceOf,
  evidenceText,
  joined,
  parseEvidence,
  type Evidence,
} from './products/evidence.ts';
import { productsPage } from './products/page.ts';

const KEPT = fileURLToPath(new URL('../reports/products', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/products.md', import.meta.url));
/** Who goes before others on the page. */
const FIRST: readonly string[] = ['balancer-sim', 'url-switch-sim'];

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function placeOf(name: string): string {
  const place = FIRST.indexOf(name);
  return `${place === -1 ? FIRST.length : place} ${name}`;
}

async function page(): Promise<string> {
  const files = readdirSync(KEPT).filter((name) => name.endsWith('.json'));
  const products = files
    .map((name) => parseEvidence(readFileSync(join(KEPT, name), 'utf8')))
    .toSorted((one, other) => placeOf(one.name).localeCompare(placeOf(other.name)));
  const options = { ...(await resolveConfig(PAGE)), filepath: PAGE };
  return format(productsPage(products), options);
}

function stale(path: string, runs: readonly string[] = []): void {
  const command = ['npm run products', ...(runs.length === 0 ? [] : ['--', ...runs])].join(' ');
  process.stderr.write(`${path} is stale: run ${command}\n`);
  process.exitCode = 1;
}

const words = process.argv.slice(2);
const isCheck = words.includes('--check');
const runs = words.filter((word) => !word.startsWith('--'));
const found = new Map<string, Evidence>();
for (const path of runs) {
  const evidence = evidenceOf(readFileSync(path, 'utf8'));
  const earlier = found.get(evidence.name);
  found.set(evidence.name, earlier === undefined ? evidence : joined(earlier, evidence));
}
for (const evidence of found.values()) {
  const kept = join(KEPT, `${evidence.name}.json`);
  if (!isCheck) writeFileSync(kept, evidenceText(evidence));
  else if (read(kept) !== evidenceText(evidence))
    stale(`reports/products/${evidence.name}.json`, runs);
}
const text = await page();
if (!isCheck) writeFileSync(PAGE, text);
else if (read(PAGE) !== text) stale('docs/products.md');
