/**
 * What changes a controller while it runs: another site, and what checks say of its backends.
 *
 * What is established stays: a change is for what is chosen after it. Only a pool that declares so
 * resets the connections of a server that is down, or is taken out of it.
 */
import { note, setTimer } from '../owner/act.ts';
import { openSite } from '../policy/site-at-work.ts';
import type { Site } from '../policy/site.ts';
import { formatSiteFault, siteFault } from '../policy/site-fault.ts';
import { act, send } from './act.ts';
import { boundTo, countBound } from './bound.ts';
import type { Proxying } from './connection.ts';
import type { Change, ControllerEffect, HealthReport } from './event.ts';
import { deleteRule, readNext } from './phases.ts';
import { cutOff } from './proxy.ts';
import { advance } from './reading.ts';
import { isDown, openCache, pulseOf, type ControllerState, type Turn } from './state.ts';

/** Takes a change, or refuses all of it. */
export function configure(
  state: ControllerState,
  { site, backends = state.config.backends }: Change,
  effects: ControllerEffect[],
): void {
  const fault = siteFault(site, new Set(backends.map(({ name }) => name)));
  if (fault !== undefined) {
    effects.push({ kind: 'configured', fault: formatSiteFault(fault) });
    return;
  }
  const former = state.config.backends.filter(
    ({ name }) => state.active.has(name) && !backends.some((each) => each.name === name),
  );
  if (!isSame(state.config.site.cache, site.cache)) state.cache = openCache(site);
  state.config = { ...state.config, site, backends: [...backends, ...former] };
  const known = new Map(state.pulses);
  state.pulses.clear();
  for (const { name, hasAgent } of state.config.backends) {
    if (hasAgent) state.pulses.set(name, known.get(name) ?? pulseOf());
  }
  state.site = openSite(site, state.draw, state.site);
  dismissTheDeparted(state, effects);
  effects.push({ kind: 'configured', fault: undefined });
}

/** A few numbers. */
function isSame(a: Site['cache'], b: Site['cache']): boolean {
  return a?.octetsMax === b?.octetsMax && a?.entryOctetsMax === b?.entryOctetsMax;
}

/** Notes what a check says of a backend. */
export function noteHealth(
  state: ControllerState,
  { backend, pool, isUp }: HealthReport,
  effects: ControllerEffect[],
): void {
  const where = state.down.get(backend) ?? new Set();
  if (isUp) where.delete(pool);
  else where.add(pool);
  if (where.size === 0) state.down.delete(backend);
  else state.down.set(backend, where);
  if (isUp) return;
  loseTargets(state, backend, pool);
  dismissTheDeparted(state, effects);
}

/** Tells the policies that a backend is down, of all pools or of one. */
export function loseTargets({ site }: ControllerState, backend: string, only?: string): void {
  for (const [name, { places, scheduler }] of site.pools) {
    const place = places.get(backend);
    const isMeant = only === undefined || only === name;
    if (isMeant && place !== undefined) scheduler.lost?.(place);
  }
}

/** Gives a backend's report of its load to the policies that look at reports. */
export function noteLoad({ site, nowMs }: ControllerState, backend: string, load: number): void {
  // Whoever reports is not of this process.
  if (!Number.isFinite(load) || load < 0) return;
  for (const { places, scheduler } of site.pools.values()) {
    const place = places.get(backend);
    if (place !== undefined) scheduler.report?.({ place, load, atMs: nowMs });
  }
}

function dismissTheDeparted(state: ControllerState, effects: ControllerEffect[]): void {
  for (const connection of state.connections.values()) {
    const turn = { state, connection, effects };
    const owner = boundTo(connection.phase);
    if (owner === undefined || !mustLeave(turn, owner)) continue;
    dismiss(turn, owner);
    advance(turn);
    countBound(state, connection);
  }
}

/** Whether a connection cannot stay: its server is down or gone, and its pool says so. */
function mustLeave({ state, connection }: Turn, owner: string): boolean {
  const { phase } = connection;
  const isGone = isDown(state, owner, connection.pool ?? '');
  // It would be waited for in vain, and another can have the request.
  if (isGone && phase.kind === 'proxying' && !phase.isOpen) return true;
  const pool = state.site.pools.get(connection.pool ?? '');
  return pool?.pool.departed === 'reset' && (isGone || !pool.places.has(owner));
}

function dismiss(turn: Turn, owner: string): void {
  const { connection, state } = turn;
  const { phase } = connection;
  note(turn, `${owner} has departed`);
  if (phase.kind === 'proxying') leave(turn, phase);
  else if (phase.kind === 'spliced') deleteRule(turn);
  else if (phase.kind === 'away') {
    connection.phase = { kind: 'dismissing', owner, epoch: phase.epoch, tries: 0 };
    send(turn, owner, { kind: 'dismiss', epoch: phase.epoch });
    setTimer(turn, state.config.retryMs);
  }
}

/** The owner has not said that it has reset its client. */
export function repeatDismissal(turn: Turn): void {
  const { connection, state } = turn;
  const { phase } = connection;
  if (phase.kind !== 'dismissing') return;
  phase.tries += 1;
  if (phase.tries >= state.config.triesMax) deleteRule(turn);
  else {
    send(turn, phase.owner, { kind: 'dismiss', epoch: phase.epoch });
    setTimer(turn, state.config.retryMs);
  }
}

/** Nothing was sent: another may have the request. */
function leave(turn: Turn, phase: Proxying): void {
  if (phase.isOpen) cutOff(turn, phase);
  else {
    act(turn, { kind: 'upstream-abort' });
    readNext(turn);
  }
}
