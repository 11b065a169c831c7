/** Sessions: by a cookie of the controller's own, by one of the server, by the client's address. */
import test from 'ava';
import { SESSION_KEY_MAX } from '../../../reference/policy/session-store.ts';
import { siteFor } from '../policy/sites.ts';
import { createCrowd, keyOfClient } from './crowd.ts';

const RULES = {
  dead: 'choose',
  weightless: 'keep',
  otherwise: { policy: 'round-robin' },
} as const;
const LIMITS = { entriesMax: 9, expireMs: 1000 } as const;
const INSERT = siteFor({ policy: 'cookie-insert', cookie: 'SRV', ...RULES }, 'b1', 'b2');
const LEARN = siteFor({ policy: 'cookie-learn', cookie: 'SID', ...RULES, ...LIMITS }, 'b1', 'b2');
const SOURCE = siteFor({ policy: 'source-affinity', ...RULES, ...LIMITS }, 'b1', 'b2');
const HAND_OVER = { handOffFromOctets: 0 };
const SET = 'Set-Cookie: SRV=b1; path=/\r\n';

test('SES-4 a client without the cookie gets it with the final response, which passes here', (t) => {
  const crowd = createCrowd(INSERT, HAND_OVER);
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1', 'not handed over');
  t.is(crowd.answer(1, 'HTTP/1.1 103 Early\r\n\r\n'), 'HTTP/1.1 103 Early\r\n\r\n');
  t.is(
    crowd.answer(1, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${SET}\r\nok`,
  );
  t.is(crowd.phase(1), 'reading', 'the framing is that of the server');
});

test('SES-4 HEAD, 204 and 304 have no content, and the cookie all the same', (t) => {
  for (const [method, status] of [
    ['HEAD', '200 OK'],
    ['GET', '204 None'],
    ['GET', '304 Same'],
  ] as const) {
    const crowd = createCrowd(INSERT);
    crowd.open(1);
    crowd.ask(1, '/', { method });
    const said = crowd.answer(1, `HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`);
    t.is(said, `HTTP/1.1 ${status}\r\nContent-Length: 9\r\n${SET}\r\n`);
    t.is(crowd.phase(1), 'reading');
  }
});

test('SES-3 who has the cookie comes to its server, handed over, and is told nothing', (t) => {
  const crowd = createCrowd(INSERT, HAND_OVER);
  for (const client of [1, 2, 3]) t.is(crowd.visit(client, '/', { cookie: 'a=b; SRV=b2' }), 'b2!');
  const passing = createCrowd(INSERT);
  passing.open(1);
  t.is(passing.ask(1, '/', { cookie: 'SRV=b2' }), 'b2');
  t.false(passing.answer(1).includes('Set-Cookie'));
});

test('SES-4 SES-7 a forged cookie, an overlong one, and one of another name are as none', (t) => {
  const long = 'x'.repeat(SESSION_KEY_MAX + 1);
  for (const cookie of ['SRV=b9', `SRV=${long}`, 'XSRV=b2', 'srv=b2', 'SRV=', 'SRV=controller']) {
    const crowd = createCrowd(INSERT, HAND_OVER);
    crowd.open(1);
    t.is(crowd.ask(1, '/', { cookie }), 'b1');
    t.true(crowd.answer(1).includes(SET), cookie.slice(0, 20));
  }
});

test('SES-5 the cookie of a server that is down leads to another, which the client is told', (t) => {
  const crowd = createCrowd(INSERT);
  crowd.tell({ kind: 'health', backend: 'b2', isUp: false });
  crowd.open(1);
  t.is(crowd.ask(1, '/', { cookie: 'SRV=b2' }), 'b1');
  t.true(crowd.answer(1).includes(SET));
});

test('SES-3 an owner serves what names it, and gives back what needs the cookie', (t) => {
  const crowd = createCrowd(INSERT, HAND_OVER);
  crowd.open(1);
  crowd.ask(1, '/', { cookie: 'SRV=b2' });
  crowd.handOver(1);
  t.is(crowd.move(1, '/', 1, 'SRV=b2'), 'serve');
  t.is(crowd.move(1, '/', 2, 'SRV=b1'), 'to b1');
  const other = createCrowd(INSERT, HAND_OVER);
  other.open(1);
  other.ask(1, '/', { cookie: 'SRV=b2' });
  other.handOver(1);
  t.is(other.move(1, '/', 1), 'to controller');
});

test('a session begins with the cookie that a server sets, and not with one that a client brings', (t) => {
  const crowd = createCrowd(LEARN, HAND_OVER);
  crowd.open(1);
  t.is(crowd.ask(1, '/', { cookie: 'SID=forged' }), 'b1', 'its answer has to be read');
  crowd.answer(1, 'HTTP/1.1 200 OK\r\nSet-Cookie: SID=one; path=/\r\nContent-Length: 0\r\n\r\n');
  t.is(crowd.visit(2, '/', { cookie: 'SID=one' }), 'b1!');
  t.is(crowd.visit(3, '/', { cookie: 'SID=forged' }), 'b2');
  t.is(crowd.visit(4, '/', { cookie: 'SID=one' }), 'b1!');
});

test('a session that a server begins with too long a cookie is not remembered', (t) => {
  const crowd = createCrowd(LEARN);
  const value = 'x'.repeat(SESSION_KEY_MAX + 1);
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1');
  crowd.answer(1, `HTTP/1.1 200 OK\r\nSet-Cookie: SID=${value}\r\nContent-Length: 0\r\n\r\n`);
  t.is(crowd.state.site.pools.get('all')?.sessions?.size(), 0);
});

test('SES-1 an address comes to its server until it has not come for long', (t) => {
  const crowd = createCrowd(SOURCE);
  t.is(crowd.visit(1, '/'), 'b1');
  t.is(crowd.visit(2, '/'), 'b2');
  crowd.nowMs = 900;
  t.is(crowd.visit(1, '/'), 'b1');
  crowd.nowMs = 1899;
  t.is(crowd.visit(1, '/'), 'b1');
  t.is(crowd.visit(3, '/'), 'b1');
  crowd.nowMs = 2899;
  t.is(crowd.visit(1, '/'), 'b2');
});

test('SES-1 requests that an owner serves keep a session, too', (t) => {
  const crowd = createCrowd(SOURCE, HAND_OVER);
  crowd.open(1);
  t.is(crowd.ask(1, '/'), 'b1!');
  crowd.handOver(1);
  for (const [ask, nowMs] of [900, 1800, 2700].entries()) {
    crowd.nowMs = nowMs;
    t.is(crowd.move(1, '/', ask + 1), 'serve');
  }
  crowd.tell({ kind: 'reset', key: keyOfClient(1) });
  t.is(crowd.visit(2, '/'), 'b2!');
  crowd.nowMs = 3600;
  t.is(crowd.visit(1, '/'), 'b1!');
});
