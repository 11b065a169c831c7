/**
 * The agent of a P4 switch: what commands ask for, as changes of its tables.
 *
 *   command ─▶ rules (reference/switch) ─▶ entries that they ask for ─▶ updates, in order
 *
 * Commands, epochs, leases and refusals are those of the reference's rule table; only what becomes
 * of frames is P4's. Frames flow while a switch is written to, and within a batch it may take any
 * order (P4Runtime 1.4 section 12.2), so batches follow each other: what leads to a rule, then the
 * rule's own entry (one write for both directions), then what no longer leads to it.
 */
import type { Command } from '../../../reference/control/command.ts';
import type { ConnectionKey } from '../../../reference/rules/rule.ts';
import { findExpiry } from '../../../reference/switch/expiry.ts';
import { entryKey } from '../../../reference/switch/rule-table.ts';
import {
  createSwitch,
  step,
  type Effect,
  type SwitchState,
} from '../../../reference/switch/switch.ts';
import type { TableEntry, Update } from '../../p4runtime/entity.ts';
import { PRISM, type Mapping, type Place } from './entries.ts';

/** What the tables of `prism.p4` are to hold for one connection. */
interface Holding extends Place {
  readonly entries: ReadonlyMap<string, TableEntry>;
}

/** PI tells for how long an entry was idle only up to its timeout. */
const IDLE_MARGIN_MS = 1000;

const NONE: Readonly<Record<string, string>> = {};

/** An agent between two commands; only `perform` and `advance` change it. */
export interface Agent {
  readonly mapping: Mapping;
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

/** An agent of an empty switch with room for `capacity` rules. */
export function createAgent(
  options: {
    readonly capacity: number;
    readonly idleTimeoutMs: number;
    readonly lockLeaseMs: number;
  },
  mapping: Mapping = PRISM,
): Agent {
  return {
    mapping,
    state: createSwitch({ ports: [], lock: 'drop', ...options }),
    holdings: new Map(),
    claims: new Map(),
    // The lowest index is taken first.
    free: Array.from({ length: options.capacity }, (_, at) => options.capacity - 1 - at),
    generation: 0,
  };
}

/** Performs one command; the reply is among the effects. */
export function perform(agent: Agent, command: Command): Outcome {
  const effects = step(agent.state, { kind: 'command', command });
  const isDone = effects.some((effect) => effect.kind === 'reply' && effect.reply.ok);
  if (!isDone || command.op === 'get') return { effects, batches: [] };
  const key = command.op === 'add' ? command.rule.key : command.key;
  return { effects, batches: inTurn(agent.mapping, settle(agent, key, command.op === 'chown')) };
}

/** Whether by `nowNs` a rule has run out of time, unless a frame has used it since it was set. */
export function isDue({ state }: Agent, nowNs: bigint): boolean {
  const then = { ...state, nowNs };
  return [...state.rules.entries.values()].some((entry) => findExpiry(then, entry) !== undefined);
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
