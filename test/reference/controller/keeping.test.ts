/** A cache in front of the backends: what is kept is answered here, and no backend hears of it. */
import test from 'ava';
import type { Site } from '../../../reference/policy/site.ts';
import { HAPROXY_URLS } from '../../../reference/policy/url-profile.ts';
import { siteFor } from '../policy/sites.ts';
import { createCrowd, keyOfClient, written, type Crowd } from './crowd.ts';

const CACHE = { octetsMax: 10_000, entryOctetsMax: 1000 };
const SITE: Site = { ...siteFor({ policy: 'round-robin' }, 'b1', 'b2'), cache: CACHE };
const FRESH = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok';
const AGED = FRESH.replace('\r\n\r\n', '\r\nAge: 0\r\n\r\n');

/** What a client is answered at once, and whether a backend was asked. */
function say(crowd: Crowd, client: number, text: string): readonly [string, boolean] {
  const octets = new TextEncoder().encode(text);
  const effects = crowd.tell({ kind: 'received', key: keyOfClient(client), octets });
  return [written(effects), effects.some(({ kind }) => kind === 'upstream-open')];
}

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';

/** A crowd whose first client has been answered with something fresh. */
function stored(site: Site = SITE): Crowd {
  const crowd = createCrowd(site);
  crowd.open(1);
  crowd.ask(1, '/a');
  crowd.answer(1, FRESH);
  crowd.open(2);
  return crowd;
}

test('URL-16 what is fresh is answered from what is kept, and the connection goes on', (t) => {
  const crowd = stored();
  t.deepEqual(say(crowd, 2, GET), [AGED, false]);
  t.deepEqual(say(crowd, 2, GET + GET), [AGED + AGED, false], 'also one behind the other');
  t.is(crowd.phase(2), 'reading');
  t.is(crowd.ask(2, '/b'), 'b2', 'no turn was used');
});

test('URL-16 until it is not fresh any more', (t) => {
  const crowd = stored();
  crowd.nowMs = 59_999;
  t.deepEqual(say(crowd, 2, GET), [AGED.replace('Age: 0', 'Age: 59'), false]);
  crowd.nowMs = 60_000;
  t.deepEqual(say(crowd, 2, GET), ['', true]);
});

test('URL-16 a client that closes is answered, and the connection closed', (t) => {
  const crowd = stored();
  const [answer] = say(crowd, 2, 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  t.true(answer.includes('\r\nConnection: close\r\n'));
  t.is(crowd.phase(2), 'closing');
});

test('URL-16 what came with no more than a part is not kept', (t) => {
  const crowd = createCrowd(SITE);
  crowd.open(1);
  crowd.ask(1, '/a');
  crowd.answer(1, FRESH.slice(0, -1));
  crowd.tell({ kind: 'upstream-failed', key: keyOfClient(1) });
  crowd.open(2);
  t.deepEqual(say(crowd, 2, GET), ['', true]);
});

test('URL-16 a request that changes something passes here, and what was kept of it goes', (t) => {
  const crowd = stored();
  crowd.tell({ kind: 'configure', site: SITE });
  t.deepEqual(say(crowd, 2, GET), [AGED, false], 'another site with the same cache');
  t.is(crowd.ask(2, '/a', { method: 'DELETE' }), 'b2');
  crowd.answer(2);
  t.deepEqual(say(crowd, 2, GET), ['', true]);
  const handing = createCrowd(SITE, { handOffFromOctets: 0 });
  handing.open(1);
  t.is(handing.ask(1, '/a', { method: 'DELETE' }), 'b1', 'however long its answer');
});

test('URL-16 what the profile refuses is refused, whatever is kept', (t) => {
  const crowd = stored({ ...SITE, urls: { ...SITE.urls, profile: HAPROXY_URLS } });
  t.deepEqual(say(crowd, 2, GET), [AGED, false]);
  const [answer] = say(crowd, 2, 'GET http://a/a HTTP/1.1\r\nHost: b\r\n\r\n');
  t.true(answer.startsWith('HTTP/1.1 400'));
});

test('URL-16 the cookie of the controller’s own is not kept', (t) => {
  const policy = {
    policy: 'cookie-insert',
    cookie: 'SRV',
    dead: 'choose',
    weightless: 'keep',
    otherwise: { policy: 'round-robin' },
  } as const;
  const crowd = createCrowd({ ...siteFor(policy, 'b1', 'b2'), cache: CACHE });
  crowd.open(1);
  crowd.ask(1, '/a');
  t.true(crowd.answer(1, FRESH).includes('Set-Cookie'));
  crowd.open(2);
  t.deepEqual(say(crowd, 2, GET), [AGED, false]);
});

test('URL-16 another cache begins empty', (t) => {
  const crowd = stored();
  crowd.tell({ kind: 'configure', site: { ...SITE, cache: { ...CACHE, octetsMax: 9000 } } });
  t.deepEqual(say(crowd, 2, GET), ['', true]);
});
