/** What a controller counts, and how long the parts of its migrations and splices took. */
import type { Connection, Migration, Phase, Splicing } from '../../controller/connection.ts';
import { CONTROLLER } from '../../handoff/message.ts';

/** How migrations end: at the next owner, at the controller, at the old owner, or not at all. */
export type Outcome = 'handed-off' | 'handed-back' | 'kept' | 'failed';

/** The steps of a migration that take time. */
export type MigrationStep = Migration['step'];

/** How splices end: at the server, at the controller, or with the connection. */
export type SpliceOutcome = 'spliced' | 'kept' | 'failed';

/** The steps of a splice that take time. */
export type SpliceStep = Splicing['step'];

/** Times of one thing, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** What was counted up to a moment. */
export interface Metrics {
  /** Octets of clients that came to the controller, and of the controller that went to clients. */
  readonly fromClients: number;
  readonly toClients: number;
  readonly connections: number;
  /** Backends whose agents are there. */
  readonly present: readonly string[];
  readonly migrations: Readonly<Record<Outcome, number>>;
  /** Of whole hand-offs from the lock to the word that it is committed; and of their steps. */
  readonly handOff: Latency;
  readonly steps: ReadonlyMap<MigrationStep, Latency>;
  readonly splices: Readonly<Record<SpliceOutcome, number>>;
  /** Of whole splices from the freeze to the word that they are joined; and of all their steps. */
  readonly splice: Latency;
  readonly spliceSteps: ReadonlyMap<SpliceStep, Latency>;
}

/** Counts. */
export interface Meter {
  fromClients: number;
  toClients: number;
  /** Looks at a connection after each event about it; `nowMs` never goes back. */
  look(name: string, connection: Connection | undefined, nowMs: number): void;
  read(now: Pick<Metrics, 'connections' | 'present'>): Metrics;
}

/** Latest times that are kept of each thing. */
const SAMPLES_MAX = 10_000;

/** A meter at zero. */
export function createMeter(): Meter {
  const moves = new Map<string, { readonly from: string; readonly to: string }>();
  const migrating = createStopwatch<MigrationStep>();
  const splicing = createStopwatch<SpliceStep>();
  const migrations = { 'handed-off': 0, 'handed-back': 0, kept: 0, failed: 0 };
  const splices = { spliced: 0, kept: 0, failed: 0 };
  const handOff = createSamples();
  const splice = createSamples();

  return {
    fromClients: 0,
    toClients: 0,
    look(name, connection, nowMs) {
      const phase = connection?.phase;
      const move = moves.get(name);
      if (phase?.kind === 'migrating') {
        const { to } = phase;
        moves.set(name, { from: move?.from ?? phase.from, to });
      } else if (move !== undefined) {
        moves.delete(name);
        const outcome = outcomeOf(move, phase);
        migrations[outcome] += 1;
        if (outcome === 'handed-off') handOff.add(migrating.elapsed(name, nowMs));
      }
      migrating.look(name, phase?.kind === 'migrating' ? phase.step : undefined, nowMs);
      if (phase?.kind !== 'splicing' && splicing.has(name)) {
        const outcome = spliceOutcomeOf(phase);
        if (outcome !== undefined) splices[outcome] += 1;
        if (outcome === 'spliced') splice.add(splicing.elapsed(name, nowMs));
      }
      splicing.look(name, phase?.kind === 'splicing' ? phase.step : undefined, nowMs);
    },
    read(now) {
      return {
        ...now,
        fromClients: this.fromClients,
        toClients: this.toClients,
        migrations: { ...migrations },
        handOff: handOff.read(),
        steps: migrating.read(),
        splices: { ...splices },
        splice: splice.read(),
        spliceSteps: splicing.read(),
      };
    },
  };
}

function outcomeOf(
  { from, to }: { readonly from: string; readonly to: string },
  phase: Phase | undefined,
): Outcome {
  switch (phase?.kind) {
    case 'away':
      return phase.owner === to && to !== from ? 'handed-off' : 'kept';
    // Read on by the controller, or already more than that.
    case 'reading':
    case 'proxying':
    case 'splicing':
    case 'closing':
      return to === CONTROLLER ? 'handed-back' : 'kept';
    default:
      return 'failed';
  }
}

/** Undefined where all is prepared, and the server is asked. */
function spliceOutcomeOf(phase: Phase | undefined): SpliceOutcome | undefined {
  switch (phase?.kind) {
    case 'spliced':
      return 'spliced';
    case 'proxying':
      return phase.maySplice ? undefined : 'kept';
    case 'reading':
    case 'migrating':
    case 'closing':
      return 'kept';
    default:
      return 'failed';
  }
}

/** Times of what goes from step to step, by the steps' names. */
interface Stopwatch<Step> {
  has(name: string): boolean;
  /** Milliseconds since the first step began. */
  elapsed(name: string, nowMs: number): number;
  /** At which step `name` is now; undefined ends the last one. */
  look(name: string, step: Step | undefined, nowMs: number): void;
  read(): ReadonlyMap<Step, Latency>;
}

function createStopwatch<Step extends string>(): Stopwatch<Step> {
  const running = new Map<string, { startMs: number; step: Step; stepMs: number }>();
  const steps = new Map<Step, Samples>();
  return {
    has: (name) => running.has(name),
    elapsed: (name, nowMs) => nowMs - (running.get(name)?.startMs ?? nowMs),
    look(name, step, nowMs) {
      const watch = running.get(name);
      if (watch?.step === step) return;
      if (watch !== undefined) {
        const samples = steps.get(watch.step) ?? createSamples();
        steps.set(watch.step, samples);
        samples.add(nowMs - watch.stepMs);
      }
      if (step === undefined) running.delete(name);
      else running.set(name, { startMs: watch?.startMs ?? nowMs, step, stepMs: nowMs });
    },
    read: () => new Map([...steps].map(([step, samples]) => [step, samples.read()])),
  };
}

interface Samples {
  add(ms: number): void;
  read(): Latency;
}

function createSamples(): Samples {
  const latest: number[] = [];
  let count = 0;
  return {
    add(ms) {
      latest[count % SAMPLES_MAX] = ms;
      count += 1;
    },
    read() {
      const sorted = latest.toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
      return { count, p50: at(0.5), p99: at(0.99) };
    },
  };
}
