/**
 * Checks of the servers, from the controllers' machine: each controller hears who is down.
 *
 *   due ─▶ probe over a model TCP ─▶ outcome ─▶ up or down in this pool ─▶ the service's controller
 */
import { completeCheck } from '../../../reference/health/check.ts';
import {
  checkHealth,
  createHealth,
  nextTickMs,
  type HealthEffect,
  type HealthEvent,
} from '../../../reference/health/checker.ts';
import type { Target } from '../../../reference/health/target.ts';
import type { ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createProbes, type ProbeNews } from '../../../reference/sim/balancer/probes.ts';
import type { Pool, ServerName, VirtualService } from '../../driver/balancer.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import { checkOf } from '../virtual-bed/policy.ts';
import type { Sharer } from './sharing.ts';
import { OTHERWISE, routePool } from './site.ts';
import { endsOf, type FrameEnds } from './tenant.ts';

const NS_PER_MS = 1e6;

/** What a check has found out about a server of a pool, of the service at this place. */
export type OnHealth = (
  place: number,
  health: { readonly pool: string; readonly backend: string; readonly isUp: boolean },
) => void;

/** Who checks. */
export interface Checker extends Sharer<FrameEnds> {
  /** Checks the servers of these services, by the places of their tenants, from the next step on. */
  readonly configure: (services: ReadonlyMap<number, VirtualService>) => void;
}

function targetsOfPool(name: string, port: number, { servers, check }: Pool): readonly Target[] {
  if (check === undefined) return [];
  return servers.flatMap((server: ServerName) =>
    SERVER_HOSTS.filter((host) => host.name === server).map(({ address, mac }): Target => {
      const way = { address, port, mac, tunnel: undefined };
      return { service: name, server, way, check: completeCheck(checkOf(check), 'nat') };
    }),
  );
}

function targetsOf(services: ReadonlyMap<number, VirtualService>): readonly Target[] {
  return [...services].flatMap(([place, service]) => {
    const { port, serverPort = port, routes = [] } = service;
    const targetsIn = (name: string, pool: Pool): readonly Target[] =>
      targetsOfPool(`${place} ${name}`, serverPort, pool);
    return [
      ...routes.flatMap(({ pool }, nth) => targetsIn(routePool(nth), pool)),
      ...targetsIn(OTHERWISE, service),
    ];
  });
}

/** Nobody is checked yet; `random` is where the numbers of probes' connections come from. */
export function createChecker(random: () => number, onHealth: OnHealth): Checker {
  const [tunnelSource, address] = BALANCER_ADDRESSES;
  const source = { mac: BALANCER_MAC, address, tunnelSource };
  const health = createHealth(() => 0);
  const probes = createProbes(random);
  let targets: readonly Target[] | undefined;

  function note({ service, server, isUp }: Extract<HealthEffect, { kind: 'health' }>): void {
    const [place, pool = ''] = service.split(' ');
    onHealth(Number(place), { pool, backend: server, isUp });
  }

  function follow({ frames, outcomes }: ProbeNews, nowNs: number): readonly ProcessEffect[] {
    const sent = frames.map((octets): ProcessEffect => ({ kind: 'frame', port: 0, octets }));
    return [...sent, ...outcomes.flatMap((each) => check({ kind: 'outcome', ...each }, nowNs))];
  }

  function check(event: HealthEvent, nowNs: number): readonly ProcessEffect[] {
    const effects = checkHealth(health, event, Math.floor(nowNs / NS_PER_MS));
    return effects.flatMap((effect): readonly ProcessEffect[] => {
      if (effect.kind === 'begin') {
        return follow(probes.begin(source, effect.probe, effect.target, nowNs), nowNs);
      }
      if (effect.kind === 'give-up') return follow(probes.giveUp(effect.probe, nowNs), nowNs);
      if (effect.kind === 'health') note(effect);
      return [];
    });
  }

  return {
    takes(ends) {
      const local = ends?.local;
      return typeof local?.address === 'number' && probes.isFor(local.address, local.port);
    },
    configure(services): void {
      targets = targetsOf(services);
    },
    process: {
      nextAtNs(): number | undefined {
        if (targets !== undefined) return 0;
        const dueMs = nextTickMs(health);
        const dueNs = dueMs === undefined ? Infinity : dueMs * NS_PER_MS;
        const atNs = Math.min(dueNs, probes.nextAtNs() ?? Infinity);
        return atNs === Infinity ? undefined : atNs;
      },
      step(event, nowNs): readonly ProcessEffect[] {
        const changed = targets;
        targets = undefined;
        const before =
          changed === undefined ? [] : check({ kind: 'configure', targets: changed }, nowNs);
        const port = event.kind === 'frame' ? endsOf(event.octets)?.local.port : undefined;
        const heard =
          event.kind === 'frame' && port !== undefined
            ? follow(probes.hear(port, event.octets, nowNs), nowNs)
            : [];
        const due = [...follow(probes.tick(nowNs), nowNs), ...check({ kind: 'tick' }, nowNs)];
        return [...before, ...heard, ...due];
      },
    },
  };
}
