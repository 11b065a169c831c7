/**
 * Whether choices are those of LARD: who was chosen for each target, held against all that the
 * algorithm leaves free.
 *
 * LARD says which servers a target has by who had it before, and by how many connections are active
 * where; who of several with the same load is taken, it does not say. So the judge follows every
 * history that would have led to the choices so far, and a choice to which none leads is a fault.
 * Pai et al., ASPLOS 1998: basic LARD, and LARD with replication.
 */
import type { Choosing, ServerName } from '../driver/balancer.ts';
import type { Fault } from './unchanged.ts';

/** A request, who was chosen for it and from when to when its connection was active. */
export interface Decision {
  readonly target: string;
  readonly server: ServerName;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Thresholds in active connections; with `replicaMs` it is LARD/R. */
export type LardRules = Extract<Choosing, { readonly kind: 'lard' | 'lard-r' }>;

/** What the judge has to know of a pool. */
export interface Referee {
  readonly rules: LardRules;
  readonly servers: readonly ServerName[];
  readonly outages: readonly Outage[];
}

/** The servers of a target, and when they last changed. */
interface Holders {
  readonly servers: readonly ServerName[];
  readonly changedMs: number;
}

/** What each target has, and when it was last asked for. */
type History = ReadonlyMap<string, Holders & { readonly askedMs: number }>;

/** A time in which a server could not be chosen; it has lost its targets in it. */
export interface Outage {
  readonly server: ServerName;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A choice that LARD may make, and the servers that the target then has. */
interface Option {
  readonly server: ServerName;
  readonly holders: Holders;
}

type Loads = ReadonlyMap<ServerName, number>;

function loadsAt(
  decisions: readonly Decision[],
  atMs: number,
  servers: readonly ServerName[],
): Loads {
  return new Map(
    servers.map((server) => {
      const active = decisions.filter(
        (each) => each.server === server && each.fromMs < atMs && each.untilMs > atMs,
      );
      return [server, active.length];
    }),
  );
}

function loadOf(loads: Loads, server: ServerName): number {
  return loads.get(server) ?? 0;
}

/** Those of `servers` that no other has less to do than, or more. */
function extreme(loads: Loads, servers: readonly ServerName[], sign: 1 | -1): ServerName[] {
  const wanted = Math.min(...servers.map((each) => sign * loadOf(loads, each)));
  return servers.filter((each) => sign * loadOf(loads, each) === wanted);
}

function isImbalanced(loads: Loads, server: ServerName, { low, high }: LardRules): boolean {
  const load = loadOf(loads, server);
  const hasRoom = [...loads.values()].some((each) => each < low);
  return (load > high && hasRoom) || load >= 2 * high;
}

/** What a target may come to that has no servers. */
function mapped(loads: Loads, atMs: number): readonly Option[] {
  return extreme(loads, [...loads.keys()], 1).map((server) => {
    return { server, holders: { servers: [server], changedMs: atMs } };
  });
}

/** Every set that comes of `servers` by taking out one that has the most to do. */
function reduced(loads: Loads, servers: readonly ServerName[]): readonly (readonly ServerName[])[] {
  return extreme(loads, servers, -1).map((gone) => servers.filter((each) => each !== gone));
}

function replicated(
  loads: Loads,
  holders: Holders,
  atMs: number,
  rules: LardRules & { readonly kind: 'lard-r' },
): readonly Option[] {
  const { servers, changedMs } = holders;
  const isOld = atMs - changedMs > rules.replicaMs;
  return extreme(loads, servers, 1).flatMap((least): readonly Option[] => {
    if (!isImbalanced(loads, least, rules)) {
      if (servers.length < 2 || !isOld) return [{ server: least, holders }];
      return reduced(loads, servers).map((rest) => {
        return { server: least, holders: { servers: rest, changedMs: atMs } };
      });
    }
    return extreme(loads, [...loads.keys()], 1).flatMap((server) => {
      const isNew = !servers.includes(server);
      const grown = isNew ? [...servers, server].toSorted() : servers;
      const then = isNew ? { servers: grown, changedMs: atMs } : holders;
      const shrunk = isOld && servers.length > 1 ? reduced(loads, servers) : [];
      return [
        { server, holders: then },
        // The paper lets a server go in the same step, products do not.
        ...shrunk.map((rest) => ({
          server,
          holders: { servers: [...new Set([...rest, server])].toSorted(), changedMs: atMs },
        })),
      ];
    });
  });
}

/** What LARD may do with a target now. */
function optionsFor(
  history: History,
  { target, fromMs }: Decision,
  loads: Loads,
  { rules, outages }: Referee,
): readonly Option[] {
  const known = history.get(target);
  const isLost = (server: ServerName): boolean =>
    outages.some((each) => {
      return each.server === server && each.untilMs > (known?.askedMs ?? 0) && each.fromMs < fromMs;
    });
  const servers = known?.servers.filter((each) => !isLost(each)) ?? [];
  const [only] = servers;
  if (known === undefined || only === undefined) return mapped(loads, fromMs);
  if (rules.kind === 'lard-r') {
    return replicated(loads, { ...known, servers }, fromMs, rules);
  }
  return isImbalanced(loads, only, rules)
    ? mapped(loads, fromMs)
    : [{ server: only, holders: known }];
}

function shown(loads: Loads): string {
  return [...loads].map(([name, load]) => `${name} ${load}`).join(', ');
}

/** The first choice that LARD cannot have made, if there is one. */
export function lardFault(decisions: readonly Decision[], referee: Referee): Fault {
  let histories: readonly History[] = [new Map()];
  const inTime = decisions.toSorted((a, b) => a.fromMs - b.fromMs);
  for (const [nth, decision] of inTime.entries()) {
    const { target, fromMs } = decision;
    const isOut = (server: ServerName): boolean =>
      referee.outages.some((each) => {
        return each.server === server && each.fromMs <= fromMs && fromMs < each.untilMs;
      });
    const able = referee.servers.filter((each) => !isOut(each));
    const loads = loadsAt(inTime, fromMs, able);
    const permitted = new Set<ServerName>();
    const next = new Map<string, History>();
    for (const history of histories) {
      for (const { server, holders } of optionsFor(history, decision, loads, referee)) {
        permitted.add(server);
        if (server !== decision.server) continue;
        const after = new Map([...history, [target, { ...holders, askedMs: fromMs }] as const]);
        next.set(JSON.stringify([...after].toSorted(([a], [b]) => (a < b ? -1 : 1))), after);
      }
    }
    if (next.size === 0) {
      const where = `request ${nth + 1}, for ${target}`;
      return {
        expected: `${where}, at ${[...permitted].join(' or ')}, loads ${shown(loads)}`,
        observed: decision.server,
      };
    }
    histories = [...next.values()];
  }
  return undefined;
}

/** The most connections that were active at once. */
export function mostActive(decisions: readonly Decision[]): number {
  const counts = decisions.map(
    ({ fromMs }) =>
      decisions.filter((each) => each.fromMs <= fromMs && each.untilMs > fromMs).length,
  );
  return Math.max(0, ...counts);
}
