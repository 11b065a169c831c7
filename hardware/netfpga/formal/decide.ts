/**
 * Decides one property, shows that it says something, and that its mutants break it.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aig, Literal } from './aiger.ts';
import { ask, findInvariant, makeGraph, type Answer, type Bench } from './engines.ts';
import type { Mutant, Property } from './property.ts';
import { invert, unroll, type Frame, type Unrolled } from './unroll.ts';

/** What was found; `faults` are empty when all is as it should be. */
export interface Finding {
  readonly property: Property;
  readonly faults: readonly string[];
  readonly refuted: number;
  readonly seconds: number;
}

const MS_PER_SECOND = 1000;

function promisesOf(frames: readonly Frame[]): readonly Literal[] {
  return frames.flatMap(({ constraints }) => constraints);
}

/** One question for each assertion in the last frame: together they are harder. */
async function checkLast(
  bench: Bench,
  unrolled: Unrolled,
  known: readonly Literal[],
): Promise<Answer> {
  const all = [...promisesOf(unrolled.frames), ...known];
  for (const bad of new Set(unrolled.frames.at(-1)?.bads)) {
    const answer = await ask(bench, unrolled, { all, some: [bad] });
    if (answer !== 'unsatisfiable') return answer;
  }
  return 'unsatisfiable';
}

/** One question for all assertions in the last frame: quicker when one of them is broken. */
async function checkAny(bench: Bench, unrolled: Unrolled): Promise<Answer> {
  const some = unrolled.frames.at(-1)?.bads ?? [];
  return ask(bench, unrolled, { all: promisesOf(unrolled.frames), some });
}

/** Whether something forbidden happens within some clocks of the reset. */
async function checkFirst(bench: Bench, aig: Aig, clocks: number): Promise<Answer> {
  const unrolled = unroll(aig, clocks, 'reset');
  const some = unrolled.frames.flatMap(({ bads }) => bads);
  return ask(bench, unrolled, { all: promisesOf(unrolled.frames), some });
}

async function checkNext(bench: Bench, aig: Aig, clocks: number): Promise<Answer> {
  const unrolled = unroll(aig, clocks + 1, 'any');
  const before = unrolled.frames.slice(0, clocks).flatMap(({ bads }) => bads);
  return checkLast(bench, unrolled, before.map(invert));
}

async function decide({ method }: Property, bench: Bench, aig: Aig): Promise<Answer> {
  switch (method.kind) {
    case 'pipeline':
      return checkLast(bench, unroll(aig, method.clocks + 1, 'any'), []);
    case 'induction': {
      const first = await checkFirst(bench, aig, method.clocks);
      return first === 'unsatisfiable' ? checkNext(bench, aig, method.clocks) : first;
    }
    case 'reachability':
      return findInvariant(bench);
    case 'bounded':
      return checkFirst(bench, aig, method.clocks);
    default:
      return method satisfies never;
  }
}

function verdictOf(answer: Answer): string {
  if (answer === undefined) return 'not decided in time';
  return answer === 'satisfiable' ? 'does not hold' : 'holds';
}

async function findUnseen(property: Property, bench: Bench, aig: Aig): Promise<readonly string[]> {
  const faults: string[] = [];
  const unrolled = unroll(aig, property.witnessClocks, 'reset');
  const all = promisesOf(unrolled.frames);
  for (const [index] of aig.outputs.entries()) {
    const some = unrolled.frames.flatMap(({ outputs }) => outputs.slice(index, index + 1));
    const answer = await ask(bench, unrolled, { all, some });
    if (answer !== 'satisfiable') faults.push(`output ${index} is never seen`);
  }
  if (aig.outputs.length === 0) faults.push('no output shows that anything happens');
  return faults;
}

async function mutate(
  rtl: string,
  folder: string,
  { file, from, to, nth = 0 }: Mutant,
): Promise<void> {
  const path = join(folder, `prism_${file}.v`);
  await cp(rtl, folder, { recursive: true });
  const pieces = (await readFile(path, 'utf8')).split(from);
  if (pieces.length < nth + 2) throw new Error(`${from} is not in prism_${file}.v`);
  const before = pieces.slice(0, nth + 1).join(from);
  await writeFile(path, `${before}${to}${pieces.slice(nth + 1).join(from)}`);
}

/** A mutant is refuted by what happens from the reset on, not by a proof that fails. */
async function isRefuted(property: Property, mutant: Mutant, bench: Bench): Promise<boolean> {
  const rtl = join(bench.folder, 'mutant');
  await mutate(bench.rtl, rtl, mutant);
  const aig = await makeGraph(property, { ...bench, rtl });
  const { method, witnessClocks } = property;
  const answer =
    method.kind === 'pipeline'
      ? await checkAny(bench, unroll(aig, method.clocks + 1, 'any'))
      : await checkFirst(bench, aig, witnessClocks);
  await rm(rtl, { recursive: true });
  return answer === 'satisfiable';
}

/** Decides a property in a folder of its own, which is removed at the end. */
export async function examine(property: Property, bench: Bench): Promise<Finding> {
  const began = performance.now();
  const faults: string[] = [];
  await mkdir(bench.folder, { recursive: true });
  try {
    const aig = await makeGraph(property, bench);
    if (aig.bads.length === 0) faults.push('nothing is asserted');
    const answer = await decide(property, bench, aig);
    if (answer !== 'unsatisfiable') faults.push(verdictOf(answer));
    faults.push(...(await findUnseen(property, bench, aig)));
    for (const mutant of property.mutants) {
      if (!(await isRefuted(property, mutant, bench))) {
        faults.push(`is not refuted: ${mutant.file}: ${mutant.from} ▸ ${mutant.to}`);
      }
    }
    if (property.mutants.length === 0) faults.push('no mutant shows that it can fail');
  } finally {
    await rm(bench.folder, { recursive: true, force: true });
  }
  const seconds = (performance.now() - began) / MS_PER_SECOND;
  return { property, faults, refuted: property.mutants.length, seconds };
}
