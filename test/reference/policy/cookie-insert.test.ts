import test from 'ava';
import { createCookieInsert } from '../../../reference/policy/cookie-insert.ts';
import { keyOf } from '../../../reference/policy/key.ts';
import { NO_OCTETS, octetsOf } from '../../../reference/policy/octets.ts';
import { createRoundRobin } from '../../../reference/policy/round-robin.ts';
import type { Scheduler } from '../../../reference/policy/scheduler.ts';
import type { SessionRules } from '../../../reference/policy/session.ts';
import { choiceOf, letterOf, poolOf } from './bed.ts';

const RULES: SessionRules = { dead: 'choose', weightless: 'choose' };

function cookieSwitch(rules: SessionRules = RULES, ...weights: readonly number[]) {
  const pool = poolOf(...(weights.length > 0 ? weights : [1, 1, 1]));
  return createCookieInsert(pool, 'SRV', createRoundRobin(pool), rules);
}

/** The server for a request with a Cookie field, and the Set-Cookie field of the response. */
function answer(scheduler: Scheduler, cookie: string): readonly [string, string | undefined] {
  const key = keyOf(
    { policy: 'cookie-insert', cookie: 'SRV', otherwise: { policy: 'round-robin' }, ...RULES },
    { source: NO_OCTETS, connection: NO_OCTETS, request: { path: '/', cookie } },
  );
  const place = scheduler.choose(choiceOf({ key }));
  return [letterOf(place), scheduler.setCookie?.(key, place ?? -1)];
}

test('SES-3 SES-4 SES-7 requests have the servers and cookies that HAProxy gave them', (t) => {
  // HAProxy 2.6.12: `balance roundrobin`, `cookie SRV insert indirect nocache`, servers a, b, c.
  const scheduler = cookieSwitch();
  t.deepEqual(answer(scheduler, ''), ['a', 'SRV=a; path=/']);
  t.deepEqual(answer(scheduler, 'SRV=b'), ['b', undefined]);
  t.deepEqual(answer(scheduler, 'XSRV=b'), ['b', 'SRV=b; path=/']);
  t.deepEqual(answer(scheduler, 'a=1; SRV=c; b=2'), ['c', undefined]);
  t.deepEqual(answer(scheduler, 'SRV=zz'), ['c', 'SRV=c; path=/']);
  t.deepEqual(answer(scheduler, 'srv=b'), ['a', 'SRV=a; path=/']);
  t.deepEqual(answer(scheduler, 'SRV=b; SRV=c'), ['b', undefined]);
  t.deepEqual(answer(scheduler, 'SRV="b"'), ['b', 'SRV=b; path=/']);
  t.deepEqual(answer(scheduler, 'a=SRV=b'), ['c', 'SRV=c; path=/']);
  t.deepEqual(answer(scheduler, 'x;SRV=c'), ['c', undefined]);
});

test('SES-5 the cookie of a server that is dead: choose again, or refuse, as declared', (t) => {
  const dead = choiceOf({ key: octetsOf('b'), out: [1] });
  t.is(letterOf(cookieSwitch().choose(dead)), 'a');
  t.is(cookieSwitch({ ...RULES, dead: 'refuse' }).choose(dead), undefined);
});

test('POL-4 the cookie of a server of weight 0 keeps its session, or not, as declared', (t) => {
  const choice = choiceOf({ key: octetsOf('b') });
  t.is(letterOf(cookieSwitch(RULES, 1, 0).choose(choice)), 'a');
  t.is(letterOf(cookieSwitch({ ...RULES, weightless: 'keep' }, 1, 0).choose(choice)), 'b');
  t.is(letterOf(cookieSwitch({ ...RULES, weightless: 'keep' }, 1, 0).choose(choiceOf())), 'a');
});

test('a Set-Cookie field is for a server that is there', (t) => {
  t.is(cookieSwitch().setCookie(NO_OCTETS, 3), undefined);
});
