/**
 * Turns what Cucumber says of a run into results: one per scenario, with verdict and evidence.
 *
 * A step that throws anything but a verdict is our own fault, and makes the run's status say so.
 */
import {
  TestStepResultStatus,
  type Attachment,
  type Envelope,
  type Pickle,
  type TestCase,
  type TestStepFinished,
} from '@cucumber/messages';
import type { Proof } from '../observe/observer.ts';
import { FAIL, PASS, type Verdict } from '../verdict/verdict.ts';
import {
  EVIDENCE_MEDIA_TYPE,
  type BrokenRequirement,
  type Evidence,
  type Fault,
  type PacketSource,
} from './evidence.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import { requirementsOf } from './scenario.ts';

/** What one scenario came to. */
export interface CaseResult {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly requirements: readonly string[];
  readonly verdict: Verdict;
  /** Milliseconds that the scenario took. */
  readonly durationMs: number;
  /** The step that decided, in the scenario's words. */
  readonly step?: string;
  readonly expected?: string;
  readonly observed?: string;
  /** Requirements of a replay that it found broken. */
  readonly broken: readonly BrokenRequirement[];
  /** What was wrong with the frames of a failure, each kind once. */
  readonly faults: readonly Fault[];
  /** Where the packets of a failure came from. */
  readonly source?: PacketSource;
  /** Which failure it was, for the scenario's own requirement. */
  readonly fingerprint?: Fingerprint;
  readonly seed?: number;
  /** The file with all that is known of it, in the folder of the reports. */
  readonly bundle?: string;
  /** The file with the frames at the taps of a whole Prism, likewise. */
  readonly capture?: string;
  /** How it was known that nothing more would come, each way once. */
  readonly proofs?: readonly Proof[];
  /** What each round said, when the rounds did not agree. */
  readonly rounds?: readonly string[];
  /** Set when the suite itself failed; the verdict then means nothing. */
  readonly fault?: string;
}

interface OpenCase {
  readonly pickle: Pickle;
  readonly testCase: TestCase;
  readonly startedMs: number;
  readonly steps: TestStepFinished[];
  readonly attachments: Attachment[];
}

/** Takes envelopes one by one; gives a result when one is complete. */
export type Collector = (envelope: Envelope) => CaseResult | undefined;

function milliseconds(time: { readonly seconds: number; readonly nanos: number }): number {
  return time.seconds * 1000 + time.nanos / 1e6;
}

function evidenceOf(attachments: readonly Attachment[]): Evidence {
  const parts = attachments.filter(({ mediaType }) => mediaType === EVIDENCE_MEDIA_TYPE);
  const whole: Evidence = Object.assign({}, ...parts.map(({ body }): unknown => JSON.parse(body)));
  return whole;
}

/** `expected A\nobserved B`, as `Failure` writes its message. */
function readFailure(message: string): { readonly expected: string; readonly observed: string } {
  const parts = /^expected (?<expected>.*)\nobserved (?<observed>.*)$/su.exec(message)?.groups;
  return { expected: parts?.['expected'] ?? message, observed: parts?.['observed'] ?? '' };
}

/** What is said of the device when it was the suite that failed: nothing. */
const SUITE_FAULT: Verdict = { kind: 'inconclusive', reason: 'suite-fault' };

type Decision = Pick<CaseResult, 'verdict' | 'step' | 'expected' | 'observed' | 'fault'>;

function decideStep({ testStepResult }: TestStepFinished, evidence: Evidence): Decision {
  const { status, exception, message = '' } = testStepResult;
  const told = exception?.message ?? message;
  if (status === TestStepResultStatus.SKIPPED && evidence.notApplicable !== undefined) {
    return { verdict: { kind: 'not-applicable', capability: evidence.notApplicable } };
  }
  if (status !== TestStepResultStatus.FAILED) {
    return { verdict: SUITE_FAULT, fault: `the step is ${status.toLowerCase()}` };
  }
  switch (exception?.type) {
    case 'Failure':
      return { verdict: FAIL, ...readFailure(told) };
    case 'DriverFault':
    case 'Inconclusive': {
      const reason = /^\[(?<reason>[\w-]+)\] /u.exec(told)?.groups?.['reason'] ?? 'undecided';
      return { verdict: { kind: 'inconclusive', reason }, observed: told };
    }
    default:
      return { verdict: SUITE_FAULT, fault: message };
  }
}

function stepText({ pickle, testCase }: OpenCase, finished: TestStepFinished): string | undefined {
  const pickleStepId = testCase.testSteps.find(
    ({ id }) => id === finished.testStepId,
  )?.pickleStepId;
  return pickle.steps.find(({ id }) => id === pickleStepId)?.text;
}

function decide(open: OpenCase, evidence: Evidence): Decision {
  if (open.pickle.steps.length === 0) {
    return { verdict: SUITE_FAULT, fault: 'the scenario has no step' };
  }
  const decisive = open.steps.find(
    ({ testStepResult }) => testStepResult.status !== TestStepResultStatus.PASSED,
  );
  if (decisive === undefined) return { verdict: PASS };
  const step = stepText(open, decisive);
  return { ...decideStep(decisive, evidence), ...(step === undefined ? {} : { step }) };
}

function result(open: OpenCase, endedMs: number): CaseResult {
  const { pickle, attachments } = open;
  const evidence = evidenceOf(attachments);
  const decided = {
    requirements: requirementsOf(
      pickle.name,
      pickle.tags.map(({ name }) => name),
    ),
    broken: evidence.broken ?? [],
    faults: evidence.faults ?? [],
    ...decide(open, evidence),
  };
  const { kind } = decided.verdict;
  const [own = pickle.name] = decided.requirements;
  return {
    name: pickle.name,
    uri: pickle.uri,
    line: pickle.location?.line ?? 1,
    durationMs: endedMs - open.startedMs,
    ...decided,
    ...(kind === 'fail' || kind === 'inconclusive'
      ? { fingerprint: fingerprintOf(decided, own) }
      : {}),
    ...(evidence.source === undefined ? {} : { source: evidence.source }),
    ...(evidence.seed === undefined ? {} : { seed: evidence.seed }),
  };
}

/** A collector for one run. */
export function createCollector(): Collector {
  const pickles = new Map<string, Pickle>();
  const testCases = new Map<string, TestCase>();
  const open = new Map<string, OpenCase>();
  return (envelope) => {
    const { pickle, testCase, testCaseStarted, testStepFinished, attachment } = envelope;
    if (pickle !== undefined) pickles.set(pickle.id, pickle);
    if (testCase !== undefined) testCases.set(testCase.id, testCase);
    if (testCaseStarted !== undefined) {
      const started = testCases.get(testCaseStarted.testCaseId);
      const itsPickle = pickles.get(started?.pickleId ?? '');
      if (started !== undefined && itsPickle !== undefined) {
        open.set(testCaseStarted.id, {
          pickle: itsPickle,
          testCase: started,
          startedMs: milliseconds(testCaseStarted.timestamp),
          steps: [],
          attachments: [],
        });
      }
    }
    if (testStepFinished !== undefined) {
      open.get(testStepFinished.testCaseStartedId)?.steps.push(testStepFinished);
    }
    if (attachment !== undefined) {
      open.get(attachment.testCaseStartedId ?? '')?.attachments.push(attachment);
    }
    const finished = envelope.testCaseFinished;
    const complete = finished === undefined ? undefined : open.get(finished.testCaseStartedId);
    if (finished === undefined || complete === undefined) return undefined;
    open.delete(finished.testCaseStartedId);
    return result(complete, milliseconds(finished.timestamp));
  };
}
