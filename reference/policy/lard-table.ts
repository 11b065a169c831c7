/**
 * The target table of LARD: a bounded number of targets, each with a slot.
 *
 * A target that comes when all slots are taken gets the slot of the one that was not asked for
 * longest: whoever invents URLs fills the table, and makes it no larger.
 */
import {
  createRecency,
  dropRecent,
  isRecent,
  nextRecent,
  oldestRecent,
  touchRecent,
  type Recency,
} from './lard-recency.ts';

/** A table over targets, which are numbers or strings. */
export interface TargetTable<Target> {
  readonly slots: Map<Target, number>;
  /** The target of each slot. */
  readonly targets: (Target | undefined)[];
  /** The slots in use, by when they were last asked for. */
  readonly recency: Recency;
  /** Slots that were given back; the next one is taken from the end. */
  readonly free: number[];
}

/** A table without targets; it has at most `most` of them, 1 … 2^31 − 2. */
export function createTargetTable<Target>(most: number): TargetTable<Target> {
  if (!Number.isSafeInteger(most) || most < 1) {
    throw new RangeError(`a target table has at least one slot, not ${most}`);
  }
  return { slots: new Map(), targets: [], recency: createRecency(most), free: [] };
}

/** The slot of a target, which is the newest from now on; −1 when it has none. */
export function findTarget<Target>(
  { slots, recency }: TargetTable<Target>,
  target: Target,
): number {
  const slot = slots.get(target);
  if (slot === undefined) return -1;
  touchRecent(recency, slot);
  return slot;
}

/** Gives back a slot, if it is in use. */
export function releaseSlot<Target>(table: TargetTable<Target>, slot: number): void {
  const { slots, targets, recency, free } = table;
  const target = targets[slot];
  if (target === undefined || !isRecent(recency, slot)) return;
  slots.delete(target);
  targets[slot] = undefined;
  dropRecent(recency, slot);
  free.push(slot);
}

/** A slot for a target that has none, if need be that of the oldest target. */
export function claimSlot<Target>(table: TargetTable<Target>, target: Target): number {
  const { slots, targets, recency, free } = table;
  const most = recency.newer.length - 1;
  if (slots.size === most) releaseSlot(table, oldestRecent(recency));
  const slot = free.pop() ?? targets.length;
  slots.set(target, slot);
  targets[slot] = target;
  touchRecent(recency, slot);
  return slot;
}

/** The slots in use with their targets, first what was not asked for longest. */
export function* slotsByAge<Target>({
  targets,
  recency,
}: TargetTable<Target>): Iterable<readonly [slot: number, target: Target]> {
  for (let slot = oldestRecent(recency); slot !== -1; slot = nextRecent(recency, slot)) {
    const target = targets[slot];
    if (target !== undefined) yield [slot, target];
  }
}
