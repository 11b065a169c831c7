/**
 * Objects of six sizes through a Prism, through two proxies, and from the servers themselves.
 *
 * `node --import=./tools/register.mjs bench/end-to-end.ts`, as root, with haproxy,
 * nginx and wrk. Two clients and two backends in namespaces, every link 1 Gbit/s both ways; each
 * client has one connection and asks for objects of the two backends in turn, so that a Prism that
 * hands off has to move the connection for every object. All four ways are measured in turn in each
 * round; the medians are told, in Mbit/s of both clients together.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULTS } from '../reference/controller/state.ts';
import {
  raiseLaboratory,
  runAt,
  type Laboratory,
} from '../reference/host/laboratory/laboratory.ts';
import { prefixOf, serverOf, SITE } from '../reference/host/laboratory/site.ts';

const SIZES = [1000, 10_000, 100_000, 500_000, 2_000_000, 20_000_000];
const CLIENTS = 2;
const BACKENDS = 2;
const RATE = '1gbit';
const HAPROXY_PORT = 81;
const NGINX_PORT = 82;
const START_MS = 500;

const seconds = Number(process.env['BENCH_SECONDS'] ?? 3);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'prismspec-bench-'));

/** Asks for one object after the other, of backend after backend. */
const SCRIPT = `
local asked = 0
function init(words) size, first, backends = words[1], tonumber(words[2]), tonumber(words[3]) end
function request()
  asked = asked + 1
  local letter = string.char(97 + (first + asked) % backends)
  return wrk.format("GET", "/" .. letter .. "/" .. size)
end
function done(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("RESULT %d %d %d\\n", summary.bytes, summary.duration, errors))
end
`;

const numbers = Array.from({ length: BACKENDS }, (_, at) => at + 1);
const HAPROXY = `
global
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend site
  bind :${HAPROXY_PORT}
${numbers.map((n) => `  use_backend b${n} if { path_beg ${prefixOf(n)} }`).join('\n')}
${numbers.map((n) => `backend b${n}\n  server b${n} ${hostOf(n)}`).join('\n')}
`;
const NGINX = `
daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
${numbers.map((n) => `  upstream b${n} { server ${hostOf(n)}; keepalive 16; }`).join('\n')}
  server {
    listen ${NGINX_PORT};
    keepalive_requests 1000000;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
${numbers.map((n) => `    location ${prefixOf(n)} { proxy_pass http://b${n}; }`).join('\n')}
  }
}
`;

/** A way to the objects: where each client asks, and of how many backends in turn. */
interface Way {
  readonly name: string;
  readonly urlOf: (client: number) => string;
  readonly backends: number;
}

const WAYS: readonly Way[] = [
  { name: 'direct', urlOf: serverOf, backends: 1 },
  { name: 'haproxy', urlOf: () => `${SITE}:${HAPROXY_PORT}`, backends: BACKENDS },
  { name: 'nginx', urlOf: () => `${SITE}:${NGINX_PORT}`, backends: BACKENDS },
  { name: 'prism', urlOf: () => SITE, backends: BACKENDS },
];

function hostOf(backend: number): string {
  return new URL(serverOf(backend)).host;
}

/** Mbit/s of one client that asks one way for a while. */
async function ask(laboratory: Laboratory, client: number, way: Way, size: number) {
  const { urlOf, backends } = way;
  const load = [
    'wrk',
    '-t1',
    '-c1',
    `-d${seconds}s`,
    '--timeout',
    '20s',
    '-s',
    `${folder}/ask.lua`,
  ];
  const words = [...load, urlOf(client), '--', `${size}`, `${client}`, `${backends}`];
  const said = await runAt(laboratory, `c${client}`, words);
  const [, octets, microseconds, errors] = /RESULT (\d+) (\d+) (\d+)/u.exec(said) ?? [];
  if (errors !== '0') throw new Error(`${way.name}, ${size} octets:\n${said}`);
  return (Number(octets) * 8) / Number(microseconds);
}

async function measure(laboratory: Laboratory, way: Way, size: number): Promise<number> {
  const clients = Array.from({ length: CLIENTS }, (_, at) => at + 1);
  const rates = await Promise.all(clients.map((client) => ask(laboratory, client, way, size)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(12)).join('');
}

const [load = 0] = loadavg();
const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}`);
console.log(
  `${CLIENTS} clients, ${BACKENDS} backends, ${RATE} links, ${seconds} s × ${rounds}, Mbit/s`,
);
writeFileSync(join(folder, 'ask.lua'), SCRIPT);
writeFileSync(join(folder, 'haproxy.cfg'), HAPROXY);
writeFileSync(join(folder, 'nginx.conf'), NGINX);
const laboratory = await raiseLaboratory({
  name: 'bench',
  clients: CLIENTS,
  backends: BACKENDS,
  rate: RATE,
  controller: { handOffFromOctets: DEFAULTS.handOffFromOctets },
});
try {
  for (const words of [
    ['haproxy', '-db', '-f', `${folder}/haproxy.cfg`],
    ['nginx', '-p', folder, '-c', `${folder}/nginx.conf`],
  ]) {
    laboratory.lab.start('controller', words, ['ignore', 'ignore', 'inherit']);
  }
  await sleep(START_MS);
  console.log(row(['octets', ...WAYS.map(({ name }) => name), 'prism/haproxy']));
  for (const size of SIZES) {
    const rates = WAYS.map((): number[] => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, way] of WAYS.entries()) {
        rates[at]?.push(await measure(laboratory, way, size));
      }
    }
    const medians = rates.map(median);
    const [, haproxy = Number.NaN, , prism = Number.NaN] = medians;
    const ratio = (prism / haproxy).toFixed(2);
    console.log(row([size, ...medians.map((rate) => rate.toFixed(0)), ratio]));
  }
  const { handOff, steps, migrations } = await laboratory.metrics();
  console.log(`migrations: ${JSON.stringify(migrations)}`);
  const times = Object.entries({ 'hand-off': handOff, ...steps });
  for (const [name, { count, p50, p99 }] of times) {
    console.log(row([name, `p50 ${p50.toFixed(3)}`, `p99 ${p99.toFixed(3)}`, 'ms of', count]));
  }
} finally {
  laboratory.down();
  rmSync(folder, { recursive: true, force: true });
}
