/** The command as a user starts it: exit status, what is printed, what is written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { requirements } from '../../../conformance/catalogue/catalogue.ts';
import { oracle } from '../../oracle.ts';
import { programIn } from './program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const prismspec = programIn(folder);

function targetFile(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

const QUIET = ['--report', ''];
const STACK = /^ {2,}at |node:internal/mu;

const BOX = `driver: pcap-files
name: box
ports: { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 }
egress: destination-mac
claims: []
`;
test('a fault of the user is one line and a status of the process', async (t) => {
  const ended = await prismspec(['run', 'PRISM-XXX-99', '--out', join(folder, 'unknown')]);
  t.is(ended.exit, 64);
  t.is(ended.stdout, '');
  t.regex(ended.stderr, /^prismspec: unknown requirement: PRISM-XXX-99; known groups: [^\n]+\n$/u);
});

test('no command at all prints the help and exits 64', async (t) => {
  const ended = await prismspec([]);
  t.is(ended.exit, 64);
  t.regex(ended.stderr, /Usage: prismspec/u);
  t.notRegex(ended.stderr, STACK);
});

test('--version and --help exit 0', async (t) => {
  const { version } = Object(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  t.deepEqual(await prismspec(['--version']), { exit: 0, stdout: `${version}\n`, stderr: '' });
  const help = await prismspec(['run', '--help']);
  t.is(help.exit, 0);
  for (const word of ['SPEC', '--target', '--level', '--seed', '--min-tests']) {
    t.true(help.stdout.includes(word), word);
  }
});

/** The packages and Node modules that the file at `url` loads, itself or through others. */
function loadedBy(url: URL, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(url.href)) return seen;
  seen.add(url.href);
  const imports = readFileSync(url, 'utf8').matchAll(/^import (?!type)[^;]*?'(?<from>[^']+)';/gmu);
  for (const from of [...imports].map(({ groups }) => groups?.['from'] ?? '')) {
    if (from.startsWith('.')) loadedBy(new URL(from, url), seen);
    else seen.add(from);
  }
  return seen;
}

test('the start of every command waits for one package alone', (t) => {
  const main = new URL('../../../conformance/cli/main.ts', import.meta.url);
  const packages = [...loadedBy(main)].filter((each) => !/^(?:file|node):/u.test(each));
  t.deepEqual(packages, ['commander']);
});

test('list prints every requirement, or what is selected', async (t) => {
  const all = await prismspec(['list']);
  t.is(all.exit, 0);
  t.deepEqual(
    all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    requirements.map(({ id }) => id),
  );
  const some = await prismspec(['list', 'RFC2018', '!PRISM-MIG']);
  t.regex(some.stdout, /^PRISM-SEQ-04 [^\n]*\n$/u);
  const none = await prismspec(['list', 'PRISM-SEQ', '!PRISM-SEQ']);
  t.is(none.exit, 4);
});

test('explain tells sources, needs and scenarios, whatever the case', async (t) => {
  const { exit, stdout } = await prismspec(['explain', 'prism-seq-04']);
  t.is(exit, 0);
  t.regex(stdout, /^PRISM-SEQ-04 {2}MUST\n/u);
  for (const part of ['RFC2018/3', 'SPLICE: ', 'observed', 'scenario   features/rewriting/']) {
    t.true(stdout.includes(part), part);
  }
  const tls = await prismspec(['explain', 'PRISM-MIG-17']);
  t.regex(tls.stdout, /scenarios {2}none .*system/u);
});

test('a run that passes: exit 0, the table, and every report', async (t) => {
  const out = join(folder, 'passes');
  const { exit, stdout, stderr } = await prismspec([
    'run',
    'PRISM-SEQ-06',
    '--out',
    out,
    '--seed',
    '9',
  ]);
  t.is(exit, 0, stderr);
  t.regex(stdout, /all +1 +0 +0 +0 +\d+\n/u);
  t.regex(stdout, /conformant: reference .*, gate MUST, seed 9, /u);
  t.false(stdout.includes('\u{1b}'));
  t.deepEqual(readdirSync(out).toSorted(), [
    'cases.ndjson',
    'junit.xml',
    'report.html',
    'run.json',
  ]);
  t.like(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')), {
    exit: 0,
    settings: { seed: 9 },
  });
  const lines = readFileSync(join(out, 'cases.ndjson'), 'utf8').trimEnd().split('\n');
  for (const line of lines) t.like(JSON.parse(line), { kind: 'scenario', verdict: 'pass' });
  t.is(
    stderr.trimEnd().split('\n').at(-1)?.split(' ').slice(0, 3).join(' '),
    `  ${lines.length}/${lines.length}`,
  );
});

test('an empty selection decides nothing: exit 4', async (t) => {
  const words = ['run', 'PRISM-SEQ', '!PRISM-SEQ', '--out', join(folder, 'empty')];
  const { exit, stdout, stderr } = await prismspec([...words, ...QUIET]);
  t.is(exit, 4);
  t.regex(stdout, /nothing was decided/u);
  t.is(stderr, '');
});

test('what only a whole system can be judged on decides nothing: exit 4', async (t) => {
  const ended = await prismspec(['run', 'PRISM-PERF', '--out', join(folder, 'perf'), ...QUIET]);
  t.is(ended.exit, 4);
});

test('fewer requirements than asked for decide nothing: exit 4', async (t) => {
  const words = ['run', 'PRISM-SEQ-09', '--min-tests', '2', '--out', join(folder, 'two')];
  t.is((await prismspec([...words, ...QUIET])).exit, 4);
});

const POOR = targetFile('poor', 'driver: in-process\nclaims: []\n');

test('a device of few capabilities is not asked for what it does not claim', async (t) => {
  const words = ['run', 'PRISM-REW-18', 'PRISM-SEQ-03', 'PRISM-SEQ-12', '!PRISM-REW-03', ...QUIET];
  const { exit, stdout } = await prismspec([
    ...words,
    '--target',
    POOR,
    '--out',
    join(folder, 'poor'),
  ]);
  t.is(exit, 0, stdout);
  t.regex(stdout, /V6: REW-18/u);
  t.regex(stdout, /WS: SEQ-12/u);
  t.regex(stdout, /all +1 +0 +0 +2 /u);
});

test('a device on which nothing asked for applies is not conformant: exit 4', async (t) => {
  const words = ['run', 'PRISM-SEQ-10', 'PRISM-SEQ-12', '!PRISM-REW-03', ...QUIET];
  const ended = await prismspec([...words, '--target', POOR, '--out', join(folder, 'poor-4')]);
  t.is(ended.exit, 4);
});

/** Devices that are broken as a whole, as commands on capture files. */
const BROKEN: Readonly<Record<string, string>> = {
  'passes everything on': 'f.copyFileSync(i, o)',
  'drops everything': 'f.writeFileSync(o, f.readFileSync(i).subarray(0, 24))',
};

for (const [what, code] of Object.entries(BROKEN)) {
  test(`a device that ${what} fails: exit 1`, async (t) => {
    const script = `const f = require('fs'), [, i, o] = process.argv; ${code}`;
    const cmd = JSON.stringify([process.execPath, '-e', script, '{in}', '{out}']);
    const target = targetFile(what.replaceAll(' ', '-'), `${BOX}cmd: ${cmd}\n`);
    const out = join(folder, what.replaceAll(' ', '-'));
    const words = ['run', 'PRISM-REW-01', 'PRISM-REW-09', '!PRISM-REW-03', '--target', target];
    const { exit, stdout, stderr } = await prismspec([...words, '--out', out, ...QUIET]);
    t.is(exit, 1, stderr);
    t.regex(stdout, /PRISM-REW-01 MUST fail on box/u);
    t.regex(stdout, /PRISM-REW-09 MUST fail on box/u);
    t.true(readdirSync(join(out, 'bugs')).length > 0);
  });
}

test('tcprewrite leaves SACK as it is: exit 1, PRISM-SEQ-04 named', async (t) => {
  if (!oracle(t, 'tcprewrite')) return;
  const out = join(folder, 'tcprewrite');
  const target = join(ROOT, 'hardware/tcprewrite/splice.yaml');
  // The replays of captured connections say the same and take longer.
  const words = ['run', 'PRISM-SEQ-04', '!PRISM-REW-03', '--target', target, '--out', out];
  const { exit, stdout } = await prismspec([...words, ...QUIET]);
  t.is(exit, 1);
  t.regex(stdout, /PRISM-SEQ-04 MUST fail on tcprewrite/u);
  t.regex(stdout, /expected {2}.*sack \d+-\d+/u);
});

test('doctor --prove finds the reference well and the broken device broken', async (t) => {
  const { exit, stdout, stderr } = await prismspec(['doctor', '--prove']);
  t.is(exit, 0, stderr);
  t.notRegex(stdout, /FAIL/u);
  t.regex(stdout, /whose TCP checksum is wrong fails PRISM-REW-05 in [1-9]\d* scenarios/u);
});

test('a name that leads out of the folder for reports stays in it', async (t) => {
  const script = "const f = require('fs'), [, i, o] = process.argv; f.copyFileSync(i, o)";
  const cmd = JSON.stringify([process.execPath, '-e', script, '{in}', '{out}']);
  const target = targetFile(
    'sly',
    `${BOX.replace('name: box', 'name: ../../../sly')}cmd: ${cmd}\n`,
  );
  const { exit, stdout } = await prismspec(['run', 'PRISM-PERF', '--target', target, ...QUIET]);
  t.is(exit, 4);
  t.regex(stdout, /reports: reports\/out\/[^/\n]*sly\n/u);
});
