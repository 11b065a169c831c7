/** The report of an earlier run that the user named, by its folder or by itself; or a bundle. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseRun, type RecordedRun } from '../report/recorded-run.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { printable, readAnyBundle } from './bundle-file.ts';
import { Complaint } from './complaint.ts';

/** A whole run of the suite takes about a megabyte. */
const MAX_RUN_OCTETS = 64 * 2 ** 20;

function readText(path: string): string {
  const about = statSync(path, { throwIfNoEntry: false });
  // Asked before it is opened: a pipe would be waited for.
  if (about?.isFile() !== true) {
    throw new Complaint(EXIT.usage, `no run is at ${path}: expected a folder, or its run.json`);
  }
  if (about.size > MAX_RUN_OCTETS) {
    const told = `${about.size} octets, expected at most ${MAX_RUN_OCTETS}`;
    throw new Complaint(EXIT.badInput, `${path}: ${told}`);
  }
  return readFileSync(path, 'utf8');
}

/** The run recorded in `path`, a folder with run.json or such a file; complains with 64 or 65. */
export function readRun(path: string): RecordedRun {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, 'run.json') : path;
  const parsed = parseRun(readText(file), file);
  if (!parsed.ok) throw new Complaint(EXIT.badInput, parsed.error);
  return parsed.value;
}

/** A run, or the bundle of one scenario as if nothing else had been run. */
export function readRunOrBundle(path: string): RecordedRun {
  if (!path.endsWith('.prismbug')) return readRun(path);
  const { suite, seed, scenario, requirements, verdict, fingerprint, target, hello } =
    readAnyBundle(path).verdict;
  const { uri, line, name } = scenario;
  const where = { uri: printable(uri), line, name: printable(name) };
  const known = { ...fingerprint, field: printable(fingerprint.field) };
  return {
    suite,
    hello,
    settings: { target: printable(target.name), seed },
    exit: EXIT.failure,
    requirements: [{ id: fingerprint.requirement, verdict, fingerprints: [known] }],
    cases: [{ ...where, requirements, verdict, fingerprint: known }],
  };
}
