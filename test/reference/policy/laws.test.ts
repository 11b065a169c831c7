/** Laws of all policies, and of all placements of keys. */
import test from 'ava';
import fc from 'fast-check';
import { schedulerOf, type PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { keyOf } from '../../../reference/policy/key.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import type { Pool } from '../../../reference/policy/pool.ts';
import { runs } from '../../runs.ts';
import { arbitraryPool, choiceOf, drawFrom, poolFrom, type Moment } from './bed.ts';
import { DECLARATIONS, PLACEMENTS, SESSION } from './declarations.ts';

const SERVERS_MAX = 7;

/** Keys of which some come again, some name a server, and some are empty. */
const key = fc.oneof(
  fc.constant(''),
  fc.nat(30).map((number) => `/page/${number}`),
  fc.constantFrom('a', 'b', '1', '\n\0\0\u0001'),
);

const moment: fc.Arbitrary<Moment> = fc.record({
  nowMs: fc.nat(5000),
  key,
  out: fc.subarray([...Array(SERVERS_MAX).keys()]),
  active: fc.array(fc.nat(50), { minLength: SERVERS_MAX, maxLength: SERVERS_MAX }),
});

for (const [title, declaration] of DECLARATIONS) {
  test(`POL-4 POL-8 ${title}: who is chosen is able and has a weight; nobody if nobody is`, (t) => {
    fc.assert(
      fc.property(arbitraryPool(SERVERS_MAX), fc.array(moment), fc.nat(), (pool, moments, seed) => {
        const scheduler = schedulerOf(declaration, pool, drawFrom(seed));
        for (const each of moments) {
          const place = scheduler.choose(choiceOf(each));
          const able = [...pool.keys()].filter(
            (at) => (pool[at]?.weight ?? 0) > 0 && !(each.out ?? []).includes(at),
          );
          t.true(place === undefined ? able.length === 0 : able.includes(place));
        }
      }),
      runs(60),
    );
  });
}

test('nobody is chosen of an empty pool', (t) => {
  for (const [title, declaration] of DECLARATIONS) {
    const scheduler = schedulerOf(declaration, [], drawFrom(1));
    t.is(scheduler.choose(choiceOf({ key: '/a' })), undefined, title);
  }
});

const KEYS = Array.from({ length: 200 }, (_, number) => octetsOf(`/page/${number}`));

/** The names of the servers that have all keys. */
function owners(
  pool: Pool,
  placement: (typeof PLACEMENTS)[number][1],
  out: readonly number[] = [],
): readonly (string | undefined)[] {
  const scheduler = schedulerOf({ policy: 'source-hash', placement }, pool, drawFrom(1));
  return KEYS.map((each) => pool[scheduler.choose(choiceOf({ key: each, out })) ?? -1]?.name);
}

for (const [title, placement] of PLACEMENTS) {
  test(`${title}: equal configuration, equal servers for all keys`, (t) => {
    const pool = poolFrom('10.0.0', 5);
    t.deepEqual(owners(pool, placement), owners(pool, placement));
    t.is(new Set(owners(pool, placement)).size, 5);
  });

  test(`${title}: the key's server is the same in any order of the keys`, (t) => {
    const pool = poolFrom('10.0.0', 5);
    const scheduler = schedulerOf({ policy: 'source-hash', placement }, pool, drawFrom(1));
    const backwards = KEYS.toReversed().map((each) => {
      return pool[scheduler.choose(choiceOf({ key: each })) ?? -1]?.name;
    });
    t.deepEqual(backwards.toReversed(), owners(pool, placement));
  });
}

/** Those that make what they look up anew when a server fails. */
const ANEW = PLACEMENTS.filter(([, { kind }]) => ['modulo', 'maglev', 'ring'].includes(kind));
for (const [title, placement] of ANEW) {
  test(`${title}: a server that is not able is as one that is not in the pool`, (t) => {
    fc.assert(
      fc.property(arbitraryPool(6, { lightest: 1 }), fc.nat(5), (pool, lost) => {
        t.deepEqual(
          owners(pool, placement, [lost]),
          owners(
            pool.filter((_, place) => place !== lost),
            placement,
          ),
        );
      }),
      runs(20),
    );
  });
}

/** Those in which the keys of the others stay where they are. */
const STAYING = PLACEMENTS.filter(([title]) =>
  ['buckets', 'nginx', 'nginx-address', 'ring nginx'].includes(title),
);
for (const [title, placement] of STAYING) {
  test(`${title}: a server that fails moves its own keys only`, (t) => {
    fc.assert(
      fc.property(arbitraryPool(6, { lightest: 1 }), fc.nat(5), (pool, lost) => {
        const before = owners(pool, placement);
        const after = owners(pool, placement, [lost]);
        for (const [index, name] of before.entries()) {
          if (name === pool[lost]?.name) t.not(after[index], name ?? '');
          else t.is(after[index], name);
        }
      }),
      runs(40),
    );
  });
}

test('SES-2 behind many addresses a cookie keeps its server, an address does not', (t) => {
  const pool = poolFrom('10.0.0', 5);
  const placement = { kind: 'maglev', variant: 'envoy', size: 251 } as const;
  const servers = (declaration: PolicyDeclaration): number => {
    const scheduler = schedulerOf(declaration, pool, drawFrom(1));
    const chosen = Array.from({ length: 40 }, (_, last) => {
      const source = Uint8Array.of(198, 51, 100, last);
      const request = { path: '/', cookie: `a=1; SRV=${pool[3]?.name ?? ''}` };
      return scheduler.choose(
        choiceOf({ key: keyOf(declaration, { source, connection: source, request }) }),
      );
    });
    return new Set(chosen).size;
  };
  t.is(servers({ policy: 'cookie-hash', cookie: 'SRV', placement }), 1);
  t.is(servers({ policy: 'cookie-insert', cookie: 'SRV', ...SESSION }), 1);
  t.is(servers({ policy: 'source-hash', placement }), 5);
});
