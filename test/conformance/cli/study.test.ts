/** `prismspec study lard`, as a user types it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { prismspecHere as prismspec } from './here.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: readonly string[]): string => join(folder, ...names);

/** An access log of `count` requests for 300 files. */
function log(name: string, count: number): string {
  const lines = Array.from({ length: count }, (_, place) => {
    const file = (place * place) % 307;
    return `h - - [t] "GET /${file} HTTP/1.1" 200 ${1000 + file * 97}\n`;
  });
  writeFileSync(at(name), `${lines.join('')}garbage\n`);
  return at(name);
}

test.serial(
  'a synthetic study leaves a page and a text, and no bar where no terminal is',
  async (t) => {
    const words = ['study', 'lard', '--requests', '4000', '--seed', '5', '--nodes', '2,1'];
    const { exit, stdout, stderr } = await prismspec([...words, '--out', at('synthetic')]);
    t.is(stderr, '');
    t.is(exit, 0);
    t.regex(stdout, /written: .*synthetic\/lard\.html, .*synthetic\/lard\.md/u);
    const text = readFileSync(at('synthetic/lard.md'), 'utf8');
    t.regex(text, /synthetic, 4000 requests, seed 5/u);
    t.regex(text, /\n\| nodes \| WRR \|.*\n.*\n\| 1 \|.*\n\| 2 \|/u);
    t.regex(readFileSync(at('synthetic/lard.html'), 'utf8'), /^<!doctype html>[^]*<\/html>\n$/u);
    const again = await prismspec([...words, '--out', at('again')]);
    t.is(again.exit, 0);
    t.is(readFileSync(at('again/lard.md'), 'utf8'), text, 'a seed is a study');
  },
);

test.serial('an access log is studied, and its bad lines are named', async (t) => {
  const file = log('access.log', 3000);
  const words = ['study', 'lard', '--trace', file, '--nodes', '2', '--out', at('log')];
  const { exit, stderr } = await prismspec(words);
  t.is(exit, 0, stderr);
  t.regex(
    stderr,
    /access\.log: 1 lines are in no .* \(line 3001: no \[time\] before a "request"\)/u,
  );
  t.regex(readFileSync(at('log/lard.md'), 'utf8'), /3000 of 3001 lines of .*access\.log/u);
});

for (const [name, words, exit, told] of [
  ['no number of nodes', ['--nodes', '0,4'], 64, /whole numbers of 1 to 64/u],
  ['too many nodes', ['--nodes', '65'], 64, /whole numbers of 1 to 64/u],
  ['words for nodes', ['--nodes', 'many'], 64, /whole numbers of 1 to 64/u],
  [
    'too few requests',
    ['--requests', '100'],
    64,
    /100 requests are too few for 16 nodes: at least/u,
  ],
  ['a seed beside a log', ['--trace', 'x.log', '--seed', '3'], 64, /cannot be used with/u],
  ['a log that is not there', ['--trace', at('none.log')], 64, /none\.log cannot be read: ENOENT/u],
  ['a folder for a log', ['--trace', folder], 64, /cannot be read: EISDIR/u],
] as const) {
  test.serial(`${name}: one line says what to do, and nothing is written`, async (t) => {
    const out = name.replaceAll(' ', '-');
    const ended = await prismspec(['study', 'lard', ...words, '--out', at(out)]);
    t.is(ended.exit, exit, ended.stderr);
    t.regex(ended.stderr, told);
    t.is(ended.stderr.trim().split('\n').length, 1, ended.stderr);
    t.false(existsSync(at(out, 'lard.html')));
    t.false(existsSync(at(out, 'lard.md')));
  });
}

test.serial('a log without a request is told from one that is too short', async (t) => {
  writeFileSync(
    at('binary.log'),
    Uint8Array.from({ length: 999 }, (_, place) => place % 256),
  );
  const binary = await prismspec([
    'study',
    'lard',
    '--trace',
    at('binary.log'),
    '--out',
    at('binary'),
  ]);
  t.is(binary.exit, 65);
  t.regex(binary.stderr, /binary\.log has no request to simulate: \d+ lines are in no .*line 1:/u);
  writeFileSync(at('posts.log'), 'h - - [t] "POST / HTTP/1.1" 200 5\n');
  const posts = await prismspec([
    'study',
    'lard',
    '--trace',
    at('posts.log'),
    '--out',
    at('posts'),
  ]);
  t.is(posts.exit, 65);
  t.regex(posts.stderr, /no line asks for a file with GET/u);
  const short = await prismspec([
    'study',
    'lard',
    '--trace',
    log('short.log', 50),
    '--out',
    'short',
  ]);
  t.is(short.exit, 65);
  t.regex(short.stderr, /50 requests are too few/u);
  writeFileSync(at('broken.log.gz'), 'not packed at all');
  const broken = await prismspec([
    'study',
    'lard',
    '--trace',
    at('broken.log.gz'),
    '--out',
    at('broken'),
  ]);
  t.is(broken.exit, 65, broken.stderr);
  t.regex(broken.stderr, /broken\.log\.gz cannot be read/u);
});

test.serial('a place that cannot be written is said before anything is simulated', async (t) => {
  writeFileSync(at('file'), '');
  const { exit, stderr } = await prismspec(['study', 'lard', '--out', at('file/below')]);
  t.is(exit, 64);
  t.regex(stderr, /nothing can be written to/u);
  mkdirSync(at('taken/lard.md'), { recursive: true });
  const taken = await prismspec(['study', 'lard', '--out', at('taken')]);
  t.is(taken.exit, 64);
  t.false(existsSync(at('taken/lard.html')));
});
