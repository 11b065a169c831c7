/**
 * Captures migrations of a whole Prism on this kernel as fixtures. Needs root.
 *
 *     sudo node --import ./tools/register.mjs tools/prism-fixtures.ts
 *
 * Plays the scenarios named below on the live laboratory, and keeps the frames of each at
 * `fixtures/prism/NAME.pcapng`, with an interface for each side of the switch; `NAME.json` says what
 * they are and which requirements `prismspec check` finds exercised by them. A scenario that does
 * not pass, or a capture that is blamed for something, is written nowhere, and the exit status is 1.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'fixtures', 'prism');
const PROGRAM = join(ROOT, 'tools', 'prismspec.mjs');

/** The scenario of each fixture. */
const SCENARIOS: Readonly<Record<string, string>> = {
  'two-backends-in-turn':
    'PRISM-MIG-12 /a and /b are answered by two backends on one connection, 2 times in turn',
  'pipelined-between-lock-and-reply':
    'PRISM-PIPE-02 octets that come between the lock command and its reply are answered, reply to add late: GET /b/10',
  'pipelined-while-locked-dropped':
    'PRISM-PIPE-03 a request that comes imported arrives is delivered once, later, locked packets dropped',
  'pipelined-while-locked-held':
    'PRISM-PIPE-03 a request that comes offer arrives is delivered once, later, locked packets held',
  'pipelined-at-the-owner':
    'PRISM-PIPE-04 what comes during a slow answer waits for its turn: GET /b/10',
  'reset-before-hand-off': 'PRISM-RST-05 a reset before the hand-off leaves no rule: in a header',
  'reset-while-locked':
    'PRISM-RST-06 a reset that is lost in the lock ends connection and rule: when the first offer arrives, locked packets dropped',
  'reset-at-the-owner': 'PRISM-RST-06 a reset of the client reaches the backend that answers it',
  'reset-between-two-backends':
    'PRISM-RST-06 a reset between two backends ends connection and rule: when the second the second offer is sent',
  'half-close-before-export':
    'PRISM-MIG-14 a request with FIN behind it is answered in full: GET /a/1000, FIN when the first add is sent',
  'fin-while-locked':
    'PRISM-FIN-05 a FIN that comes when the first offer arrives is handled after it has come again, locked packets dropped',
  'lost-committed': 'PRISM-PIPE-07 a POST is executed once when every committed is lost',
  'lost-reply-to-chown': 'PRISM-MIG-11 no reply to chown ever comes, and no lock stays',
  'backend-killed': 'PRISM-MIG-11 backend 1 dies when imported arrives, and nobody waits for ever',
  'controller-killed-in-lock':
    'PRISM-MIG-11 a lock of a controller that has died when the first offer is sent ends by itself',
};

const played = z.object({
  name: z.string(),
  verdict: z.string(),
  capture: z.string().optional(),
});
const checked = z.object({
  requirements: z.array(z.object({ id: z.string(), kept: z.number() })),
});

function prismspec(words: readonly string[]): number {
  const { status } = spawnSync(process.execPath, [PROGRAM, ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status ?? 1;
}

const scratch = mkdtempSync(join(tmpdir(), 'prismspec-fixtures-'));
try {
  const ids = new Set(Object.values(SCENARIOS).map((name) => name.split(' ')[0] ?? ''));
  prismspec(['run', ...ids, '--target', 'lab', '--captures', '--out', scratch, '--report', 'json']);
  const lines = readFileSync(join(scratch, 'cases.ndjson'), 'utf8').trim().split('\n');
  const cases = lines.map((line) => played.parse(JSON.parse(line)));
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const found = cases.find((each) => each.name === scenario);
    if (found?.verdict !== 'pass' || found.capture === undefined) {
      console.error(`${name}: ${found === undefined ? 'no such scenario' : found.verdict}`);
      process.exitCode = 1;
      continue;
    }
    const capture = join(scratch, found.capture);
    // 2: what a lock has dropped has no partner on the other side, and captures cannot tell why.
    if (![0, 2].includes(prismspec(['check', capture, '--report', 'json', '--out', scratch]))) {
      console.error(`${name}: the capture is blamed, see ${found.capture}`);
      process.exitCode = 1;
      continue;
    }
    const { requirements } = checked.parse(
      JSON.parse(readFileSync(join(scratch, 'check.json'), 'utf8')),
    );
    const octets = readFileSync(capture);
    const description = {
      name,
      topic: 'prism',
      scenario,
      command: 'tools/prism-fixtures.ts',
      kernel: release(),
      date: new Date().toISOString().slice(0, 10),
      sha256: createHash('sha256').update(octets).digest('hex'),
      exercises: requirements.filter(({ kept }) => kept > 0).map(({ id }) => id),
    };
    copyFileSync(capture, join(FOLDER, `${name}.pcapng`));
    writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(description, undefined, 2)}\n`);
    console.log(`${name}: ${octets.length} octets, ${description.exercises.length} requirements`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
