/** `prismspec check`: judges captures alone, no device at hand. */
import { join, relative, resolve } from 'node:path';
import type { Level } from '../../catalogue/requirement.ts';
import { createCheck, type Check, type CheckResult } from '../../check/check.ts';
import type { CaptureName } from '../../check/seen.ts';
import { checkJson } from '../../report/check-json.ts';
import { checkReport } from '../../report/check-terminal.ts';
import { palette } from '../../report/table.ts';
import { conclude, EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { openCapture, type CaptureFile } from '../capture-file.ts';
import { Complaint } from '../complaint.ts';
import { suiteVersion } from '../suite.ts';
import { tryPlace, writeWhole } from '../write-file.ts';

/** Options of `check`. */
export interface CheckOptions {
  readonly level: Level;
  readonly report?: 'json';
  readonly out?: string;
}

const NAMES: readonly CaptureName[] = ['client', 'backend', 'controller'];
const MICROSECONDS = 1e6;

/** Feeds all packets to the check, the capture that is behind first. */
function feed(check: Check, files: ReadonlyMap<CaptureName, CaptureFile>): void {
  const times: { -readonly [Name in CaptureName]?: number } = {};

  function look(name: CaptureName, { packet }: CaptureFile): void {
    if (packet === undefined) delete times[name];
    else times[name] = packet.seconds * MICROSECONDS + packet.nanoseconds / 1000;
  }

  for (const [name, file] of files) look(name, file);
  for (;;) {
    const name = check.behind(times);
    const file = name === undefined ? undefined : files.get(name);
    if (name === undefined || file?.packet === undefined) break;
    check.take(name, file.packet, file.linkType);
    file.advance();
    look(name, file);
  }
}

/** Feeds the packets of one file that tells the sides apart, in its own order. */
function feedInOrder(check: Check, file: CaptureFile): void {
  for (let frame = 1; file.packet !== undefined; frame += 1) {
    const name = NAMES.find((each) => each === file.interfaceName);
    if (name === undefined) {
      const expected = `expected one of ${NAMES.join(', ')}`;
      const have = JSON.stringify(file.interfaceName ?? '');
      throw new Complaint(EXIT.badInput, `${file.path}: interface ${have}: ${expected}`);
    }
    check.take(name, file.packet, file.linkType, frame);
    file.advance();
  }
}

/** The sides that one file has, if its interfaces are called after them. */
function sidesOf({ interfaceNames }: CaptureFile): readonly CaptureName[] {
  const names = NAMES.filter((name) => interfaceNames.includes(name));
  return names.includes('client') ? names : [];
}

function judge(paths: readonly string[]): CheckResult {
  if (paths.length > NAMES.length) {
    throw new Complaint(EXIT.usage, 'expected at most three captures');
  }
  const files: CaptureFile[] = [];
  try {
    for (const path of paths) files.push(openCapture(path));
    const [first] = files;
    const sides = first === undefined || files.length > 1 ? [] : sidesOf(first);
    const check = createCheck(sides.length > 0 ? sides : NAMES.slice(0, files.length));
    if (first !== undefined && sides.length > 0) feedInOrder(check, first);
    else feed(check, new Map(NAMES.flatMap((name, at) => pairOf(name, files[at]))));
    if (files.some(({ cut }) => cut)) check.lacking('truncated');
    if (files.some(({ lossy }) => lossy)) check.lacking('capture-loss');
    return check.end();
  } finally {
    for (const file of files) file.close();
  }
}

function pairOf(name: CaptureName, file: CaptureFile | undefined): [CaptureName, CaptureFile][] {
  return file === undefined ? [] : [[name, file]];
}

function exitOf({ judgements }: CheckResult, level: Level): ExitCode {
  const judged = judgements.flatMap(({ requirement, verdict }) =>
    verdict === undefined ? [] : [{ id: requirement.id, level: requirement.level, verdict }],
  );
  return conclude(judged, level).exit;
}

/**
 * Judges the captures at `paths`: of the client's side, the backends' side, the controller's port;
 * or one of which the interfaces have these names.
 */
export function checkCommand(paths: readonly string[], options: CheckOptions): ExitCode {
  const folder = resolve(options.out ?? join('reports', 'out', 'check'));
  const report = options.report === 'json' ? join(folder, 'check.json') : undefined;
  if (report !== undefined) tryPlace(report);
  const started = performance.now();
  const result = judge(paths);
  const seconds = (performance.now() - started) / 1000;
  const exit = exitOf(result, options.level);
  const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
  const lines = checkReport(result, { exit, seconds }, palette(coloured));
  process.stdout.write(`${lines.join('\n')}\n`);
  if (report !== undefined) {
    const [only] = result.sides > paths.length ? paths : [];
    const files =
      only === undefined
        ? Object.fromEntries(paths.map((path, index) => [NAMES[index] ?? '', path]))
        : { all: only };
    writeWhole(report, checkJson({ suite: suiteVersion(), files, result, exit }));
    process.stdout.write(`  reports: ${relative(process.cwd(), folder) || '.'}\n`);
  }
  return exit;
}
