#!/usr/bin/env node
/**
 * The mutation score of the reference: which changes of its code does the suite notice?
 *
 *   node tools/mutation.mjs [--only 'reference/tcp/**'] [--features] [--out FOLDER] [--again]
 *
 * Every mutant of Stryker is judged by the features alone; those that they leave alive, by the
 * tests of the same folders too. Writes docs/mutation.md: the figures with commit and date, and what
 * survived with the reason from tools/mutation-reasons.yaml. Takes about an hour on two cores, so
 * it is no part of the gate. `--only` narrows the files, `--features`
 * leaves the tests out, and both write nothing; `--out` keeps Stryker's own reports, and a step whose
 * report is there is not done once more. `--again` judges what those reports left alive by the
 * features of today: features that were added since kill no fewer than before. The code must be the
 * same.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['tcp', 'rules', 'control', 'switch'].map((name) => `reference/${name}`);
const CODE = 'reference/{tcp,rules,control,switch}/**/*.ts';
const TEXTS = fileURLToPath(new URL('mutation-texts.mjs', import.meta.url));
const DOCUMENT = join(root, 'docs', 'mutation.md');
const REASONS = join(root, 'tools', 'mutation-reasons.yaml');
/** A mutant that loops is found by the count of its hits; this ends one that waits. */
const TIMEOUT_MS = 60_000;
/**
 * The suite on the reference with everything, as a router that punts, with nothing optional, and in
 * a whole Prism.
 */
const PROFILES = ['mutation', 'mutation-router', 'mutation-bare', 'mutation-system'];
const SUITE = (profile) => ({
  testRunner: 'cucumber',
  plugins: ['@stryker-mutator/cucumber-runner'],
  cucumber: { profile },
  coverageAnalysis: 'perTest',
});
/** The tests that get a mutant, one lot after the other: its folder's own, then those of all of them. */
const LOTS = [
  ({ file }) => `test/${folderOf({ file })}/**/*.test.ts`,
  () => 'test/reference/{tcp,rules,control,switch}/**/*.test.ts',
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    out: { type: 'string' },
    features: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
  },
});
process.chdir(root);
const scratch = values.out ?? mkdtempSync(join(tmpdir(), 'prismspec-mutation-'));

function commitNow() {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

/** The commit at which the reports of `scratch` were begun: this one, where there are none. */
function firstCommit() {
  const file = join(scratch, 'commit');
  if (!existsSync(file)) writeFileSync(file, commitNow());
  const commit = readFileSync(file, 'utf8').trim();
  // Throws where the code is not what was judged then.
  execFileSync('git', ['diff', '--exit-code', '--stat', commit, '--', ...FOLDERS]);
  return commit;
}

/** Judges the mutants of `mutate` and returns them, each with its file and the text it replaces. */
async function judge(name, mutate, runner) {
  const fileName = join(scratch, `${name}.json`);
  if (!existsSync(fileName)) await runStryker(fileName, mutate, runner);
  const { files } = JSON.parse(readFileSync(fileName, 'utf8'));
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file, original: textAt(source, mutant.location) })),
  );
}

async function runStryker(fileName, mutate, runner) {
  const stryker = new Stryker({
    ...runner,
    plugins: [...(runner.plugins ?? []), TEXTS],
    mutate,
    // The types are the gate's business; Stryker would parse every tsconfig it finds.
    ignorers: ['texts'],
    tsconfigFile: 'tsconfig.stryker-none.json',
    ignorePatterns: ['coverage', 'reports', 'bench', 'docs'],
    concurrency: cpus().length,
    timeoutMS: TIMEOUT_MS,
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName },
    allowEmpty: true,
  });
  await stryker.runMutationTest();
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.join('\n');
}

/** A range as `mutate` takes it: columns from 0, while reports count them from 1. */
const place = ({ file, location: { start, end } }) =>
  `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
const keyOf = (mutant) => `${place(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;
const isAlive = ({ status }) => status === 'Survived' || status === 'NoCoverage';
/** A mutant that cannot run, as one that throws while it is loaded, says nothing about the tests. */
const counts = ({ status }) =>
  isAlive({ status }) || status === 'Killed' || status === 'Timeout' || status === 'RuntimeError';

/** Those of `alive` that `runner` leaves alive too; one that it has not judged is alive. */
async function judgeAgain(name, alive, runner) {
  if (alive.length === 0) return alive;
  const judged = await judge(name, [...new Set(alive.map(place))], runner);
  const dead = new Set(judged.filter((mutant) => !isAlive(mutant)).map(keyOf));
  return alive.filter((mutant) => !dead.has(keyOf(mutant)));
}

/**
 * Those of `alive` that the tests leave alive.
 *
 * Not by Stryker, which would try all mutants of the same places once more: each is written into a
 * copy of the tree, and the tests are started there.
 */
async function judgeByTests(alive) {
  const file = join(scratch, 'tests.json');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const waiting = alive.filter((mutant) => known[keyOf(mutant)] === undefined);
  let done = alive.length - waiting.length;
  async function work() {
    const copy = mkdtempSync(join(tmpdir(), 'prismspec-mutant-'));
    try {
      for (const name of ['package.json', 'ava.config.js', 'tsconfig.json', 'tools', 'docs']) {
        cpSync(join(root, name), join(copy, name), { recursive: true });
      }
      for (const name of ['reference', 'conformance', 'test', 'fixtures', 'features', 'hardware']) {
        cpSync(join(root, name), join(copy, name), { recursive: true });
      }
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
      // A test that fails in any copy would kill all.
      for (const lot of new Set(waiting.flatMap((mutant) => LOTS.map((lotOf) => lotOf(mutant))))) {
        if (!(await passes(copy, lot))) throw new Error(`without a mutant ${lot} fails in a copy`);
      }
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        known[keyOf(next)] = await isKilledIn(copy, next);
        writeFileSync(file, JSON.stringify(known));
        done += 1;
        if (done % 10 === 0) console.log(`tests: ${done} of ${alive.length}`);
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }
  await Promise.all(cpus().map(work));
  return alive.filter((mutant) => !known[keyOf(mutant)]);
}

async function isKilledIn(copy, mutant) {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, 'utf8');
  const lines = source.split('\n');
  const at = ({ line, column }) =>
    lines.slice(0, line - 1).join('\n').length + (line > 1) + column - 1;
  const { start, end } = mutant.location;
  writeFileSync(path, source.slice(0, at(start)) + mutant.replacement + source.slice(at(end)));
  try {
    for (const lot of LOTS) if (!(await passes(copy, lot(mutant)))) return true;
    return false;
  } finally {
    writeFileSync(path, source);
  }
}

async function passes(copy, lot) {
  const child = spawn('node_modules/.bin/ava', ['--fail-fast', lot], {
    cwd: copy,
    stdio: 'ignore',
    timeout: 3 * TIMEOUT_MS,
  });
  const [status] = await once(child, 'exit');
  return status === 0;
}

try {
  const commit = firstCommit();
  const [first, ...others] = PROFILES;
  const mutants = (await judge(first, [values.only ?? CODE], SUITE(first))).filter(counts);
  let alive = mutants.filter(isAlive);
  for (const profile of others) alive = await judgeAgain(profile, alive, SUITE(profile));
  for (const profile of values.again ? PROFILES : []) {
    alive = await judgeAgain(`again-${profile}`, alive, SUITE(profile));
  }
  const survivors = values.features ? alive : await judgeByTests(alive);
  const text = documentOf(commit, mutants, alive, survivors);
  if (values.only === undefined && !values.features) writeFileSync(DOCUMENT, text);
  else console.log(text);
} finally {
  if (values.out === undefined) rmSync(scratch, { recursive: true, force: true });
}

function documentOf(commit, mutants, alive, survivors) {
  const now = commitNow();
  const since =
    now === commit
      ? ''
      : ` What was left alive was judged again at ${now}: the code is the same, features were added.`;
  const folders = [...new Set(mutants.map(folderOf))].toSorted((a, b) => a.localeCompare(b));
  const reasons = parse(readFileSync(REASONS, 'utf8')) ?? [];
  const equal = survivors.filter((mutant) => reasonOf(mutant, reasons)?.equal);
  const row = (name, isIn) => {
    const count = (list) => list.filter(isIn).length;
    const [all, same] = [count(mutants), count(equal)];
    const score = (list) =>
      `${percent(all - count(list), all)}, ${percent(all - count(list), all - same)}`;
    return `| ${[name, all, same, score(alive), score(survivors)].join(' | ')} |`;
  };
  const rows = survivors.map((mutant) => survivorRow(mutant, reasons));
  const byTests = alive
    .filter((mutant) => !survivors.includes(mutant))
    .map((mutant) => `| ${cellsOf(mutant).join(' | ')} |`);
  return [
    '# Mutation score of the reference',
    '',
    `Written by \`node tools/mutation.mjs\` at commit ${commit}, ${new Date().toISOString().slice(0, 10)}; seed 1.${since}`,
    '',
    'An equal mutant does the same as the code, only slower or with more memory, or is never reached, so that no',
    'test can tell it. The first figure is the share of all mutants, the second of those that are not equal.',
    '',
    '| Code | Mutants | Equal | Killed by the features alone | Killed by features and tests |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...folders.map((folder) => row(`\`${folder}\``, (mutant) => folderOf(mutant) === folder)),
    row('all', () => true),
    '',
    '## What survives, and why',
    '',
    '| Where | Code | Mutant | Reason |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## What the tests kill, and the features do not',
    '',
    'Most are names of counters that no device shows, limits of a configuration, and devices that are as',
    'correct as the reference: one that does more than it claims, or that refuses what may be refused.',
    '',
    '| Where | Code | Mutant |',
    '| --- | --- | --- |',
    ...byTests,
    '',
  ].join('\n');
}

function folderOf({ file }) {
  return file.split('/').slice(0, 2).join('/');
}

function percent(part, all) {
  return `${((100 * part) / all).toFixed(1)} %`;
}

function reasonOf({ file, location, original, replacement }, reasons) {
  return reasons.find(
    (one) =>
      one.file === file &&
      squeeze(one.code) === squeeze(original) &&
      squeeze(one.mutant) === squeeze(replacement) &&
      (one.line === undefined || one.line === location.start.line),
  );
}

function cellsOf({ file, location, original, replacement }) {
  return [`${file}:${location.start.line}`, code(original), code(replacement)];
}

function survivorRow(mutant, reasons) {
  const reason = reasonOf(mutant, reasons)?.reason ?? '**none yet**';
  return `| ${[...cellsOf(mutant), reason].join(' | ')} |`;
}

function squeeze(text) {
  return String(text).replaceAll(/\s+/g, ' ').trim();
}

function code(text) {
  const short = squeeze(text).replaceAll('|', '\\|');
  return `\`\` ${short.length > 90 ? `${short.slice(0, 88)}…` : short} \`\``;
}
