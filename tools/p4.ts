/**
 * Compiles the P4 programs of the project, and says which are stale.
 *
 *     npm run p4              writes X.json and X.p4info.json beside each X.p4, and what becomes
 *                             of prism.p4 with each of its defects
 *     npm run p4 -- --check   exits 1 where a program is not what its JSON was compiled from
 *
 * The first needs `p4c-bm2-ss` on PATH; the second compiles and compares where it is there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findStaleDefects, writeDefects } from './p4-defects.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = 'p4c-bm2-ss';
const COLUMNS = 100;
const FOLDERS = ['hardware/bmv2', 'test/hardware/bmv2/programs'];

/** What is committed beside a program, as texts. */
export interface Compiled {
  readonly json: string;
  readonly p4info: string;
}

/** Paths of all programs, without what they include. */
export function findPrograms(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.p4'))
      .map((name) => join(ROOT, folder, name))
      .filter((file) => readFileSync(file, 'utf8').includes(') main;')),
  );
}

/** The compiler's version, as it says it; undefined where it is not on PATH. */
export function compilerVersion(): string | undefined {
  const { stdout, stderr, status } = spawnSync(COMPILER, ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return /Version (\S+)/u.exec(stdout + stderr)?.[1] ?? 'of an unknown version';
}

/** The checksum of a program's text, and of what it includes from its own folder. */
export function sha256Of(program: string): string {
  const hash = createHash('sha256');
  for (const file of withIncluded(program)) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function withIncluded(file: string, before: readonly string[] = []): readonly string[] {
  if (before.includes(file)) return before;
  const names = [...readFileSync(file, 'utf8').matchAll(/^#include "(.+)"$/gmu)];
  return names.reduce<readonly string[]>(
    (files, [, name = '']) => withIncluded(join(dirname(file), name), files),
    [...before, file],
  );
}

/** Compiles a program. Throws Error with the compiler's words. */
export function compileProgram(program: string): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-p4-'));
  const [json, p4info] = [join(folder, 'json'), join(folder, 'p4info.json')];
  try {
    const words = ['--std', 'p4-16', '-o', json, '--p4runtime-files', p4info, program];
    execFileSync(COMPILER, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const compiler = `p4c-bm2-ss ${compilerVersion()}`;
    return {
      json: `${textOf(stamp(JSON.parse(readFileSync(json, 'utf8')), compiler, sha256Of(program)))}\n`,
      p4info: `${textOf(JSON.parse(readFileSync(p4info, 'utf8')))}\n`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the compiled texts of a program are. */
export function pathsOf(program: string): Compiled {
  const stem = program.slice(0, -'.p4'.length);
  return { json: `${stem}.json`, p4info: `${stem}.p4info.json` };
}

/** What of the committed texts of a program is stale, in a sentence; undefined if nothing is. */
export function findStale(program: string): string | undefined {
  const paths = pathsOf(program);
  const json = readFileSync(paths.json, 'utf8');
  const stamped = /"sha256":\s*"(\w+)"/u.exec(json)?.[1];
  if (stamped !== sha256Of(program)) return `${paths.json} was not compiled from it`;
  const version = compilerVersion();
  if (version === undefined || !json.includes(`p4c-bm2-ss ${version}`)) return undefined;
  const compiled = compileProgram(program);
  if (compiled.json !== json) return `${paths.json} is not what p4c ${version} makes of it`;
  const isSame = compiled.p4info === readFileSync(paths.p4info, 'utf8');
  return isSame ? undefined : `${paths.p4info} is not what p4c ${version} makes of it`;
}

/** Says what it was compiled by and from, and leaves out from where in the text each thing came. */
function stamp(compiled: unknown, compiler: string, sha256: string): unknown {
  const program: unknown = JSON.parse(
    JSON.stringify(compiled, (name, value: unknown) => {
      return name === 'source_info' || name === 'program' ? undefined : value;
    }),
  );
  if (typeof program !== 'object' || program === null) throw new Error('no JSON object');
  const { __meta__: meta, ...rest }: { readonly __meta__?: object } = program;
  return { __meta__: { ...meta, compiler, sha256 }, ...rest };
}

/** JSON in lines that a reader of a difference would want: what fits into one stands in one. */
function textOf(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  const isLeaf = typeof value !== 'object' || value === null;
  if (isLeaf || indent.length + line.length <= COLUMNS) return line;
  const inner = `${indent} `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${textOf(item, inner)}`);
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(
    ([name, member]) => `${inner}${JSON.stringify(name)}: ${textOf(member, inner)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function main(isCheck: boolean): void {
  if (!isCheck && compilerVersion() === undefined) {
    process.stderr.write(
      `there is no ${COMPILER}: install p4lang-p4c from the packages of p4lang\n`,
    );
    process.exitCode = 69;
    return;
  }
  for (const program of findPrograms()) {
    if (!isCheck) {
      const { json, p4info } = compileProgram(program);
      const paths = pathsOf(program);
      writeFileSync(paths.json, json);
      writeFileSync(paths.p4info, p4info);
      continue;
    }
    const stale = findStale(program);
    if (stale === undefined) continue;
    process.stderr.write(`${program}: ${stale}: run npm run p4\n`);
    process.exitCode = 1;
  }
  if (!isCheck) {
    writeDefects({ compileProgram });
    return;
  }
  const compiler = compilerVersion() === undefined ? { sha256Of } : { sha256Of, compileProgram };
  for (const stale of findStaleDefects(compiler)) {
    process.stderr.write(`${stale}: run npm run p4\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.includes('--check'));
}
