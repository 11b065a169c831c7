/** Bundles on disk: made of what a scenario kept, and read as what a stranger has sent. */
import { readFileSync, statSync } from 'node:fs';
import { readArchive, MAX_ARCHIVE_OCTETS } from '../bundle/archive.ts';
import {
  bundledVerdict,
  writeBundle,
  type Bundle,
  type BundleContext,
  type BundledTarget,
} from '../bundle/bundle.ts';
import { bundleName, captureName } from '../bundle/name.ts';
import { takeRecording } from '../bundle/recording.ts';
import { readMembers } from '../bundle/schema.ts';
import { isBuiltIn } from '../drivers/target.ts';
import type { CaseResult } from '../run/collect.ts';
import type { Session } from '../run/session.ts';
import { captureOf, takeObservation } from '../system/story-capture.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';
import { suiteVersion } from './suite.ts';

/** A bundle to be written. */
export interface NamedBundle {
  /** Its path in the folder of the reports. */
  readonly name: string;
  readonly octets: Uint8Array;
}

function bundledTarget(name: string): BundledTarget {
  return isBuiltIn(name) ? { name } : { name, text: readFileSync(name, 'utf8') };
}

/** What the bundles of a run on `session` have in common; `target` is as the user named it. */
export function bundleContext(
  session: Pick<Session, 'seed' | 'effort' | 'hello'>,
  target: string,
): BundleContext {
  const { seed, effort, hello } = session;
  return { suite: suiteVersion(), seed, effort, hello, target: bundledTarget(target) };
}

/** The bundle of the scenario that has just ended with `result`; undefined when it needs none. */
export function bundleOf(result: CaseResult, context: BundleContext): NamedBundle | undefined {
  // Taken in any case, so that it is not found again for another scenario.
  const recording = takeRecording();
  const { kind } = result.verdict;
  if (recording === undefined || (kind !== 'fail' && kind !== 'inconclusive')) return undefined;
  const name = bundleName(result);
  return { name, octets: writeBundle(bundledVerdict(result, context), recording, name) };
}

/** The frames of the story that `result` has told; undefined when there was none, or all is well. */
export function storyOf(
  result: CaseResult,
  { suite, target, seed }: BundleContext,
  keepsAll: boolean,
): NamedBundle | undefined {
  const observation = takeObservation();
  const { kind } = result.verdict;
  const hasPassed = kind === 'pass';
  if (observation === undefined || kind === 'not-applicable') return undefined;
  if (hasPassed && !keepsAll) return undefined;
  const [id = ''] = result.requirements;
  const about = [
    result.name,
    `${kind}${hasPassed ? '' : `: expected ${result.expected ?? ''}, observed ${result.observed ?? ''}`}`,
    `prismspec ${suite}: prismspec run ${id} --target ${target.name} --seed ${seed}`,
    ...observation.notes,
  ];
  return { name: captureName(result, hasPassed), octets: captureOf(observation, about) };
}

/** The octets of a file, if it is one and not too large for a bundle. */
function readOctets(path: string): Uint8Array {
  // Asked before it is opened: a pipe would be waited for.
  const about = statSync(path);
  if (!about.isFile()) throw new Error('not a file');
  if (about.size > MAX_ARCHIVE_OCTETS) {
    throw new Error(`${about.size} octets, expected at most ${MAX_ARCHIVE_OCTETS}`);
  }
  return readFileSync(path);
}

/** Text of a stranger as a terminal may show it: without control characters. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ');
}

/** Reads a bundle; complains with 64 when there is none, and 65 when it is no good. */
export function readBundle(path: string): Bundle {
  let octets: Uint8Array;
  try {
    octets = readOctets(path);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `${path} cannot be read: ${told}`);
  }
  const members = readArchive(octets);
  if (!members.ok) throw new Complaint(EXIT.badInput, printable(`${path}: ${members.error}`));
  const bundle = readMembers(members.value);
  if (!bundle.ok) throw new Complaint(EXIT.badInput, printable(`${path}: ${bundle.error}`));
  return bundle.value;
}
