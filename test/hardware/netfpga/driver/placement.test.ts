/** Where entries stand in a four-way table, held against a Map after every single write. */
import test from 'ava';
import fc from 'fast-check';
import { rowsOf } from '../../../../hardware/netfpga/driver/hash.ts';
import {
  createPlacement,
  findRow,
  fits,
  planPut,
  put,
  type Placed,
  type RowWrite,
} from '../../../../hardware/netfpga/driver/placement.ts';
import { runs } from '../../../runs.ts';

/** Four rows of 32, few enough for many moves; from the name alone. */
function rowsIn(name: string, size: number): readonly number[] {
  const [way, seed] = [size / 4, Number(name)];
  return [0, 1, 2, 3].map((at) => at * way + ((seed * (2 * at + 3) + (seed >> at)) % way));
}

function placedIn(size: number, name: string, value: number): Placed<number> {
  return { name, rows: rowsIn(name, size), value };
}

/** A table as the core has it: it finds an entry in its four rows by its name. */
class Rows {
  readonly #rows = new Map<number, Placed<number>>();

  write({ row, placed }: RowWrite<number>): void {
    if (placed === undefined) this.#rows.delete(row);
    else this.#rows.set(row, placed);
  }

  find(name: string, size: number): readonly number[] {
    const found = rowsIn(name, size).map((row) => this.#rows.get(row));
    return found.flatMap((each) => (each?.name === name ? [each.value] : []));
  }

  get size(): number {
    return this.#rows.size;
  }
}

const SIZE = 32;
const name = fc.integer({ min: 0, max: 60 }).map(String);
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), name, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), name }) },
);

/** Every entry is found with its value; while it moves it may be found twice. */
function check(rows: Rows, model: ReadonlyMap<string, number>): void {
  for (const [each, value] of model) {
    const found = rows.find(each, SIZE);
    if (found.length === 0 || found.some((one) => one !== value)) {
      throw new Error(`${each}: found ${found.join(' ')}, not ${value}`);
    }
  }
}

test('after each single write all entries are found, and at rest each once', (t) => {
  let moves = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 40, maxLength: 120 }), (acts) => {
      const placement = createPlacement<number>();
      const rows = new Rows();
      const model = new Map<string, number>();
      for (const each of acts) {
        if (each.kind === 'remove') {
          const row = findRow(placement, { name: each.name, rows: rowsIn(each.name, SIZE) });
          if ((row === undefined) === model.has(each.name)) throw new Error(`${each.name} is lost`);
          if (row === undefined) continue;
          model.delete(each.name);
          put(placement, [{ row, placed: undefined }]);
          rows.write({ row, placed: undefined });
        } else {
          const writes = planPut(placement, placedIn(SIZE, each.name, each.value));
          if (writes === undefined) {
            refused += 1;
            continue;
          }
          moves += writes.length - 1;
          for (const [at, write] of writes.entries()) {
            rows.write(write);
            if (at === writes.length - 1) model.set(each.name, each.value);
            check(rows, model);
          }
          put(placement, writes);
        }
        check(rows, model);
        if (rows.size !== model.size) throw new Error(`${rows.size} rows for ${model.size}`);
      }
    }),
    runs(300),
  );
  t.true(moves > 100 && refused > 100, `${moves} moves, ${refused} refused`);
});

test('whether entries fit does not depend on their order, and asking changes nothing', (t) => {
  const given = fc.uniqueArray(name, { minLength: 20, maxLength: 40 });
  const outcomes = new Set<boolean>();
  fc.assert(
    fc.property(given, fc.nat(20), (names, already) => {
      const placement = createPlacement<number>();
      const [known, added] = [names.slice(0, already), names.slice(already)];
      for (const each of known) {
        put(placement, planPut(placement, placedIn(SIZE, each, 0)) ?? []);
      }
      const before = JSON.stringify([...placement.rows]);
      const placed = added.map((each) => placedIn(SIZE, each, 1));
      const isRoom = fits(placement, placed);
      outcomes.add(isRoom);
      if (before !== JSON.stringify([...placement.rows])) throw new Error('it changed');
      for (const order of [placed, placed.toReversed()]) {
        const copy = { rows: new Map(placement.rows) };
        const isDone = order.every((each) => {
          const writes = planPut(copy, each);
          put(copy, writes ?? []);
          return writes !== undefined;
        });
        if (isDone !== isRoom) throw new Error(`said ${isRoom}, was ${isDone}`);
      }
    }),
    runs(300),
  );
  t.is(outcomes.size, 2);
});

test('where one row is left in all of the table it is found', (t) => {
  // A chain through all rows: each entry may stand in its own row or in the next.
  const placement = createPlacement<number>();
  for (let at = 0; at < 1000; at += 1) {
    put(placement, [{ row: at, placed: { name: `${at}`, rows: [at, at + 1], value: at } }]);
  }
  const writes = planPut(placement, { name: 'new', rows: [0], value: 1 });
  t.is(writes?.length, 1001);
  t.deepEqual(writes?.[0], { row: 1000, placed: { name: '999', rows: [999, 1000], value: 999 } });
  t.deepEqual(writes?.at(-1), { row: 0, placed: { name: 'new', rows: [0], value: 1 } });
  t.is(planPut(placement, { name: 'new', rows: [0], value: 1 })?.length, 1001);
});

for (const [percent, longest] of [
  [75, 3],
  [95, 12],
] as const) {
  test(`${percent} of 100 rows are filled with few moves, for random connections`, (t) => {
    const flowsLog2 = 14;
    const placement = createPlacement<number>();
    let most = 0;
    const count = (2 ** flowsLog2 * percent) / 100;
    for (let at = 0; at < count; at += 1) {
      // The golden ratio and its square: as good as random, and always the same.
      const src = Math.imul(at, 0x9e37_79b1) >>> 0;
      const key = {
        hosts: false,
        src,
        dst: 0xc633_6401,
        srcPort: (at * 40503) & 0xffff,
        dstPort: 80,
      };
      const placed = { name: `${at}`, rows: rowsOf(key, flowsLog2), value: at };
      const writes = planPut(placement, placed);
      most = Math.max(most, writes?.length ?? 0);
      put(placement, writes ?? []);
    }
    t.is(placement.rows.size, Math.ceil(count));
    t.true(most <= longest, `${most} writes for one entry`);
  });
}
