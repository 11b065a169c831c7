import test from 'ava';
import { membershipEvents, violationsOf } from '../../../../reference/study/consistency/events.ts';
import {
  MECHANISMS,
  type MechanismName,
} from '../../../../reference/study/consistency/mechanism.ts';
import { drawHashes } from '../../../../reference/study/consistency/spread.ts';
import { consistency } from '../../../../reference/study/sections/consistency.ts';

const CONNECTIONS = 50_000;
const SERVERS = 20;

for (const seed of [1, 2, 3]) {
  const extent = {
    hashes: drawHashes(CONNECTIONS, seed),
    servers: SERVERS,
    maglevSize: 2039,
    seed,
  };
  const shares = new Map(
    membershipEvents(SERVERS).map((event) => [
      event.name,
      new Map(MECHANISMS.map((name) => [name, violationsOf(name, event, extent) / CONNECTIONS])),
    ]),
  );
  const share = (event: string, name: MechanismName): number => {
    const found = shares.get(event)?.get(name);
    if (found === undefined) throw new Error(`no event is ${event}`);
    return found;
  };
  const isNear = (actual: number, expected: number): boolean => Math.abs(actual - expected) < 0.01;

  test(`mod N breaks all but one in N when the Nth server comes, seed ${seed}`, (t) => {
    t.true(isNear(share('server added', 'mod N'), SERVERS / (SERVERS + 1)));
  });

  test(`Maglev breaks what the new server has to get, and little more, seed ${seed}`, (t) => {
    const broken = share('server added', 'Maglev');
    t.true(broken > 1 / (SERVERS + 1) - 0.01 && broken < 1 / (SERVERS + 1) + 0.03, `${broken}`);
  });

  test(`what a table forgets is chosen anew, and differs in all but one of N, seed ${seed}`, (t) => {
    const differs = (SERVERS - 1) / SERVERS;
    t.true(isNear(share('restart', 'table'), differs));
    t.true(isNear(share('one of two lost', 'table'), differs / 2));
    t.true(isNear(share('table full', 'table'), differs / 4));
  });

  test(`what a table forgets Maglev knows, but for what a change has moved, seed ${seed}`, (t) => {
    const moved = share('server added', 'Maglev');
    t.is(share('added, restart', 'table + Maglev'), moved);
    t.true(isNear(share('added, one lost', 'table + Maglev'), moved / 2));
    t.true(isNear(share('table full, added', 'table + Maglev'), moved / 4));
    t.is(share('table full', 'table + Maglev'), 0);
  });
}

test('the section draws its conclusions from what it has counted, the same every time', (t) => {
  const section = consistency(20_000, 1);
  const told = section.tell(() => t.fail());
  t.deepEqual(
    told.findings.map(({ holds }) => holds),
    [true, true, true, true],
  );
  t.deepEqual(
    section.tell(() => t.fail()),
    told,
  );
});
