/**
 * Checks of servers: one event in, effects out; no clock, no randomness, no input or output.
 *
 *   idle ─ due ─▶ begin ─▶ under way ─ answered, refused ─▶ counted ─▶ idle, an interval after begin
 *                              │                              ▲  └─▶ up or down: the balancer is told
 *                              └─ timeout: give up ───────────┘
 *
 * From a crash between two probes to `down` it takes (fall − 1) · interval at least, and
 * fall · interval + timeout at most, whatever the jitter, when ticks are not late and no limit is
 * reached.
 */
import type { HealthReport, LoadMessage } from '../balancer/change.ts';
import type { DrawBelow } from '../policy/scheduler.ts';
import { createTimeline, NS, putDue, takeDue, type Timeline } from '../sim/network/timeline.ts';
import { isGood, type Outcome } from './check.ts';
import { countResult, countTraffic, FRESH, type Tally } from './tally.ts';
import type { Target, Way } from './target.ts';

/** What can happen to the checks. */
export type HealthEvent<Where = Way> =
  | { readonly kind: 'tick' }
  /** Other targets, after the balancer has been given the configuration that they are of. */
  | { readonly kind: 'configure'; readonly targets: readonly Target<Where>[] }
  /** Something came of a probe that was begun. */
  | { readonly kind: 'outcome'; readonly probe: number; readonly outcome: Outcome }
  /** A client’s connection with a server came about, or failed. */
  | {
      readonly kind: 'traffic';
      readonly service: string;
      readonly server: string;
      readonly isServed: boolean;
    };

/** What is to be done, in order; `health` and `load` are events of the balancer. */
export type HealthEffect<Where = Way> =
  | { readonly kind: 'begin'; readonly probe: number; readonly target: Target<Where> }
  /** Whoever carries the probe out closes its connection, if it is not over just now. */
  | { readonly kind: 'give-up'; readonly probe: number }
  | ({ readonly kind: 'health' } & HealthReport)
  | ({ readonly kind: 'load' } & LoadMessage);

/** A target at work. */
interface Watch<Where> {
  readonly target: Target<Where>;
  tally: Tally;
  /** The probe under way; undefined when none is. */
  probe: number | undefined;
  /** When the last probe began. */
  begunMs: number;
  /** When the next one begins, or this one is given up. */
  dueMs: number;
}

/** Something due of a watch, of no use any more if `probe` is not what is under way. */
interface Appointment<Where> {
  readonly watch: Watch<Where>;
  readonly probe: number | undefined;
}

/** All checks between two events; only `checkHealth` changes it. */
export interface HealthState<Where = Way> {
  readonly draw: DrawBelow;
  readonly underWayMax: number;
  watches: ReadonlyMap<string, Watch<Where>>;
  /** Probes under way by their numbers. */
  readonly underWay: Map<number, Watch<Where>>;
  begins: Timeline<Appointment<Where>>;
  ends: Timeline<Appointment<Where>>;
  /** Probes ever begun. */
  begun: number;
}

/** Most probes that are under way at a time, unless said otherwise: each has a socket. */
export const UNDER_WAY_MAX = 1024;
/** Most probes that begin or are given up in one step; the rest in the next. */
export const WORK_PER_STEP = 256;

/** No checks; `underWayMax`, 1 or more, is how many probes may be under way at a time. */
export function createHealth<Where = Way>(
  draw: DrawBelow,
  underWayMax: number = UNDER_WAY_MAX,
): HealthState<Where> {
  return {
    draw,
    underWayMax,
    watches: new Map(),
    underWay: new Map(),
    begins: createTimeline(),
    ends: createTimeline(),
    begun: 0,
  };
}

/** Performs an event at `nowMs`, which is never earlier than the last, and says what to do. */
export function checkHealth<Where>(
  state: HealthState<Where>,
  event: HealthEvent<Where>,
  nowMs: number,
): readonly HealthEffect<Where>[] {
  return [...perform(state, event, nowMs), ...advance(state, nowMs)];
}

/** When the next tick must be, at the latest; undefined if an event must come first. */
export function nextTickMs<Where>({
  begins,
  ends,
  underWay,
  underWayMax,
}: HealthState<Where>): number | undefined {
  const dues = [ends.heap[0]?.atNs, underWay.size < underWayMax ? begins.heap[0]?.atNs : undefined];
  const known = dues.filter((due) => due !== undefined);
  return known.length === 0 ? undefined : Math.min(...known) / NS.ms;
}

function perform<Where>(
  state: HealthState<Where>,
  event: HealthEvent<Where>,
  nowMs: number,
): readonly HealthEffect<Where>[] {
  switch (event.kind) {
    case 'tick':
      return [];
    case 'configure':
      return configure(state, event.targets, nowMs);
    case 'outcome': {
      const watch = state.underWay.get(event.probe);
      return watch === undefined ? [] : hear(state, watch, event.outcome, nowMs);
    }
    case 'traffic': {
      const watch = state.watches.get(keyOf(event));
      if (watch === undefined) return [];
      return settle(watch, countTraffic(watch.tally, event.isServed, watch.target.check));
    }
    default:
      return event satisfies never;
  }
}

/** What comes too late is as what does not come. */
function hear<Where>(
  state: HealthState<Where>,
  watch: Watch<Where>,
  outcome: Outcome,
  nowMs: number,
): readonly HealthEffect<Where>[] {
  const { target } = watch;
  if (nowMs >= watch.dueMs) return giveUp(state, watch);
  const isSuccess = isGood(target.check.probe, outcome);
  if (isSuccess === undefined) return [];
  const effects = conclude(state, watch, isSuccess);
  const load = outcome.kind === 'answered' ? outcome.load : undefined;
  if (load === undefined || !Number.isFinite(load) || load < 0) return effects;
  const { service, server } = target;
  return [...effects, { kind: 'load', service, server, load }];
}

function giveUp<Where>(
  state: HealthState<Where>,
  watch: Watch<Where>,
): readonly HealthEffect<Where>[] {
  const { probe } = watch;
  const effects = conclude(state, watch, false);
  return probe === undefined ? effects : [{ kind: 'give-up', probe }, ...effects];
}

/** The probe of a watch is over, and the next will be an interval after it began. */
function conclude<Where>(
  state: HealthState<Where>,
  watch: Watch<Where>,
  isSuccess: boolean,
): readonly HealthEffect<Where>[] {
  if (watch.probe !== undefined) state.underWay.delete(watch.probe);
  watch.probe = undefined;
  const { check } = watch.target;
  const effects = settle(watch, countResult(watch.tally, isSuccess, check));
  // While results are counted the interval is exact, or jitter would move the moment they decide.
  const earlierMs = watch.tally.against > 0 ? 0 : state.draw(check.jitterMs + 1);
  watch.dueMs = watch.begunMs + check.intervalMs - earlierMs;
  appoint(state, watch);
  return effects;
}

function settle<Where>(watch: Watch<Where>, tally: Tally): readonly HealthEffect<Where>[] {
  const isChanged = tally.isUp !== watch.tally.isUp;
  watch.tally = tally;
  return isChanged ? [report(watch)] : [];
}

function report<Where>({ target: { service, server }, tally }: Watch<Where>): HealthEffect<Where> {
  return { kind: 'health', service, server, isUp: tally.isUp };
}

function advance<Where>(state: HealthState<Where>, nowMs: number): readonly HealthEffect<Where>[] {
  const effects: HealthEffect<Where>[] = [];
  const { ends, begins, underWay, underWayMax } = state;
  let left = WORK_PER_STEP;
  while (left > 0 && isDue(ends, nowMs)) {
    const { watch, probe } = takeDue(ends)?.what ?? {};
    if (watch === undefined || watch.probe !== probe) continue;
    left -= 1;
    effects.push(...giveUp(state, watch));
  }
  while (left > 0 && underWay.size < underWayMax && isDue(begins, nowMs)) {
    const watch = takeDue(begins)?.what.watch;
    if (watch === undefined) continue;
    left -= 1;
    effects.push(begin(state, watch, nowMs));
  }
  forgetEnded(ends);
  return effects;
}

/** Else a tick would be asked for when a probe would have been given up that is over. */
function forgetEnded<Where>(ends: Timeline<Appointment<Where>>): void {
  const { heap } = ends;
  while (heap[0] !== undefined && heap[0].what.watch.probe !== heap[0].what.probe) takeDue(ends);
}

/** What begins late is not made up for: the next is an interval after it. */
function begin<Where>(
  state: HealthState<Where>,
  watch: Watch<Where>,
  nowMs: number,
): HealthEffect<Where> {
  const probe = state.begun;
  state.begun += 1;
  state.underWay.set(probe, watch);
  watch.probe = probe;
  watch.begunMs = nowMs;
  watch.dueMs = nowMs + watch.target.check.timeoutMs;
  appoint(state, watch);
  return { kind: 'begin', probe, target: watch.target };
}

function appoint<Where>({ begins, ends }: HealthState<Where>, watch: Watch<Where>): void {
  const { probe, dueMs } = watch;
  putDue(probe === undefined ? begins : ends, dueMs * NS.ms, { watch, probe });
}

function isDue<Where>({ heap: [first] }: Timeline<Appointment<Where>>, nowMs: number): boolean {
  return first !== undefined && first.atNs <= nowMs * NS.ms;
}

/**
 * Other targets: one that stays as it is goes on, and one that is only checked otherwise keeps
 * whether it is up.
 *
 * The balancer hears again of all that are down, for it may have begun anew with them, and of those
 * that are not any more: nobody would ever bring them back.
 */
function configure<Where>(
  state: HealthState<Where>,
  targets: readonly Target<Where>[],
  nowMs: number,
): readonly HealthEffect<Where>[] {
  const former = new Map(state.watches);
  const watches = new Map<string, Watch<Where>>();
  const effects: HealthEffect<Where>[] = [];
  for (const target of targets) {
    const key = keyOf(target);
    const known = former.get(key);
    const goesOn = known !== undefined && isSame(known.target, target);
    if (goesOn) former.delete(key);
    watches.set(key, goesOn ? known : createWatch(state, target, known, nowMs));
  }
  for (const watch of former.values()) effects.push(...dismiss(state, watch));
  for (const watch of watches.values()) if (!watch.tally.isUp) effects.push(report(watch));
  state.watches = watches;
  state.begins = createTimeline();
  state.ends = createTimeline();
  for (const watch of watches.values()) appoint(state, watch);
  return effects;
}

function createWatch<Where>(
  { draw }: HealthState<Where>,
  target: Target<Where>,
  known: Watch<Where> | undefined,
  nowMs: number,
): Watch<Where> {
  const staysDown = known?.tally.isUp === false && isSame(known.target.way, target.way);
  return {
    target,
    tally: { ...FRESH, isUp: !staysDown },
    probe: undefined,
    begunMs: nowMs,
    // Not all at once.
    dueMs: nowMs + draw(target.check.intervalMs),
  };
}

function dismiss<Where>(
  state: HealthState<Where>,
  watch: Watch<Where>,
): readonly HealthEffect<Where>[] {
  const effects: HealthEffect<Where>[] = [];
  if (watch.probe !== undefined) {
    state.underWay.delete(watch.probe);
    effects.push({ kind: 'give-up', probe: watch.probe });
  }
  if (!watch.tally.isUp) {
    const { service, server } = watch.target;
    effects.push({ kind: 'health', service, server, isUp: true });
  }
  return effects;
}

/** Targets are data, a few words long. */
function isSame<T>(a: T, b: T): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function keyOf({ service, server }: Pick<Target, 'service' | 'server'>): string {
  return JSON.stringify([service, server]);
}
