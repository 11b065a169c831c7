/** What all replays have in common: which target, what is told, and the scenario once more. */
import type { BundledVerdict } from '../bundle/bundle.ts';
import {
  findScenario,
  outcomeOfScenario,
  type Conclusion,
  type Outcome,
} from '../bundle/replay.ts';
import { isBuiltIn } from '../drivers/target.ts';
import type { CaseResult } from '../run/collect.ts';
import { formatFingerprint } from '../run/fingerprint.ts';
import { readScenarios, scenariosFor, type TargetKind } from '../run/plan.ts';
import type { Session } from '../run/session.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import { printable } from './bundle-file.ts';
import { Complaint } from './complaint.ts';
import { execute } from './execute.ts';
import { readFeatures, suiteVersion } from './suite.ts';

/** One line of what is told of a replay. */
export function say(name: string, text: string): void {
  process.stdout.write(`  ${name.padEnd(9)} ${printable(text)}\n`);
}

/**
 * The target to use. A file is never opened because a bundle names it: a target file says which
 * program to start, and the bundle may be a stranger's.
 */
export function targetFor({ target }: BundledVerdict, given: string | undefined): string {
  if (given !== undefined) return given;
  if (target.text === undefined && isBuiltIn(target.name)) return target.name;
  const told = `the bundle was made on ${target.name}: say with --target which device to use`;
  throw new Complaint(EXIT.usage, printable(told));
}

/** Tells which failure it was, where it was made and where it is done again. */
export function tellBundle(verdict: BundledVerdict, { hello }: Pick<Session, 'hello'>): void {
  const { fingerprint, hello: before, scenario, seed, suite } = verdict;
  say('failure', `${formatFingerprint(fingerprint)}, ${verdict.level} ${verdict.verdict}`);
  say('scenario', `${scenario.name} (${scenario.uri}:${scenario.line})`);
  say('made on', `${before.name} ${before.version}, seed ${seed}, prismspec ${suite}`);
  say('again on', `${hello.name} ${hello.version}, prismspec ${suiteVersion()}`);
}

/**
 * Runs the scenario of a bundle on what is open, a target of `kind`; undefined when this suite has
 * none of its name for such targets.
 */
export async function rerun(
  verdict: BundledVerdict,
  kind: TargetKind,
): Promise<Outcome | undefined> {
  const scenarios = scenariosFor(kind, readScenarios(readFeatures()));
  const scenario = findScenario(verdict.scenario, scenarios);
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

/** An outcome in words. */
export function describe({ kind, told }: Outcome): string {
  return `${MEANING[kind]}; ${told}`;
}

/** Tells what it comes to; answers the exit status. */
export function tellConclusion({ sentence, exit }: Conclusion): ExitCode {
  process.stdout.write(`\n  ${printable(sentence)}\n`);
  return exit;
}
