/** What is kept of a scenario that failed: what it did, and as little of it as fails in the same way. */
import type { ITestCaseHookParameter } from '@cucumber/cucumber';
import { sequenceCapture } from '../../conformance/bundle/capture.ts';
import { fitting } from '../../conformance/bundle/bundle.ts';
import { bundleName } from '../../conformance/bundle/name.ts';
import { keepRecording } from '../../conformance/bundle/recording.ts';
import {
  RECORDED,
  type Operation,
  type RecordedStimulus,
  type Sequence,
} from '../../conformance/bundle/sequence.ts';
import { shrink } from '../../conformance/bundle/shrink.ts';
import type { Fault } from '../../conformance/run/evidence.ts';
import { fingerprintOf } from '../../conformance/run/fingerprint.ts';
import { requirementsOf } from '../../conformance/run/scenario.ts';
import { FAIL } from '../../conformance/verdict/verdict.ts';
import { shrinkBudget } from './budget.ts';
import type { PrismWorld } from './world.ts';

/** `operations` up to the last look: what came after it had no part in what was judged. */
function untilLastLook(operations: readonly Operation[]): readonly Operation[] {
  return operations.slice(0, operations.findLastIndex(({ kind }) => kind === 'observe') + 1);
}

/**
 * `operations` with `judged` in the place of the same frames, the last ones where one was sent
 * more than once; undefined if they are not all there.
 */
function withJudged(
  operations: readonly Operation[],
  judged: readonly RecordedStimulus[],
): readonly Operation[] | undefined {
  const waiting = new Map<Uint8Array, RecordedStimulus[]>();
  for (const stimulus of judged) {
    const { frame } = stimulus;
    waiting.set(frame, [...(waiting.get(frame) ?? []), { ...stimulus, judged: true }]);
  }
  const marked = operations.toReversed().map((operation): Operation => {
    if (operation.kind !== 'inject') return operation;
    const stimuli = operation.stimuli
      .toReversed()
      .map((stimulus) => waiting.get(stimulus.frame)?.pop() ?? stimulus);
    return { kind: 'inject', stimuli: stimuli.toReversed() };
  });
  const isComplete = [...waiting.values()].every(({ length }) => length === 0);
  return isComplete ? marked.toReversed() : undefined;
}

/** The sequence that `world` failed with. */
function sequenceOf(world: PrismWorld): Sequence {
  const { operations, complete } = world.journal.recorded();
  const { findings, judgement, judged } = world;
  const whole: Sequence = { operations, complete, judgement: RECORDED, findings };
  if (judgement.kind === 'recorded') return whole;
  const judgedOperations = withJudged(untilLastLook(operations), judged);
  return judgedOperations === undefined
    ? whole
    : { operations: judgedOperations, complete, judgement, findings };
}

/** Makes the failure smaller, keeps it for its bundle, and puts its frames into the report. */
export async function recordFailure(
  world: PrismWorld,
  { name, uri, location }: ITestCaseHookParameter['pickle'],
  faults: readonly Fault[],
): Promise<void> {
  const { broken, session } = world;
  const requirements = requirementsOf(name, []);
  const told = { requirements, verdict: FAIL, faults, broken };
  const wanted = fingerprintOf(told, requirements[0] ?? name);
  const original = sequenceOf(world);
  const { sequence, trials } = await shrink(original, wanted, session, shrinkBudget());
  keepRecording({ original, shrunk: sequence, trials });
  const bundle = bundleName({ requirements, uri, line: location?.line ?? 1 });
  const title = [name, `replay: prismspec replay ${bundle}`];
  world.log(title.join('\n'));
  world.attach(Buffer.from(sequenceCapture(fitting(sequence), title)), {
    mediaType: 'application/x-pcapng',
    fileName: bundle.replace(/^.*\/(?<name>.*)prismbug$/u, '$<name>pcapng'),
  });
}
