import test from 'ava';
import fc from 'fast-check';
import { boundedSlots } from '../../../reference/policy/bounded-load.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { envoyRing, firstPoint, nginxRing } from '../../../reference/policy/ring.ts';
import { createRingHash } from '../../../reference/policy/ring-hash.ts';
import { runs } from '../../runs.ts';
import {
  arbitraryPool,
  choiceOf,
  countsOf,
  letterOf,
  poolFrom,
  poolNamed,
  serversOf,
} from './bed.ts';
import { addressesOf, URLS } from './peers.ts';

const keys = Array.from({ length: 2000 }, (_, number) => octetsOf(`/page/${number}`));

test('the ring of Envoy (envoyproxy/envoy, ring_hash_lb_test.cc, BasicWithHostname)', (t) => {
  const pool = poolNamed('90', '91', '92', '93', '94', '95');
  const ring = envoyRing(pool, { minimumSize: 12 });
  t.deepEqual(
    [...ring.points].map((point, index) => [pool[ring.owners[index] ?? 0]?.name, point]),
    [
      ['95', 1975508444536362413n],
      ['95', 2376063919839173711n],
      ['93', 2386806903309390596n],
      ['94', 6749904478991551885n],
      ['93', 6803900775736438537n],
      ['92', 7225015537174310577n],
      ['90', 8787465352164086522n],
      ['92', 11282020843382717940n],
      ['91', 13723418369486627818n],
      ['90', 13776502110861797421n],
      ['91', 14338313586354474791n],
      ['94', 15364271037087512980n],
    ],
  );
  const owner = (hash: bigint): string | undefined =>
    pool[ring.owners[firstPoint(ring, hash)] ?? 0]?.name;
  t.is(owner(0n), '95');
  t.is(owner(2n ** 64n - 1n), '95');
  t.is(owner(7225015537174310577n), '92');
  t.is(owner(6803900775736438537n), '93');
  t.is(owner(6803900775736438538n), '92');
});

test('the points of Envoy follow the weights, and their number is bounded', (t) => {
  const pool = [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 3 },
    { name: 'c', weight: 0 },
  ];
  t.deepEqual(countsOf(envoyRing(pool, { minimumSize: 1024 }).owners, 3), [256, 768, 0]);
  t.deepEqual(countsOf(envoyRing(pool, { minimumSize: 1, maximumSize: 2 }).owners, 3), [1, 1, 0]);
});

test('where points cannot be dealt evenly, Envoy’s go by the order of the names', (t) => {
  // The example in the comments of its ring_hash_lb.cc: four servers, six points.
  const size = { minimumSize: 6, maximumSize: 6 };
  t.deepEqual(countsOf(envoyRing(poolNamed('a', 'b', 'c', 'd'), size).owners, 4), [2, 1, 2, 1]);
  t.deepEqual(countsOf(envoyRing(poolNamed('d', 'c', 'b', 'a'), size).owners, 4), [1, 2, 1, 2]);
});

test('URL-12 nginx: `hash $request_uri consistent`', (t) => {
  const scheduler = createRingHash(addressesOf(1, 1, 1), { variant: 'nginx' });
  t.is(serversOf(scheduler, URLS), 'bcaccacbbaabbcabcabbacca');
});

test('URL-12 nginx: `hash $request_uri consistent` with weights 2, 1, 3', (t) => {
  const scheduler = createRingHash(addressesOf(2, 1, 3), { variant: 'nginx' });
  t.is(serversOf(scheduler, URLS), 'bcacaaccccaaaccccabaacca');
});

test('URL-12 nginx: `hash $request_uri consistent` when the third server is down', (t) => {
  const scheduler = createRingHash(addressesOf(1, 1, 1, 1), { variant: 'nginx' });
  const servers = URLS.map((key) => letterOf(scheduler.choose(choiceOf({ key, out: [2] }))));
  t.is(servers.join(''), 'bbaadaddbdadbdabaabdddba');
});

test('nginx: a name without a port, and one whose end is no port, are hosts', (t) => {
  const points = (name: string): readonly bigint[] => [...nginxRing([{ name, weight: 1 }]).points];
  t.is(points('host').length, 160);
  t.notDeepEqual(points('host'), points('host:80'));
  t.deepEqual(points('host:'), points('host'));
  t.notDeepEqual(points('a:b'), points('a'));
});

test('nginx: the keys of a server that fails go to others, no other key moves', (t) => {
  const scheduler = createRingHash(poolFrom('10.0.0', 8), { variant: 'nginx' });
  const before = keys.map((key) => scheduler.choose(choiceOf({ key })));
  for (const [index, key] of keys.entries()) {
    const after = scheduler.choose(choiceOf({ key, out: [3] }));
    if (before[index] === 3) t.not(after, 3);
    else t.is(after, before[index]);
  }
});

test('POL-11 the rings depend on the set of servers, not on their order', (t) => {
  const shuffled = arbitraryPool(6, { lightest: 1 }).chain((pool) =>
    fc.tuple(fc.constant(pool), fc.shuffledSubarray([...pool], { minLength: pool.length })),
  );
  fc.assert(
    fc.property(shuffled, fc.constantFrom('envoy', 'nginx'), ([pool, other], variant) => {
      const owners = (servers: typeof pool): readonly (string | undefined)[] => {
        const scheduler = createRingHash(servers, { variant });
        return keys
          .slice(0, 50)
          .map((key) => servers[scheduler.choose(choiceOf({ key })) ?? -1]?.name);
      };
      t.deepEqual(owners(other), owners(pool));
    }),
    runs(30),
  );
});

test('POL-15 no server has more connections than ⌈c (active + 1) / N⌉', (t) => {
  for (const percent of [101, 125, 150, 200]) {
    const scheduler = createRingHash(poolFrom('10.0.0', 7), {
      variant: 'nginx',
      boundPercent: percent,
    });
    const active = [0, 0, 0, 0, 0, 0, 0];
    for (const [count, key] of keys.slice(0, 600).entries()) {
      // Half of all keys are one and the same.
      const place = scheduler.choose(choiceOf({ key: count % 2 === 0 ? '/hot' : key, active }));
      const bound = Math.ceil((percent / 100) * ((count + 1) / 7));
      const now = (active[place ?? -1] ?? Number.POSITIVE_INFINITY) + 1;
      active[place ?? -1] = now;
      t.true(now <= bound, `${percent} %, ${count}: ${now} > ${bound}`);
    }
  }
});

test('POL-15 below its bound a key has the server that it has without a bound', (t) => {
  const pool = poolFrom('10.0.0', 5);
  const bounded = createRingHash(pool, { variant: 'envoy', boundPercent: 150 });
  const unbounded = createRingHash(pool, { variant: 'envoy' });
  const active = [9, 10, 10, 10, 10];
  for (const key of keys.slice(0, 300)) {
    const [place, free] = [bounded, unbounded].map((each) =>
      each.choose(choiceOf({ key, active })),
    );
    t.is(place, free);
  }
});

test('POL-15 all slots are given out, by weight, and nobody has none', (t) => {
  t.deepEqual(boundedSlots([1, 1, 1], 8, 100), [3, 3, 3]);
  t.deepEqual(boundedSlots([4, 2, 1], 6, 200), [8, 4, 2]);
  t.deepEqual(boundedSlots([1, 1, 1, 1], 0, 125), [1, 1, 1, 1]);
  const weights = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 20 });
  const percent = fc.integer({ min: 100, max: 400 });
  fc.assert(
    fc.property(weights, fc.nat(5000), percent, (each, active, percents) => {
      const slots = boundedSlots(each, active, percents);
      const total = each.reduce((sum, weight) => sum + weight, 0);
      const all = Math.ceil(((active + 1) * percents) / 100);
      t.true(slots.reduce((sum, slot) => sum + slot, 0) >= all);
      for (const [index, slot] of slots.entries()) {
        const share = (all * (each[index] ?? 0)) / total;
        t.true(slot >= 1 && (slot === 1 || Math.abs(slot - share) < 2), `${slot} of ${share}`);
      }
    }),
    runs(300),
  );
});
