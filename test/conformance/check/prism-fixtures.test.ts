/** Captures of a whole Prism on a kernel: `check` finds in them what they say, and nothing wrong. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { captureReader } from 'scapy-ts';
import { createCheck, type CheckResult } from '../../../conformance/check/check.ts';
import { readPrismFixtures } from '../../../tools/fixtures/lint-prism.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures', import.meta.url));
const SIDES = ['client', 'backend', 'controller'] as const;

async function checkFile(path: string): Promise<CheckResult> {
  const read = captureReader().push(await readFile(path));
  if (!read.ok) throw new Error(read.error.kind);
  const check = createCheck(SIDES);
  for (const event of read.value) {
    const side = event.kind === 'packet' ? SIDES[event.interfaceId] : undefined;
    if (event.kind === 'packet' && side !== undefined) check.take(side, event, 1);
  }
  return check.end();
}

for (const { path, description } of await readPrismFixtures(FIXTURES)) {
  test(`${description.name}: nothing is broken, and what it exercises is kept`, async (t) => {
    const { judgements } = await checkFile(path);
    t.deepEqual(
      judgements.filter(({ broken }) => broken > 0).map(({ requirement }) => requirement.id),
      [],
    );
    t.deepEqual(
      judgements.filter(({ kept }) => kept > 0).map(({ requirement }) => requirement.id),
      description.exercises,
    );
  });
}
