/** `prismspec replay` and `prismspec shrink`: a failure again, from the bundle that it left. */
import { writeBundle, type Bundle } from '../../bundle/bundle.ts';
import { perform } from '../../bundle/perform.ts';
import { conclude, outcomeOfPackets, type Outcome } from '../../bundle/replay.ts';
import { judge, stimuliOf, type Sequence } from '../../bundle/sequence.ts';
import { recurs, shrink } from '../../bundle/shrink.ts';
import { DriverFault, NotSupported } from '../../driver/device.ts';
import { closeSession, type Session } from '../../run/session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { readAnyBundle, readBundle } from '../bundle-file.ts';
import { Complaint } from '../complaint.ts';
import { openTarget } from '../open.ts';
import { describe, rerun, say, targetFor, tellBundle, tellConclusion } from '../replaying.ts';
import { tryPlace, writeWhole } from '../write-file.ts';
import { replayStoryIn } from './replay-story.ts';

/** Options of `replay`. */
export interface ReplayOptions {
  readonly target?: string;
}

/** Options of `shrink`. */
export interface ShrinkOptions extends ReplayOptions {
  readonly out?: string;
}

/** How much `shrink` tries: the user waits for it. */
const MAX_TRIALS = 5000;
const MAX_MS = 10 * 60_000;

async function openFor({ verdict }: Bundle, given: string | undefined): Promise<Session> {
  const { seed, effort } = verdict;
  return openTarget(targetFor(verdict, given), seed, effort);
}

function sizeOf({ operations }: Sequence): string {
  const commands = operations.filter(({ kind }) => kind === 'command').length;
  const frames = stimuliOf(operations).length;
  return `${frames} frame${frames === 1 ? '' : 's'}, ${commands} command${commands === 1 ? '' : 's'}`;
}

async function replayPackets({ verdict, shrunk }: Bundle, session: Session): Promise<Outcome> {
  if (!shrunk.complete) return { kind: 'undecided', told: 'they were too many to be kept' };
  try {
    const operations = await perform(shrunk.operations, session);
    return outcomeOfPackets(shrunk, operations, verdict.fingerprint, session.hello);
  } catch (error) {
    if (!(error instanceof DriverFault || error instanceof NotSupported)) throw error;
    return { kind: 'undecided', told: error.message };
  }
}

/** Does what is in the bundle in `file` again, and compares the failures. */
export async function replayCommand(file: string, options: ReplayOptions): Promise<ExitCode> {
  const bundle = readAnyBundle(file);
  return 'story' in bundle
    ? replayStoryIn(bundle, options.target)
    : replayPacketsIn(bundle, options);
}

/** The packets first, then the scenario. */
async function replayPacketsIn(bundle: Bundle, options: ReplayOptions): Promise<ExitCode> {
  const session = await openFor(bundle, options.target);
  try {
    tellBundle(bundle.verdict, session);
    const packets = await replayPackets(bundle, session);
    say('packets', `${sizeOf(bundle.shrunk)}: ${describe(packets)}`);
    const scenario = await rerun(bundle.verdict, 'switch');
    say('verdict', scenario === undefined ? 'none of that name here' : describe(scenario));
    return tellConclusion(conclude(packets, scenario, bundle.verdict));
  } finally {
    await closeSession();
  }
}

/** One of `sequences`, done again, that still fails; undefined when none does. */
async function stillFailing(
  sequences: readonly Sequence[],
  { verdict }: Bundle,
  session: Session,
): Promise<Sequence | undefined> {
  for (const sequence of sequences.filter(({ complete }) => complete)) {
    const operations = await perform(sequence.operations, session);
    const again = { ...sequence, operations };
    const findings = judge(again, session.hello) ?? [];
    if (recurs(findings, verdict.fingerprint)) return { ...again, findings };
  }
  return undefined;
}

/** Makes the sequence of the bundle in `file` smaller and writes another bundle. */
export async function shrinkCommand(file: string, options: ShrinkOptions): Promise<ExitCode> {
  const bundle = readBundle(file);
  if (bundle.original.judgement.kind === 'recorded') {
    const told = `${file}: its step looked at more than frames, so the sequence stays whole`;
    throw new Complaint(EXIT.badInput, told);
  }
  const out = options.out ?? file.replace(/(?:\.prismbug)?$/u, '-shrunk.prismbug');
  tryPlace(out);
  const session = await openFor(bundle, options.target);
  try {
    tellBundle(bundle.verdict, session);
    const original = await stillFailing([bundle.original, bundle.shrunk], bundle, session);
    if (original === undefined) {
      process.stdout.write('\n  does not fail in this way here: nothing was written\n');
      return EXIT.undecided;
    }
    const end = performance.now() + MAX_MS;
    const budget = { trials: MAX_TRIALS, hasTime: () => performance.now() < end };
    const { fingerprint } = bundle.verdict;
    const { sequence, trials } = await shrink(original, fingerprint, session, budget);
    writeWhole(out, writeBundle(bundle.verdict, { original, shrunk: sequence, trials }, out));
    say('before', sizeOf(original));
    say('after', `${sizeOf(sequence)}, in ${trials} trials`);
    process.stdout.write(`\n  wrote ${out}\n`);
    return EXIT.conformant;
  } finally {
    await closeSession();
  }
}
