/**
 * LARD: a target stays with one node, until that node has too much to do (Pai et al., ASPLOS 1998).
 *
 * A load is the number of connections that a node has. Numbers and typed arrays only, so that the
 * trace-driven study runs the code that a controller runs.
 */
import { claimSlot, createTargetTable, findTarget, releaseSlot, slotsByAge } from './lard-table.ts';

/** The load of a node that may take nothing: it is down, or is drained. */
export const UNABLE = 0x7fff_ffff;

/** When a node has too little to do, and when too much, in connections. */
export interface LardThresholds {
  /** Below it a node has room to spare. */
  readonly low: number;
  /** Above it a node gives targets away to one that has room; at twice as much, to any. */
  readonly high: number;
}

/** The thresholds of the paper. */
export const LARD_THRESHOLDS: LardThresholds = { low: 25, high: 65 };

/** What LARD is set up with. */
export interface LardOptions extends Partial<LardThresholds> {
  /** How many nodes there are. */
  readonly nodes: number;
  /** The most targets that are remembered; the one not asked for longest is forgotten first. */
  readonly targets: number;
}

/** What is remembered of a target. */
export interface LardEntry<Target> {
  readonly target: Target;
  /** At least one. */
  readonly nodes: readonly number[];
  /** When the set of nodes last changed; 0 where there is no set. */
  readonly changedMs: number;
}

/** LARD at work; targets are numbers or strings, nodes are 0 … n − 1. */
export interface Lard<Target> {
  /**
   * The node for a request, −1 when none is able.
   *
   * `loads` has the load of each node, `UNABLE` for one that may take nothing; `nowMs` is a clock
   * that does not go back.
   */
  choose(target: Target, loads: Int32Array, nowMs: number): number;
  /** Forgets all that a node has been given, as when it fails. */
  unmap(node: number): void;
  /** The nodes that have a target. */
  nodesOf(target: Target): readonly number[];
  /** How many targets are remembered. */
  size(): number;
  /** All that is remembered, first what was not asked for longest. */
  entries(): Iterable<LardEntry<Target>>;
  /** Remembers a target as if it was asked for now; of several nodes LARD takes the first. */
  remember(entry: LardEntry<Target>): void;
}

/**
 * How many connections all nodes together may have: (n − 1) · high + low − 1.
 *
 * With no more than that, and no node below `low`, at most n − 2 nodes are at `high` or above, so
 * that a node that has too much finds one that has less.
 */
export function admissionLimit(
  nodes: number,
  { low, high }: LardThresholds = LARD_THRESHOLDS,
): number {
  return nodes < 1 ? 0 : (nodes - 1) * high + low - 1;
}

/** The able node with the smallest load, the first of equals; −1 when none is able. */
export function leastLoaded(loads: Int32Array): number {
  let least = UNABLE;
  let found = -1;
  for (let node = 0; node < loads.length; node += 1) {
    const load = loads[node] ?? UNABLE;
    if (load < least) {
      least = load;
      found = node;
    }
  }
  return found;
}

/** Whether a node with `load` has so much more to do than others that it gives targets away. */
export function isImbalanced(
  load: number,
  loads: Int32Array,
  { low, high }: LardThresholds,
): boolean {
  if (load >= 2 * high) return true;
  if (load <= high) return false;
  for (const other of loads) if (other < low) return true;
  return false;
}

/** Thresholds that make sense: integers (or infinite) with 0 < low <= high. */
export function thresholdsOf({
  low = LARD_THRESHOLDS.low,
  high = LARD_THRESHOLDS.high,
}: Partial<LardThresholds>): LardThresholds {
  if (low < 1 || low > high) throw new RangeError(`LARD needs 0 < low <= high: ${low}, ${high}`);
  return { low, high };
}

/** LARD with one node for a target. */
export function createLard<Target extends number | string>(options: LardOptions): Lard<Target> {
  const thresholds = thresholdsOf(options);
  const table = createTargetTable<Target>(options.targets);
  const nodes = new Int32Array(options.targets);

  function map(target: Target, loads: Int32Array): number {
    const node = leastLoaded(loads);
    if (node !== -1) nodes[claimSlot(table, target)] = node;
    return node;
  }

  return {
    choose(target, loads): number {
      const slot = findTarget(table, target);
      if (slot === -1) return map(target, loads);
      const node = nodes[slot] ?? 0;
      const load = loads[node] ?? UNABLE;
      if (load !== UNABLE && !isImbalanced(load, loads, thresholds)) return node;
      const other = leastLoaded(loads);
      if (other === -1) releaseSlot(table, slot);
      else nodes[slot] = other;
      return other;
    },
    unmap(node): void {
      for (const slot of table.slots.values()) {
        if (nodes[slot] === node) releaseSlot(table, slot);
      }
    },
    nodesOf(target): readonly number[] {
      const slot = table.slots.get(target);
      return slot === undefined ? [] : [nodes[slot] ?? 0];
    },
    size: () => table.slots.size,
    *entries(): Iterable<LardEntry<Target>> {
      for (const [slot, target] of slotsByAge(table)) {
        yield { target, nodes: [nodes[slot] ?? 0], changedMs: 0 };
      }
    },
    remember({ target, nodes: [node = 0] }): void {
      const slot = findTarget(table, target);
      nodes[slot === -1 ? claimSlot(table, target) : slot] = node;
    },
  };
}
