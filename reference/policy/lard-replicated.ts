/**
 * LARD/R: a target has a set of nodes, which grows with its load and shrinks when it is left alone.
 *
 * A set is a row of bits, 32 to a word, beside the time at which it last changed.
 */
import {
  isImbalanced,
  leastLoaded,
  thresholdsOf,
  UNABLE,
  type Lard,
  type LardEntry,
  type LardOptions,
} from './lard.ts';
import { claimSlot, createTargetTable, findTarget, releaseSlot, slotsByAge } from './lard-table.ts';

/** What LARD/R is set up with. */
export interface ReplicatedLardOptions extends LardOptions {
  /** Milliseconds that a set stays as it is before it loses a node; 20 s unless said. */
  readonly keepMs?: number;
}

const KEEP_MS = 20_000;
const WORD_BITS = 32;

/** The sets of all slots. */
interface NodeSets {
  readonly bits: Int32Array;
  readonly words: number;
  readonly changedMs: Float64Array;
}

/** What a choice wants to know of a set: its able nodes with the least and the most to do. */
interface SetView {
  least: number;
  most: number;
  count: number;
}

function setHas({ bits, words }: NodeSets, slot: number, node: number): boolean {
  return (((bits[slot * words + (node >>> 5)] ?? 0) >>> (node & 31)) & 1) === 1;
}

function setAdd(sets: NodeSets, slot: number, node: number, nowMs: number): void {
  if (setHas(sets, slot, node)) return;
  const { bits, words, changedMs } = sets;
  const at = slot * words + (node >>> 5);
  bits[at] = (bits[at] ?? 0) | (1 << (node & 31));
  changedMs[slot] = nowMs;
}

function setRemove({ bits, words }: NodeSets, slot: number, node: number): void {
  const at = slot * words + (node >>> 5);
  bits[at] = (bits[at] ?? 0) & ~(1 << (node & 31));
}

/**
 * Looks at the able nodes of a set.
 *
 * Of equals the first has least and the last has most, so that they are two as soon as there are two.
 */
function viewSet({ bits, words }: NodeSets, slot: number, loads: Int32Array, view: SetView): void {
  let least = UNABLE;
  let most = -1;
  view.count = 0;
  view.least = -1;
  view.most = -1;
  for (let word = 0; word < words; word += 1) {
    for (let left = bits[slot * words + word] ?? 0; left !== 0; left &= left - 1) {
      const node = word * WORD_BITS + (WORD_BITS - 1 - Math.clz32(left & -left));
      const load = loads[node] ?? UNABLE;
      if (load === UNABLE) continue;
      view.count += 1;
      if (load < least) {
        least = load;
        view.least = node;
      }
      if (load >= most) {
        most = load;
        view.most = node;
      }
    }
  }
}

/** Puts a set of one node into a slot, whatever was in it. */
function setOnly(
  { bits, words, changedMs }: NodeSets,
  slot: number,
  node: number,
  nowMs: number,
): void {
  bits.fill(0, slot * words, (slot + 1) * words);
  bits[slot * words + (node >>> 5)] = 1 << (node & 31);
  changedMs[slot] = nowMs;
}

function setNodes(sets: NodeSets, slot: number, nodes: number): readonly number[] {
  return Array.from({ length: nodes }, (_, node) => node).filter((node) =>
    setHas(sets, slot, node),
  );
}

function setIsEmpty({ bits, words }: NodeSets, slot: number): boolean {
  return bits.subarray(slot * words, (slot + 1) * words).every((word) => word === 0);
}

function createSets(nodes: number, slots: number): NodeSets {
  const words = Math.ceil(nodes / WORD_BITS);
  return { bits: new Int32Array(slots * words), words, changedMs: new Float64Array(slots) };
}

/** LARD with replication: LARD/R. */
export function createReplicatedLard<Target extends number | string>(
  options: ReplicatedLardOptions,
): Lard<Target> {
  const { nodes, targets, keepMs = KEEP_MS } = options;
  const thresholds = thresholdsOf(options);
  const table = createTargetTable<Target>(targets);
  const sets = createSets(nodes, targets);
  const view: SetView = { least: -1, most: -1, count: 0 };

  function chooseInSet(slot: number, loads: Int32Array, nowMs: number): number {
    let chosen = view.least;
    const isUnchanged = nowMs - (sets.changedMs[slot] ?? 0) > keepMs;
    if (isImbalanced(loads[chosen] ?? UNABLE, loads, thresholds)) {
      chosen = leastLoaded(loads);
      setAdd(sets, slot, chosen, nowMs);
    } else if (view.count > 1 && isUnchanged) {
      setRemove(sets, slot, view.most);
      sets.changedMs[slot] = nowMs;
    }
    return chosen;
  }

  return {
    choose(target, loads, nowMs): number {
      let slot = findTarget(table, target);
      if (slot !== -1) {
        viewSet(sets, slot, loads, view);
        if (view.count > 0) return chooseInSet(slot, loads, nowMs);
      }
      const node = leastLoaded(loads);
      if (node === -1) {
        releaseSlot(table, slot);
        return node;
      }
      if (slot === -1) slot = claimSlot(table, target);
      setOnly(sets, slot, node, nowMs);
      return node;
    },
    unmap(node): void {
      for (const slot of table.slots.values()) {
        setRemove(sets, slot, node);
        if (setIsEmpty(sets, slot)) releaseSlot(table, slot);
      }
    },
    nodesOf(target): readonly number[] {
      const slot = table.slots.get(target);
      return slot === undefined ? [] : setNodes(sets, slot, nodes);
    },
    size: () => table.slots.size,
    *entries(): Iterable<LardEntry<Target>> {
      for (const [slot, target] of slotsByAge(table)) {
        yield { target, nodes: setNodes(sets, slot, nodes), changedMs: sets.changedMs[slot] ?? 0 };
      }
    },
    remember({ target, nodes: [first = 0, ...others], changedMs }): void {
      const known = findTarget(table, target);
      const slot = known === -1 ? claimSlot(table, target) : known;
      setOnly(sets, slot, first, changedMs);
      for (const node of others) setAdd(sets, slot, node, changedMs);
    },
  };
}
