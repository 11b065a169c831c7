/**
 * A sequence as a pcapng file that explains itself: open it in Wireshark.
 *
 *   section    requirement, verdict, seed, how to replay it
 *   interface  one a port of the test bed, named
 *   packet     what was injected and expected, or what left and what is wrong with it
 *
 * Commands are told in the comments of the packet that follows them.
 */
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import { PORT_ROLES, type PortRole } from '../driver/device.ts';
import type { Finding } from '../observe/aspect.ts';
import type { Output } from '../observe/delivery.ts';
import { concat } from '../traffic/octets.ts';
import {
  judgedStimuli,
  lastObservation,
  type RecordedStimulus,
  type Sequence,
} from './sequence.ts';
import { describeExpectation, describeOperation, describePort } from './words.ts';

/** Longest comment; an option of pcapng holds 65,535 octets, and people read less. */
const MAX_COMMENT = 2000;
/** How many commands are told before one packet: the last ones. */
const MAX_TOLD = 50;

/** A frame of the file, and what is said of it. */
interface Record {
  readonly role: PortRole;
  readonly frame: Uint8Array;
  readonly direction: 'inbound' | 'outbound';
  readonly comments: readonly string[];
}

function differences(findings: readonly Finding[]): readonly string[] {
  return findings.map(
    ({ field, expected, observed }) => `WRONG ${field}: expected ${expected}, observed ${observed}`,
  );
}

/** Findings by the frame that they are about. */
type About = ReadonlyMap<Uint8Array, readonly Finding[]>;

function aboutEach(findings: readonly Finding[], which: 'injected' | 'output'): About {
  const about = new Map<Uint8Array, Finding[]>();
  for (const finding of findings) {
    const frame = finding[which];
    if (frame === undefined) continue;
    const known = about.get(frame);
    if (known === undefined) about.set(frame, [finding]);
    else known.push(finding);
  }
  return about;
}

function injected(
  stimulus: RecordedStimulus,
  judged: ReadonlySet<RecordedStimulus>,
  found: About,
): Record {
  const { role, frame } = stimulus;
  const about = found.get(frame) ?? [];
  const verdict = judged.has(stimulus)
    ? [
        `expected: ${describeExpectation(stimulus)}`,
        ...(about.length === 0 ? ['seen: nothing wrong'] : differences(about)),
      ]
    : ['not judged'];
  const comments = [`injected at ${describePort(role)}`, ...verdict];
  return { role, frame, direction: 'inbound', comments };
}

function left(output: Output, isJudged: boolean, found: About): Record {
  const { role, frame } = output;
  const about = found.get(frame) ?? [];
  const verdict = about.length > 0 ? differences(about) : isJudged ? ['nothing wrong'] : [];
  return {
    role,
    frame,
    direction: 'outbound',
    comments: [`left at ${describePort(role)}`, ...verdict],
  };
}

/** The comments that stand for operations without frames. */
function told(before: readonly string[]): readonly string[] {
  const surplus = before.length - MAX_TOLD;
  return surplus <= 0 ? before : [`${surplus} earlier commands`, ...before.slice(surplus)];
}

interface Records {
  readonly records: readonly Record[];
  /** What was done after the last frame. */
  readonly after: readonly string[];
}

function recordsOf(sequence: Sequence): Records {
  const { operations, findings } = sequence;
  const byInjected = aboutEach(findings, 'injected');
  const byOutput = aboutEach(findings, 'output');
  const judged = new Set(judgedStimuli(sequence));
  const last = lastObservation(operations);
  const records: Record[] = [];
  let before: string[] = [];
  const add = ({ comments, ...rest }: Record): void => {
    records.push({ ...rest, comments: [...told(before), ...comments] });
    before = [];
  };
  for (const operation of operations) {
    const words = describeOperation(operation);
    if (words !== undefined) before.push(words);
    if (operation.kind === 'inject') {
      for (const stimulus of operation.stimuli) add(injected(stimulus, judged, byInjected));
    } else if (operation.kind === 'observe') {
      const { outputs, notices } = operation.observation;
      for (const { kind, reason } of notices) before.push(`notice: a rule ${kind}, ${reason}`);
      const isJudged = operation.observation === last && judged.size > 0;
      for (const output of outputs) add(left(output, isJudged, byOutput));
    }
  }
  return { records, after: told(before) };
}

/** Text as an option holds it: no zero octets, not too long. */
function comment(text: string): string {
  const plain = text.replaceAll('\0', '\u{fffd}');
  return plain.length > MAX_COMMENT ? `${plain.slice(0, MAX_COMMENT)} …` : plain;
}

/**
 * The pcapng file of `sequence`; `title` says what it is about, a comment each.
 *
 * The time of a record is its place in the order, in microseconds: sequences have no clock.
 */
export function sequenceCapture(sequence: Sequence, title: readonly string[]): Uint8Array {
  const { records, after } = recordsOf(sequence);
  const incomplete = sequence.complete ? [] : ['the first frames since the reset were too many'];
  const packets = records.map(({ role, frame, direction, comments }, index) =>
    pcapngPacket({
      interfaceId: PORT_ROLES.indexOf(role),
      seconds: Math.floor(index / 1e6),
      nanoseconds: (index % 1e6) * 1000,
      octets: frame,
      originalLength: frame.length,
      // As seen from the device: what was injected came in.
      direction,
      comments: [`packet ${index + 1} of ${records.length}`, ...comments].map(comment),
    }),
  );
  const comments = [...title, ...incomplete, ...after.map((words) => `at the end: ${words}`)];
  return concat(
    pcapngSection({ application: 'prismspec', comments: comments.map(comment) }),
    ...PORT_ROLES.map((name) => pcapngInterface({ name, description: describePort(name) })),
    ...packets,
  );
}
