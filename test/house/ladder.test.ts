/** The tree keeps its ladder, and the check notices when it does not. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import test from 'ava';
import { breaches, importsOf, LADDER, layerOf } from './ladder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TREES = ['reference', 'conformance', 'features', 'hardware'];
/** Tests beside a package are no part of its layer. */
const TESTS = /^reference\/scapy-ts\/test\//u;

function sources(): ReadonlyMap<string, string> {
  const files = TREES.flatMap((tree) =>
    readdirSync(join(ROOT, tree), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${tree}/${path}`),
  ).filter((path) => !TESTS.test(path) && !path.includes('node_modules'));
  return new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

test('every import goes up the ladder', (t) => {
  const found = breaches(sources()).map(
    ({ file, layer, specifier, rule }) => `${file} (layer ${layer}) imports ${specifier}: ${rule}`,
  );
  t.deepEqual(found, []);
});

test('every source file of the trees is in a layer', (t) => {
  t.deepEqual(
    [...sources().keys()].filter((file) => layerOf(file) === undefined),
    [],
  );
});

test('every layer has files', (t) => {
  const files = [...sources().keys()];
  const empty = LADDER.filter(({ path }) => !files.some((file) => file.startsWith(path)));
  t.deepEqual(
    empty.map(({ path }) => path),
    [],
  );
});

test('the judge that imports the accused is named, with file, layer and rule', (t) => {
  const text = "import { step } from '../../reference/switch/switch.ts';\n";
  t.deepEqual(breaches(new Map([['conformance/observe/compare.ts', text]])), [
    {
      file: 'conformance/observe/compare.ts',
      layer: 'conformance/observe',
      specifier: '../../reference/switch/switch.ts',
      rule: 'may not import reference/switch',
    },
  ]);
});

test('node:* in a pure layer is named', (t) => {
  const text = "import {\n  readFileSync,\n} from 'node:fs';\n";
  const [breach] = breaches(new Map([['reference/rules/rewrite.ts', text]]));
  t.is(breach?.rule, 'only a shell may import node:*');
});

test('all forms of import are read', (t) => {
  const text = [
    "import type { A } from './a.ts';",
    "export { b } from './b.ts';",
    "import './c.ts';",
    "const d = await import('./d.ts');",
    "export * from './e.ts';",
  ].join('\n');
  t.deepEqual([...importsOf(text)].toSorted(), ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts']);
});
