/**
 * Which row of a four-way table an entry stands in.
 *
 * An entry may stand in one row of each way. Where all are taken, those in them move to other rows
 * of theirs (cuckoo hashing), by the shortest chain that ends at a free row:
 *
 *   new ─▶ [a] ─▶ [b] ─▶ [ ]      written: b into the free row, a over b, the new one over a
 *
 * With the chain's tail first, each entry is somewhere after each single write. The search leaves
 * out no chain, so whether a set of entries fits does not depend on the order in which they come.
 */

/** An entry, by its name, and the rows that it may stand in. */
export interface Placed<T> {
  readonly name: string;
  readonly rows: readonly number[];
  readonly value: T;
}

/** One row and what it is to hold; undefined empties it. */
export interface RowWrite<T> {
  readonly row: number;
  readonly placed: Placed<T> | undefined;
}

/** The rows of a table as software knows them; only `put` changes them. */
export interface Placement<T> {
  readonly rows: Map<number, Placed<T>>;
}

/** Most rows that a search looks at; a table that is less than 97 % full needs a few hundred. */
const SEARCH_MAX = 1 << 16;

/** A table without entries. */
export function createPlacement<T>(): Placement<T> {
  return { rows: new Map() };
}

/** The row in which the entry called `name` stands; undefined if it is not there. */
export function findRow<T>(
  placement: Placement<T>,
  { name, rows }: Pick<Placed<T>, 'name' | 'rows'>,
): number | undefined {
  return rows.find((row) => placement.rows.get(row)?.name === name);
}

/**
 * What to write, in this order, so that `placed` stands in the table; undefined if it has no room.
 *
 * An entry that is there already gets its new value.
 */
export function planPut<T>(
  placement: Placement<T>,
  placed: Placed<T>,
): readonly RowWrite<T>[] | undefined {
  const known = findRow(placement, placed);
  if (known !== undefined) return [{ row: known, placed }];
  const chain = findChain(placement, placed.rows);
  return chain?.map((row, at) => {
    const next = chain[at + 1];
    return { row, placed: next === undefined ? placed : placement.rows.get(next) };
  });
}

/** Takes note of what is written. */
export function put<T>({ rows }: Placement<T>, writes: readonly RowWrite<T>[]): void {
  for (const { row, placed } of writes) {
    if (placed === undefined) rows.delete(row);
    else rows.set(row, placed);
  }
}

/** Whether there is room for all of `added` together. */
export function fits<T>(placement: Placement<T>, added: readonly Placed<T>[]): boolean {
  const before: RowWrite<T>[] = [];
  const isRoom = added.every((placed) => {
    const writes = planPut(placement, placed);
    for (const { row } of writes ?? []) before.push({ row, placed: placement.rows.get(row) });
    put(placement, writes ?? []);
    return writes !== undefined;
  });
  put(placement, before.toReversed());
  return isRoom;
}

/** Rows from a free one to one of `starts`: the entry of each row after the first goes one ahead. */
function findChain<T>(
  { rows }: Placement<T>,
  starts: readonly number[],
): readonly number[] | undefined {
  const seen = new Map<number, number | undefined>(starts.map((row) => [row, undefined]));
  // A Map is gone through in the order in which it grows: breadth first.
  for (const [row] of seen) {
    const occupant = rows.get(row);
    if (occupant === undefined) return chainTo(row, seen);
    if (seen.size > SEARCH_MAX) return undefined;
    for (const other of occupant.rows) if (!seen.has(other)) seen.set(other, row);
  }
  return undefined;
}

function chainTo(free: number, seen: ReadonlyMap<number, number | undefined>): readonly number[] {
  const chain: number[] = [];
  for (let row: number | undefined = free; row !== undefined; row = seen.get(row)) chain.push(row);
  return chain;
}
