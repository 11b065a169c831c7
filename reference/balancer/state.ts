/** What a server switch is between two events. */
import type { Ipv4Address } from 'scapy-ts';
import type { DrawBelow } from '../policy/scheduler.ts';
import type { MacTable } from '../switch/mac-table.ts';
import type { Allowance } from './allowance.ts';
import type { BalancerConfig, BalancerOptions } from './config.ts';
import { completeConfig } from './config.ts';
import { findConfigFault } from './config-fault.ts';
import type { ConnectionTable } from './connection-table.ts';
import { createTable } from './connection-table.ts';
import type { Counters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { Election } from './election.ts';
import { OUT } from './election.ts';
import type { Datagrams } from './fragments.ts';
import type { Rate } from './rate.ts';
import type { ServiceIndex } from './service-index.ts';
import { indexServices } from './service-index.ts';

/** A server switch between two events; only `step` changes it. */
export interface BalancerState {
  config: BalancerConfig;
  services: ServiceIndex;
  /** For policies that choose by chance. */
  readonly draw: DrawBelow;
  readonly table: ConnectionTable;
  readonly macs: MacTable;
  readonly datagrams: Datagrams;
  readonly counters: Counters;
  readonly allowance: Allowance;
  /** Connections opened. */
  readonly rate: Rate;
  /** Whether it answers for its addresses, and balances; one of several switches does. */
  isActive: boolean;
  /** Where it is in the election, if there is one. */
  election: Election;
  /** Addresses that are still to be announced. */
  unannounced: readonly Ipv4Address[];
  /** Whether connections may be due that are not yet removed. */
  mayBeDue: boolean;
  /** Of the last packet that left in a tunnel. */
  tunnelId: number;
  nowNs: bigint;
  /** The same, in whole milliseconds. */
  nowMs: number;
}

/** A switch on standby, without connections; throws TypeError if the configuration cannot be. */
export function createBalancer(options: BalancerOptions, draw: DrawBelow): BalancerState {
  const config = completeConfig(options);
  const fault = findConfigFault(config);
  if (fault !== undefined) throw new TypeError(fault);
  return {
    config,
    services: indexServices(config.services, draw),
    draw,
    table: createTable(),
    macs: new Map(),
    datagrams: new Map(),
    counters: createCounters(),
    allowance: { left: config.limits.answersPerSecond, filledMs: 0 },
    rate: { second: 0, running: 0, last: 0 },
    isActive: false,
    election: OUT,
    unannounced: [],
    mayBeDue: false,
    tunnelId: 0,
    nowNs: 0n,
    nowMs: 0,
  };
}
