/** Changes at run time: another site, and backends that checks find to be down. */
import test from 'ava';
import type { SitePool } from '../../../reference/policy/site.ts';
import { poolOf, siteFor, siteOver } from '../policy/sites.ts';
import { BACKENDS, createCrowd, keyOfClient, written, type Crowd } from './crowd.ts';

const TURNS = { policy: 'round-robin' } as const;
const HAND_OVER = { handOffFromOctets: 0 };
const KEEP: SitePool = poolOf('all', TURNS, 'b1', 'b2');
const RESET: SitePool = { ...KEEP, departed: 'reset' };

/** The kinds of messages that are sent to a backend. */
function toldTo(name: string, effects: ReturnType<Crowd['tell']>): readonly string[] {
  return effects.flatMap((each) => {
    return each.kind === 'send' && each.to === name ? [each.message.kind] : [];
  });
}

test('POL-8 nobody is chosen that is down, and with nobody there the answer is 503', (t) => {
  const crowd = createCrowd(siteOver(KEEP));
  crowd.tell({ kind: 'health', backend: 'b1', isUp: false });
  t.deepEqual([crowd.visit(1, '/'), crowd.visit(2, '/')], ['b2', 'b2']);
  crowd.tell({ kind: 'health', backend: 'b2', isUp: false });
  t.is(crowd.visit(3, '/'), '503');
  crowd.tell({ kind: 'health', backend: 'b1', isUp: true });
  t.is(crowd.visit(4, '/'), 'b1');
});

test('a server that is down in one pool may be up in another', (t) => {
  const site = siteOver(KEEP);
  const routes = [{ prefix: '/other', pool: 'other' }];
  const other = { ...KEEP, name: 'other' };
  const urls = { ...site.urls, routes };
  const crowd = createCrowd({ ...site, urls, pools: [...site.pools, other] });
  crowd.tell({ kind: 'health', backend: 'b1', pool: 'all', isUp: false });
  t.deepEqual([crowd.visit(1, '/'), crowd.visit(2, '/')], ['b2', 'b2']);
  t.is(crowd.visit(3, '/other'), 'b1');
  crowd.tell({ kind: 'health', backend: 'b1', pool: 'other', isUp: false });
  t.is(crowd.visit(4, '/other'), 'b2');
  for (const pool of ['all', 'other']) {
    crowd.tell({ kind: 'health', backend: 'b1', pool, isUp: true });
  }
  t.is(crowd.visit(5, '/'), 'b1');
});

test('HC-5 a request goes to another server where the first refuses, and the client sees one answer', (t) => {
  const crowd = createCrowd(siteOver(KEEP));
  crowd.open(1);
  t.is(crowd.ask(1, '/', { method: 'POST' }), 'b1');
  const key = keyOfClient(1);
  const effects = crowd.tell({ kind: 'upstream-failed', key });
  t.like(
    effects.find(({ kind }) => kind === 'upstream-open'),
    { backend: 'b2' },
  );
  t.is(written(effects), '');
  t.true(crowd.answer(1).startsWith('HTTP/1.1 200'));
});

test('URL-11 a server that does not answer a SYN is as one that refuses', (t) => {
  const crowd = createCrowd(siteOver(KEEP));
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1');
  const effects = crowd.tell({ kind: 'timeout', key: keyOfClient(1) });
  t.deepEqual(
    effects.filter(({ kind }) => kind !== 'timer' && kind !== 'noted'),
    [
      { kind: 'upstream-abort', key: keyOfClient(1) },
      { kind: 'upstream-open', key: keyOfClient(1), backend: 'b2' },
    ],
  );
});

test('HC-6 a request of which octets were sent is not sent again', (t) => {
  for (const method of ['POST', 'GET']) {
    const crowd = createCrowd(siteOver(KEEP));
    crowd.open(1);
    crowd.ask(1, '/', { method });
    crowd.tell({ kind: 'upstream-opened', key: keyOfClient(1) });
    const effects = crowd.tell({ kind: 'upstream-failed', key: keyOfClient(1) });
    t.false(effects.some(({ kind }) => kind === 'upstream-open'));
    t.true(written(effects).startsWith('HTTP/1.1 502'));
  }
});

test('a connection that is not there yet when its server goes down goes to another at once', (t) => {
  const crowd = createCrowd(siteOver(KEEP));
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1');
  const effects = crowd.tell({ kind: 'health', backend: 'b1', isUp: false });
  t.like(
    effects.find(({ kind }) => kind === 'upstream-open'),
    { backend: 'b2' },
  );
});

test('HC-7 what a server that is down has stays where that is declared', (t) => {
  const crowd = createCrowd(siteOver(KEEP), HAND_OVER);
  crowd.open(1);
  crowd.ask(1, '/');
  crowd.handOver(1);
  t.deepEqual(crowd.tell({ kind: 'health', backend: 'b1', isUp: false }), []);
  t.is(crowd.phase(1), 'away');
  t.is(crowd.move(1, '/', 1), 'to b2', 'its next request is chosen for anew');
});

test('HC-7 or it is reset, by its owner, who says so', (t) => {
  const crowd = createCrowd(siteOver(RESET), HAND_OVER);
  for (const client of [1, 2]) {
    crowd.open(client);
    crowd.ask(client, '/');
    crowd.handOver(client);
  }
  const effects = crowd.tell({ kind: 'health', backend: 'b1', isUp: false });
  t.deepEqual(toldTo('b1', effects), ['dismiss']);
  t.deepEqual(toldTo('b2', effects), []);
  const key = keyOfClient(1);
  t.deepEqual(toldTo('b1', crowd.tell({ kind: 'timeout', key })), ['dismiss']);
  const closed = { kind: 'closed', key, epoch: 1, how: 'reset', served: [] } as const;
  crowd.tell({ kind: 'message', from: 'b1', message: closed });
  t.is(crowd.phase(1), 'deleting');
  t.is(crowd.phase(2), 'away');
});

test('HC-7 an owner that does not say so loses the rule', (t) => {
  const crowd = createCrowd(siteOver(RESET), { ...HAND_OVER, triesMax: 3 });
  crowd.open(1);
  crowd.ask(1, '/');
  crowd.handOver(1);
  crowd.tell({ kind: 'health', backend: 'b1', isUp: false });
  for (let tries = 0; tries < 3; tries += 1) crowd.tell({ kind: 'timeout', key: keyOfClient(1) });
  t.is(crowd.phase(1), 'deleting');
});

test('HC-7 a request that is passed on is cut where that is declared', (t) => {
  const crowd = createCrowd(siteOver(RESET));
  crowd.open(1);
  crowd.ask(1, '/');
  crowd.answer(1, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok');
  const effects = crowd.tell({ kind: 'health', backend: 'b1', isUp: false });
  const kinds = effects.map(({ kind }) => kind);
  t.true(kinds.includes('upstream-abort') && kinds.includes('abort'));
});

test('POL-9 another site is for what is chosen after it', (t) => {
  const crowd = createCrowd(siteOver(KEEP), HAND_OVER);
  crowd.open(1);
  crowd.ask(1, '/');
  crowd.handOver(1);
  const effects = crowd.tell({ kind: 'configure', site: siteFor(TURNS, 'b3', 'b4') });
  t.deepEqual(effects, [{ kind: 'configured', fault: undefined }]);
  t.is(crowd.phase(1), 'away');
  t.is(crowd.visit(2, '/'), 'b3!');
  t.is(crowd.move(1, '/', 1), 'to b4');
});

test('a site with a fault is refused as a whole', (t) => {
  const crowd = createCrowd(siteOver(KEEP));
  const [effect] = crowd.tell({ kind: 'configure', site: siteFor(TURNS, 'b3', 'b9') });
  t.deepEqual(effect, { kind: 'configured', fault: 'pool all: there is no backend b9' });
  t.is(crowd.visit(1, '/'), 'b1');
});

test('turns, sessions and targets outlive a change that does not concern them', (t) => {
  const session = {
    policy: 'source-affinity',
    dead: 'choose',
    weightless: 'keep',
    otherwise: TURNS,
    entriesMax: 9,
    expireMs: 1000,
  } as const;
  const crowd = createCrowd(siteFor(session, 'b1', 'b2', 'b3'));
  t.is(crowd.visit(1, '/'), 'b1');
  t.is(crowd.visit(2, '/'), 'b2');
  crowd.tell({ kind: 'configure', site: siteFor(session, 'b4', 'b2', 'b1') });
  t.deepEqual([crowd.visit(1, '/'), crowd.visit(2, '/')], ['b1', 'b2']);
  const turns = createCrowd(siteOver(KEEP));
  t.is(turns.visit(1, '/'), 'b1');
  turns.tell({ kind: 'configure', site: siteOver(RESET) });
  t.is(turns.visit(2, '/'), 'b2');
});

test('a backend that comes with a site is asked whether it is there, one that goes is forgotten', (t) => {
  const crowd = createCrowd(siteFor(TURNS, 'b1'), HAND_OVER);
  crowd.open(1);
  crowd.ask(1, '/');
  crowd.handOver(1);
  const backends = BACKENDS.slice(2).map((each) => ({ ...each, name: `new ${each.name}` }));
  crowd.tell({ kind: 'configure', site: siteFor(TURNS, 'new b3'), backends });
  const beat = crowd.tell({ kind: 'heartbeat' });
  t.deepEqual(toldTo('new b3', beat), ['ping']);
  t.deepEqual(toldTo('b1', beat), ['ping'], 'it has a connection');
  t.deepEqual(toldTo('b2', beat), []);
});

test('LARD-6 a backend that was down, or lost, has no targets, whether or not anybody came', (t) => {
  const lard = { policy: 'lard', input: 'path', targets: 9, replicated: false } as const;
  const site = siteFor(lard, 'b1', 'b2');
  for (const events of [
    [
      { kind: 'health', backend: 'b1', isUp: false },
      { kind: 'health', backend: 'b1', isUp: true },
    ],
    [{ kind: 'message', from: 'b1', message: { kind: 'pong', count: 1, instance: 8 } }],
  ] as const) {
    const crowd = createCrowd(site);
    t.is(crowd.visit(1, '/a'), 'b1');
    crowd.open(2);
    t.is(crowd.ask(2, '/a'), 'b1', 'with a connection that it has');
    for (const event of events) crowd.tell(event);
    t.is(crowd.visit(3, '/a'), 'b2');
  }
});

test('the backend that says that it has least to do is next', (t) => {
  const crowd = createCrowd(siteFor({ policy: 'lightest-load', maxAgeMs: 100 }, 'b1', 'b2'));
  for (const [backend, load] of [
    ['b1', 9],
    ['b2', 3],
    ['b9', 0],
    ['b1', Number.NaN],
    ['b1', -1],
  ] as const) {
    crowd.tell({ kind: 'load', backend, load });
  }
  t.deepEqual([crowd.visit(1, '/'), crowd.visit(2, '/')], ['b2', 'b2']);
});
