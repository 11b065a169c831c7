import test from 'ava';
import fc from 'fast-check';
import { createAffinity, type AffinityOptions } from '../../../reference/policy/affinity.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import type { Pool } from '../../../reference/policy/pool.ts';
import { createRoundRobin } from '../../../reference/policy/round-robin.ts';
import { createSessionStore, type SessionStore } from '../../../reference/policy/session-store.ts';
import { runs } from '../../runs.ts';
import { choiceOf, letterOf, poolNamed, poolOf, serversOf, turnsOf } from './bed.ts';

const LIMITS = { entriesMax: 100, expireMs: 1000 };
const OPTIONS: AffinityOptions = { dead: 'choose', weightless: 'choose', bind: 'choice' };

function affinity(
  pool: Pool,
  options: AffinityOptions = OPTIONS,
  store: SessionStore = createSessionStore(LIMITS),
) {
  return createAffinity(pool, store, createRoundRobin(pool), options);
}

test('SES-1 a key sticks to its server', (t) => {
  t.is(serversOf(affinity(poolOf(1, 1, 1)), ['x', 'y', 'x', 'z', 'x', 'y', 'w']), 'abacaba');
});

test('SES-1 a key sticks until it has not been used for so long as is declared', (t) => {
  const scheduler = affinity(poolOf(1, 1));
  const server = (nowMs: number): string =>
    letterOf(scheduler.choose(choiceOf({ key: 'x', nowMs })));
  t.is(server(0), 'a');
  t.is(server(999), 'a');
  t.is(server(1998), 'a');
  t.is(server(2998), 'b');
});

test('SES-1 the table is bounded; who was not used for longest is forgotten', (t) => {
  const store = createSessionStore({ entriesMax: 2, expireMs: 1000 });
  const scheduler = affinity(poolOf(1, 1, 1, 1), OPTIONS, store);
  t.is(serversOf(scheduler, ['x', 'y', 'x', 'z', 'x', 'y']), 'abacad');
  t.is(store.size(), 2);
});

test('SES-1 the store holds what a model of it holds', (t) => {
  const use = fc.record({ key: fc.nat(9), later: fc.nat(300), bind: fc.boolean() });
  fc.assert(
    fc.property(fc.array(use), (uses) => {
      const store = createSessionStore({ entriesMax: 4, expireMs: 500 });
      let model: readonly {
        readonly key: number;
        readonly server: string;
        readonly usedMs: number;
      }[] = [];
      let nowMs = 0;
      for (const [count, { key, later, bind }] of uses.entries()) {
        nowMs += later;
        const octets = octetsOf(`${key}`);
        const alive = model.filter(({ usedMs }) => nowMs - usedMs < 500);
        const known = alive.find((each) => each.key === key);
        if (!bind) t.is(store.use(octets, nowMs), known?.server);
        else store.bind(octets, `${count}`, nowMs);
        const server = bind ? `${count}` : known?.server;
        const others = alive.filter((each) => each.key !== key);
        model =
          server === undefined ? alive : [...others.slice(-3), { key, server, usedMs: nowMs }];
        t.true(store.size() <= 4);
      }
    }),
    runs(300),
  );
});

test('SES-8 what a server says is learned, what is only asked is not', (t) => {
  const scheduler = affinity(poolOf(1, 1, 1), { ...OPTIONS, bind: 'answer' });
  t.is(serversOf(scheduler, ['x', 'x']), 'ab');
  scheduler.learn(octetsOf('x'), 0, 0);
  t.is(serversOf(scheduler, ['x', 'y', 'x']), 'aca');
});

test('an empty key is no session', (t) => {
  const store = createSessionStore(LIMITS);
  t.is(turnsOf(affinity(poolOf(1, 1), OPTIONS, store), 4), 'abab');
  t.is(store.size(), 0);
});

test('SES-5 a session of a dead server: choose again and stay, or refuse, as declared', (t) => {
  const key = octetsOf('x');
  const scheduler = affinity(poolOf(1, 1, 1));
  t.is(letterOf(scheduler.choose(choiceOf({ key }))), 'a');
  t.is(letterOf(scheduler.choose(choiceOf({ key, out: [0] }))), 'b');
  t.is(letterOf(scheduler.choose(choiceOf({ key }))), 'b');
  const strict = affinity(poolOf(1, 1, 1), { ...OPTIONS, dead: 'refuse' });
  strict.learn(key, 2, 0);
  t.is(strict.choose(choiceOf({ key, out: [2] })), undefined);
  t.is(letterOf(strict.choose(choiceOf({ key }))), 'c');
});

test('SES-5 a session that a server made moves for good when that server is dead', (t) => {
  const key = octetsOf('x');
  const scheduler = affinity(poolOf(1, 1, 1), { ...OPTIONS, bind: 'answer' });
  scheduler.learn(key, 2, 0);
  t.is(letterOf(scheduler.choose(choiceOf({ key, out: [2] }))), 'a');
  t.is(letterOf(scheduler.choose(choiceOf({ key }))), 'a');
});

test('sessions outlive the pool; those of a server that is gone are chosen for anew', (t) => {
  const store = createSessionStore(LIMITS);
  t.is(serversOf(affinity(poolOf(1, 1, 1), OPTIONS, store), ['x', 'y', 'z']), 'abc');
  // The letters are those of the places: c is at 0 now, b at 1.
  t.is(serversOf(affinity(poolNamed('c', 'b'), OPTIONS, store), ['z', 'y', 'x', 'x']), 'abaa');
});

test('what is learned of a place that is not in the pool is not kept', (t) => {
  const store = createSessionStore(LIMITS);
  affinity(poolOf(1), OPTIONS, store).learn(octetsOf('x'), 1, 0);
  t.is(store.size(), 0);
});
