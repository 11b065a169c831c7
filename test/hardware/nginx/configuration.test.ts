/** A setup in nginx's words. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { configurationOf, lackOfNginx } from '../../../hardware/nginx/configuration.ts';
import { oracle } from '../../oracle.ts';
import { fileOf, linesBetween, RICH, service } from '../product/setups.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-nginx-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function upstream(told: Parameters<typeof service>[0]): readonly string[] {
  const text = configurationOf(fileOf([service(told)]), folder);
  return linesBetween(text, 'upstream service_0 {', '}').slice(2);
}

test('a pool by turns is an upstream with its servers', (t) => {
  t.deepEqual(upstream({}), ['server 10.2.0.1:80 weight=1;', 'server 10.2.0.2:80 weight=1;']);
});

test('who weighs nothing is down, for nginx knows no weight of 0', (t) => {
  t.deepEqual(upstream({ serverPort: 8080, weights: { s1: 3, s2: 0 } }), [
    'server 10.2.0.1:8080 weight=3;',
    'server 10.2.0.2:8080 down;',
  ]);
});

const CHOOSING = [
  ['random', 'random;'],
  ['least-connections', 'least_conn;'],
  ['source-hash', 'hash $remote_addr;'],
  ['url-hash', 'hash $request_uri;'],
] as const;

for (const [choosing, line] of CHOOSING) {
  test(`${choosing} is ${line}`, (t) => {
    t.is(upstream({ choosing })[0], line);
  });
}

test('a hash of a cookie keeps clients where they are when a server goes', (t) => {
  const choosing = { kind: 'cookie-hash', cookie: 'SID' } as const;
  t.is(upstream({ choosing })[0], 'hash $cookie_SID consistent;');
});

test('names that are no variable and no host are not there', (t) => {
  const choosing = { kind: 'cookie-hash', cookie: 'S-ID' } as const;
  const pool = { servers: ['s1'], choosing: 'random' } as const;
  const odd = service({ routes: [{ host: '*.example', pool }] });
  t.deepEqual(lackOfNginx(fileOf([service({ choosing })]).setup), {
    unsupported: 'a cookie of the name S-ID',
  });
  t.deepEqual(lackOfNginx(fileOf([odd]).setup), { unsupported: 'a route for the host *.example' });
  t.deepEqual(lackOfNginx(fileOf([service({ locality: 'connection' })]).setup), {
    unsupported: 'locality by connection',
  });
  t.is(lackOfNginx(RICH.setup), undefined);
});

const POOL = { servers: ['s3'], choosing: 'round-robin' } as const;

function servers(told: Parameters<typeof service>[0]): readonly (readonly string[])[] {
  const text = configurationOf(fileOf([service(told)]), folder);
  const all = text.split(/^ *server \{\n/mu).slice(1);
  return all.map((each) => linesBetween(`server {\n${each}`, 'server {', '}').slice(1));
}

test('each host has a server with its own routes, and what names none the default', (t) => {
  const routes = [
    { host: 'A.example', pool: POOL },
    { prefix: '/b', pool: POOL },
  ];
  t.deepEqual(servers({ routes }), [
    [
      'listen 10.1.0.201:80 default_server;',
      'server_name "10.1.0.201";',
      'location / { proxy_pass http://service_0; }',
      'location "/b" { proxy_pass http://service_0_route_1; }',
    ],
    [
      'listen 10.1.0.201:80;',
      'server_name "a.example";',
      'location "/" { proxy_pass http://service_0_route_0; }',
    ],
  ]);
});

test('a prefix without its last slash goes where it would go, and is not sent back', (t) => {
  const routes = [
    { prefix: '/a/', pool: POOL },
    { prefix: '/a', pool: POOL },
    { suffix: 'c', pool: POOL },
    { prefix: '/b/c/', pool: POOL },
    { prefix: '/x/', pool: POOL },
  ];
  const exact = servers({ routes })[0]?.filter((line) => line.includes(' = '));
  t.deepEqual(exact, [
    'location = "/a" { proxy_pass http://service_0_route_1; }',
    'location = "/b/c" { proxy_pass http://service_0_route_2; }',
    'location = "/x" { proxy_pass http://service_0; }',
  ]);
});

test('of routes with the same prefix the first counts', (t) => {
  const routes = [
    { prefix: '/a', pool: POOL },
    { prefix: '/a', pool: POOL },
  ];
  t.is(servers({ routes })[0]?.filter((line) => line.includes('"/a"')).length, 1);
});

test('a pattern has all words of its route, and none of them means anything else', (t) => {
  const routes = [{ prefix: '/a.', suffix: '"', substring: '\\', pool: POOL }];
  t.deepEqual(servers({ routes })[0]?.slice(2), [
    String.raw`location ~ "(?s)^(?=/a\\.)(?=.*\\\\)(?=.*\\\"\\z)" ` +
      '{ proxy_pass http://service_0_route_0; }',
    'location / { proxy_pass http://service_0; }',
  ]);
});

test('answers are stored by host, and not those that are for one client', (t) => {
  const [lines] = servers({ cache: { octets: 5000 } });
  t.deepEqual(lines?.slice(2, -1), [
    'proxy_cache service_0_answers;',
    'proxy_cache_key $scheme$host$request_uri;',
    'proxy_no_cache $http_authorization;',
    'proxy_cache_bypass $http_authorization;',
  ]);
  const text = configurationOf(fileOf([service({ cache: { octets: 5000 } })]), '/x');
  t.regex(text, /proxy_cache_path \/x\/service_0 keys_zone=service_0_answers:1m max_size=5000;/u);
});

test('nginx takes what is written for it', (t) => {
  if (!oracle(t, 'nginx')) return;
  const path = join(folder, 'rich.conf');
  // It tries to listen there.
  const text = configurationOf(RICH, folder).replaceAll('10.1.0.201:', '127.0.0.77:610');
  writeFileSync(path, text);
  const words = ['-t', '-p', folder, '-c', path, '-e', 'stderr'];
  const { status, stderr } = spawnSync('nginx', words, { encoding: 'utf8' });
  t.is(status, 0, stderr);
});
