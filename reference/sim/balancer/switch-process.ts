/**
 * A server switch as a process: frames at its ports, and the probes of its servers.
 *
 *   frame ─▶ for a probe? ─▶ its model TCP ─▶ checks ─▶ up or down ─▶ the switch
 *               └─ no ─▶ the switch
 *
 * Only the active one of several switches probes: what servers answer reaches no other.
 */
import type { MacAddress } from 'scapy-ts';
import { createBalancer, step, type BalancerState, type Effect } from '../../balancer/balancer.ts';
import type { SwitchPlan } from '../../balancer/document/schema.ts';
import { readAddress, route } from '../../balancer/link.ts';
import { viewPacket } from '../../balancer/packet.ts';
import { completeCheck, findCheckFaults } from '../../health/check.ts';
import {
  checkHealth,
  createHealth,
  nextTickMs,
  type HealthEffect,
  type HealthEvent,
} from '../../health/checker.ts';
import { targetsOf } from '../../health/target.ts';
import type { DrawBelow } from '../../policy/scheduler.ts';
import { destinationAt, findEtherType } from '../../rules/frame-view.ts';
import { learn } from '../../switch/mac-table.ts';
import { TCP_AT } from '../../tcp/header.ts';
import { readUint16 } from '../../tcp/word.ts';
import type { Process, ProcessEffect } from '../network/process.ts';
import { NS } from '../network/timeline.ts';
import { createProbes, type ProbeNews, type Probes, type ProbeSource } from './probes.ts';

/** A server switch on the network. */
export interface SwitchProcess extends Process {
  readonly state: BalancerState;
  /**
   * Gives it another plan, or none of it and the fault; with the first it begins to be the active
   * one, or to take part in the election.
   */
  readonly configure: (
    plan: SwitchPlan,
    nowNs: number,
  ) => { readonly fault: string | undefined; readonly effects: readonly ProcessEffect[] };
}

/** What a server switch is made with. */
export interface SwitchOptions {
  readonly mac: MacAddress;
  readonly ports: readonly number[];
  /** For policies that choose by chance. */
  readonly draw: DrawBelow;
  /** For the jitter of checks. */
  readonly drawJitter: DrawBelow;
  /** First numbers of the connections of probes: 0 … 2^32 − 1. */
  readonly random: () => number;
}

function findFault({ options, checks }: SwitchPlan): string | undefined {
  if (checks.size > 0 && (options.addresses ?? []).length === 0) {
    return 'checks need an address of the switch to probe from';
  }
  for (const { name, mode } of options.services) {
    const check = checks.get(name);
    const [fault] = check === undefined ? [] : findCheckFaults(completeCheck(check, mode), mode);
    if (fault !== undefined) return `service ${name}, ${fault.field}: needs ${fault.need}`;
  }
  return undefined;
}

/** From where a switch probes: the last of its addresses; the first is the source of tunnels. */
function sourceOf({ config }: BalancerState): ProbeSource {
  const [tunnelSource] = config.addresses;
  const address = config.addresses.at(-1);
  if (tunnelSource === undefined || address === undefined) {
    throw new Error('a switch without an address has no checks');
  }
  return { mac: config.mac, address, tunnelSource };
}

/** The port of the switch's own that a frame for one of its probes is sent to. */
function probePort(
  { config, macs, nowNs }: BalancerState,
  probes: Probes,
  { port, octets }: { readonly port: number; readonly octets: Uint8Array },
): number | undefined {
  if (probes.isIdle()) return undefined;
  const view = viewPacket(octets, findEtherType(octets));
  if (view.kind !== 'segment') return undefined;
  const local = readUint16(octets, view.ip.transportAt + TCP_AT.dstPort);
  if (!probes.isFor(readAddress(octets, destinationAt(view.ip)), local)) return undefined;
  learn(macs, octets, port, nowNs, config.limits.stations);
  return local;
}

/** A server switch without services. */
export function createSwitch(made: SwitchOptions): SwitchProcess {
  const { mac, ports, draw, drawJitter, random } = made;
  const state = createBalancer({ mac, ports, services: [] }, draw);
  const health = createHealth(drawJitter);
  const probes = createProbes(random);
  let plan: SwitchPlan | undefined;
  let isProbing = false;

  function emissionsOf(effects: readonly Effect[]): readonly ProcessEffect[] {
    return effects.flatMap((effect) =>
      effect.kind === 'emit' ? [{ kind: 'frame', port: effect.port, octets: effect.octets }] : [],
    );
  }

  function follow({ frames, outcomes }: ProbeNews, nowNs: number): readonly ProcessEffect[] {
    const sent = frames.flatMap((octets) =>
      emissionsOf(route(state.macs, state.config.ports, octets)),
    );
    const told = outcomes.flatMap((each) => check({ kind: 'outcome', ...each }, nowNs));
    return [...sent, ...told];
  }

  function carryOut(effect: HealthEffect, nowNs: number): readonly ProcessEffect[] {
    switch (effect.kind) {
      case 'begin':
        return follow(probes.begin(sourceOf(state), effect.probe, effect.target, nowNs), nowNs);
      case 'give-up':
        return follow(probes.giveUp(effect.probe, nowNs), nowNs);
      case 'health':
      case 'load':
        return emissionsOf(step(state, effect));
      default:
        return effect satisfies never;
    }
  }

  function check(event: HealthEvent, nowNs: number): readonly ProcessEffect[] {
    const nowMs = Math.floor(nowNs / NS.ms);
    return checkHealth(health, event, nowMs).flatMap((effect) => carryOut(effect, nowNs));
  }

  /** Begins to check, or ends checking, as the switch becomes active, or ends being so. */
  function settle(nowNs: number, isChanged: boolean): readonly ProcessEffect[] {
    if (!isChanged && isProbing === state.isActive) return [];
    isProbing = state.isActive;
    const checked = plan !== undefined && isProbing ? plan : undefined;
    const targets = checked === undefined ? [] : targetsOf(state.config.services, checked.checks);
    return check({ kind: 'configure', targets }, nowNs);
  }

  function advance(nowNs: number): readonly ProcessEffect[] {
    return [
      ...emissionsOf(step(state, { kind: 'tick', nowNs: BigInt(Math.round(nowNs)) })),
      ...follow(probes.tick(nowNs), nowNs),
      ...check({ kind: 'tick' }, nowNs),
    ];
  }

  return {
    state,
    // Connections that are due are found when the next frame comes.
    nextAtNs(): number | undefined {
      const { election } = state;
      const checkMs = nextTickMs(health);
      const times = [
        // It knows the time in whole milliseconds.
        election.role === 'out' ? undefined : Math.ceil(election.dueMs) * NS.ms,
        checkMs === undefined ? undefined : checkMs * NS.ms,
        probes.nextAtNs(),
      ].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    step(event, nowNs): readonly ProcessEffect[] {
      const before = advance(nowNs);
      if (event.kind !== 'frame') return [...before, ...settle(nowNs, false)];
      const probe = probePort(state, probes, event);
      const heard =
        probe === undefined
          ? emissionsOf(step(state, { kind: 'frame', port: event.port, octets: event.octets }))
          : follow(probes.hear(probe, event.octets, nowNs), nowNs);
      return [...before, ...heard, ...settle(nowNs, false)];
    },
    configure(next, nowNs) {
      const before = advance(nowNs);
      const fault = findFault(next);
      if (fault !== undefined) return { fault, effects: before };
      const told = step(state, { kind: 'configure', options: next.options });
      const refused = told.find((effect) => effect.kind === 'refused');
      if (refused !== undefined) return { fault: refused.fault, effects: before };
      const begun = plan === undefined ? step(state, { kind: 'role', isActive: true }) : [];
      plan = next;
      const effects = [...before, ...emissionsOf([...told, ...begun]), ...settle(nowNs, true)];
      return { fault: undefined, effects };
    },
  };
}
