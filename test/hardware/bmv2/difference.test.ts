/** A difference is applied as `patch` would apply what `diff -U0` wrote. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { applyDifference } from '../../../hardware/bmv2/defects/difference.ts';
import { runs } from '../../runs.ts';

const SAMPLES = [
  ['a line that changes', 'a\nb\nc\n', '@@ -2 +2 @@\n-b\n+x\n', 'a\nx\nc\n'],
  ['a line that comes first', 'a\n', '@@ -0,0 +1 @@\n+x\n', 'x\na\n'],
  ['lines that come last', 'a\nb\n', '@@ -2,0 +3,2 @@\n+x\n+y\n', 'a\nb\nx\ny\n'],
  ['lines that go', 'a\nb\nc\nd\n', '@@ -2,2 +1,0 @@\n-b\n-c\n', 'a\nd\n'],
  ['two places', 'a\nb\nc\nd\n', '@@ -1 +0,0 @@\n-a\n@@ -3 +2 @@\n-c\n+x\n', 'b\nx\nd\n'],
  ['a head that names the texts', 'a\n', '--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n', 'b\n'],
  ['a line that begins like a head', '-- a\n', '@@ -1 +1 @@\n--- a\n+++ b\n', '++ b\n'],
  ['no difference', 'a\n', '', 'a\n'],
] as const;

for (const [what, before, difference, after] of SAMPLES) {
  test(`sample: ${what}`, (t) => {
    t.deepEqual(applyDifference(before, difference), { ok: true, value: after });
  });
}

test('a line that is not as it was is named', (t) => {
  t.deepEqual(applyDifference('a\nb\n', '@@ -2 +2 @@\n-c\n+d\n'), {
    ok: false,
    error: 'line 2 is b, not -c',
  });
  t.deepEqual(applyDifference('a', '@@ -2 +1,0 @@\n-c\n'), {
    ok: false,
    error: 'line 2 is not there, not -c',
  });
});

test('what diff writes of any two texts leads from one to the other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-difference-'));
  const line = fc.constantFrom('a', 'b', '', '-', '+', '@@', '--- a', '+++ b');
  const text = fc.array(line, { maxLength: 12 }).map((all) => all.map((each) => `${each}\n`));
  const differenceOf = (before: string, after: string): string => {
    const [one, other] = [join(folder, 'before'), join(folder, 'after')];
    writeFileSync(one, before);
    writeFileSync(other, after);
    return spawnSync('diff', ['-U0', one, other], { encoding: 'utf8' }).stdout;
  };
  try {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [before, after] = [one.join(''), other.join('')];
        const applied = applyDifference(before, differenceOf(before, after));
        t.deepEqual(applied, { ok: true, value: after });
      }),
      runs(200),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
