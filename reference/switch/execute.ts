/**
 * Commands on the rule table. A refused command has no effect.
 *
 *   add ──▶ invalid? unsupported? conflict? ──▶ stale? ──▶ exists? full? ──▶ linked
 *   chown ▶ invalid? stale? unknown? ──▶ invalid? unsupported? conflict? ──▶ linked anew
 *   lock, unlock ──▶ invalid? stale? unknown? ──▶ set
 *   delete ────────▶ invalid? stale? ──▶ gone, its epoch kept
 */
import { setBounded } from '../control/bounded-map.ts';
import type { Command, Refusal, Reply, RuleStatus } from '../control/command.ts';
import { findKeyFault, findRuleFault } from '../rules/rule-fault.ts';
import type { ConnectionKey, Rule, WindowShift } from '../rules/rule.ts';
import { sameRule } from '../rules/rule.ts';
import type { Capability } from './config.ts';
import { readLeaseLeftMs } from './expiry.ts';
import type { Entry } from './rule-table.ts';
import { entryKey, isConfusable, link, relink, unlink } from './rule-table.ts';
import type { SwitchState } from './state.ts';
import { TOMBSTONES_MAX } from './state.ts';

type AddCommand = Extract<Command, { readonly op: 'add' }>;
type GetCommand = Extract<Command, { readonly op: 'get' }>;
type KeyedCommand = Exclude<Command, AddCommand | GetCommand>;
type ChangeCommand = Exclude<KeyedCommand, { readonly op: 'delete' }>;

/** What a rule may need of a switch. */
const NEEDS: readonly (readonly [Capability, (rule: Rule) => boolean])[] = [
  ['V6', ({ key }) => typeof key.client.address === 'bigint'],
  ['SPLICE', ({ deltas }) => (deltas.clientSeq | deltas.ownerSeq) !== 0],
  ['TS', ({ deltas }) => (deltas.clientTimestamp | deltas.ownerTimestamp) !== 0],
  ['WS', ({ deltas }) => [deltas.clientWindow, deltas.ownerWindow].some(rescales)],
];

/** Performs one command on the rules of `state`, in place. */
export function execute(state: SwitchState, command: Command): Reply {
  if (command.op === 'get') return { ok: true, op: 'get', rules: list(state) };
  if (!Number.isSafeInteger(command.epoch)) {
    return refuse(command.op, 'invalid', `epoch: need a safe integer, have ${command.epoch}`);
  }
  if (command.op === 'add') return add(state, command);
  const fault = findKeyFault(command.key);
  if (fault !== undefined) return refuse(command.op, 'invalid', `need ${fault}`);
  const entry = state.rules.entries.get(entryKey(command.key));
  const last = lastEpoch(state, command.key);
  if (command.epoch < last) return refuseStale(command.op, command.epoch, last);
  if (command.op === 'delete') {
    bury(state, command.key, command.epoch);
    return accept('delete');
  }
  if (entry === undefined) {
    return refuse(command.op, 'unknown', 'the connection has no rule');
  }
  return change(state, entry, command);
}

/** Removes the rule of `key`, if there is one, and what is held for it; its epoch stays known. */
export function bury(state: SwitchState, key: ConnectionKey, epoch: number): void {
  const entry = state.rules.entries.get(entryKey(key));
  if (entry !== undefined) {
    unlink(state.rules, entry);
    state.counters.dropped.deleted += entry.held.length;
  }
  setBounded(state.tombstones, entryKey(key), epoch, TOMBSTONES_MAX);
}

function add(state: SwitchState, { rule, epoch }: AddCommand): Reply {
  const refusal = refuseRule(state, 'add', rule);
  if (refusal !== undefined) return refusal;
  const last = lastEpoch(state, rule.key);
  if (epoch < last) return refuseStale('add', epoch, last);
  const known = state.rules.entries.get(entryKey(rule.key));
  if (known !== undefined) {
    if (!sameRule(known.rule, rule)) {
      return refuse('add', 'exists', 'the connection has another rule');
    }
    known.epoch = epoch;
    return accept('add');
  }
  if (state.rules.entries.size >= state.config.capacity) {
    return refuse('add', 'full', `all ${state.config.capacity} rules are in use`);
  }
  state.tombstones.delete(entryKey(rule.key));
  link(state.rules, {
    rule,
    epoch,
    former: new Map(),
    lockedNs: state.nowNs,
    usedNs: state.nowNs,
    held: [],
    fromClient: { packets: 0, octets: 0 },
    fromOwner: { packets: 0, octets: 0 },
  });
  return accept('add');
}

function change(state: SwitchState, entry: Entry, command: ChangeCommand): Reply {
  if (command.op === 'chown') {
    const { owner, deltas = entry.rule.deltas, unlock } = command;
    const rule: Rule = { ...entry.rule, owner, deltas, locked: entry.rule.locked && !unlock };
    const refusal = refuseRule(state, 'chown', rule);
    if (refusal !== undefined) return refusal;
    relink(state.rules, entry, rule);
  } else {
    entry.rule = { ...entry.rule, locked: command.op === 'lock' };
    entry.lockedNs = state.nowNs;
  }
  entry.epoch = command.epoch;
  return accept(command.op);
}

/** The epoch of the last accepted command for `key`; 0 if none is known. */
function lastEpoch(state: SwitchState, key: ConnectionKey): number {
  const name = entryKey(key);
  return state.rules.entries.get(name)?.epoch ?? state.tombstones.get(name) ?? 0;
}

/** Why this switch cannot have `rule`, whatever its epoch; undefined if it can. */
function refuseRule(state: SwitchState, op: 'add' | 'chown', rule: Rule): Reply | undefined {
  const fault = findRuleFault(rule);
  if (fault !== undefined) return refuse(op, 'invalid', `need ${fault}`);
  const { capabilities } = state.config;
  const lacking = NEEDS.find(([each, isNeeded]) => !capabilities.has(each) && isNeeded(rule));
  if (lacking !== undefined) {
    return refuse(op, 'unsupported', `the rule needs ${lacking[0]}, which this switch has not`);
  }
  return isConfusable(state.rules, rule)
    ? refuse(op, 'conflict', 'its segments would look like those of another rule')
    : undefined;
}

function list(state: SwitchState): readonly RuleStatus[] {
  return [...state.rules.entries.values()].map((entry) => status(state, entry));
}

function status(state: SwitchState, entry: Entry): RuleStatus {
  return {
    rule: entry.rule,
    epoch: entry.epoch,
    leaseLeftMs: readLeaseLeftMs(state, entry),
    fromClient: { ...entry.fromClient },
    fromOwner: { ...entry.fromOwner },
  };
}

function rescales(window: WindowShift): boolean {
  return window.in !== window.out;
}

function accept(op: Command['op']): Reply {
  return { ok: true, op, rules: [] };
}

function refuse(op: Command['op'], error: Refusal, detail: string): Reply {
  return { ok: false, op, error, detail };
}

function refuseStale(op: Command['op'], epoch: number, last: number): Reply {
  return refuse(op, 'stale', `epoch ${epoch} came after epoch ${last}`);
}
