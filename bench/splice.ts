/**
 * Objects of nginx: from itself, through HAProxy, and spliced.
 *
 * `node --import=./tools/register.mjs bench/splice.ts`, as root, with haproxy, nginx and wrk. Two
 * clients and two servers in namespaces, every link 1 Gbit/s both ways; each client asks one server
 * for one object after the other. All ways are measured in turn in each round; the medians are told,
 * in Mbit/s of both clients together.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULTS } from '../reference/controller/state.ts';
import {
  raiseLaboratory,
  runAt,
  type Laboratory,
} from '../reference/host/laboratory/laboratory.ts';

const SIZES = [100_000, 2_000_000, 20_000_000];
const RATE = '1gbit';
const START_MS = 500;

const seconds = Number(process.env['BENCH_SECONDS'] ?? 3);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);

/** A way to an object of server `number`, 1 or 2. */
const WAYS: Readonly<Record<string, (number: number) => string>> = {
  direct: (number) => `http://10.0.0.2${number}:8080`,
  haproxy: () => 'http://10.0.0.1:81',
  splice: () => 'http://10.0.0.1',
};

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
  bind :81
  use_backend b1 if { path_beg /a }
  use_backend b2 if { path_beg /b }
backend b1
  server b1 10.0.0.21:8080
backend b2
  server b2 10.0.0.22:8080
`;

/** Mbit/s of one client. */
async function ask(bed: Laboratory, number: number, way: string, size: number): Promise<number> {
  const url = `${WAYS[way]?.(number)}/${number === 1 ? 'a' : 'b'}/${size}`;
  const words = ['wrk', '-t1', '-c1', `-d${seconds}s`, '--timeout', '20s', url];
  const said = await runAt(bed, `c${number}`, words);
  const [, requests, duration] = /(\d+) requests in ([\d.]+)s/u.exec(said) ?? [];
  if (/Non-2xx/u.test(said)) throw new Error(`${way}, ${size} octets:\n${said}`);
  return (Number(requests) * size * 8) / Number(duration) / 1e6;
}

async function measure(bed: Laboratory, way: string, size: number): Promise<number> {
  const rates = await Promise.all([1, 2].map((number) => ask(bed, number, way, size)));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(16)).join('');
}

const { handOffFromOctets } = DEFAULTS;
const bed = await raiseLaboratory({
  name: 'bench',
  plain: ['b1', 'b2'],
  clients: 2,
  rate: RATE,
  controller: { handOffFromOctets },
});
try {
  for (const size of SIZES) {
    for (const prefix of ['a', 'b']) {
      writeFileSync(join(bed.files, prefix, `${size}`), new Uint8Array(size).fill(0x78));
    }
  }
  const file = join(bed.files, 'haproxy.cfg');
  writeFileSync(file, HAPROXY);
  bed.lab.start('controller', ['haproxy', '-db', '-f', file]);
  await sleep(START_MS);
  const [load = 0] = loadavg();
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
  console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}`);
  console.log(`2 clients, 2 nginx, ${RATE} links, ${seconds} s × ${rounds}, Mbit/s`);
  const names = Object.keys(WAYS);
  console.log(row(['octets', ...names, 'splice/haproxy']));
  for (const size of SIZES) {
    const rates = new Map(names.map((name): [string, number[]] => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, list] of rates) list.push(await measure(bed, name, size));
    }
    const medians = [...rates.values()].map(median);
    const [, haproxy = Number.NaN, splice = Number.NaN] = medians;
    const ratio = (splice / haproxy).toFixed(2);
    console.log(row([size, ...medians.map((rate) => rate.toFixed(0)), ratio]));
  }
} finally {
  bed.down();
}
