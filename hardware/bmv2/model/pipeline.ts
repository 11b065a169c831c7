/**
 * Ingress and egress: tables, conditions and calls of actions, each with what comes next.
 *
 * p4c makes no loops of them, and a loop is refused.
 */
import type { Action } from './action.ts';
import { compileBool } from './expression.ts';
import { type Entries, lookUp } from './entries.ts';
import { NO_ARGS, type Packet } from './packet.ts';
import type { PipelineJson, TableJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';
import { compileTable, type Table, type TableContext } from './table.ts';

/** Runs a packet through a pipeline; the entries go with the tables of the program. */
export type Pipeline = (packet: Packet, entries: readonly Entries[]) => void;

/** Does one thing and says the index of the node that comes next, or -1 at the end. */
type Node = (packet: Packet, entries: readonly Entries[]) => number;

interface Placed {
  readonly node: Node;
  /** Where it may lead. */
  readonly next: readonly number[];
}

interface Context extends TableContext {
  readonly pipeline: string;
  readonly indices: ReadonlyMap<string, number>;
}

const END = -1;

function nextIndex(name: string | null | undefined, context: Context, where: string): number {
  return (name ?? null) === null ? END : need(context.indices, name ?? '', where, 'node');
}

/** After a hit by the action, or for all actions the same; after a miss likewise. */
function tableNode(json: TableJson, table: Table, context: Context, where: string): Placed {
  const names = Object.keys(json.next_tables);
  const byHit = names.includes('__HIT__') && names.includes('__MISS__');
  const next = new Map<Action, number>();
  for (const action of table.actions.values()) {
    const key = byHit ? '__HIT__' : action.name;
    if (!names.includes(key)) refuse(where, `"next_tables" lacks ${key}`);
    next.set(action, nextIndex(json.next_tables[key], context, where));
  }
  const { otherwise, index } = table;
  const base = nextIndex(json.base_default_next, context, where);
  const missed = byHit
    ? nextIndex(json.next_tables['__MISS__'], context, where)
    : ((otherwise && next.get(otherwise.action)) ?? base);
  return {
    next: [...next.values(), missed],
    node: (p, all) => {
      const entries = all[index];
      const act = entries === undefined ? undefined : lookUp(p, entries, table)?.act;
      if (act === undefined) {
        otherwise?.action.run(p, otherwise.args);
        return missed;
      }
      act.action.run(p, act.args);
      return next.get(act.action) ?? END;
    },
  };
}

type ConditionalJson = PipelineJson['conditionals'][number];

function conditionalNode(json: ConditionalJson, context: Context): Placed {
  const where = `${context.pipeline} condition ${json.name}`;
  const scope = { layout: context.layout, params: [], where };
  const test = compileBool(json.expression, scope);
  const yes = nextIndex(json.true_next, context, where);
  const no = nextIndex(json.false_next, context, where);
  return { next: [yes, no], node: (p) => (test(p) ? yes : no) };
}

function callNode(json: PipelineJson['action_calls'][number], context: Context): Placed {
  const where = `${context.pipeline} call ${json.name}`;
  const action = need(context.actions, json.action_id, where, 'action');
  if (action.params.length > 0) refuse(where, `action ${action.name} has parameters`);
  const next = nextIndex(json.next_node, context, where);
  return {
    next: [next],
    node: (p) => {
      action.run(p, NO_ARGS);
      return next;
    },
  };
}

/** Refuses a graph in which a packet could go round: what leads nowhere else is taken away. */
function refuseLoops(nodes: readonly Placed[], where: string): void {
  const waiting = nodes.map(({ next }) => new Set(next.filter((index) => index !== END)));
  const before = nodes.map((): number[] => []);
  for (const [index, next] of waiting.entries()) {
    for (const to of next) before[to]?.push(index);
  }
  const done = waiting.flatMap((next, index) => (next.size === 0 ? [index] : []));
  for (const index of done) {
    for (const from of before[index] ?? []) {
      const next = waiting[from];
      next?.delete(index);
      if (next?.size === 0) done.push(from);
    }
  }
  if (done.length < nodes.length) unknownTo(where, 'a loop of nodes');
}

/** A pipeline with its tables. */
export interface CompiledPipeline {
  readonly run: Pipeline;
  readonly tables: readonly Table[];
}

/** Compiles a pipeline; its tables get the indices from `firstTable` on. */
export function compilePipeline(
  json: PipelineJson,
  firstTable: number,
  context: TableContext,
): CompiledPipeline {
  const [profile] = json.action_profiles;
  if (profile !== undefined) unknownTo(json.name, `action profile ${profile.name}`);
  const names = [...json.tables, ...json.conditionals, ...json.action_calls].map(
    ({ name }) => name,
  );
  const indices = new Map(names.map((name, index) => [name, index]));
  if (indices.size < names.length) refuse(json.name, 'two nodes have one name');
  const inner: Context = { ...context, pipeline: json.name, indices };
  const tables = json.tables.map((table, index) =>
    compileTable(table, firstTable + index, context, `${json.name} table ${table.name}`),
  );
  const placed = [
    ...tables.map((table, index) => {
      const source = json.tables[index];
      const where = `${json.name} table ${table.name}`;
      return source === undefined
        ? refuse(where, 'is lost')
        : tableNode(source, table, inner, where);
    }),
    ...json.conditionals.map((conditional) => conditionalNode(conditional, inner)),
    ...json.action_calls.map((call) => callNode(call, inner)),
  ];
  refuseLoops(placed, json.name);
  const nodes = placed.map(({ node }) => node);
  const start = nextIndex(json.init_table, inner, json.name);
  return {
    tables,
    run(p, entries): void {
      for (let at = start; at !== END && !p.exits;) at = nodes[at]?.(p, entries) ?? END;
    },
  };
}
