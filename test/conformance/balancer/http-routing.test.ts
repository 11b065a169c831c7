/** Where the judge says that requests belong, against what products were seen to do with them. */
import test from 'ava';
import { destinationOf, type Addressed } from '../../../conformance/balancer/http-routing.ts';
import type { Pool, Route, ServerName } from '../../../conformance/driver/balancer.ts';
import type { UrlChoices } from '../../../conformance/driver/http-profile.ts';
import { URL_CASES } from '../../reference/policy/url-cases.ts';

const RAW: UrlChoices = {
  escapes: 'raw',
  dots: 'keep',
  slashes: 'keep',
  query: 'ignored',
  hostPort: 'compared',
  finalDot: 'compared',
  precedence: 'first',
  numberSign: 'refused',
  asterisk: 'routed',
};
const COLUMNS = {
  raw: RAW,
  rfc3986: {
    ...RAW,
    escapes: 'rfc3986',
    dots: 'remove',
    hostPort: 'unless-default',
    precedence: 'longest-prefix',
  },
  haproxy: RAW,
  nginx: {
    escapes: 'decode',
    dots: 'remove-or-refuse',
    slashes: 'merge',
    query: 'ignored',
    hostPort: 'ignored',
    finalDot: 'ignored',
    precedence: 'host-then-pattern',
    numberSign: 'cut',
    asterisk: 'refused',
  },
} as const satisfies Readonly<Record<string, UrlChoices>>;

function poolOf(server: ServerName): Pool {
  return { servers: [server], choosing: 'round-robin' };
}

/** Five pools of four servers: the last one has two. */
const OTHER: Pool = { servers: ['s1', 's2'], choosing: 'round-robin' };
const POOLS = {
  static: poolOf('s1'),
  php: poolOf('s2'),
  api: poolOf('s3'),
  host: poolOf('s4'),
} as const;
const ROUTES: readonly Route[] = [
  { prefix: '/static/', pool: POOLS.static },
  { suffix: '.php', pool: POOLS.php },
  { substring: '/api/', pool: POOLS.api },
  { host: 'h.example', pool: POOLS.host },
];

function said(asked: Addressed, choices: UrlChoices): string {
  const found = destinationOf(asked, { ...OTHER, routes: ROUTES }, choices);
  if (found === 'refused') return '400';
  return Object.entries(POOLS).find(([, pool]) => pool === found.pool)?.[0] ?? 'other';
}

/** What a case asks; undefined where it is about the message and not about its routing. */
function askedIn(text: string): Addressed | undefined {
  const [, target] = /^(?:GET|OPTIONS) ([!-~]+) HTTP\/1\.1\r\n/u.exec(text) ?? [];
  const hosts = [...text.matchAll(/\r\nHost: (\S+)(?=\r\n)/gu)].map(([, host]) => host);
  const isOne = hosts.length === 1 && text.split('\r\n\r\n').length === 2;
  if (target === undefined || !isOne || target.length > 100) return undefined;
  return { target, host: hosts[0] };
}

/** RFC 9112 section 3.2.2 has the target's host count; who refuses both is not judged by this. */
function isRefusedForTwoHosts({ target, host }: Addressed, outcome: string): boolean {
  return outcome === '400' && target.startsWith('http://') && !target.startsWith(`http://${host}/`);
}

/** An empty port is none to some; of HAProxy the Host field counts where the target's port is 80. */
const OPEN: ReadonlySet<string> = new Set([
  'a host with an empty port',
  'absolute-form with a port',
]);

for (const name of ['raw', 'rfc3986', 'haproxy', 'nginx'] as const) {
  const choices = COLUMNS[name];
  test(`the declaration of ${name} leads requests where they were seen to go`, (t) => {
    let count = 0;
    for (const each of URL_CASES) {
      const asked = askedIn(each.text);
      const outcome = each[name];
      if (asked === undefined || OPEN.has(each.name)) continue;
      if (isRefusedForTwoHosts(asked, outcome)) continue;
      count += 1;
      t.is(said(asked, choices), outcome, each.name);
    }
    t.true(count > 40);
  });
}

test('a query that is looked at has its own text', (t) => {
  const choices: UrlChoices = { ...RAW, query: 'matched' };
  t.is(said({ target: '/a?x=.php', host: 'a' }, choices), 'php');
  t.is(said({ target: '/a?/api/', host: 'a' }, choices), 'api');
  t.is(said({ target: '/a.php?b', host: 'a' }, choices), 'other');
});

test('an escape that stays has its digits in capitals', (t) => {
  const routes: readonly Route[] = [{ prefix: '/a%2F', pool: POOLS.static }];
  const asked = { target: '/a%2fb', host: 'a' };
  const found = destinationOf(asked, { ...OTHER, routes }, COLUMNS.rfc3986);
  t.is(found === 'refused' ? found : found.pool, POOLS.static);
});

test('a directory stays one when a dot segment ends it', (t) => {
  t.is(said({ target: '/static/a/..', host: 'a' }, COLUMNS.rfc3986), 'static');
  t.is(said({ target: '/static/.', host: 'a' }, COLUMNS.nginx), 'static');
  t.is(said({ target: '/static/..', host: 'a' }, COLUMNS.nginx), 'other');
});

test('a substring is a pattern, and goes before prefixes where patterns do', (t) => {
  t.is(said({ target: '/static/api/x', host: 'a' }, COLUMNS.nginx), 'api');
  t.is(said({ target: '/static/api/x', host: 'a' }, COLUMNS.rfc3986), 'static');
});

test('an empty port is the default port', (t) => {
  t.is(said({ target: '/a', host: 'h.example:' }, COLUMNS.rfc3986), 'host');
  t.is(said({ target: '/a', host: 'h.example:' }, COLUMNS.nginx), 'host');
});

test('a request without Host belongs to no host', (t) => {
  t.is(said({ target: '/a', host: undefined }, RAW), 'other');
  t.is(said({ target: 'http://h.example/a', host: undefined }, RAW), 'host');
});
