/** What changes a server switch but frames and its role: configuration, checks, time. */
import { forgetSilent } from '../switch/mac-table.ts';
import type { BalancerOptions } from './config.ts';
import { completeConfig } from './config.ts';
import { findConfigFault } from './config-fault.ts';
import { expire } from './connection-table.ts';
import type { Emission } from './link.ts';
import { indexServices } from './service-index.ts';
import type { BalancerState } from './state.ts';
import { announce, settle, watch } from './takeover.ts';

/** The answer to a configuration; a refused one has no effect. */
export type Configured =
  { readonly kind: 'configured' } | { readonly kind: 'refused'; readonly fault: string };

/** A check of a server, by the names of its service and of itself, has come to a conclusion. */
export interface HealthReport {
  readonly service: string;
  readonly server: string;
  readonly isUp: boolean;
}

/** How much a server says that it has to do; the unit is the pool's. */
export interface LoadMessage {
  readonly service: string;
  readonly server: string;
  readonly load: number;
}

/** Most connections of one queue that a tick forgets; frames forget the rest, a few each. */
const EXPIRED_PER_TICK = 4096;
const NS_PER_MS = 1_000_000n;

/** Gives the switch another configuration; connections stay with their servers. */
export function configure(
  state: BalancerState,
  options: BalancerOptions,
): readonly (Emission | Configured)[] {
  const config = completeConfig(options);
  const fault = findConfigFault(config);
  if (fault !== undefined) return [{ kind: 'refused', fault }];
  const former = state.services.virtuals;
  state.config = config;
  state.services = indexServices(config.services, state.draw, state.services);
  for (const [address, { port }] of state.macs) {
    if (!config.ports.includes(port)) state.macs.delete(address);
  }
  const added = [...state.services.virtuals].filter((address) => !former.has(address));
  if (state.isActive) state.unannounced = [...state.unannounced, ...added];
  settle(state);
  return [{ kind: 'configured' }, ...announce(state)];
}

/** Notes what a check says; of a server that is not there any more nothing is noted. */
export function noteHealth(
  { services }: BalancerState,
  { service, server, isUp }: HealthReport,
): void {
  const members = services.byName.get(service)?.members ?? [];
  const member = members.find((each) => each.server.name === server);
  if (member !== undefined) member.isUp = isUp;
}

/** Gives a server's report of its load to the policy, if that looks at reports. */
export function noteLoad(
  { services, nowMs }: BalancerState,
  { service, server, load }: LoadMessage,
): void {
  const pool = services.byName.get(service);
  const place = pool?.members.findIndex((each) => each.server.name === server) ?? -1;
  if (place >= 0) pool?.policy.scheduler.report?.({ place, load, atMs: nowMs });
}

/** Time has come to `nowNs`. */
export function advance(state: BalancerState, nowNs: bigint): readonly Emission[] {
  const { table, config, macs } = state;
  state.nowNs = nowNs;
  state.nowMs = Number(nowNs / NS_PER_MS);
  forgetSilent(macs, nowNs);
  state.mayBeDue = expire(table, config.timers, state.nowMs, EXPIRED_PER_TICK);
  return [...watch(state), ...announce(state)];
}
