/** How long a server that fails is still chosen, and how long one that works again is not. */
import { ipv4Address, mac } from 'scapy-ts';
import { completeCheck, type CheckOptions, type Outcome } from '../../health/check.ts';
import {
  checkHealth,
  createHealth,
  nextTickMs,
  type HealthEffect,
  type HealthEvent,
  type HealthState,
} from '../../health/checker.ts';
import type { Target } from '../../health/target.ts';
import { createRandom, drawBelow } from '../../sim/network/random.ts';

/** How a server fails: its port refuses, or nobody answers. */
export type Failure = 'refuses' | 'hangs';

/** From a failure to the server's removal, and from its end to the server's return. */
export interface Times {
  readonly removalMs: number;
  readonly returnMs: number;
}

/** What times of a check can be. */
export interface TimeBounds {
  readonly removal: readonly [least: number, most: number];
  readonly return: readonly [least: number, most: number];
}

/** Probes that are good before anything fails. */
const PROBES_BEFORE = 5;
const GOOD: Outcome = { kind: 'answered', status: 200 };
const REFUSED: Outcome = { kind: 'refused' };

/**
 * The bounds that the intervals of a check set, in milliseconds, where answers take no time.
 *
 * Of `fall` probes the first begins within an interval after the failure, and the last has to be
 * given up where nobody answers.
 */
export function timeBounds(options: CheckOptions, failure: Failure): TimeBounds {
  const { intervalMs, timeoutMs, fall, rise } = completeCheck(options, 'nat');
  const lastMs = failure === 'hangs' ? timeoutMs : 0;
  return {
    removal: [(fall - 1) * intervalMs + lastMs, fall * intervalMs + lastMs],
    return: [(rise - 1) * intervalMs, rise * intervalMs],
  };
}

/** One server, its checks, and the moment. */
interface Trial {
  readonly state: HealthState;
  readonly failure: Failure;
  nowMs: number;
  isWorking: boolean;
  isUp: boolean;
}

/** The times of `trials` failures, each at a moment of its own that `seed` draws. */
export function removalTimes(
  options: CheckOptions,
  failure: Failure,
  { trials, seed }: { readonly trials: number; readonly seed: number },
): readonly Times[] {
  const check = completeCheck(options, 'nat');
  const way = {
    address: ipv4Address('192.0.2.1'),
    port: 80,
    mac: mac('02:00:00:00:00:01'),
    tunnel: undefined,
  };
  const target: Target = { service: 'site', server: 'a', way, check };
  return Array.from({ length: trials }, (_, number) => {
    const random = createRandom(seed, `trial ${number}`);
    const state = createHealth((limit) => drawBelow(random, limit));
    const trial: Trial = { state, failure, nowMs: 0, isWorking: true, isUp: true };
    tell(trial, { kind: 'configure', targets: [target] });
    const soon = (): number => drawBelow(random, check.intervalMs);
    pass(trial, PROBES_BEFORE * check.intervalMs + soon(), () => false);
    const failedMs = trial.nowMs;
    trial.isWorking = false;
    pass(trial, Infinity, () => !trial.isUp);
    const removalMs = trial.nowMs - failedMs;
    pass(trial, trial.nowMs + check.intervalMs + soon(), () => false);
    const mendedMs = trial.nowMs;
    trial.isWorking = true;
    pass(trial, Infinity, () => trial.isUp);
    return { removalMs, returnMs: trial.nowMs - mendedMs };
  });
}

/** Lets time pass until `untilMs`, or until something has come about. */
function pass(trial: Trial, untilMs: number, hasCome: () => boolean): void {
  for (;;) {
    const dueMs = nextTickMs(trial.state);
    if (hasCome()) return;
    if (dueMs === undefined) throw new Error('nothing is due any more');
    if (dueMs > untilMs) break;
    trial.nowMs = Math.max(trial.nowMs, dueMs);
    tell(trial, { kind: 'tick' });
  }
  trial.nowMs = untilMs;
}

/** Tells the checks, and has the server answer what they ask. */
function tell(trial: Trial, event: HealthEvent): void {
  let effects: readonly HealthEffect[] = checkHealth(trial.state, event, trial.nowMs);
  while (effects.length > 0) {
    effects = effects.flatMap((effect) => {
      if (effect.kind === 'health') trial.isUp = effect.isUp;
      if (effect.kind !== 'begin') return [];
      if (!trial.isWorking && trial.failure === 'hangs') return [];
      const outcome = trial.isWorking ? GOOD : REFUSED;
      return checkHealth(
        trial.state,
        { kind: 'outcome', probe: effect.probe, outcome },
        trial.nowMs,
      );
    });
  }
}
