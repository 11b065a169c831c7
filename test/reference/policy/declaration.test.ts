import test from 'ava';
import { schedulerOf, type PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { createSessionStore } from '../../../reference/policy/session-store.ts';
import { drawFrom, poolOf, serversOf, turnsOf } from './bed.ts';
import { SESSION } from './declarations.ts';

const POOL = poolOf(1, 1, 1);
const IN_TURN = { ...SESSION, otherwise: { policy: 'round-robin' } } as const;

/** The servers that a key has, asked four times. */
function four(declaration: PolicyDeclaration, weights = [5, 1, 1]): string {
  return serversOf(schedulerOf(declaration, poolOf(...weights), drawFrom(1)), ['x', 'x', 'x', 'x']);
}

test('a declaration of turns has the order, the rule and the weights that it says', (t) => {
  t.is(four({ policy: 'round-robin' }), 'abca');
  t.is(four({ policy: 'weighted-round-robin', order: 'smooth' }), 'aaba');
  t.is(four({ policy: 'weighted-round-robin', order: 'haproxy-static' }), 'aaab');
  t.is(four({ policy: 'weighted-round-robin', order: 'ipvs' }), 'aaaa');
  t.is(four({ policy: 'least-connections', tie: 'turn' }), 'abca');
  t.is(four({ policy: 'least-connections', tie: 'first' }), 'aaaa');
});

test('random draws from the source that it is given', (t) => {
  const scheduler = schedulerOf({ policy: 'random' }, POOL, (limit) => limit - 1);
  t.is(turnsOf(scheduler, 3), 'ccc');
});

test('SES-1 affinity by source is bound by the choice', (t) => {
  t.is(four({ policy: 'source-affinity', ...IN_TURN }), 'aaaa');
});

test('SES-8 affinity by what a server makes is bound when the server says it', (t) => {
  for (const declaration of [
    { policy: 'tls-session', ...IN_TURN },
    { policy: 'cookie-learn', cookie: 'SID', ...IN_TURN },
  ] as const) {
    const scheduler = schedulerOf(declaration, POOL, drawFrom(1));
    t.is(serversOf(scheduler, ['x', 'x']), 'ab', declaration.policy);
    scheduler.learn?.(octetsOf('x'), 1, 0);
    t.is(serversOf(scheduler, ['x', 'x']), 'bb', declaration.policy);
  }
});

test('POL-9 sessions of a store stay through a change of the weights', (t) => {
  const declaration = { policy: 'source-affinity', ...IN_TURN } as const;
  const store = createSessionStore(declaration);
  const before = schedulerOf(declaration, POOL, drawFrom(1), store);
  t.is(serversOf(before, ['x', 'y', 'z']), 'abc');
  const after = schedulerOf(declaration, poolOf(9, 2, 3), drawFrom(1), store);
  t.is(serversOf(after, ['z', 'y', 'x']), 'cba');
});

test('the store of a declaration has its limits', (t) => {
  const declaration = { policy: 'source-affinity', ...IN_TURN, entriesMax: 1 } as const;
  const scheduler = schedulerOf(declaration, POOL, drawFrom(1));
  t.is(serversOf(scheduler, ['x', 'y', 'x']), 'abc');
});

test('POL-7 reports, and cookies to set, are there for the policies that have them', (t) => {
  const load = schedulerOf({ policy: 'lightest-load', maxAgeMs: 10 }, POOL, drawFrom(1));
  load.report?.({ place: 2, load: 0, atMs: 0 });
  t.is(turnsOf(load, 2), 'cc');
  // The policy that chooses for a session may look at reports, too.
  const session = schedulerOf(
    {
      policy: 'cookie-insert',
      cookie: 'SRV',
      ...SESSION,
      otherwise: { policy: 'lightest-load', maxAgeMs: 10 },
    },
    POOL,
    drawFrom(1),
  );
  session.report?.({ place: 2, load: 0, atMs: 0 });
  t.is(turnsOf(session, 2), 'cc');
  t.is(session.setCookie?.(octetsOf(''), 2), 'SRV=c; path=/');
  t.false('setCookie' in schedulerOf({ policy: 'round-robin' }, POOL, drawFrom(1)));
});
