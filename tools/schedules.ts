/**
 * A campaign of fault schedules against the simulated Prism, on every core.
 *
 *     node --import ./tools/register.mjs tools/schedules.ts [--runs 10000] [--seed 1]
 *
 * Half of them lose, double, delay and reorder; in the other half processes die too. Says every
 * schedule that was violated, shrunk, with the words that run it again. Exit status: 0 none, 1 some,
 * 64 wrong words.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import {
  assertNoViolation,
  crashing,
  lossy,
  type Schedule,
} from '../test/reference/sim/schedule.ts';

const KINDS = { lossy, crashing } as const;
type Kind = keyof typeof KINDS;

/** Schedules of one kind and seed, small enough that progress is seen. */
interface Batch {
  readonly kind: Kind;
  readonly seed: number;
  readonly runs: number;
}

const BATCH_RUNS = 250;
const STEP_PERCENT = 10;
/** A schedule that takes a second is shrunk for no longer than this. */
const SHRINK_MS = 120_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
  },
});

/** Runs a batch; what went wrong in words, or undefined. */
function violationIn({ kind, seed, runs }: Batch): string | undefined {
  const property = fc.property(KINDS[kind], assertNoViolation);
  const found = fc.check(property, { seed, numRuns: runs, endOnFailure: true });
  if (!found.failed) return undefined;
  const path = found.counterexamplePath ?? '';
  const shrunk = fc.check(property, { seed, path, interruptAfterTimeLimit: SHRINK_MS });
  const { errorInstance: cause, counterexample } = shrunk.failed ? shrunk : found;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const words = JSON.stringify(counterexample?.[0]);
  return `${reason}\n  ${kind}, seed ${seed}; again: tools/schedules.ts --replay '${words}'`;
}

function* batches(runs: number, seed: number): Generator<Batch> {
  for (let begun = 0; begun < runs; begun += 2 * BATCH_RUNS) {
    for (const kind of ['lossy', 'crashing'] as const) {
      yield { kind, seed: seed + begun, runs: Math.min(BATCH_RUNS, Math.ceil((runs - begun) / 2)) };
    }
  }
}

/** Lets a process of its own work through batches, one after the other. */
function work(left: Iterator<Batch, void>, onDone: (batch: Batch, violation: unknown) => void) {
  return new Promise<void>((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), { execArgv: process.execArgv });
    let batch: Batch | undefined;
    const next = (): void => {
      const { value } = left.next();
      batch = value ?? undefined;
      if (batch === undefined) child.disconnect();
      else child.send(batch);
    };
    child.on('message', (violation) => {
      if (batch !== undefined) onDone(batch, violation);
      next();
    });
    child.on('error', reject);
    child.on('exit', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`a process ended with ${status} in ${JSON.stringify(batch)}`));
    });
    next();
  });
}

async function campaign(runs: number, seed: number): Promise<number> {
  const violations: string[] = [];
  let done = 0;
  let shown = 0;
  const left = batches(runs, seed);
  const workers = Array.from({ length: availableParallelism() }, () =>
    work(left, (batch, violation) => {
      done += batch.runs;
      if (typeof violation === 'string') violations.push(violation);
      const percent = Math.floor((100 * done) / runs);
      if (percent < shown + STEP_PERCENT) return;
      shown = percent;
      console.log(`  ${done}/${runs} schedules, ${violations.length} violated`);
    }),
  );
  await Promise.all(workers);
  for (const violation of violations) console.error(violation);
  return violations.length === 0 ? 0 : 1;
}

function isBatch(value: unknown): value is Batch {
  return typeof value === 'object' && value !== null && 'kind' in value && 'runs' in value;
}

const runs = Number(values.runs) * Number(process.env['PRISMSPEC_RUNS'] ?? '1');
const seed = Number(process.env['PRISMSPEC_SEED'] ?? values.seed);
if (process.send !== undefined) {
  process.on('message', (batch) => {
    if (isBatch(batch)) process.send?.(violationIn(batch) ?? null);
  });
} else if (values.replay !== undefined) {
  const schedule: Schedule = JSON.parse(values.replay);
  assertNoViolation(schedule);
  console.log('no violation');
} else if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error('schedules: --runs expects a whole number of at least 1, --seed a whole number');
  process.exitCode = 64;
} else process.exitCode = await campaign(runs, seed);
