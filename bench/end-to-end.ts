/**
 * Objects of six sizes through a Prism, through two proxies, and from the servers themselves.
 *
 * `npm run bench -- end-to-end`, as root, with haproxy, nginx and wrk. Clients and backends, two of
 * each, in namespaces, every link 1 Gbit/s both ways; each client has one connection and asks for
 * objects of all backends in turn, so that a Prism that hands off has to move the connection for
 * every object. All four ways are measured in turn in each round; the medians are told, in Mbit/s of
 * all clients together.
 *
 *   BENCH_CLIENTS=4 BENCH_BACKENDS=4   more of them, 26 backends at most
 *   BENCH_SIZES=2000000,20000000       other objects
 *   BENCH_SWITCH=ring                  packet rings, not BPF
 *   BENCH_TURN=client                  each client stays with one backend, as most do
 *   BENCH_SECONDS=3 BENCH_ROUNDS=3     how long, and how often
 *   BENCH_JSON=FILE                    the figures, for `tools/plot.ts`
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
import { hostsOf, stations } from '../reference/host/laboratory/site.ts';
import { SWITCH_KINDS } from '../reference/host/prism/plan.ts';

const RATE = '1gbit';
const HAPROXY_PORT = 81;
const NGINX_PORT = 82;
const START_MS = 500;

const SIZES = '1000,10000,100000,500000,2000000,20000000';

const { env } = process;
const seconds = Number(env['BENCH_SECONDS'] ?? 3);
const rounds = Number(env['BENCH_ROUNDS'] ?? 3);
const sizes = (env['BENCH_SIZES'] ?? SIZES).split(',').map(Number);
const options = {
  name: 'bench',
  clients: Number(env['BENCH_CLIENTS'] ?? 2),
  backends: Number(env['BENCH_BACKENDS'] ?? 2),
  switch: SWITCH_KINDS.find((kind) => kind === env['BENCH_SWITCH']) ?? 'bpf',
  rate: RATE,
  controller: { handOffFromOctets: DEFAULTS.handOffFromOctets },
} as const;
const { controller, backends } = stations(options);
const { servers } = hostsOf(options);
const site = `http://${controller.address}`;
const folder = mkdtempSync(join(tmpdir(), 'prismspec-bench-'));

/** Asks for one object after the other, of backend after backend or of one. */
const TURN = env['BENCH_TURN'] === 'client' ? 'client' : 'request';
const STEP = TURN === 'client' ? 0 : 1;
const SCRIPT = `
local asked = 0
function init(words) size, first, backends = words[1], tonumber(words[2]), tonumber(words[3]) end
function request()
  asked = asked + ${STEP}
  local letter = string.char(97 + (first + asked) % backends)
  return wrk.format("GET", "/" .. letter .. "/" .. size)
end
function done(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("RESULT %d %d %d\\n", summary.bytes, summary.duration, errors))
end
`;

const hosts = backends.map(({ host, prefix }, at) => {
  return { host, prefix, server: servers[at] };
});
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
${hosts.map(({ host, prefix }) => `  use_backend ${host} if { path_beg ${prefix} }`).join('\n')}
${hosts.map(({ host, server }) => `backend ${host}\n  server ${host} ${server}`).join('\n')}
`;
const NGINX = `
daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
${hosts.map(({ host, server }) => `  upstream ${host} { server ${server}; keepalive 16; }`).join('\n')}
  server {
    listen ${NGINX_PORT};
    keepalive_requests 1000000;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
${hosts.map(({ host, prefix }) => `    location ${prefix} { proxy_pass http://${host}; }`).join('\n')}
  }
}
`;

/** What was measured with objects of one size: Mbit/s of all clients together, by the way. */
interface SizeResult {
  readonly octets: number;
  readonly mbits: Readonly<Record<string, number>>;
}

/** A way to the objects: where each client asks, and of how many backends in turn. */
interface Way {
  readonly name: string;
  readonly urlOf: (client: number) => string;
  readonly backends: number;
}

const WAYS: readonly Way[] = [
  { name: 'direct', urlOf: directUrl, backends: 1 },
  { name: 'haproxy', urlOf: () => `${site}:${HAPROXY_PORT}`, backends: hosts.length },
  { name: 'nginx', urlOf: () => `${site}:${NGINX_PORT}`, backends: hosts.length },
  { name: 'prism', urlOf: () => site, backends: hosts.length },
];

/** Each client at a backend of its own, as far as there are enough. */
function directUrl(client: number): string {
  return `http://${hosts[(client - 1) % hosts.length]?.server}`;
}

/** Mbit/s of one client that asks one way for a while. */
async function ask(laboratory: Laboratory, client: number, way: Way, size: number) {
  const { urlOf } = way;
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
  const words = [...load, urlOf(client), '--', `${size}`, `${client}`, `${way.backends}`];
  const said = await runAt(laboratory, `c${client}`, words);
  const [, octets, microseconds, errors] = /RESULT (\d+) (\d+) (\d+)/u.exec(said) ?? [];
  if (errors !== '0') throw new Error(`${way.name}, ${size} octets:\n${said}`);
  return (Number(octets) * 8) / Number(microseconds);
}

async function measure(laboratory: Laboratory, way: Way, size: number): Promise<number> {
  const clients = Array.from({ length: options.clients }, (_, at) => at + 1);
  const rates = await Promise.all(clients.map((client) => ask(laboratory, client, way, size)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function writeResult(): void {
  const file = env['BENCH_JSON'];
  if (file === undefined) return;
  const { clients, switch: kind } = options;
  const run = { machine, clients, backends: hosts.length, switch: kind, rate: RATE, turn: TURN };
  writeFileSync(file, `${JSON.stringify({ ...run, results }, undefined, 2)}\n`);
}

async function hasEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(12)).join('');
}

const [load = 0] = loadavg();
const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
const machine = `node ${process.version}, ${processor}, load ${load.toFixed(1)}`;
console.log(machine);
console.log(
  `${options.clients} clients, ${hosts.length} backends, ${RATE} links, ${options.switch}, ` +
    `${seconds} s × ${rounds}, a backend in turn for each ${TURN}, Mbit/s`,
);
writeFileSync(join(folder, 'ask.lua'), SCRIPT);
writeFileSync(join(folder, 'haproxy.cfg'), HAPROXY);
writeFileSync(join(folder, 'nginx.conf'), NGINX);
const laboratory = await raiseLaboratory(options);
const results: SizeResult[] = [];
const proxies = [
  ['haproxy', '-db', '-f', `${folder}/haproxy.cfg`],
  ['nginx', '-p', folder, '-c', `${folder}/nginx.conf`],
].map((words) => laboratory.lab.start('controller', words, ['ignore', 'ignore', 'inherit']));
try {
  await sleep(START_MS);
  console.log(row(['octets', ...WAYS.map(({ name }) => name), 'prism/haproxy']));
  for (const size of sizes) {
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
    const mbits = WAYS.map(({ name }, at) => [name, medians[at] ?? Number.NaN] as const);
    results.push({ octets: size, mbits: Object.fromEntries(mbits) });
  }
  const { handOff, steps, migrations } = await laboratory.metrics();
  console.log(`migrations: ${JSON.stringify(migrations)}`);
  const times = Object.entries({ 'hand-off': handOff, ...steps });
  for (const [name, { count, p50, p99 }] of times) {
    console.log(row([name, `p50 ${p50.toFixed(3)}`, `p99 ${p99.toFixed(3)}`, 'ms of', count]));
  }
  writeResult();
} finally {
  // The processes of nginx outlive one that is killed.
  for (const proxy of proxies) proxy.kill('SIGTERM');
  await Promise.all(proxies.map(hasEnded));
  laboratory.down();
  rmSync(folder, { recursive: true, force: true });
}
