/** A sequence as JSON: frames in base64, everything else as it is. */
import type { Finding } from '../observe/aspect.ts';
import type { Expectation } from '../observe/delivery.ts';
import {
  judgedStimuli,
  RECORDED,
  type Operation,
  type RecordedStimulus,
  type Sequence,
} from './sequence.ts';

/** How many octets become letters at a time: arguments of a call are limited. */
const CHUNK = 8192;
/** How many findings are told. */
const MAX_FINDINGS = 50;

/** `octets` in base64 (RFC 4648 section 4). */
export function toBase64(octets: Uint8Array): string {
  let letters = '';
  for (let at = 0; at < octets.length; at += CHUNK) {
    letters += String.fromCharCode(...octets.subarray(at, at + CHUNK));
  }
  return btoa(letters);
}

function expectationJson(expectation: Expectation): unknown {
  if (expectation.kind === 'nothing') return expectation;
  const { frame, compare: _function, ...rest } = expectation;
  return { ...rest, frame: toBase64(frame) };
}

function stimulusJson(stimulus: RecordedStimulus): unknown {
  const { frame, expectation, alternatives, ...rest } = stimulus;
  return {
    ...rest,
    frame: toBase64(frame),
    expectation: expectationJson(expectation),
    ...(alternatives === undefined ? {} : { alternatives: alternatives.map(expectationJson) }),
  };
}

function operationJson(operation: Operation): unknown {
  if (operation.kind === 'inject') {
    return { kind: 'inject', stimuli: operation.stimuli.map(stimulusJson) };
  }
  if (operation.kind !== 'observe') return operation;
  const { outputs, ...rest } = operation.observation;
  const frames = outputs.map(({ role, frame }) => ({ role, frame: toBase64(frame) }));
  return { kind: 'observe', observation: { ...rest, outputs: frames } };
}

function findingJson({ aspect, field, expected, observed, direction }: Finding): unknown {
  return { aspect, field, expected, observed, direction };
}

/** Whether a stimulus is judged by code that only its step has. */
function isJudgedByStep({ expectation }: RecordedStimulus): boolean {
  return expectation.kind === 'frame' && expectation.compare !== undefined;
}

/** `sequence` as a value for `JSON.stringify`. */
export function encodeSequence(sequence: Sequence): unknown {
  const { operations, complete, judgement, findings } = sequence;
  const isData = !judgedStimuli(sequence).some(isJudgedByStep);
  return {
    complete,
    judgement: isData ? judgement : RECORDED,
    findings: findings.slice(0, MAX_FINDINGS).map(findingJson),
    operations: operations.map(operationJson),
  };
}
