/** Whatever is wrong with what the user gives: its status, one line, and nothing half-written. */
import {
  existsSync,
  mkdirSync,
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
import { PRISM_JSON } from '../../../hardware/bmv2/program.ts';
import { prismspecHere as prismspec } from './here.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function targetFile(name: string, text: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

const BOX = `driver: pcap-files
name: box
ports: { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 }
egress: destination-mac
claims: []
`;
const node = JSON.stringify(process.execPath);

/** A program with a kind of match that the model has not. */
const RANGED = join(folder, 'ranged.json');
writeFileSync(
  RANGED,
  readFileSync(PRISM_JSON, 'utf8').replaceAll('"match_type": "exact"', '"match_type": "range"'),
);

for (const [title, words, exit, told] of [
  ['an unknown requirement', ['run', 'PRISM-SEQ-99'], 64, /PRISM-SEQ-99; known: PRISM-SEQ-01 to/u],
  ['an unknown group', ['run', 'PRISM-XXX-99'], 64, /PRISM-XXX-99; known groups: PRISM-REW /u],
  ['an unknown requirement left out', ['run', '!PRISM-SEQ-99'], 64, /PRISM-SEQ-99/u],
  ['an unknown tag', ['run', '@nonsense'], 64, /@nonsense; known tags: @/u],
  ['an unknown id in list', ['list', 'PRISM-XXX'], 64, /PRISM-XXX/u],
  ['an unknown id to explain', ['explain', 'PRISM-REW-99'], 64, /PRISM-REW-99.*list/u],
  ['an id that is missing', ['explain'], 64, /missing required argument 'ID'/u],
  ['an unknown command', ['judge'], 64, /unknown command 'judge'/u],
  ['an unknown option', ['run', '--colour'], 64, /unknown option '--colour'/u],
  ['a seed that is no number', ['run', '--seed', '-1.5'], 64, /whole number of at least 0/u],
  ['no effort', ['run', '--effort', '0'], 64, /whole number of at least 1/u],
  ['an unknown level', ['run', '--level', 'maybe'], 64, /expected must, should or may/u],
  ['an unknown report', ['run', '--report', 'json,pdf'], 64, /pdf: expected json, junit, html/u],
  ['a target that is not there', ['run', '--target', 'no.yaml'], 64, /no target called no\.yaml/u],
  ['a target that is a folder', ['run', '--target', '/'], 64, /no target called \//u],
  [
    'a target with an unknown key',
    ['run', '--target', targetFile('key', 'driver: in-process\nclaims: [SPLCE]\n')],
    65,
    /key\.yaml:2:10 claims\.0: /u,
  ],
  [
    'a target with aliases',
    ['run', '--target', targetFile('bomb', 'a: &a [1]\nb: [*a, *a]\n')],
    65,
    /bomb\.yaml:1:1 target: expected no aliases/u,
  ],
  [
    'a target whose command is not there',
    ['run', '--target', targetFile('gone', `${BOX}cmd: [/nonexistent]\n`)],
    69,
    /gone\.yaml does not start: .*ENOENT/u,
  ],
  [
    'a target whose command writes nothing',
    ['doctor', '--target', targetFile('mute', `${BOX}cmd: [${node}, -e, '']\n`)],
    69,
    /mute\.yaml does not start: .*no-output/u,
  ],
  [
    'a target whose command hangs',
    [
      'run',
      '--target',
      targetFile('hang', `${BOX}timeoutMs: 500\ncmd: [${node}, -e, 'setInterval(() => 0, 99)']\n`),
    ],
    69,
    /hang\.yaml does not start: .*ETIMEDOUT/u,
  ],
  [
    'a P4 switch that is not installed',
    ['run', '--target', targetFile('bmv2', 'driver: bmv2\nprogram: /nonexistent\n')],
    69,
    /bmv2\.yaml does not start: .*install p4lang-bmv2/u,
  ],
  [
    'a P4 program that is not there',
    ['run', '--target', targetFile('no-program', 'driver: p4-model\nname: p4\nprogram: no.json\n')],
    69,
    /no-program\.yaml does not start: .*no\.json: ENOENT/u,
  ],
  [
    'a P4 program that the model cannot run',
    ['run', '--target', targetFile('range', `driver: p4-model\nname: p4\nprogram: ${RANGED}\n`)],
    69,
    /range\.yaml does not start: .*match type "range" is not in this model/u,
  ],
  [
    'a P4 switch at an address where nobody is',
    [
      'run',
      '--target',
      targetFile(
        'p4',
        'driver: p4runtime\nname: p4\naddress: 127.0.0.1:1\ndataPlane: 127.0.0.1:1\ntimeoutMs: 500\n',
      ),
    ],
    69,
    /p4\.yaml does not start: .*no switch answers at 127\.0\.0\.1:1 within 500 ms/u,
  ],
] as const) {
  test.serial(`${title}: exit ${exit}, one line, nothing written`, async (t) => {
    const out = join(folder, `out-${title.replaceAll(' ', '-')}`);
    const extra = words[0] === 'run' ? ['--out', out] : [];
    const ended = await prismspec([...words, ...extra]);
    t.is(ended.exit, exit, ended.stderr);
    t.is(ended.stdout, '');
    t.regex(ended.stderr, /^prismspec: [^\n]+\n$/u);
    t.regex(ended.stderr, told);
    t.false(existsSync(out));
  });
}

const A_FILE = join(folder, 'a-file');
writeFileSync(A_FILE, 'mine');
const CAPTURE = fileURLToPath(
  new URL('../../../fixtures/close/half-close.pcapng', import.meta.url),
);

for (const words of [
  ['run', 'PRISM-SEQ-03'],
  ['check', '--report', 'json', CAPTURE],
  ['init', '--lang', 'python'],
  ['init', '--driver', 'pcap-files'],
]) {
  test.serial(
    `${words.slice(0, 3).join(' ')} where nothing can be written: exit 64, one line`,
    async (t) => {
      for (const out of ['/proc/x', A_FILE, join(A_FILE, 'below')]) {
        // oxlint-disable-next-line no-await-in-loop -- one at a time
        const { exit, stderr } = await prismspec([...words, '--out', out]);
        t.is(exit, 64, stderr);
        t.regex(stderr, /^prismspec: nothing can be written to [^\n]+; choose another place\n$/u);
      }
      t.is(readFileSync(A_FILE, 'utf8'), 'mine');
    },
  );
}

for (const out of ['/proc/x/table.md', folder]) {
  test.serial(`a kill table that cannot be written to ${out} is not begun`, async (t) => {
    const { exit, stdout, stderr } = await prismspec(['doctor', '--kill-table', '--out', out]);
    t.is(exit, 64, stderr);
    t.is(stdout, '');
    t.regex(stderr, /^prismspec: [^\n]+: [^\n]*choose another [^\n]+\n$/u);
  });
}

test.serial('init writes all of an example or nothing', async (t) => {
  const out = join(folder, 'half');
  mkdirSync(out);
  symlinkSync('nowhere', join(out, 'device.py'));
  const { exit } = await prismspec(['init', '--lang', 'python', '--out', out]);
  t.is(exit, 64);
  t.deepEqual(readdirSync(out), ['device.py']);
});

for (const [title, words, told] of [
  ['init without a language', ['init'], /--lang is missing: expected python or go/u],
  [
    'init of a command in a language',
    ['init', '--driver', 'pcap-files', '--lang', 'go'],
    /--lang is for --driver stdio/u,
  ],
  [
    'init in a language without an example',
    ['init', '--lang', 'cobol'],
    /Allowed choices are python, go/u,
  ],
] as const) {
  test.serial(`${title}: exit 64, nothing written`, async (t) => {
    const out = join(folder, 'no-init');
    const { exit, stderr } = await prismspec([...words, '--out', out]);
    t.is(exit, 64);
    t.regex(stderr, told);
    t.false(existsSync(out));
  });
}
