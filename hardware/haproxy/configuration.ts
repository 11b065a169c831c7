/**
 * A setup as HAProxy's configuration; its manual is the configuration.txt of version 2.6.
 *
 *   frontend service-0                 who may connect, and which backend a request is for
 *   backend  service-0                 the pool of what no route fits
 *   backend  service-0-route-0         the pool of a route
 */
import type {
  AccessRule,
  Pool,
  Route,
  ServerName,
  VirtualService,
} from '../../conformance/driver/balancer.ts';
import { CHECK_TARGET, SERVERS } from '../../conformance/driver/balancer.ts';
import { PROXY_CHOOSING, type Ability } from '../product/ability.ts';
import { placeOf, type SetupFile } from '../product/setup-file.ts';

/** In what HAProxy measures the size of a cache (section 6.2.1). */
const CACHE_UNIT = 2 ** 20;

/** What HAProxy can be told. */
export const ABILITY: Ability = {
  modes: ['http'],
  choosing: PROXY_CHOOSING,
  sessions: ['source', 'cookie'],
  checks: true,
  locality: ['request', 'connection'],
  cacheOctetsMin: CACHE_UNIT,
};

/** Seconds for which a client may be silent between two requests. */
export const IDLE_SECONDS = 10;
/** Milliseconds after its first octet within which the head of a request must be whole. */
export const HEAD_MS = 2000;
/** As many clients as a table of addresses remembers. */
const STICK_MAX = 10_000;

const BALANCE: Readonly<Record<string, string>> = {
  'round-robin': 'roundrobin',
  random: 'random',
  'least-connections': 'leastconn',
  'source-hash': 'source',
  'url-hash': 'uri',
};

/** A word of a configuration in which no character means anything else (section 2.2). */
function quoted(word: string): string {
  return word.replaceAll(/[^\w./:-]/gu, String.raw`\$&`);
}

function balanceOf({ choosing }: Pool): string {
  if (typeof choosing === 'string') return BALANCE[choosing] ?? choosing;
  if (choosing.kind === 'cookie-hash') return `hash req.cook(${choosing.cookie})`;
  return choosing.kind;
}

/** Whom a cookie has brought to a server stays there when another one comes or goes. */
function hashLines({ choosing }: Pool): readonly string[] {
  const isCookie = typeof choosing === 'object' && choosing.kind === 'cookie-hash';
  return isCookie ? ['hash-type consistent'] : [];
}

function sessionLines({ session }: Pool): readonly string[] {
  if (session === undefined) return [];
  if (session.kind === 'cookie') return [`cookie ${quoted(session.name)} insert indirect nocache`];
  const { expireMs } = session;
  return [`stick-table type ip size ${STICK_MAX} expire ${expireMs}ms`, 'stick on src'];
}

function checkLines({ check }: Pool, { address }: VirtualService): readonly string[] {
  if (check === undefined) return [];
  const timeout = `timeout check ${check.timeoutMs}ms`;
  if (check.probe === 'connect') return [timeout];
  return [
    timeout,
    'option httpchk',
    `http-check send meth GET uri ${CHECK_TARGET} ver HTTP/1.1 hdr Host ${address}`,
    'http-check expect status 200-299',
  ];
}

function backendLines(
  name: string,
  pool: Pool,
  service: VirtualService,
  file: SetupFile,
): readonly string[] {
  const { check, session, weights = {} } = pool;
  const port = service.serverPort ?? service.port;
  const probed =
    check === undefined
      ? ''
      : ` check inter ${check.intervalMs}ms fall ${check.fall} rise ${check.rise}`;
  const serverLine = (server: ServerName): string => {
    const cookie = session?.kind === 'cookie' ? ` cookie ${server}` : '';
    const weight = ` weight ${weights[server] ?? 1}`;
    // Its place on the ring of hashes is its number's, and not that of its line.
    const id = ` id ${SERVERS.indexOf(server) + 1}`;
    return `server ${server} ${placeOf(file, server).address}:${port}${id}${weight}${cookie}${probed}`;
  };
  return [
    `backend ${name}`,
    `  balance ${balanceOf(pool)}`,
    ...[...hashLines(pool), ...sessionLines(pool), ...checkLines(pool, service)].map(
      (line) => `  ${line}`,
    ),
    ...pool.servers.map((server) => `  ${serverLine(server)}`),
  ];
}

/** The condition under which a request is of a route; a host is compared without its port. */
function conditionOf({ host, prefix, suffix, substring }: Route): string {
  const matches = [
    ['req.hdr(host),host_only -m str -i', host],
    ['path -m beg', prefix],
    ['path -m end', suffix],
    ['path -m sub', substring],
  ] as const;
  return matches
    .flatMap(([sample, value]) => (value === undefined ? [] : `{ ${sample} -- ${quoted(value)} }`))
    .join(' ');
}

function routeLines(name: string, { routes = [], locality }: VirtualService): readonly string[] {
  const conditions = routes.map(conditionOf);
  const poolOf = (index: number): string => `${name}-route-${index}`;
  if (locality !== 'connection') {
    return conditions.map((condition, index) => {
      return `use_backend ${poolOf(index)}${condition === '' ? '' : ` if ${condition}`}`;
    });
  }
  const isNew = '!{ var(sess.pool) -m found }';
  return [
    ...conditions.map((condition, index) => {
      return `http-request set-var(sess.pool) str(${poolOf(index)}) if ${isNew} ${condition}`;
    }),
    `http-request set-var(sess.pool) str(${name}) if ${isNew}`,
    'use_backend %[var(sess.pool)]',
  ].map((line) => line.trimEnd());
}

function cacheLines(name: string, { cache }: VirtualService): readonly string[] {
  if (cache === undefined) return [];
  return [
    `cache ${name}`,
    `  total-max-size ${Math.floor(cache.octets / CACHE_UNIT)}`,
    // The most that it takes; left out it would be a 256th.
    `  max-object-size ${Math.floor(cache.octets / CACHE_UNIT) * (CACHE_UNIT / 2)}`,
  ];
}

function storeLines(name: string, { cache }: VirtualService): readonly string[] {
  if (cache === undefined) return [];
  return [`http-request cache-use ${name}`, `http-response cache-store ${name}`];
}

function accessLine({ action, source }: AccessRule): string {
  return `tcp-request connection ${action === 'permit' ? 'accept' : 'reject'} if { src ${source} }`;
}

/** All that HAProxy is told; it speaks about itself at the UNIX socket `statsPath`. */
export function configurationOf(file: SetupFile, statsPath: string): string {
  const { setup } = file;
  const access = setup.access.map(accessLine);
  const services = setup.services.flatMap((service, nth) => {
    const name = `service-${nth}`;
    const front = [
      `bind ${service.address}:${service.port}`,
      ...access,
      ...storeLines(name, service),
    ];
    const routed = [...routeLines(name, service), `default_backend ${name}`];
    return [
      ...cacheLines(name, service),
      `frontend ${name}`,
      ...[...front, ...routed].map((line) => `  ${line}`),
      ...backendLines(name, service, service, file),
      ...(service.routes ?? []).flatMap(({ pool }, index) =>
        backendLines(`${name}-route-${index}`, pool, service, file),
      ),
    ];
  });
  return [
    'global',
    `  stats socket ${statsPath} level admin expose-fd listeners`,
    'defaults',
    '  mode http',
    '  timeout connect 1s',
    `  timeout client ${IDLE_SECONDS}s`,
    '  timeout server 20s',
    `  timeout http-keep-alive ${IDLE_SECONDS}s`,
    `  timeout http-request ${HEAD_MS}ms`,
    '  retries 3',
    // A server that refuses is not asked again; a client is not told of it.
    '  option redispatch 1',
    // A client between two requests has its next answer before the old process lets it go.
    '  option idle-close-on-response',
    ...services,
    '',
  ].join('\n');
}
