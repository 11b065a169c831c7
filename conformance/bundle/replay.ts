/**
 * What came of doing a bundle again: by its packets, and by its scenario.
 *
 * The packets are the failure itself; the scenario also holds where the judge has changed since.
 * Either is enough to say that the failure is still there.
 */
import type { Hello } from '../driver/device.ts';
import type { Finding } from '../observe/aspect.ts';
import type { CaseResult } from '../run/collect.ts';
import {
  formatFingerprint,
  isFaultOf,
  sameFingerprint,
  type Fingerprint,
} from '../run/fingerprint.ts';
import type { PlannedScenario } from '../run/plan.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import { formatVerdict } from '../verdict/verdict.ts';
import type { BundledVerdict } from './bundle.ts';
import { judge, type Operation, type Sequence } from './sequence.ts';

/** What doing it again said of the failure, or of what was undecided and is so `again`. */
export interface Outcome {
  readonly kind: 'same' | 'different' | 'passes' | 'again' | 'undecided';
  /** The details, for people. */
  readonly told: string;
}

/** The scenario of a bundle in this suite, whose lines may have moved and files been renamed. */
export function findScenario(
  { uri, line, name }: BundledVerdict['scenario'],
  scenarios: readonly PlannedScenario[],
): PlannedScenario | undefined {
  const named = scenarios.filter((each) => each.name === name);
  const there = named.filter((each) => each.uri === uri);
  return there.find((each) => each.line === line) ?? there[0] ?? named[0];
}

function told({ field, expected, observed }: Finding): string {
  return `${field}: expected ${expected}, observed ${observed}`;
}

function looksOf(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((operation) => {
    if (operation.kind === 'command') return [JSON.stringify(operation.reply)];
    if (operation.kind !== 'observe') return [];
    const { outputs, notices } = operation.observation;
    const frames = outputs.map(({ role, frame }) => `${role} ${frame.join('.')}`);
    return [JSON.stringify([frames, notices])];
  });
}

/** What `operations`, the same as in `sequence` but done again, say of `wanted`. */
export function outcomeOfPackets(
  sequence: Sequence,
  operations: readonly Operation[],
  wanted: Fingerprint,
  hello: Hello,
): Outcome {
  if (sequence.judgement.kind === 'recorded') {
    const [before, after] = [looksOf(sequence.operations), looksOf(operations)];
    const isSame = before.every((each, index) => each === after[index]);
    return {
      kind: 'undecided',
      told: `they are not judged alone; the device did ${isSame ? 'what is recorded' : 'something else'}`,
    };
  }
  const findings = judge({ ...sequence, operations }, hello);
  if (findings === undefined) {
    return { kind: 'undecided', told: 'nothing proves that no more frames will come' };
  }
  const same = findings.find((finding) => isFaultOf(finding, wanted));
  if (same !== undefined) return { kind: 'same', told: told(same) };
  const [first] = findings;
  return first === undefined
    ? { kind: 'passes', told: 'nothing wrong' }
    : { kind: 'different', told: told(first) };
}

/** What the result of the scenario says of the failure in `bundle`. */
export function outcomeOfScenario(result: CaseResult, bundle: BundledVerdict): Outcome {
  const { verdict, faults, fingerprint, expected = '', observed = '' } = result;
  const said = formatVerdict(verdict);
  if (verdict.kind === 'pass') return { kind: 'passes', told: 'pass' };
  if (verdict.kind !== 'fail' || fingerprint === undefined) {
    const kind = said === bundle.verdict ? 'again' : 'undecided';
    return { kind, told: observed === '' ? said : `${said}: ${observed}` };
  }
  const details = `${said}: expected ${expected}, observed ${observed}`;
  const isSame =
    sameFingerprint(fingerprint, bundle.fingerprint) ||
    faults.some((fault) => isFaultOf(fault, bundle.fingerprint));
  return isSame
    ? { kind: 'same', told: details }
    : { kind: 'different', told: `${formatFingerprint(fingerprint)}, ${details}` };
}

/** What all that was done again comes to. */
export interface Conclusion {
  readonly sentence: string;
  readonly exit: ExitCode;
}

/**
 * The failure is there if packets or scenario have it; it is gone if neither fails and the scenario
 * passes. Where this suite has no such scenario, the packets decide.
 */
export function conclude(
  packets: Outcome,
  scenario: Outcome | undefined,
  { fingerprint, verdict }: BundledVerdict,
): Conclusion {
  const outcomes = scenario === undefined ? [packets] : [packets, scenario];
  if (outcomes.some(({ kind }) => kind === 'same')) {
    return { sentence: 'reproduces: same fingerprint', exit: EXIT.failure };
  }
  const different = outcomes.find(({ kind }) => kind === 'different');
  if (different !== undefined) {
    const sentence = `fails differently: ${different.told}; it was ${formatFingerprint(fingerprint)}`;
    return { sentence, exit: EXIT.failure };
  }
  const { kind } = scenario ?? packets;
  if (kind === 'passes') return { sentence: 'does not fail any more', exit: EXIT.conformant };
  const sentence = kind === 'again' ? `reproduces: ${verdict}` : 'cannot be decided';
  return { sentence, exit: EXIT.undecided };
}
