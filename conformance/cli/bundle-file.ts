/** Bundles on disk: made of what a scenario kept, and read as what a stranger has sent. */
import { readFileSync, statSync } from 'node:fs';
import type { Result } from 'scapy-ts';
import { captureOf as captureOfBalancer } from '../balancer/story-capture.ts';
import { hasStory, readArchive, readStoryArchive, MAX_ARCHIVE_OCTETS } from '../bundle/archive.ts';
import {
  bundledVerdict,
  replayCommand,
  writeBundle,
  type Bundle,
  type BundleContext,
  type BundledTarget,
} from '../bundle/bundle.ts';
import { bundleName, captureName } from '../bundle/name.ts';
import { takePlayed, type Played } from '../bundle/played.ts';
import { takeRecording } from '../bundle/recording.ts';
import { readMembers, readStoryMembers } from '../bundle/schema.ts';
import { writeStoryBundle, type StoryBundle } from '../bundle/story.ts';
import { isBuiltIn } from '../drivers/target.ts';
import type { CaseResult } from '../run/collect.ts';
import type { Session } from '../run/session.ts';
import { captureOf as captureOfSystem } from '../system/story-capture.ts';
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

/** What is kept of a story. */
export interface KeptStory {
  readonly bundle?: NamedBundle;
  /** Its frames alone. */
  readonly capture?: NamedBundle;
}

/** The frames of a story, with `about` and what its parts noted at the head. */
function captureOf(played: Played, about: readonly string[]): Uint8Array {
  if (played.kind === 'system') {
    return captureOfSystem(played.observation, [...about, ...played.observation.notes]);
  }
  const { setups } = played.observation;
  const refused = setups.flatMap((fault) => (fault === undefined ? [] : `setup refused: ${fault}`));
  return captureOfBalancer(played.observation, [...about, ...refused]);
}

/** What is kept of the story that `result` has told; nothing when there was none, or all is well. */
export function storyOf(result: CaseResult, context: BundleContext, keepsAll: boolean): KeptStory {
  const played = takePlayed();
  const { kind } = result.verdict;
  const hasPassed = kind === 'pass';
  if (played === undefined || kind === 'not-applicable') return {};
  if (hasPassed && !keepsAll) return {};
  const { suite, target, seed } = context;
  const [id = ''] = result.requirements;
  const name = bundleName(result);
  const about = [
    result.name,
    `${kind}${hasPassed ? '' : `: expected ${result.expected ?? ''}, observed ${result.observed ?? ''}`}`,
    `prismspec ${suite}: prismspec run ${id} --target ${target.name} --seed ${seed}`,
    ...(hasPassed ? [] : [`replay: ${replayCommand(name, target)}`]),
  ];
  const octets = captureOf(played, about);
  const capture = { name: captureName(result, hasPassed), octets };
  if (hasPassed) return { capture };
  const bundle = writeStoryBundle(bundledVerdict(result, context), played, octets);
  return { capture, bundle: { name, octets: bundle } };
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

function octetsOf(path: string): Uint8Array {
  try {
    return readOctets(path);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `${path} cannot be read: ${told}`);
  }
}

/** `read`, or a complaint with 65 about the file. */
function expectGood<T>(path: string, read: Result<T, string>): T {
  if (read.ok) return read.value;
  throw new Complaint(EXIT.badInput, printable(`${path}: ${read.error}`));
}

function sequenceIn(path: string, octets: Uint8Array): Bundle {
  return expectGood(path, readMembers(expectGood(path, readArchive(octets))));
}

/** Reads a bundle about a switch; complains with 64 when there is none, and 65 when it is no good. */
export function readBundle(path: string): Bundle {
  const bundle = readAnyBundle(path);
  if (!('story' in bundle)) return bundle;
  const whose = { system: 'a whole Prism', balancer: 'a server switch' }[bundle.kind];
  const told = `it has the story of ${whose}, and no packets that could be made fewer`;
  throw new Complaint(EXIT.badInput, `${path}: ${told}`);
}

/** The same, be it about a switch or a story. */
export function readAnyBundle(path: string): Bundle | StoryBundle {
  const octets = octetsOf(path);
  if (!hasStory(octets)) return sequenceIn(path, octets);
  return expectGood(path, readStoryMembers(expectGood(path, readStoryArchive(octets))));
}
