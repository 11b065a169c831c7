/** `prismspec check`: judges captures alone, no device at hand. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import {
  captureReader,
  formatCaptureError,
  type CaptureEvent,
  type CapturePacket,
  type CaptureStatistics,
} from 'scapy-ts';
import type { Level } from '../../catalogue/requirement.ts';
import { createCheck, type Check, type CheckResult } from '../../check/check.ts';
import type { CaptureName } from '../../check/seen.ts';
import { checkJson } from '../../report/check-json.ts';
import { checkReport } from '../../report/check-terminal.ts';
import { palette } from '../../report/table.ts';
import { conclude, EXIT, type ExitCode } from '../../verdict/exit-code.ts';
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
const CHUNK_OCTETS = 256 * 1024;
const MICROSECONDS = 1e6;

/** A capture file that is read packet by packet. */
interface CaptureFile {
  readonly name: CaptureName;
  readonly path: string;
  /** The next packet; its octets are valid until the one after it is asked for. */
  packet: CapturePacket | undefined;
  linkType: number;
  /** The file ends inside a packet. */
  cut: boolean;
  /** The capture says itself that packets were dropped. */
  lossy: boolean;
  readonly advance: () => void;
  readonly close: () => void;
}

function openFile(path: string): number {
  try {
    const file = openSync(path, 'r');
    if (!fstatSync(file).isDirectory()) return file;
    closeSync(file);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `${path} cannot be read: ${told}`);
  }
  throw new Complaint(EXIT.usage, `${path} is a directory: expected a pcap or pcapng file`);
}

/** The batches of events of a file; what a batch holds is valid until the next. */
function* batchesOf(path: string, file: number): Generator<readonly CaptureEvent[], boolean> {
  const reader = captureReader();
  const chunk = new Uint8Array(CHUNK_OCTETS);
  let packets = false;
  for (;;) {
    const count = readSync(file, chunk, 0, CHUNK_OCTETS, null);
    const answer = count === 0 ? reader.end() : reader.push(chunk.subarray(0, count));
    if (!answer.ok) {
      // A file that ends inside a packet is still evidence of the packets before.
      if (answer.error.kind === 'truncated' && packets) return true;
      throw new Complaint(EXIT.badInput, `${path}: ${formatCaptureError(answer.error)}`);
    }
    if (count === 0) return false;
    packets ||= answer.value.some(({ kind }) => kind === 'packet');
    yield answer.value;
  }
}

function droppedOf({ droppedByInterface = 0, droppedBySystem = 0 }: CaptureStatistics): number {
  return droppedByInterface + droppedBySystem;
}

function openCapture(name: CaptureName, path: string): CaptureFile {
  const file = openFile(path);
  const batches = batchesOf(path, file);
  let linkTypes: number[] = [];
  let events: readonly CaptureEvent[] = [];
  let index = 0;

  function nextBatch(): boolean {
    const { done, value } = batches.next();
    if (done === true) {
      capture.cut = value;
      return false;
    }
    events = value;
    index = 0;
    return true;
  }

  function advance(): void {
    for (;;) {
      while (index < events.length) {
        const event = events[index];
        index += 1;
        if (event?.kind === 'packet') {
          capture.packet = event;
          capture.linkType = linkTypes[event.interfaceId] ?? 0;
          return;
        }
        if (event?.kind === 'statistics') capture.lossy ||= droppedOf(event) > 0;
        if (event?.kind === 'section') linkTypes = [];
        if (event?.kind === 'interface') linkTypes.push(event.linkType);
      }
      if (!nextBatch()) {
        capture.packet = undefined;
        return;
      }
    }
  }

  const close = (): void => closeSync(file);
  const start = { name, path, packet: undefined, linkType: 0, cut: false, lossy: false };
  const capture: CaptureFile = { ...start, advance, close };
  return capture;
}

/** Feeds all packets to the check, the capture that is behind first. */
function feed(check: Check, files: readonly CaptureFile[]): void {
  const times: { -readonly [Name in CaptureName]?: number } = {};
  const byName = new Map(files.map((file) => [file.name, file]));

  function advance(file: CaptureFile): void {
    file.advance();
    const { packet } = file;
    if (packet === undefined) delete times[file.name];
    else times[file.name] = packet.seconds * MICROSECONDS + packet.nanoseconds / 1000;
  }

  for (const file of files) advance(file);
  for (;;) {
    const name = check.behind(times);
    const file = name === undefined ? undefined : byName.get(name);
    if (name === undefined || file?.packet === undefined) break;
    check.take(name, file.packet, file.linkType);
    advance(file);
  }
  if (files.some(({ cut }) => cut)) check.lacking('truncated');
  if (files.some(({ lossy }) => lossy)) check.lacking('capture-loss');
}

function judge(paths: readonly string[]): CheckResult {
  const files: CaptureFile[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      const name = NAMES[index];
      if (name === undefined) throw new Complaint(EXIT.usage, 'expected at most three captures');
      files.push(openCapture(name, path));
    }
    const check = createCheck(files.map(({ name }) => name));
    feed(check, files);
    return check.end();
  } finally {
    for (const file of files) file.close();
  }
}

function exitOf({ judgements }: CheckResult, level: Level): ExitCode {
  const judged = judgements.flatMap(({ requirement, verdict }) =>
    verdict === undefined ? [] : [{ id: requirement.id, level: requirement.level, verdict }],
  );
  return conclude(judged, level).exit;
}

/**
 * Judges the captures at `paths`: of the client's side, the backends' side, the controller's port.
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
    const files = Object.fromEntries(paths.map((path, index) => [NAMES[index] ?? '', path]));
    writeWhole(report, checkJson({ suite: suiteVersion(), files, result, exit }));
    process.stdout.write(`  reports: ${relative(process.cwd(), folder) || '.'}\n`);
  }
  return exit;
}
