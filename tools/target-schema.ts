/** Writes `docs/target.schema.json`, the JSON Schema of target files; `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { targetJsonSchema } from '../conformance/drivers/target.ts';

const path = fileURLToPath(new URL('../docs/target.schema.json', import.meta.url));
const text = `${JSON.stringify(targetJsonSchema(), undefined, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
  process.stderr.write('docs/target.schema.json is stale: run npm run schema\n');
  process.exitCode = 1;
}
