/** What a controller counts, and how long the parts of its migrations took. */
import type { Connection, Migration } from '../../controller/connection.ts';
import { CONTROLLER } from '../../handoff/message.ts';

/** How migrations end: at the next owner, at the controller, at the old owner, or not at all. */
export type Outcome = 'handed-off' | 'handed-back' | 'kept' | 'failed';

/** The steps of a migration that take time. */
export type MigrationStep = Migration['step'];

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
}

/** Counts. */
export interface Meter {
  fromClients: number;
  toClients: number;
  /** Looks at a connection after each event about it; `nowMs` never goes back. */
  look(name: string, connection: Connection | undefined, nowMs: number): void;
  read(now: Pick<Metrics, 'connections' | 'present'>): Metrics;
}

interface Watch {
  readonly startMs: number;
  readonly from: string;
  to: string;
  step: MigrationStep;
  stepMs: number;
}

/** Latest times that are kept of each thing. */
const SAMPLES_MAX = 10_000;

/** A meter at zero. */
export function createMeter(): Meter {
  const watches = new Map<string, Watch>();
  const migrations: Record<Outcome, number> = {
    'handed-off': 0,
    'handed-back': 0,
    kept: 0,
    failed: 0,
  };
  const whole = createSamples();
  const steps = new Map<MigrationStep, Samples>();

  function endStep(watch: Watch, nowMs: number): void {
    const samples = steps.get(watch.step) ?? createSamples();
    steps.set(watch.step, samples);
    samples.add(nowMs - watch.stepMs);
  }

  return {
    fromClients: 0,
    toClients: 0,
    look(name, connection, nowMs) {
      const phase = connection?.phase;
      const watch = watches.get(name);
      if (phase?.kind === 'migrating') {
        if (watch === undefined) {
          const { from, to, step } = phase;
          watches.set(name, { startMs: nowMs, from, to, step, stepMs: nowMs });
          return;
        }
        watch.to = phase.to;
        if (watch.step === phase.step) return;
        endStep(watch, nowMs);
        watch.step = phase.step;
        watch.stepMs = nowMs;
      } else if (watch !== undefined) {
        watches.delete(name);
        endStep(watch, nowMs);
        const outcome = outcomeOf(watch, connection);
        migrations[outcome] += 1;
        if (outcome === 'handed-off') whole.add(nowMs - watch.startMs);
      }
    },
    read(now) {
      return {
        ...now,
        fromClients: this.fromClients,
        toClients: this.toClients,
        migrations: { ...migrations },
        handOff: whole.read(),
        steps: new Map([...steps].map(([step, samples]) => [step, samples.read()])),
      };
    },
  };
}

function outcomeOf({ from, to }: Watch, connection: Connection | undefined): Outcome {
  const phase = connection?.phase;
  if (phase?.kind === 'away') return phase.owner === to && to !== from ? 'handed-off' : 'kept';
  // Read on by the controller, or already more than that.
  const isHere =
    phase?.kind === 'reading' || phase?.kind === 'proxying' || phase?.kind === 'closing';
  if (isHere) return to === CONTROLLER ? 'handed-back' : 'kept';
  return 'failed';
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
