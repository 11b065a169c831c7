/** What `why-p4.md` says of a switch that can only set fields, as it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = readFileSync(`${ROOT}/hardware/bmv2/why-p4.md`, 'utf8');

/** The requirements that fail on a target, of those that `specs` name. */
async function failuresOf(target: string, specs: readonly string[]): Promise<readonly string[]> {
  const words = ['run', ...specs, '--target', `hardware/bmv2/${target}`, '--report', ''];
  const child = spawn(process.execPath, ['tools/prismspec.mjs', ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [stdout, [exit]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (exit !== 1) throw new Error(`exit status 1 was expected, not ${exit}:\n${stdout}`);
  return [...stdout.matchAll(/^ {2}PRISM-(\S+) \w+ fail on /gmu)].map(([, id = '']) => id);
}

/** `SEQ-04, 05` and `SEQ-06` are three. */
function idsIn(cell: string): readonly string[] {
  let group = '';
  return [...cell.matchAll(/(?:([A-Z]+)-)?(\d\d)\b/gu)].map(([, named, number = '']) => {
    group = named ?? group;
    return `${group}-${number}`;
  });
}

/** The first cells of the rows under a heading. */
function listedUnder(heading: string): readonly string[] {
  const section = PAGE.split(/^## /mu).find((each) => each.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => /^\| (?:PRISM-)?[A-Z]+-\d/u.test(line));
  return rows.flatMap((row) => idsIn(row.split('|')[1] ?? ''));
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].toSorted();
}

test.serial('under HANDOFF it fails what the page says, and nothing like it', async (t) => {
  const listed = sorted(listedUnder('What constants can do'));
  t.is(listed.length, 2);
  const beside = ['PRISM-REW', 'PRISM-RULE', 'PRISM-FWD', 'PRISM-SEC-07'];
  t.deepEqual(sorted(await failuresOf('set-field-handoff.yaml', beside)), listed);
});

test.serial('as a Prism it fails what the page says', async (t) => {
  const listed = sorted(listedUnder('What they cannot'));
  t.is(listed.length, 19);
  const specs = listed.map((id) => `PRISM-${id}`);
  t.deepEqual(sorted(await failuresOf('set-field.yaml', specs)), listed);
});
