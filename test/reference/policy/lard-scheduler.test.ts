import test from 'ava';
import { createLardScheduler } from '../../../reference/policy/lard-scheduler.ts';
import type { Choice } from '../../../reference/policy/scheduler.ts';

const LETTERS = new TextEncoder();
const POOL = [
  { name: 'a', weight: 1 },
  { name: 'b', weight: 1 },
  { name: 'c', weight: 1 },
];

/** A choice for a URL, with the connections of each server; undefined for one that is not able. */
function asking(url: string, ...active: readonly (number | undefined)[]): Choice {
  return {
    nowMs: 0,
    key: LETTERS.encode(url),
    isAble: (place) => active[place] !== undefined,
    active: (place) => active[place] ?? 0,
  };
}

for (const replicated of [false, true]) {
  const name = replicated ? 'LARD/R' : 'LARD';
  const create = (): ReturnType<typeof createLardScheduler> =>
    createLardScheduler(POOL, { replicated, targets: 10 });

  test(`${name} keeps a URL where it is, and gives another to who has least to do`, (t) => {
    const { choose } = bound(create());
    t.is(choose(asking('/a', 3, 1, 2)), 1);
    t.is(choose(asking('/a', 3, 60, 2)), 1);
    t.is(choose(asking('/b', 3, 60, 2)), 2);
    t.is(choose(asking('/a', 24, 66, 30)), 0);
  });

  test(`PRISM-LARD-4 ${name} admits what the limit allows, for the servers that are able`, (t) => {
    const { choose } = bound(create());
    t.is(choose(asking('/a', 51, 51, 51)), 0);
    t.is(choose(asking('/a', 51, 51, 52)), undefined);
    t.is(choose(asking('/a', 44, undefined, 44)), 0);
    t.is(choose(asking('/a', 44, undefined, 45)), undefined);
    t.is(choose(asking('/a', undefined, undefined, 23)), 2);
    t.is(choose(asking('/a', undefined, undefined, 24)), undefined);
    t.is(choose(asking('/a', undefined, undefined, undefined)), undefined);
  });

  test(`PRISM-LARD-6 ${name} forgets what a server had that is lost`, (t) => {
    const scheduler = create();
    t.is(scheduler.choose(asking('/a', 0, 1, 1)), 0);
    scheduler.lost?.(0);
    t.is(scheduler.choose(asking('/a', 2, 2, 1)), 2);
  });

  test(`${name} gives a target to another where its server is not able, and no other target`, (t) => {
    const { choose } = bound(create());
    t.is(choose(asking('/a', 0, 1, 1)), 0);
    t.is(choose(asking('/b', 0, 1, 1)), 0);
    t.is(choose(asking('/a', undefined, 1, 2)), 1);
    t.is(choose(asking('/a', 0, 1, 2)), 1);
    t.is(choose(asking('/b', 9, 1, 2)), 0);
  });

  test(`${name} gives nothing to a server of weight 0`, (t) => {
    const servers = [{ name: 'a', weight: 0 }, ...POOL.slice(1)];
    const scheduler = createLardScheduler(servers, { replicated, targets: 10 });
    t.is(scheduler.choose(asking('/a', 0, 9, 8)), 2);
  });

  test(`${name} has its targets on another pool too, where their servers remain`, (t) => {
    const scheduler = create();
    t.is(scheduler.choose(asking('/a', 0, 9, 9)), 0);
    t.is(scheduler.choose(asking('/b', 9, 0, 9)), 1);
    t.is(scheduler.choose(asking('/c', 9, 9, 0)), 2);
    const pool = ['c', 'd', 'a'].map((server) => ({ name: server, weight: 1 }));
    const next = scheduler.succeed?.(pool);
    t.is(next?.choose(asking('/a', 9, 0, 9)), 2);
    t.is(next?.choose(asking('/c', 9, 0, 9)), 0);
    t.is(next?.choose(asking('/b', 9, 0, 9)), 1, 'its server is gone');
  });

  test(`${name} forgets first what was not asked for longest, on another pool too`, (t) => {
    const scheduler = createLardScheduler(POOL, { replicated, targets: 2 });
    scheduler.choose(asking('/a', 0, 9, 9));
    scheduler.choose(asking('/b', 0, 9, 9));
    scheduler.choose(asking('/a', 9, 9, 9));
    const next = scheduler.succeed?.(POOL);
    t.is(next?.choose(asking('/c', 9, 9, 0)), 2);
    t.is(next?.choose(asking('/a', 9, 9, 0)), 0);
    t.is(next?.choose(asking('/b', 9, 9, 0)), 2);
  });

  test(`${name} takes keys for different that differ in one octet of any value`, (t) => {
    const scheduler = createLardScheduler(POOL, { replicated, targets: 1000 });
    const ask = (octet: number, ...active: readonly number[]): number | undefined =>
      scheduler.choose({ ...asking('', ...active), key: Uint8Array.of(octet) });
    const octets = Array.from({ length: 256 }, (_, octet) => octet);
    for (const octet of octets) {
      ask(octet, ...[50, 50, 50].map((load, place) => (place === octet % 3 ? 0 : load)));
    }
    t.deepEqual(
      octets.map((octet) => ask(octet, 50, 50, 50)),
      octets.map((octet) => octet % 3),
    );
  });
}

/** A scheduler whose choice can be taken out of it. */
function bound(scheduler: ReturnType<typeof createLardScheduler>): {
  readonly choose: (choice: Choice) => number | undefined;
} {
  return { choose: (choice) => scheduler.choose(choice) };
}
