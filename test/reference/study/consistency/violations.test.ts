import test from 'ava';
import fc from 'fast-check';
import { maglevTable } from '../../../../reference/policy/maglev.ts';
import {
  createMechanism,
  MECHANISMS,
  type MechanismName,
  type Setting,
} from '../../../../reference/study/consistency/mechanism.ts';
import { drawHashes } from '../../../../reference/study/consistency/spread.ts';
import { countViolations, type Step } from '../../../../reference/study/consistency/violations.ts';
import { createRandom, drawBelow } from '../../../../reference/sim/network/random.ts';
import { runs } from '../../../runs.ts';

const SERVERS = 6;
const SIZE = 251;

/** HAProxy's static order in plain lists; server 0 weighs 1, so that nothing divides all weights. */
function turnsOf(weights: readonly number[]): readonly number[] {
  const units = weights.map((weight, server) => ({ server, weight, gained: 0 }));
  const present = units.filter(({ weight }) => weight > 0);
  const total = present.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: total }, () => {
    for (const unit of present) unit.gained += unit.weight;
    const times = present.map(({ gained }) => Math.floor(gained / total));
    const unit = present[times.indexOf(Math.max(...times))];
    if (unit === undefined) throw new Error('no server is there');
    unit.gained -= total;
    return unit.server;
  });
}

/** Chooses for a connection by what is there now. */
type Chooser = (connection: number, weights: readonly number[]) => number;

function chooserOf(name: MechanismName, { hashes, seed }: Setting): Chooser {
  const random = createRandom(seed, 'choices');
  const at = (table: readonly number[], place: number): number => table[place] ?? -1;
  return (connection, weights) => {
    const hash = hashes[connection] ?? 0;
    if (name === 'mod N') {
      const turns = turnsOf(weights);
      return at(turns, hash % turns.length);
    }
    if (name === 'table' || name === 'cookie') {
      const turns = turnsOf(weights);
      return at(turns, drawBelow(random, turns.length));
    }
    const pool = weights.map((weight, server) => ({ name: `10.0.0.${server}:80`, weight }));
    return at([...maglevTable(pool, { variant: 'envoy', size: SIZE })], hash % SIZE);
  };
}

/** Counts with maps and lists what `countViolations` counts, packet by packet. */
function naive(name: MechanismName, setting: Setting, steps: readonly Step[]): number {
  const { hashes, switches, capacity } = setting;
  const choose = chooserOf(name, setting);
  const seen = Array.from(hashes, () => new Set<number>());
  const cookies = new Map<number, number>();
  let weights = setting.weights;
  let tables = Array.from({ length: switches }, () => new Map<number, number>());
  const serverOf = (connection: number): number => {
    const named = cookies.get(connection);
    if (named !== undefined) return named;
    const isTop = (hashes[connection] ?? 0) >= 2 ** 31;
    const table = tables[isTop ? tables.length - 1 : 0] ?? new Map<number, number>();
    const known = name.startsWith('table') ? table.get(connection) : undefined;
    const server = known ?? choose(connection, weights);
    if (table.size < capacity) table.set(connection, server);
    if (name === 'cookie') cookies.set(connection, server);
    return server;
  };
  const ended = new Set<number>();
  const broken = new Set<number>();
  for (const [connection, servers] of seen.entries()) servers.add(serverOf(connection));
  for (const step of steps) {
    if (step.kind === 'weigh') weights = weights.with(step.server, step.weight);
    if (step.kind === 'restart') tables = tables.map(() => new Map());
    if (step.kind === 'loss') tables = tables.slice(0, 1);
    for (const [connection, servers] of seen.entries()) {
      const [first = 0] = servers;
      if (weights[first] === 0) ended.add(connection);
      if (ended.has(connection) || broken.has(connection)) continue;
      servers.add(serverOf(connection));
      if (servers.size > 1) broken.add(connection);
    }
  }
  return broken.size;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: 'quiet' }),
  fc.constant<Step>({ kind: 'restart' }),
  fc.constant<Step>({ kind: 'loss' }),
  fc.record({
    kind: fc.constant('weigh' as const),
    // Server 0 is always there, so that the pool is never empty.
    server: fc.integer({ min: 1, max: SERVERS - 1 }),
    weight: fc.nat({ max: 2 }),
  }),
);
const courses = fc.array(step, { maxLength: 6 });
const settings: fc.Arbitrary<Setting> = fc
  .record({
    others: fc.array(fc.nat({ max: 2 }), { minLength: SERVERS - 1, maxLength: SERVERS - 1 }),
    connections: fc.integer({ min: 0, max: 40 }),
    seed: fc.nat(),
    switches: fc.constantFrom(1 as const, 2 as const),
    capacity: fc.constantFrom(0, 3, 10, 40),
  })
  .map(({ others, connections, seed, switches, capacity }) => ({
    weights: [1, ...others],
    hashes: drawHashes(connections, seed),
    switches,
    capacity,
    maglevSize: SIZE,
    seed,
  }));

function count(name: MechanismName, setting: Setting, steps: readonly Step[]): number {
  const mechanism = createMechanism(name, setting);
  return countViolations(mechanism, setting.hashes.length, setting.weights, steps);
}

for (const name of MECHANISMS) {
  test(`${name}: violations are those that plain maps and lists count`, (t) => {
    let found = 0;
    fc.assert(
      fc.property(settings, courses, (setting, steps) => {
        const violations = count(name, setting, steps);
        t.is(violations, naive(name, setting, steps));
        found += violations;
      }),
      runs(150),
    );
    t.is(found > 0, name !== 'cookie', `${found} violations in all`);
  });
}

test('a cookie keeps every connection, whatever happens', (t) => {
  fc.assert(
    fc.property(settings, courses, (setting, steps) => {
      t.is(count('cookie', setting, steps), 0);
    }),
    runs(300),
  );
});

test('a table with room for all keeps every connection while it is not lost', (t) => {
  const lossless = courses.map((steps) =>
    steps.filter(({ kind }) => kind === 'quiet' || kind === 'weigh'),
  );
  fc.assert(
    fc.property(settings, lossless, (setting, steps) => {
      const roomy = { ...setting, capacity: setting.hashes.length };
      t.is(count('table', roomy, steps), 0);
      t.is(count('table + Maglev', roomy, steps), 0);
    }),
    runs(300),
  );
});

test('while the pool stays the same a hash breaks nothing, with a table or without', (t) => {
  const still = courses.map((steps) => steps.filter(({ kind }) => kind !== 'weigh'));
  fc.assert(
    fc.property(settings, still, (setting, steps) => {
      for (const name of ['mod N', 'Maglev', 'table + Maglev'] as const) {
        t.is(count(name, setting, steps), 0);
      }
    }),
    runs(300),
  );
});

test('a table before Maglev is never worse than Maglev, whatever happens', (t) => {
  fc.assert(
    fc.property(settings, courses, (setting, steps) => {
      t.true(count('table + Maglev', setting, steps) <= count('Maglev', setting, steps));
    }),
    runs(300),
  );
});

test('a connection whose own server is removed is no violation', (t) => {
  const hashes = drawHashes(50, 1);
  const setting: Setting = {
    weights: [1, 1],
    hashes,
    switches: 1,
    capacity: 50,
    maglevSize: SIZE,
    seed: 1,
  };
  const steps: readonly Step[] = [{ kind: 'weigh', server: 1, weight: 0 }];
  const moved = [...hashes].filter((hash) => hash % 2 === 1).length;
  t.true(moved > 0 && moved < 50);
  for (const name of MECHANISMS) t.is(count(name, setting, steps), 0);
});

test('what two servers have had is one violation, also when the pool is as before', (t) => {
  const setting: Setting = {
    weights: [1, 0],
    hashes: Uint32Array.of(0, 1, 2, 3, 4, 5),
    switches: 1,
    capacity: 6,
    maglevSize: SIZE,
    seed: 1,
  };
  const steps: readonly Step[] = [1, 0, 1].map((weight) => ({ kind: 'weigh', server: 1, weight }));
  t.is(count('mod N', setting, steps), 3);
});
