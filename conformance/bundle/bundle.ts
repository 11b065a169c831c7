/**
 * A bundle: all that is known of one scenario that did not pass, in one file.
 *
 *   verdict.json      what was judged, on what, with what result
 *   original.json     what was done since the last reset before the failure
 *   shrunk.json       as little of it as fails in the same way
 *   *.pcapng          the frames of both, explained packet by packet
 */
import type { Level } from '../catalogue/requirement.ts';
import type { Hello } from '../driver/device.ts';
import { requirementOf } from '../catalogue/catalogue.ts';
import type { CaseResult } from '../run/collect.ts';
import { fingerprintOf, formatFingerprint, type Fingerprint } from '../run/fingerprint.ts';
import { formatVerdict } from '../verdict/verdict.ts';
import { writeArchive } from './archive.ts';
import { sequenceCapture } from './capture.ts';
import { createJournal, type JournalLimits } from './journal.ts';
import type { Recording } from './recording.ts';
import { encodeSequence } from './sequence-json.ts';
import { RECORDED, type Sequence } from './sequence.ts';

/** The version of the format. */
export const BUNDLE_FORMAT = 'prismbug/1';

/** The device that was judged, as the user named it. */
export interface BundledTarget {
  /** A built-in name, or the path of a file. */
  readonly name: string;
  /** The text of that file. It is for people: nothing in it is ever started. */
  readonly text?: string;
}

/** How the device introduced itself, as far as others need to know. */
export type BundledHello = Pick<Hello, 'name' | 'vendor' | 'version'> &
  Readonly<Record<string, unknown>>;

/** The content of `verdict.json`. */
export interface BundledVerdict {
  readonly format: typeof BUNDLE_FORMAT;
  /** Version of the suite. */
  readonly suite: string;
  readonly scenario: {
    readonly uri: string;
    readonly line: number;
    readonly name: string;
    /** The step that decided. */
    readonly step?: string;
  };
  /** Ids of the requirements that the scenario judges, its own first. */
  readonly requirements: readonly string[];
  /** Level of the first of them. */
  readonly level: Level;
  /** As reports write it, e.g. `fail`. */
  readonly verdict: string;
  readonly fingerprint: Fingerprint;
  readonly expected?: string;
  readonly observed?: string;
  readonly seed: number;
  readonly effort: number;
  readonly target: BundledTarget;
  readonly hello: BundledHello;
}

/** What of a run is in each of its bundles. */
export interface BundleContext {
  readonly suite: string;
  readonly seed: number;
  readonly effort: number;
  readonly target: BundledTarget;
  readonly hello: Hello;
}

/** A bundle as it is read back. */
export interface Bundle {
  readonly verdict: BundledVerdict;
  readonly original: Sequence;
  readonly shrunk: Sequence;
}

/** What a sequence may have in a bundle: the last of it, where it is too long. */
const BUNDLE_LIMITS: JournalLimits = { octets: 4 << 20, operations: 20_000 };

function short(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} …`;
}

/** Longest text of what was expected and observed. */
const MAX_TEXT = 4000;

/** The verdict of `result`, a scenario that did not pass. */
export function bundledVerdict(result: CaseResult, context: BundleContext): BundledVerdict {
  const { name, uri, line, step, requirements, verdict, expected, observed } = result;
  const [own = name] = requirements;
  return {
    format: BUNDLE_FORMAT,
    suite: context.suite,
    scenario: { uri, line, name, ...(step === undefined ? {} : { step }) },
    requirements,
    level: requirementOf(own)?.level ?? 'MUST',
    verdict: formatVerdict(verdict),
    fingerprint: result.fingerprint ?? fingerprintOf(result, own),
    ...(expected === undefined ? {} : { expected: short(expected) }),
    ...(observed === undefined ? {} : { observed: short(observed) }),
    seed: context.seed,
    effort: context.effort,
    target: context.target,
    hello: { ...context.hello },
  };
}

/** The command that does a bundle again; a target that is a file has to be named. */
export function replayCommand(file: string, target: BundledTarget): string {
  const words = ['prismspec', 'replay', file];
  return [...words, ...(target.text === undefined ? [] : ['--target', target.name])].join(' ');
}

/** What a capture says of itself. */
function titleOf(verdict: BundledVerdict, file: string, which: string): readonly string[] {
  const { fingerprint, scenario, hello, seed, suite } = verdict;
  const id = fingerprint.requirement;
  const text = requirementOf(id)?.text;
  return [
    `${id} ${verdict.level} ${verdict.verdict} on ${hello.name} ${hello.version}`,
    ...(text === undefined ? [] : [text]),
    `scenario: ${scenario.name} (${scenario.uri}:${scenario.line})`,
    ...(scenario.step === undefined ? [] : [`step: ${scenario.step}`]),
    ...(verdict.expected === undefined ? [] : [`expected: ${verdict.expected}`]),
    ...(verdict.observed === undefined ? [] : [`observed: ${verdict.observed}`]),
    `fingerprint: ${formatFingerprint(fingerprint)}`,
    `seed ${seed}, prismspec ${suite}, ${which}`,
    `replay: ${replayCommand(file, verdict.target)}`,
  ];
}

/** `sequence`, or the last of it where the whole is too long for a bundle. */
export function fitting(sequence: Sequence): Sequence {
  const journal = createJournal(true, BUNDLE_LIMITS);
  for (const operation of sequence.operations) journal.record(operation);
  const { operations, complete } = journal.recorded();
  if (complete) return sequence;
  return { ...sequence, operations, complete: false, judgement: RECORDED };
}

const utf8 = new TextEncoder();

/** A member of a bundle that is JSON. */
export function json(content: unknown): Uint8Array {
  return utf8.encode(`${JSON.stringify(content, undefined, 1)}\n`);
}

/** The octets of the bundle that is to be called `file`. */
export function writeBundle(
  verdict: BundledVerdict,
  recording: Recording,
  file: string,
): Uint8Array {
  const original = fitting(recording.original);
  const isSmaller = recording.shrunk !== recording.original;
  const shrunk = isSmaller ? fitting(recording.shrunk) : original;
  const what = isSmaller ? `shrunk in ${recording.trials} trials` : 'the whole sequence';
  return writeArchive({
    'verdict.json': json(verdict),
    'original.json': json(encodeSequence(original)),
    'shrunk.json': json(encodeSequence(shrunk)),
    'original.pcapng': sequenceCapture(original, titleOf(verdict, file, 'as it was sent')),
    'shrunk.pcapng': sequenceCapture(shrunk, titleOf(verdict, file, what)),
  });
}
