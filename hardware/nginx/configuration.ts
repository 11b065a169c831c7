/**
 * A setup as nginx's configuration; its manual is nginx.org/en/docs/http.
 *
 *   upstream service_0             the pool of what no route fits
 *   upstream service_0_route_0     the pool of a route
 *   server                         one for each service and host that a route names
 */
import type { AccessRule, Pool, VirtualService } from '../../conformance/driver/balancer.ts';
import { lackOf, poolsOf, PROXY_CHOOSING, type Ability, type Lack } from '../product/ability.ts';
import { placeOf, type SetupFile } from '../product/setup-file.ts';
import { locationLines, quoted, type Location } from './locations.ts';

/** What nginx can be told; checks, and cookies of its own, are not in the open version. */
export const ABILITY: Ability = {
  modes: ['http'],
  choosing: PROXY_CHOOSING,
  sessions: [],
  checks: false,
  locality: ['request'],
  cacheOctetsMin: 1,
};

/** Seconds for which a client may be silent between two requests. */
export const IDLE_SECONDS = 10;
/** Milliseconds after which a client must have sent the head of its first request. */
export const HEAD_MS = 2000;

const METHODS: Readonly<Record<string, readonly string[]>> = {
  'round-robin': [],
  random: ['random;'],
  'least-connections': ['least_conn;'],
  // ip_hash would take no more than the network of the client, /24.
  'source-hash': ['hash $remote_addr;'],
  'url-hash': ['hash $request_uri;'],
};

/** What the name of a variable, and so of a cookie, may be made of. */
const VARIABLE = /^\w+$/u;
const HOST = /^[\w-]+(?:\.[\w-]+)*$/u;

/** Why nginx is not what `setup` says; undefined where it is, or where it says itself why not. */
export function lackOfNginx(setup: SetupFile['setup']): Lack | undefined {
  const lack = lackOf(ABILITY, setup);
  if (lack !== undefined) return lack;
  const { services } = setup;
  const odd = services.flatMap(poolsOf).flatMap(({ choosing }) => {
    const isCookie = typeof choosing === 'object' && choosing.kind === 'cookie-hash';
    return isCookie && !VARIABLE.test(choosing.cookie) ? [choosing.cookie] : [];
  });
  if (odd[0] !== undefined) return { unsupported: `a cookie of the name ${odd[0]}` };
  const hosts = services.flatMap(({ routes = [] }) => routes.flatMap(({ host }) => host ?? []));
  const host = hosts.find((each) => !HOST.test(each));
  return host === undefined ? undefined : { unsupported: `a route for the host ${host}` };
}

function methodLines({ choosing }: Pool): readonly string[] {
  if (typeof choosing === 'string') return METHODS[choosing] ?? [];
  return choosing.kind === 'cookie-hash' ? [`hash $cookie_${choosing.cookie} consistent;`] : [];
}

function upstreamLines(name: string, pool: Pool, port: number, file: SetupFile): readonly string[] {
  const { servers, weights = {} } = pool;
  return [
    `upstream ${name} {`,
    // One memory for all workers, the old ones excepted.
    `  zone ${name} 64k;`,
    ...methodLines(pool).map((line) => `  ${line}`),
    ...servers.map((server) => {
      const weight = weights[server] ?? 1;
      return `  server ${placeOf(file, server).address}:${port} ${weight === 0 ? 'down' : `weight=${weight}`};`;
    }),
    '}',
  ];
}

function accessLine({ action, source }: AccessRule): string {
  return `${action === 'permit' ? 'allow' : 'deny'} ${source};`;
}

function cacheLines(name: string, { cache }: VirtualService, folder: string): readonly string[] {
  if (cache === undefined) return [];
  return [
    `proxy_cache_path ${folder}/${name} keys_zone=${name}_answers:1m max_size=${cache.octets};`,
  ];
}

function storeLines(name: string, { cache }: VirtualService): readonly string[] {
  if (cache === undefined) return [];
  return [
    `proxy_cache ${name}_answers;`,
    // The key that is left out would be the same for all hosts.
    'proxy_cache_key $scheme$host$request_uri;',
    // What is answered to somebody who said who he is is for nobody else: RFC 9111 section 3.5.
    'proxy_no_cache $http_authorization;',
    'proxy_cache_bypass $http_authorization;',
  ];
}

function serviceLines(
  service: VirtualService,
  name: string,
  file: SetupFile,
  folder: string,
): readonly string[] {
  const { address, port, serverPort = port, routes = [] } = service;
  const hosts = new Set(routes.flatMap((route) => route.host?.toLowerCase() ?? []));
  const access = file.setup.access.map(accessLine);
  const locations = routes.map((route, index): Location => {
    return { route, upstream: `${name}_route_${index}` };
  });
  const serverLines = (host: string | undefined): readonly string[] => {
    const own = locations.filter(({ route }) => route.host?.toLowerCase() === host);
    return [
      'server {',
      `  listen ${address}:${port}${host === undefined ? ' default_server' : ''};`,
      // Of HTTP/1.0 without a host this is what servers are told.
      `  server_name ${quoted(host ?? address)};`,
      ...[...access, ...storeLines(name, service), ...locationLines(own, name)].map(
        (line) => `  ${line}`,
      ),
      '}',
    ];
  };
  return [
    ...cacheLines(name, service, folder),
    ...upstreamLines(name, service, serverPort, file),
    ...routes.flatMap(({ pool }, index) =>
      upstreamLines(`${name}_route_${index}`, pool, serverPort, file),
    ),
    ...serverLines(undefined),
    ...[...hosts].flatMap(serverLines),
  ];
}

/** All that nginx is told; it keeps its files in `folder`. */
export function configurationOf(file: SetupFile, folder: string): string {
  const services = file.setup.services.flatMap((service, nth) =>
    serviceLines(service, `service_${nth}`, file, folder),
  );
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    'daemon off;',
    // Its workers write into a folder that is this user's alone.
    'user root;',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr;',
    'events {}',
    'http {',
    ...[
      'access_log off;',
      ...places.map((place) => `${place}_temp_path ${folder}/${place};`),
      `client_header_timeout ${HEAD_MS}ms;`,
      `keepalive_timeout ${IDLE_SECONDS}s;`,
      'proxy_connect_timeout 1s;',
      'proxy_read_timeout 20s;',
      'proxy_http_version 1.1;',
      'proxy_set_header Host $host;',
      // As nginx.org/en/docs/http/websocket.html has it.
      'map $http_upgrade $connection_upgrade { default upgrade; "" close; }',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection $connection_upgrade;',
      ...services,
    ].map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}
