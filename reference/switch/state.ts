/** What a switch is between two events. */
import type { Counters } from './counters.ts';
import { createCounters } from './counters.ts';
import type { SwitchConfig, SwitchOptions } from './config.ts';
import { completeConfig } from './config.ts';
import type { FragmentTable } from './fragment-table.ts';
import type { MacTable } from './mac-table.ts';
import type { RuleTable } from './rule-table.ts';
import { createRuleTable } from './rule-table.ts';

/** Most epochs of deleted rules that are remembered; the oldest is forgotten. */
export const TOMBSTONES_MAX = 4096;

/** A switch between two events; only `step` changes it. */
export interface SwitchState {
  readonly config: SwitchConfig;
  readonly rules: RuleTable;
  /** Last epoch of rules that are gone, so that a delayed older ADD does not bring one back. */
  readonly tombstones: Map<string, number>;
  readonly macs: MacTable;
  readonly fragments: FragmentTable;
  readonly counters: Counters;
  nowNs: bigint;
}

/** A switch without rules; throws TypeError if the configuration contradicts itself. */
export function createSwitch(options: SwitchOptions): SwitchState {
  const config = completeConfig(options);
  return {
    config,
    rules: createRuleTable(config.capabilities.has('L3') ? 1 : 0),
    tombstones: new Map(),
    macs: new Map(),
    fragments: new Map(),
    counters: createCounters(),
    nowNs: 0n,
  };
}
