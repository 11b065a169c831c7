/** What a product cannot do is said, and what is wrong in a setup too. */
import test from 'ava';
import { lackOf, type Ability } from '../../../hardware/product/ability.ts';
import { service } from './setups.ts';

const ABILITY: Ability = {
  modes: ['http'],
  choosing: ['round-robin', 'cookie-hash'],
  sessions: ['cookie'],
  checks: false,
  locality: ['request'],
};

const CHECK = { probe: 'http', intervalMs: 100, timeoutMs: 100, fall: 3, rise: 2 } as const;

const LACKS = [
  [service({ mode: 'nat' }), { unsupported: 'mode nat' }],
  [service({ choosing: 'maglev' }), { unsupported: 'choosing by maglev' }],
  [service({ choosing: { kind: 'lard', low: 2, high: 4 } }), { unsupported: 'choosing by lard' }],
  [service({ session: { kind: 'source', expireMs: 1 } }), { unsupported: 'sessions by source' }],
  [service({ check: CHECK }), { unsupported: 'checks' }],
  [service({ locality: 'connection' }), { unsupported: 'locality by connection' }],
  [service({ cache: { octets: 1000 } }), { unsupported: 'a store of 1000 octets' }],
  [service({ servers: [] }), { refused: 'a pool has no server' }],
  [service({ weights: { s1: 257 } }), { refused: 'weight 257 is not in 0 to 256' }],
  [service({ weights: { s2: 0.5 } }), { refused: 'weight 0.5 is not in 0 to 256' }],
  [service({ session: { kind: 'cookie', name: 'a;b' } }), { refused: 'a;b names no cookie' }],
] as const;

for (const [told, lack] of LACKS) {
  test(`a setup has what a product lacks: ${Object.values(lack).join()}`, (t) => {
    t.deepEqual(lackOf(ABILITY, { services: [service(), told], access: [] }), lack);
  });
}

test('a setup has nothing that a product lacks', (t) => {
  const session = { kind: 'cookie', name: 'SRV' } as const;
  const hash = service({ choosing: { kind: 'cookie-hash', cookie: 'SID' }, locality: 'request' });
  t.is(lackOf(ABILITY, { services: [hash, service({ session })], access: [] }), undefined);
  const storing = { services: [service({ cache: { octets: 1000 } })], access: [] };
  t.is(lackOf({ ...ABILITY, cacheOctetsMin: 1000 }, storing), undefined);
  t.deepEqual(lackOf({ ...ABILITY, cacheOctetsMin: 1001 }, storing), {
    unsupported: 'a store of 1000 octets',
  });
});

test('none of these products is two', (t) => {
  const pair = { intervalMs: 100 };
  t.deepEqual(lackOf(ABILITY, { services: [service()], access: [], pair }), {
    unsupported: 'two switches for one',
  });
});

test('what a product lacks for a route is said as for a service', (t) => {
  const pool = { servers: ['s1'], choosing: 'random' } as const;
  const told = service({ routes: [{ prefix: '/a', pool }] });
  t.deepEqual(lackOf(ABILITY, { services: [told], access: [] }), {
    unsupported: 'choosing by random',
  });
});
