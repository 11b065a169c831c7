/** A setup in HAProxy's words. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { configurationOf } from '../../../hardware/haproxy/configuration.ts';
import { oracle } from '../../oracle.ts';
import { fileOf, linesBetween, RICH, service } from '../product/setups.ts';

const SOCKET = '/tmp/stats.sock';
const folder = mkdtempSync(join(tmpdir(), 'prismspec-haproxy-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function backend(told: Parameters<typeof service>[0]): readonly string[] {
  const text = configurationOf(fileOf([service(told)]), SOCKET);
  return linesBetween(text, 'backend service-0', '').slice(1);
}

const SERVERS = ['server s1 10.2.0.1:80 id 1 weight 1', 'server s2 10.2.0.2:80 id 2 weight 1'];

test('a pool by turns is a backend with its servers', (t) => {
  t.deepEqual(backend({}), ['balance roundrobin', ...SERVERS]);
});

test('weights and a port of the servers are told', (t) => {
  t.deepEqual(backend({ serverPort: 8080, weights: { s1: 3, s2: 0 } }).slice(1), [
    'server s1 10.2.0.1:8080 id 1 weight 3',
    'server s2 10.2.0.2:8080 id 2 weight 0',
  ]);
});

const CHOOSING = [
  ['random', 'balance random'],
  ['least-connections', 'balance leastconn'],
  ['source-hash', 'balance source'],
  ['url-hash', 'balance uri'],
] as const;

for (const [choosing, line] of CHOOSING) {
  test(`${choosing} is ${line}`, (t) => {
    t.deepEqual(backend({ choosing }), [line, ...SERVERS]);
  });
}

test('a hash of a cookie keeps clients where they are when a server goes', (t) => {
  t.deepEqual(backend({ choosing: { kind: 'cookie-hash', cookie: 'SID' } }).slice(0, 2), [
    'balance hash req.cook(SID)',
    'hash-type consistent',
  ]);
});

test('a table of addresses forgets when it is told to', (t) => {
  t.deepEqual(backend({ session: { kind: 'source', expireMs: 5000 } }).slice(1, 3), [
    'stick-table type ip size 10000 expire 5000ms',
    'stick on src',
  ]);
});

test('a cookie names the server', (t) => {
  t.deepEqual(backend({ session: { kind: 'cookie', name: 'SRV' } }).slice(1), [
    'cookie SRV insert indirect nocache',
    ...SERVERS.map((line, nth) => `${line} cookie s${nth + 1}`),
  ]);
});

test('checks ask for the target of the suite, and 2xx alone is good', (t) => {
  const times = { intervalMs: 200, timeoutMs: 100, fall: 3, rise: 2 };
  const probed = SERVERS.map((line) => `${line} check inter 200ms fall 3 rise 2`);
  t.deepEqual(backend({ check: { probe: 'connect', ...times } }).slice(1), [
    'timeout check 100ms',
    ...probed,
  ]);
  t.deepEqual(backend({ check: { probe: 'http', ...times } }).slice(1), [
    'timeout check 100ms',
    'option httpchk',
    'http-check send meth GET uri /check/0 ver HTTP/1.1 hdr Host 10.1.0.201',
    'http-check expect status 200-299',
    ...probed,
  ]);
});

function frontend(file: Parameters<typeof configurationOf>[0]): readonly string[] {
  const text = configurationOf(file, SOCKET);
  return linesBetween(text, 'frontend service-0', 'backend service-0').slice(1);
}

test('routes are asked in their order, with texts that mean nothing else', (t) => {
  const pool = { servers: ['s3'], choosing: 'round-robin' } as const;
  const routes = [{ host: 'a.example', prefix: '/a b' }, { suffix: '.php', substring: 'x' }, {}];
  const told = service({ routes: routes.map((route) => ({ ...route, pool })) });
  t.deepEqual(frontend(fileOf([told])), [
    'bind 10.1.0.201:80',
    'use_backend service-0-route-0 if { req.hdr(host),host_only -m str -i -- a.example } ' +
      String.raw`{ path -m beg -- /a\ b }`,
    'use_backend service-0-route-1 if { path -m end -- .php } { path -m sub -- x }',
    'use_backend service-0-route-2',
    'default_backend service-0',
  ]);
});

test('all requests of a connection have the pool of the first', (t) => {
  const pool = { servers: ['s3'], choosing: 'round-robin' } as const;
  const told = service({ locality: 'connection', routes: [{ prefix: '/a', pool }] });
  const isNew = 'if !{ var(sess.pool) -m found }';
  t.deepEqual(frontend(fileOf([told])), [
    'bind 10.1.0.201:80',
    `http-request set-var(sess.pool) str(service-0-route-0) ${isNew} { path -m beg -- /a }`,
    `http-request set-var(sess.pool) str(service-0) ${isNew}`,
    'use_backend %[var(sess.pool)]',
    'default_backend service-0',
  ]);
});

test('of access rules the first that fits counts', (t) => {
  t.deepEqual(frontend(RICH).slice(1, 3), [
    'tcp-request connection accept if { src 10.1.0.3/32 }',
    'tcp-request connection reject if { src 10.1.0.0/24 }',
  ]);
});

test('answers are stored before a backend is chosen, in whole megabytes', (t) => {
  const file = fileOf([service({ cache: { octets: 3_500_000 } })]);
  t.deepEqual(frontend(file).slice(1, 3), [
    'http-request cache-use service-0',
    'http-response cache-store service-0',
  ]);
  const text = configurationOf(file, SOCKET);
  t.deepEqual(linesBetween(text, 'cache service-0', 'frontend service-0').slice(1), [
    'total-max-size 3',
    'max-object-size 1572864',
  ]);
});

test('HAProxy takes what is written for it', (t) => {
  if (!oracle(t, 'haproxy')) return;
  const path = join(folder, 'rich.cfg');
  const check = { probe: 'http', intervalMs: 200, timeoutMs: 100, fall: 3, rise: 2 } as const;
  const [first, ...others] = RICH.setup.services;
  const session = { kind: 'source', expireMs: 5000 } as const;
  const services = [{ ...service(), ...first, session, check, locality: 'connection' as const }];
  const told = { ...RICH, setup: { ...RICH.setup, services: [...services, ...others] } };
  for (const file of [RICH, told]) {
    writeFileSync(path, configurationOf(file, SOCKET));
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', path], { encoding: 'utf8' });
    t.is(status, 0, stderr);
    t.notRegex(stderr, /WARNING/u);
  }
});
