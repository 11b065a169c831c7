/** The examples of the README run, and print what it says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

const README = new URL('../README.md', import.meta.url);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OUT = join(ROOT, 'reports/out');
const EXAMPLE = /^## (.+)\n\n```ts\n([^]*?)```\n\n```text\n([^]*?)```/gm;

const examples = [...readFileSync(README, 'utf8').matchAll(EXAMPLE)];

test('there are five examples', (t) => {
  t.is(examples.length, 5);
});

for (const [, title = '', code = '', printed = ''] of examples) {
  test(`README: ${title}`, (t) => {
    // Inside the project, so that the package's own name is found.
    mkdirSync(OUT, { recursive: true });
    const folder = mkdtempSync(join(OUT, 'readme-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'example.ts');
    writeFileSync(file, code);
    const run = spawnSync(process.execPath, ['--import=./tools/register.mjs', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    t.is(run.stderr, '');
    t.is(run.stdout, printed);
  });
}
