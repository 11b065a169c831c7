/** Servers that answer probes as a test says, and a clock that goes from one event to the next. */
import { ipv4Address, mac } from 'scapy-ts';
import type { Outcome } from '../../../reference/health/check.ts';
import type { HealthEffect, HealthEvent, HealthState } from '../../../reference/health/checker.ts';
import { checkHealth, createHealth, nextTickMs } from '../../../reference/health/checker.ts';
import type { Check, Probe } from '../../../reference/health/check.ts';
import type { Target } from '../../../reference/health/target.ts';
import type { DrawBelow } from '../../../reference/policy/scheduler.ts';

/** What is probed unless a test says otherwise. */
export const HTTP: Probe = {
  kind: 'http',
  path: '/health',
  statuses: [{ first: 200, last: 299 }],
};

/** An interval of a second, no jitter, three bad results and two good ones. */
export const CHECK: Check = {
  probe: HTTP,
  port: undefined,
  at: 'server',
  intervalMs: 1000,
  jitterMs: 0,
  timeoutMs: 300,
  fall: 3,
  rise: 2,
  trafficFall: undefined,
};

/** A server of the service `web`. */
export function targetOf(server: string, fields: Partial<Check> = {}): Target {
  const way = {
    address: ipv4Address('10.0.0.21'),
    port: 8080,
    mac: mac('02:00:00:00:00:21'),
    tunnel: undefined,
  };
  return { service: 'web', server, way, check: { ...CHECK, ...fields } };
}

/** What a server does about a probe that begins now: an outcome after some time, or nothing. */
export type Reaction = { readonly afterMs: number; readonly outcome: Outcome } | 'silent';

/** What a probe of a server that is well comes to. */
export const WELL_OUTCOME: Outcome = { kind: 'answered', status: 200 };
/** What a server reacts with that is well. */
export const WELL: Reaction = { afterMs: 5, outcome: WELL_OUTCOME };
/** One whose port is closed. */
export const CLOSED: Reaction = { afterMs: 1, outcome: { kind: 'refused' } };

/** Something that came of the checks, and when. */
export interface Said {
  readonly atMs: number;
  readonly effect: HealthEffect;
}

/** Draws the least always. */
export const NEVER: DrawBelow = () => 0;

/** Draws from a list over and over. */
export function drawFrom(numbers: readonly number[]): DrawBelow {
  let count = 0;
  return (limit) => {
    count += 1;
    return (numbers[count % numbers.length] ?? 0) % limit;
  };
}

/** Checks at work, and what came of them so far. */
export interface Clinic {
  readonly state: HealthState;
  readonly said: Said[];
  /** Performs an event now. */
  tell(event: HealthEvent): readonly HealthEffect[];
  /** Lets time pass; ticks come when they are asked for, and reactions when they are ready. */
  pass(ms: number): void;
  nowMs(): number;
}

interface Pending {
  readonly atMs: number;
  readonly event: HealthEvent;
}

/** Checks of servers that react as `react` says at the moment when a probe begins. */
export function open(
  targets: readonly Target[],
  react: (server: string, nowMs: number) => Reaction,
  draw: DrawBelow = NEVER,
): Clinic {
  const state = createHealth(draw);
  const said: Said[] = [];
  const pending: Pending[] = [];
  let now = 0;

  function tell(event: HealthEvent): readonly HealthEffect[] {
    const effects = checkHealth(state, event, now);
    for (const effect of effects) {
      said.push({ atMs: now, effect });
      if (effect.kind !== 'begin') continue;
      const reaction = react(effect.target.server, now);
      if (reaction === 'silent') continue;
      const { probe } = effect;
      const outcome: HealthEvent = { kind: 'outcome', probe, outcome: reaction.outcome };
      pending.push({ atMs: now + reaction.afterMs, event: outcome });
    }
    return effects;
  }

  tell({ kind: 'configure', targets });
  return {
    state,
    said,
    tell,
    pass(ms): void {
      const end = now + ms;
      for (;;) {
        pending.sort((a, b) => a.atMs - b.atMs);
        const [next] = pending;
        const tickMs = nextTickMs(state) ?? Number.POSITIVE_INFINITY;
        const atMs = Math.min(tickMs, next?.atMs ?? Number.POSITIVE_INFINITY);
        if (atMs > end) break;
        now = Math.max(now, atMs);
        if (next !== undefined && next.atMs === atMs) pending.shift();
        tell(next !== undefined && next.atMs === atMs ? next.event : { kind: 'tick' });
      }
      now = end;
    },
    nowMs: () => now,
  };
}

/** The changes of a server, as `down at 3000`. */
export function changesOf({ said }: Clinic): readonly string[] {
  return said.flatMap(({ atMs, effect }) =>
    effect.kind === 'health' ? [`${effect.server} ${effect.isUp ? 'up' : 'down'} at ${atMs}`] : [],
  );
}
