/** URL switching: each request has the pool of its route, and the server that the policy says. */
import test from 'ava';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import type { Site } from '../../../reference/policy/site.ts';
import { NGINX_URLS, RAW_URLS } from '../../../reference/policy/url-profile.ts';
import { poolOf, siteFor, siteOver } from '../policy/sites.ts';
import { createCrowd } from './crowd.ts';

const TURNS: PolicyDeclaration = { policy: 'round-robin' };
const BY_URL: PolicyDeclaration = {
  policy: 'url-hash',
  input: 'path',
  placement: { kind: 'modulo', hash: 'crc32' },
};
/** Large answers, which are handed over. */
const HAND_OVER = { handOffFromOctets: 0 };

/** Images at b1 and b2, programs at b3, all else at b4. */
const SITE: Site = {
  urls: {
    profile: RAW_URLS,
    precedence: 'longest-prefix',
    locality: 'request',
    routes: [
      { prefix: '/img/', pool: 'images' },
      { suffix: '.php', pool: 'programs' },
    ],
  },
  pools: [
    poolOf('images', TURNS, 'b1', 'b2'),
    poolOf('programs', TURNS, 'b3'),
    poolOf('rest', TURNS, 'b4'),
  ],
  otherwise: 'rest',
};

test('URL-14 each request of a connection has its own pool', (t) => {
  const crowd = createCrowd(SITE);
  crowd.open(1);
  for (const [path, backend] of [
    ['/img/a', 'b1'],
    ['/a.php', 'b3'],
    ['/', 'b4'],
    ['/img/b', 'b2'],
  ] as const) {
    t.is(crowd.ask(1, path), backend);
    crowd.answer(1);
  }
});

test('URL-14 or all have the pool and the server of the first', (t) => {
  const crowd = createCrowd({ ...SITE, urls: { ...SITE.urls, locality: 'connection' } });
  crowd.open(1);
  for (const path of ['/a.php', '/img/a', '/']) {
    t.is(crowd.ask(1, path), 'b3');
    crowd.answer(1);
  }
});

test('what fits no route is answered with 503 where there is no other pool, what is refused with 400', (t) => {
  const { otherwise: _, ...bare } = SITE;
  const site: Site = { ...bare, urls: { ...SITE.urls, profile: NGINX_URLS } };
  t.is(createCrowd(site).visit(1, '/'), '503');
  t.is(createCrowd(site).visit(1, '/img/%zz'), '400');
});

test('POL-1 each server has its turn, and a connection that is somewhere stays there', (t) => {
  const crowd = createCrowd(siteFor(TURNS, 'b1', 'b2', 'b3'));
  t.deepEqual(
    [1, 2, 3, 4].map((client) => crowd.visit(client, '/')),
    ['b1', 'b2', 'b3', 'b1'],
  );
  crowd.open(9);
  for (const path of ['/', '/a', '/b']) {
    t.is(crowd.ask(9, path), 'b2');
    crowd.answer(9);
  }
});

test('POL-5 who has the fewest connections gets the next, however it has them', (t) => {
  const crowd = createCrowd(siteFor({ policy: 'least-connections', tie: 'first' }, 'b1', 'b2'), {
    unknownOctets: 5000,
  });
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1!');
  crowd.handOver(1);
  crowd.open(2);
  t.is(crowd.ask(2, '/'), 'b2!');
  crowd.open(3);
  t.is(crowd.ask(3, '/'), 'b1!');
  crowd.handOver(2);
  crowd.handOver(3);
  t.deepEqual(Object.fromEntries(crowd.state.active), { b1: 2, b2: 1 });
});

test('URL-12 a connection goes where the hash of each URL says, also from one owner to the next', (t) => {
  const crowd = createCrowd(siteFor(BY_URL, 'b1', 'b2', 'b3'), HAND_OVER);
  const whose = new Map<string, string>();
  for (const path of ['/a', '/images', '/x/y', '/index.html', '/cat.gif', '/q7']) {
    whose.set(crowd.visit(1, path), path);
  }
  t.true(whose.size > 1);
  const [[first = '', path = ''] = [], [second = '', other = ''] = []] = whose;
  crowd.open(2);
  t.is(crowd.ask(2, path), first);
  crowd.handOver(2);
  t.is(crowd.move(2, path, 1), 'serve', 'its owner is asked nothing new');
  t.is(crowd.move(2, path, 1), 'serve', 'the answer may have been lost');
  t.is(crowd.move(2, other, 2), `to ${second.slice(0, -1)}`);
  crowd.handOver(2);
  t.is(crowd.move(2, path, 2), `to ${first.slice(0, -1)}`, 'another owner counts anew');
});

test('LARD-04 a connection is not in its own way', (t) => {
  const lard: PolicyDeclaration = {
    policy: 'lard',
    input: 'path',
    targets: 9,
    replicated: false,
    low: 1,
    high: 1,
  };
  const crowd = createCrowd(siteFor(lard, 'b1', 'b2'), HAND_OVER);
  crowd.open(1);
  t.is(crowd.ask(1, '/a'), 'b1!');
  crowd.handOver(1);
  t.is(crowd.move(1, '/b', 1), 'serve');
  crowd.open(2);
  t.is(crowd.ask(2, '/a'), '503', 'there is room for one');
});

test('what a policy has decided for a request is not asked again on the way to it', (t) => {
  const crowd = createCrowd(SITE, HAND_OVER);
  crowd.open(1);
  t.is(crowd.ask(1, '/img/a'), 'b1!');
  const key = [...crowd.state.connections.values()][0]?.key;
  const epoch = [...crowd.state.connections.values()][0]?.epoch ?? 0;
  if (key === undefined) throw new Error('no connection');
  const effects = crowd.tell({ kind: 'replied', key, epoch, error: 'full' });
  t.like(
    effects.find(({ kind }) => kind === 'upstream-open'),
    { backend: 'b1' },
  );
  t.is(crowd.visit(2, '/img/b'), 'b2!', 'the turn of the next');
});

test('POL-4 a drained server, and one of weight 0, get nothing new and keep what they have', (t) => {
  for (const change of [{ weight: 0 }, { isDrained: true }]) {
    const pool = poolOf('all', TURNS, 'b1', 'b2');
    const crowd = createCrowd(siteOver(pool));
    crowd.open(1);
    t.is(crowd.ask(1, '/'), 'b1');
    crowd.answer(1);
    const servers = pool.servers.map((each) =>
      each.name === 'b1' ? { ...each, ...change } : each,
    );
    crowd.tell({ kind: 'configure', site: siteOver({ ...pool, servers }) });
    t.is(crowd.visit(2, '/'), 'b2');
    t.is(crowd.visit(3, '/'), 'b2');
    t.is(crowd.ask(1, '/'), 'b1');
  }
});
