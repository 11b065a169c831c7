/** Writes the JSON Schemas of the files that users write into `docs`; `--check` only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { baselineJsonSchema } from '../conformance/baseline/entry.ts';
import { targetJsonSchema } from '../conformance/drivers/target-file.ts';

const schemas = {
  'docs/target.schema.json': targetJsonSchema(),
  'docs/baseline.schema.json': baselineJsonSchema(),
};

for (const [name, schema] of Object.entries(schemas)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const text = `${JSON.stringify(schema, undefined, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${name} is stale: run npm run schema\n`);
    process.exitCode = 1;
  }
}
