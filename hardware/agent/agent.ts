/**
 * The agent of a switch with tables: what commands ask for, as changes of these.
 *
 *   command ─▶ rules (reference/switch) ─▶ entries that they ask for ─▶ updates, in order
 *
 * Commands, epochs, leases and refusals are those of the reference's rule table; only what becomes
 * of frames is the switch's. Frames flow while it is written to, and within a batch it may take any
 * order (P4Runtime 1.4 section 12.2), so batches follow each other: what leads to a rule, then the
 * rule's own entry (one write for both directions), then what no longer leads to it.
 */
import type { Command } from '../../reference/control/command.ts';
import { findRuleFault } from '../../reference/rules/rule-fault.ts';
import type { ConnectionKey, Owner, Rule } from '../../reference/rules/rule.ts';
import type { Capability } from '../../reference/switch/config.ts';
import { findExpiry } from '../../reference/switch/expiry.ts';
import { entryKey } from '../../reference/switch/rule-table.ts';
import {
  createSwitch,
  step,
  type Effect,
  type SwitchState,
} from '../../reference/switch/switch.ts';
import type { TableEntry, Update } from '../entry.ts';
import type { Mapping, Place } from './mapping.ts';

/** What the tables are to hold for one connection. */
interface Holding extends Place {
  readonly entries: ReadonlyMap<string, TableEntry>;
}

/** A P4 switch may tell for how long an entry was idle only up to its timeout. */
const IDLE_MARGIN_MS = 1000;

const NONE: Readonly<Record<string, string>> = {};

/** An agent between two commands; only `perform` and `advance` change it. */
export interface Agent {
  readonly mapping: Mapping;
  /** Whether there is room for all of `added`, which the tables have not. */
  readonly fits: (added: readonly TableEntry[]) => boolean;
  readonly state: SwitchState;
  /** By connection. */
  readonly holdings: Map<string, Holding>;
  /** By table and key, what asks for an entry; a flow that leads to a rule beats one that is barred. */
  readonly claims: Map<string, TableEntry[]>;
  readonly free: number[];
  generation: number;
}

/** What a command or the time brings about: each batch is to be written before the next. */
export interface Outcome {
  readonly effects: readonly Effect[];
  readonly batches: readonly (readonly Update[])[];
}

/** What a switch has room for, and what it and its agent can do. */
export interface Limits {
  /** Most rules at a time. */
  readonly capacity: number;
  readonly idleTimeoutMs: number;
  readonly lockLeaseMs: number;
  /** All when left out. */
  readonly capabilities?: ReadonlySet<Capability>;
}

/**
 * An agent of an empty switch.
 *
 * `fits` says whether the tables have room for more entries; left out, they have for every rule.
 */
export function createAgent(
  limits: Limits,
  mapping: Mapping,
  fits: Agent['fits'] = () => true,
): Agent {
  return {
    mapping,
    fits,
    state: createSwitch({ ports: [], lock: 'drop', ...limits }),
    holdings: new Map(),
    claims: new Map(),
    // The lowest index is taken first.
    free: Array.from({ length: limits.capacity }, (_, at) => limits.capacity - 1 - at),
    generation: 0,
  };
}

/** Performs one command; the reply is among the effects. */
export function perform(agent: Agent, command: Command): Outcome {
  if (!agent.fits(addedBy(agent, command))) return refuseFull(agent, command);
  const effects = step(agent.state, { kind: 'command', command });
  const isDone = effects.some((effect) => effect.kind === 'reply' && effect.reply.ok);
  if (!isDone || command.op === 'get') return { effects, batches: [] };
  const key = command.op === 'add' ? command.rule.key : command.key;
  return { effects, batches: inTurn(agent.mapping, settle(agent, key, command.op === 'chown')) };
}

/** Where the rules stand that have run out of time by `nowNs`, unless frames have used them since. */
export function findDue({ state, holdings }: Agent, nowNs: bigint): readonly number[] {
  const then = { ...state, nowNs };
  return [...holdings].flatMap(([name, { index }]): readonly number[] => {
    const entry = state.rules.entries.get(name);
    return entry === undefined || findExpiry(then, entry) === undefined ? [] : [index];
  });
}

/**
 * Time has come to `nowNs`: locks end, and rules that no frame has used.
 *
 * `usedNs` says when a frame last used the rule at an index.
 */
export function advance(
  agent: Agent,
  nowNs: bigint,
  usedNs: (index: number) => bigint | undefined,
): Outcome {
  for (const [name, { index }] of agent.holdings) {
    const entry = agent.state.rules.entries.get(name);
    if (entry !== undefined) entry.usedNs = usedNs(index) ?? entry.usedNs;
  }
  const effects = step(agent.state, { kind: 'tick', nowNs });
  const batches = effects.flatMap((effect) =>
    effect.kind === 'expired' ? inTurn(agent.mapping, settle(agent, effect.key, false)) : [],
  );
  return { effects, batches };
}

/** Where the rule of `key` stands in the switch; undefined without a rule. */
export function placeOf(agent: Agent, key: ConnectionKey): Place | undefined {
  return agent.holdings.get(entryKey(key));
}

/** The entries that `command` would bring into the tables, if it is accepted. */
function addedBy(agent: Agent, command: Command): readonly TableEntry[] {
  const { mapping, claims, state, holdings } = agent;
  if (command.op !== 'add' && command.op !== 'chown') return [];
  const name = entryKey(command.op === 'add' ? command.rule.key : command.key);
  const entry = state.rules.entries.get(name);
  const rule = command.op === 'add' ? command.rule : ownedAnew(entry?.rule, command.owner);
  if (rule === undefined || findRuleFault(rule) !== undefined) return [];
  const left = entry === undefined ? [] : [entry.rule.owner, ...entry.former.values()];
  const place = holdings.get(name) ?? { index: 0, generation: 0 };
  const entries = mapping.entriesOf(rule, left, place);
  return entries.filter((each) => !claims.has(nameOf(each)));
}

function ownedAnew(rule: Rule | undefined, owner: Owner): Rule | undefined {
  return rule === undefined ? undefined : { ...rule, owner };
}

/** What is wrong with the command before all else, or else that the tables have no room for it. */
function refuseFull({ state }: Agent, command: Command): Outcome {
  const detail = 'the tables have no room for its flows';
  const full = { ok: false, op: command.op, error: 'full', detail } as const;
  // `step` changes what it is given, and a refused command must have no effect.
  const effects = step(structuredClone(state), { kind: 'command', command });
  const isElse = effects.some((effect) => effect.kind === 'reply' && !effect.reply.ok);
  return { effects: isElse ? effects : [{ kind: 'reply', reply: full }], batches: [] };
}

/** Brings what is held for one connection to what its rule, if it still has one, asks for. */
function settle(agent: Agent, key: ConnectionKey, isAnother: boolean): readonly Update[] {
  const name = entryKey(key);
  const before = agent.holdings.get(name);
  const after = hold(agent, name, before, isAnother);
  const touched = new Set([...(before?.entries.keys() ?? []), ...(after?.entries.keys() ?? [])]);
  const updates = [...touched].flatMap((each) =>
    claim(agent, each, before?.entries.get(each), after?.entries.get(each)),
  );
  if (before === undefined && after !== undefined)
    updates.push(...countFromZero(agent.mapping, after));
  if (before !== undefined && after === undefined) agent.free.push(before.index);
  return updates;
}

/** Takes note of what the connection called `name` holds from now on. */
function hold(
  agent: Agent,
  name: string,
  before: Holding | undefined,
  isAnother: boolean,
): Holding | undefined {
  const entry = agent.state.rules.entries.get(name);
  if (entry === undefined) {
    agent.holdings.delete(name);
    return undefined;
  }
  const place = before === undefined || isAnother ? newPlace(agent, before) : before;
  const idleTimeoutMs = agent.state.config.idleTimeoutMs + IDLE_MARGIN_MS;
  const entries = agent.mapping
    .entriesOf(entry.rule, [...entry.former.values()], place)
    .map((each) => (each.table === agent.mapping.rules ? { ...each, idleTimeoutMs } : each));
  // Of two entries with one key the first counts: an owner that came back is not barred.
  const byName = new Map(entries.toReversed().map((each) => [nameOf(each), each]));
  const holding = { index: place.index, generation: place.generation, entries: byName };
  agent.holdings.set(name, holding);
  return holding;
}

function newPlace(agent: Agent, before: Place | undefined): Place {
  const index = before?.index ?? agent.free.pop();
  if (index === undefined) throw new RangeError('more rules than the switch has room for');
  agent.generation += 1;
  return { index, generation: agent.generation };
}

/** One connection no longer asks for `before` but for `after`: what that changes in the switch. */
function claim(
  { claims, mapping }: Agent,
  name: string,
  before: TableEntry | undefined,
  after: TableEntry | undefined,
): readonly Update[] {
  const claimed = claims.get(name) ?? [];
  const left = claimed.filter((each) => each !== before);
  if (after !== undefined) left.push(after);
  if (left.length === 0) claims.delete(name);
  else claims.set(name, left);
  return change(inForce(claimed, mapping), inForce(left, mapping));
}

/** A flow that leads to a rule beats one that is barred. */
function inForce(claimed: readonly TableEntry[], { bar }: Mapping): TableEntry | undefined {
  return claimed.find(({ action }) => action !== bar) ?? claimed[0];
}

function change(before: TableEntry | undefined, after: TableEntry | undefined): readonly Update[] {
  if (after === undefined) return before === undefined ? [] : [{ kind: 'delete', entry: before }];
  if (before === undefined) return [{ kind: 'insert', entry: after }];
  return sameDeed(before, after) ? [] : [{ kind: 'modify', entry: after }];
}

function sameDeed(a: TableEntry, b: TableEntry): boolean {
  return (
    a.action === b.action &&
    Object.entries(a.params).every(([name, value]) => b.params[name] === value)
  );
}

function countFromZero({ counters = NONE }: Mapping, { index }: Place): readonly Update[] {
  const reading = { packets: 0, octets: 0 };
  return Object.values(counters).map((counter) => ({ kind: 'count', counter, index, reading }));
}

function inTurn(mapping: Mapping, updates: readonly Update[]): readonly (readonly Update[])[] {
  const turns = [0, 1, 2].map((turn) => updates.filter((each) => turnOf(mapping, each) === turn));
  return turns.filter((batch) => batch.length > 0);
}

/** Before the rule, the rule, after it. */
function turnOf({ rules, bar }: Mapping, update: Update): 0 | 1 | 2 {
  if (update.kind === 'count') return 0;
  if (update.entry.table === rules) return 1;
  return update.kind === 'delete' || update.entry.action === bar ? 2 : 0;
}

function nameOf({ table, match }: TableEntry): string {
  const values = Object.values(match).map((field) => field.value);
  return [table, ...values].join(' ');
}
