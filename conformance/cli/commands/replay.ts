/** `prismspec replay` and `prismspec shrink`: a failure again, from the bundle that it left. */
import { isBuiltIn } from '../../drivers/target.ts';
import { writeBundle, type Bundle } from '../../bundle/bundle.ts';
import { perform } from '../../bundle/perform.ts';
import {
  conclude,
  findScenario,
  outcomeOfPackets,
  outcomeOfScenario,
  type Outcome,
} from '../../bundle/replay.ts';
import { judge, stimuliOf, type Sequence } from '../../bundle/sequence.ts';
import { recurs, shrink } from '../../bundle/shrink.ts';
import { DriverFault, NotSupported } from '../../driver/device.ts';
import type { CaseResult } from '../../run/collect.ts';
import { formatFingerprint } from '../../run/fingerprint.ts';
import { readScenarios } from '../../run/plan.ts';
import { closeSession, type Session } from '../../run/session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { printable, readBundle } from '../bundle-file.ts';
import { Complaint } from '../complaint.ts';
import { execute } from '../execute.ts';
import { openTarget } from '../open.ts';
import { readFeatures, suiteVersion } from '../suite.ts';
import { tryPlace, writeWhole } from '../write-file.ts';

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

function say(name: string, text: string): void {
  process.stdout.write(`  ${name.padEnd(9)} ${printable(text)}\n`);
}

/**
 * The target to use. A file is never opened because a bundle names it: a target file says which
 * program to start, and the bundle may be a stranger's.
 */
function targetFor({ verdict: { target } }: Bundle, given: string | undefined): string {
  if (given !== undefined) return given;
  if (target.text === undefined && isBuiltIn(target.name)) return target.name;
  const told = `the bundle was made on ${target.name}: say with --target which device to use`;
  throw new Complaint(EXIT.usage, printable(told));
}

async function openFor(bundle: Bundle, given: string | undefined): Promise<Session> {
  const { seed, effort } = bundle.verdict;
  return openTarget(targetFor(bundle, given), seed, effort);
}

function tellBundle({ verdict }: Bundle, { hello }: Session): void {
  const { fingerprint, hello: before, scenario, seed, suite } = verdict;
  say('failure', `${formatFingerprint(fingerprint)}, ${verdict.level} ${verdict.verdict}`);
  say('scenario', `${scenario.name} (${scenario.uri}:${scenario.line})`);
  say('made on', `${before.name} ${before.version}, seed ${seed}, prismspec ${suite}`);
  say('again on', `${hello.name} ${hello.version}, prismspec ${suiteVersion()}`);
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

async function replayScenario({ verdict }: Bundle): Promise<Outcome | undefined> {
  const scenario = findScenario(verdict.scenario, readScenarios(readFeatures()));
  if (scenario === undefined) return undefined;
  const results: CaseResult[] = [];
  await execute({ scenarios: [scenario], onResult: (result) => results.push(result) });
  const [result] = results;
  if (result === undefined) throw new Error('the scenario has no result');
  if (result.fault !== undefined) throw new Error(`the suite failed: ${result.fault}`);
  return outcomeOfScenario(result, verdict);
}

const MEANING: Readonly<Record<Outcome['kind'], string>> = {
  same: 'the same failure',
  different: 'another failure',
  passes: 'no failure',
  again: 'undecided again',
  undecided: 'undecided',
};

function describe({ kind, told }: Outcome): string {
  return `${MEANING[kind]}; ${told}`;
}

/** Does the packets of the bundle in `file` again, then its scenario, and compares the failures. */
export async function replayCommand(file: string, options: ReplayOptions): Promise<ExitCode> {
  const bundle = readBundle(file);
  const session = await openFor(bundle, options.target);
  try {
    tellBundle(bundle, session);
    const packets = await replayPackets(bundle, session);
    say('packets', `${sizeOf(bundle.shrunk)}: ${describe(packets)}`);
    const scenario = await replayScenario(bundle);
    say('verdict', scenario === undefined ? 'none of that name here' : describe(scenario));
    const { sentence, exit } = conclude(packets, scenario, bundle.verdict);
    process.stdout.write(`\n  ${printable(sentence)}\n`);
    return exit;
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
    tellBundle(bundle, session);
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
