/** `prismspec run` on server switches: what is told, what is written, and how it ends. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { prismspecHere as prismspec } from './here.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-run-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** The reference, which declares that TTL is what it was, and takes one from it. */
const LIAR = join(folder, 'liar.yaml');
writeFileSync(
  LIAR,
  `driver: balancer-sim
claims: [NAT, RANDOM]
choices:
  hops: 0
  strays: reset
  refusal: reset
  departed: reset
  fragments: follow
  ipOptions: drop
  establishedSeconds: 7440
  halfOpenMax: 64
`,
);
const OUT = join(folder, 'out');
const OTHER = join(folder, 'other');
const BUGS = join(OTHER, 'bugs');

test.serial('the reference server switch is conformant: exit 0, and nothing is left', async (t) => {
  const words = ['run', 'PRISM-SLB-01', 'PRISM-ACL', '--target', 'balancer-sim', '--out', OUT];
  const { exit, stdout } = await prismspec([...words, '--report', 'json,junit']);
  t.is(exit, 0, stdout);
  t.regex(stdout, /PRISM-SLB {2}Server switching +1 +0 +0 +0 +\d+\n/u);
  t.regex(stdout, /\n {2}conformant: balancer-sim 1, gate MUST, seed 1, /u);
  t.false(existsSync(join(OUT, 'bugs')));
  const run = JSON.parse(readFileSync(join(OUT, 'run.json'), 'utf8'));
  t.like(run, { exit: 0, hello: { name: 'balancer-sim', choices: { hops: 1, strays: 'reset' } } });
  t.regex(readFileSync(join(OUT, 'junit.xml'), 'utf8'), /<testcase .*PRISM-SLB-01 /u);
});

test.serial('one that declares what it does not do fails, and leaves what shows it', async (t) => {
  const words = ['run', 'PRISM-SLB-02', 'PRISM-DSR-01', '--target', LIAR, '--out', OTHER];
  const { exit, stdout } = await prismspec([...words, '--report', 'json']);
  t.is(exit, 1, stdout);
  t.regex(stdout, / {2}PRISM-SLB-02 MUST fail on balancer-sim\n/u);
  t.regex(stdout, / +expected {2}packet 1, TTL: 64\n +observed {2}63\n/u);
  t.true(stdout.includes(`--target ${LIAR}\n`), 'the replay names the file');
  const names = readdirSync(BUGS);
  const bundles = names.filter((name) => name.endsWith('.prismbug'));
  t.true(bundles.length > 1, names.join(' '));
  t.deepEqual(
    names.filter((name) => name.endsWith('.pcapng')),
    bundles.map((name) => name.replace('.prismbug', '.pcapng')),
  );
  const run = JSON.parse(readFileSync(join(OTHER, 'run.json'), 'utf8'));
  const verdicts = run.requirements.map(
    ({ id, verdict }: { readonly id: string; readonly verdict: string }) => [id, verdict],
  );
  t.deepEqual(verdicts, [
    ['PRISM-SLB-02', 'fail'],
    ['PRISM-DSR-01', 'not-applicable(DSR)'],
  ]);
});

test.serial('what it leaves is told again where a target is named, and there alone', async (t) => {
  const [name = ''] = readdirSync(BUGS).filter((each) => each.endsWith('.prismbug'));
  const bundle = join(BUGS, name);
  const strange = await prismspec(['replay', bundle]);
  t.is(strange.exit, 64);
  t.regex(strange.stderr, /say with --target which device to use\n$/u);
  const same = await prismspec(['replay', bundle, '--target', LIAR]);
  t.is(same.exit, 1, same.stdout);
  t.regex(same.stdout, /story +as in the bundle\n/u);
  t.true(same.stdout.endsWith('\n  reproduces: same fingerprint\n'));
  const right = await prismspec(['replay', bundle, '--target', 'balancer-sim']);
  t.is(right.exit, 0, right.stdout);
  t.true(right.stdout.endsWith('\n  does not fail any more\n'));
  const unable = await prismspec(['replay', bundle, '--target', 'url-switch-sim']);
  t.is(unable.exit, 2, unable.stdout);
  t.regex(unable.stdout, /verdict +undecided; not-applicable\(NAT\)\n/u);
});

test.serial('with --captures every story is kept, and its hosts are in it', async (t) => {
  const out = join(folder, 'captures');
  const words = ['run', 'PRISM-SLB-14', '--target', 'balancer-sim', '--captures', '--out', out];
  t.is((await prismspec(words)).exit, 0);
  const [name = ''] = readdirSync(join(out, 'captures'));
  const text = readFileSync(join(out, 'captures', name)).toString('latin1');
  for (const host of ['client 1', 's1']) t.true(text.includes(host), host);
});

test.serial('what no server switch can be asked is told, and decides nothing', async (t) => {
  for (const [words, wanted, told] of [
    [['PRISM-SLB-99', '--target', 'balancer-sim'], 64, /PRISM-SLB-99/u],
    [['PRISM-SEQ-04', '--target', 'balancer-sim'], 4, /nothing was decided/u],
    [['PRISM-DSR-01', '--target', LIAR], 4, /not claimed, so not applicable\n +DSR: DSR-01\n/u],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    const { exit, stdout, stderr } = await prismspec(['run', ...words, '--out', OUT]);
    t.is(exit, wanted, words[0]);
    t.regex(`${stdout}${stderr}`, told);
  }
});
