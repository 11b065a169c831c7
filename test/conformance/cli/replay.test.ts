/** Bundles from the command line: a run leaves them, and anyone can do the failure again. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readArchive } from '../../../conformance/bundle/archive.ts';
import { readBundle } from '../../../conformance/cli/bundle-file.ts';
import { stimuliOf } from '../../../conformance/bundle/sequence.ts';
import { prismspecHere as prismspec } from './here.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
/** The path of a file in the folder of these tests. */
const at = (...names: readonly string[]): string => join(folder, ...names);

/** A device that hands every frame of a capture on, unless `code` does something else. */
function target(name: string, code: string): string {
  const script = `const f = require('fs'), [, i, o] = process.argv, b = f.readFileSync(i); f.writeFileSync(o, b); ${code}`;
  const cmd = JSON.stringify([process.execPath, '-e', script, '{in}', '{out}']);
  const ports = '{ client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 }';
  writeFileSync(
    at(`${name}.yaml`),
    `driver: pcap-files\nname: ${name}\nports: ${ports}\negress: destination-mac\nclaims: []\ncmd: ${cmd}\n`,
  );
  return at(`${name}.yaml`);
}

const HUB = target('hub', '');
/** Sends every frame to backend 1, with a wrong TCP checksum. */
const SPOILS = target(
  'spoils',
  'for (let p = 24; p < b.length; p += 16 + b.readUInt32LE(p + 8)) { b.set([2, 0, 0, 0, 0, 0xb1], p + 16); b[p + 66] ^= 1; } f.writeFileSync(o, b);',
);
/** Ends without an answer when it is given a frame of more than 200 octets. */
const DIES = target('dies', 'if (b.length > 240) process.exit(3);');

/** The bundles that a run of `specs` on `device` leaves, by their names. */
async function bundlesOf(device: string, ...specs: readonly string[]): Promise<readonly string[]> {
  const out = at(`out-${specs.join('-').replaceAll('!', 'not-')}`);
  await prismspec(['run', ...specs, '--target', device, '--out', out, '--report', 'json,html']);
  return readdirSync(join(out, 'bugs'))
    .toSorted()
    .map((name) => join(out, 'bugs', name));
}

let bundle = '';
let folderOfRun = '';

test.serial('each scenario that fails leaves a bundle, and every report names it', async (t) => {
  const bundles = await bundlesOf(HUB, 'PRISM-REW-09', '!PRISM-REW-03');
  folderOfRun = at('out-PRISM-REW-09-not-PRISM-REW-03');
  t.true(bundles.length > 1);
  for (const path of bundles) t.regex(path, /PRISM-REW-09\.[\w-]+-\d+\.prismbug$/u);
  bundle = bundles[0] ?? '';
  const name = bundle.slice(folderOfRun.length + 1);
  const { verdict, shrunk } = readBundle(bundle);
  t.like(verdict, { format: 'prismbug/1', verdict: 'fail', level: 'MUST', seed: 1, effort: 1 });
  t.is(verdict.target.name, HUB);
  t.is(verdict.target.text, readFileSync(HUB, 'utf8'));
  t.like(verdict.hello, { name: 'hub', barrier: 'rpc' });
  t.is(stimuliOf(shrunk.operations).length, 1);
  t.true(readFileSync(join(folderOfRun, 'run.json'), 'utf8').includes(`"bundle": "${name}"`));
  t.true(readFileSync(join(folderOfRun, 'cases.ndjson'), 'utf8').includes(`"bundle":"${name}"`));
  t.true(readFileSync(join(folderOfRun, 'report.html'), 'utf8').includes(`replay ${name}`));
});

test.serial('on the device that failed the failure is there again: exit 1', async (t) => {
  const { exit, stdout } = await prismspec(['replay', bundle, '--target', HUB]);
  t.is(exit, 1, stdout);
  t.regex(stdout, /packets +1 frame, 1 command: the same failure; /u);
  t.regex(stdout, /verdict +the same failure; fail: /u);
  t.true(stdout.endsWith('\n  reproduces: same fingerprint\n'));
});

test.serial('on a device that is right it is gone: exit 0', async (t) => {
  const { exit, stdout } = await prismspec(['replay', bundle, '--target', 'reference']);
  t.is(exit, 0, stdout);
  t.true(stdout.endsWith('\n  does not fail any more\n'));
});

test.serial('on a device that is wrong in another way that is said: exit 1', async (t) => {
  const { exit, stdout } = await prismspec(['replay', bundle, '--target', SPOILS]);
  t.is(exit, 1, stdout);
  t.regex(
    stdout,
    /\n {2}fails differently: tcp\.checksum: expected 0x.*; it was PRISM-REW-09 client-to-owner frame\n$/u,
  );
});

test.serial('a device that dies leaves a bundle, which cannot be decided: exit 2', async (t) => {
  const bundles = await bundlesOf(DIES, 'PRISM-REW-16', '!PRISM-REW-03');
  const dead = bundles.find((path) => readBundle(path).verdict.verdict !== 'fail') ?? '';
  t.regex(readBundle(dead).verdict.verdict, /^inconclusive\(/u);
  const { exit, stdout } = await prismspec(['replay', dead, '--target', DIES]);
  t.is(exit, 2, stdout);
  t.regex(stdout, /\n {2}reproduces: inconclusive\([\w-]+\)\n$/u);
});

test.serial('a target file is named by the user and never taken from a bundle', async (t) => {
  const { exit, stdout, stderr } = await prismspec(['replay', bundle]);
  t.is(exit, 64);
  t.is(stdout, '');
  t.regex(
    stderr,
    /^prismspec: the bundle was made on [^\n]*hub\.yaml: say with --target[^\n]*\n$/u,
  );
});

test.serial('shrink writes a bundle that fails in the same way', async (t) => {
  const out = at('small.prismbug');
  const words = ['shrink', bundle, '--target', HUB, '--out', out];
  const { exit, stdout } = await prismspec(words);
  t.is(exit, 0, stdout);
  t.regex(stdout, /after +1 frame, 1 command, in \d+ trials/u);
  t.is((await prismspec(['replay', out, '--target', HUB])).exit, 1);
  const [before, after] = [readBundle(bundle), readBundle(out)];
  t.deepEqual(after.verdict, before.verdict);
});

test.serial('shrink on a device that is right writes nothing: exit 2', async (t) => {
  const out = at('nothing.prismbug');
  const words = ['shrink', bundle, '--target', 'reference', '--out', out];
  const { exit, stdout } = await prismspec(words);
  t.is(exit, 2, stdout);
  t.regex(stdout, /nothing was written/u);
  t.false(existsSync(out));
});

test.serial('a bundle is done again by another checkout, whose lines have moved', async (t) => {
  const copy = at('elsewhere');
  for (const part of [
    'conformance',
    'features',
    'hardware',
    'reference',
    'fixtures',
    'tools',
    'package.json',
  ]) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const { uri } = readBundle(bundle).verdict.scenario;
  const feature = join(copy, uri);
  writeFileSync(feature, `\n\n\n${readFileSync(feature, 'utf8')}`);
  const program = join(copy, 'tools', 'prismspec.mjs');
  const words = [program, 'replay', bundle, '--target', 'reference'];
  const stdout = execFileSync(process.execPath, words, { cwd: tmpdir(), encoding: 'utf8' });
  t.regex(stdout, /verdict +no failure; pass\n\n {2}does not fail any more\n$/u);
});

const GARBAGE = at('garbage.prismbug');
writeFileSync(GARBAGE, 'not a bundle\n\u{1b}[2J');

for (const [title, path, exit, told] of [
  ['that is not there', at('none.prismbug'), 64, /cannot be read: ENOENT/u],
  ['that is a folder', folder, 64, /cannot be read: not a file/u],
  ['that is a device without end', '/dev/zero', 64, /cannot be read: not a file/u],
  ['that is no archive', GARBAGE, 65, /garbage\.prismbug: not a zip archive/u],
] as const) {
  for (const command of ['replay', 'shrink']) {
    test.serial(`${command} of a file ${title}: exit ${exit}, one line`, async (t) => {
      const ended = await prismspec([command, path]);
      t.is(ended.exit, exit, ended.stderr);
      t.is(ended.stdout, '');
      t.regex(ended.stderr, /^prismspec: [^\n]+\n$/u);
      t.regex(ended.stderr, told);
    });
  }
}

test.serial('a bundle with a damaged member is refused with file, member and path', async (t) => {
  const octets = readFileSync(bundle);
  const members = readArchive(octets);
  t.true(members.ok);
  const path = at('damaged.prismbug');
  // The last octet of the first member's packed content, before the second local header.
  const second = octets.indexOf('PK\u0003\u0004', 4, 'latin1');
  octets[second - 1] = (octets[second - 1] ?? 0) ^ 0xff;
  writeFileSync(path, octets);
  const { exit, stderr } = await prismspec(['replay', path]);
  t.is(exit, 65);
  t.regex(stderr, /^prismspec: [^\n]*damaged\.prismbug: verdict\.json: [^\n]+\n$/u);
});
