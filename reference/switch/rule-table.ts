/**
 * The rules, and for every flow of one what becomes of its segments.
 *
 *   client  ▶ virtual   rewritten for the owner
 *   owner   ▶ client    rewritten as the virtual endpoint; if the owner *is* that endpoint (direct
 *                       server return), its MAC address must be the owner's too
 *   virtual ▶ client    barred: the controller's own stack, or a forger
 *   former  ▶ client    barred: an owner that the connection has left
 *
 * A current flow beats a barred one, for an endpoint may be left and come back. Any number of rules
 * may bar a flow, so bars are counted.
 */
import { setBounded } from '../control/bounded-map.ts';
import type { RuleView } from '../rules/frame-view.ts';
import type { Plan } from '../rules/plan.ts';
import { planClient, planOwner } from '../rules/plan.ts';
import type { ConnectionKey, Endpoint, Rule } from '../rules/rule.ts';
import { flowKey, hostsKey } from './flow-key.ts';

/** Most former owners of one rule that are barred; beyond it the first is forgotten. */
export const FORMER_OWNERS_MAX = 64;

/** A frame that a rule is to translate, as it came in; it may have to wait for the unlock. */
export interface Passage {
  readonly port: number;
  readonly octets: Uint8Array;
  readonly view: RuleView;
  readonly sideband: Uint8Array | undefined;
}

/** A rule and what belongs to its life in this switch. */
export interface Entry {
  rule: Rule;
  epoch: number;
  /** Owners that the connection has left, by their flow to the client, the longest gone first. */
  readonly former: Map<string, Endpoint>;
  /** When the lock was set, renewed or taken away. */
  lockedNs: bigint;
  /** When a frame last used the rule. */
  usedNs: bigint;
  /** From the client, while the rule is locked. */
  readonly held: Passage[];
  readonly fromClient: { packets: number; octets: number };
  readonly fromOwner: { packets: number; octets: number };
}

/** One direction of a current rule; replaced, never changed, when the owner changes. */
export interface Flow {
  readonly from: 'client' | 'owner';
  readonly entry: Entry;
  readonly plan: Plan;
}

/** All rules; read `entries`, change by `link` and `unlink`. */
export interface RuleTable {
  readonly hops: 0 | 1;
  /** By the key of client ▶ virtual. */
  readonly entries: Map<string, Entry>;
  /** By what stands in a segment. */
  readonly flows: Map<string, Flow>;
  /** How many rules bar a flow. */
  readonly barred: Map<string, number>;
  /** How many flows and bars there are between two hosts. */
  readonly hosts: Map<string, number>;
}

/** A table without rules; `hops` is what a rewritten packet's TTL loses. */
export function createRuleTable(hops: 0 | 1): RuleTable {
  return { hops, entries: new Map(), flows: new Map(), barred: new Map(), hosts: new Map() };
}

/** The name of a connection in `entries`. */
export function entryKey(key: ConnectionKey): string {
  return flowKey(key.client, key.virtual);
}

/** Whether segments of `rule` could be taken for those of another connection's rule. */
export function isConfusable(table: RuleTable, rule: Rule): boolean {
  const { client, virtual } = rule.key;
  const own = table.entries.get(entryKey(rule.key));
  const others = [flowKey(client, virtual), flowKey(rule.owner, client)].map(
    (key) => table.flows.get(key)?.entry ?? own,
  );
  return others.some((other) => other !== own);
}

/** Makes the rule of `entry` current: from now on its segments are found. */
export function link(table: RuleTable, entry: Entry): void {
  const { rule } = entry;
  const { client, virtual } = rule.key;
  table.entries.set(entryKey(rule.key), entry);
  table.flows.set(flowKey(client, virtual), {
    from: 'client',
    entry,
    plan: planClient(rule, table.hops),
  });
  table.flows.set(flowKey(rule.owner, client), {
    from: 'owner',
    entry,
    plan: planOwner(rule, table.hops),
  });
  count(table, entry, 1);
}

/** Undoes `link`. */
export function unlink(table: RuleTable, entry: Entry): void {
  const { client, virtual } = entry.rule.key;
  table.entries.delete(entryKey(entry.rule.key));
  table.flows.delete(flowKey(client, virtual));
  table.flows.delete(flowKey(entry.rule.owner, client));
  count(table, entry, -1);
}

/** Gives a linked entry another rule for its key, in one step; the owner that it leaves is barred. */
export function relink(table: RuleTable, entry: Entry, rule: Rule): void {
  unlink(table, entry);
  const { owner, key } = entry.rule;
  setBounded(entry.former, flowKey(owner, key.client), owner, FORMER_OWNERS_MAX);
  entry.rule = rule;
  link(table, entry);
}

/** Counts a linked entry's bars and pairs of hosts in (1) or out (−1). */
function count(table: RuleTable, entry: Entry, by: 1 | -1): void {
  const { client, virtual } = entry.rule.key;
  add(table.hosts, hostsKey(client, virtual), by);
  add(table.hosts, hostsKey(entry.rule.owner, client), by);
  for (const impostor of [virtual, ...entry.former.values()]) {
    add(table.barred, flowKey(impostor, client), by);
    add(table.hosts, hostsKey(impostor, client), by);
  }
}

function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
