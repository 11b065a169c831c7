/**
 * How long a connection of this kernel takes to be exported, closed and imported, in microseconds.
 *
 * `node --import=./tools/register.mjs bench/repair.ts`, as root: one connection in a namespace of
 * its own, between whose exports nothing passes. These are the parts of a migration that need no
 * network; beside them what Node.js takes to adopt and release a socket, and one system call as the
 * baseline.
 */
import { cpus, loadavg } from 'node:os';
import { ipv4Address } from 'scapy-ts';
import { adoptConnection, openListener, releaseConnection } from '../reference/host/connection.ts';
import type { Exported } from '../reference/host/export.ts';
import { closeExported, exportConnection } from '../reference/host/export.ts';
import { importConnection } from '../reference/host/import.ts';
import { raiseLab } from '../reference/host/lab.ts';
import {
  acceptSocket,
  closeDescriptor,
  connectSocket,
  getOption,
  openSocket,
  send,
  SO_SNDBUF,
  SOCK_STREAM,
} from '../reference/host/socket.ts';
import { AF_INET } from '../reference/host/socket-address.ts';
import type { TcpSnapshot } from '../reference/tcp/snapshot.ts';

const ROUNDS = 4000;
const WARM_UP_ROUNDS = 200;
const LOCAL = { address: ipv4Address('127.0.0.1'), port: 80 };

/** Microseconds of each round, by what was done. */
type Times = Map<string, number[]>;

function timed<T>(times: Times, name: string, work: () => T): T {
  const start = process.hrtime.bigint();
  const result = work();
  const taken = Number(process.hrtime.bigint() - start) / 1e3;
  const list = times.get(name) ?? [];
  times.set(name, list);
  list.push(taken);
  return result;
}

function print(title: string, times: Times): void {
  console.log(title);
  for (const [name, all] of times) {
    const sorted = all.slice(WARM_UP_ROUNDS).toSorted((a, b) => a - b);
    const at = (share: number): string =>
      (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
    console.log(
      `  ${name.padEnd(16)} p50 ${at(0.5).padStart(7)} µs   p99 ${at(0.99).padStart(7)} µs`,
    );
  }
}

function take(fd: number): Exported {
  const taken = exportConnection(fd);
  if (!taken.ok) throw new Error(JSON.stringify(taken.error));
  return taken.value;
}

function put({ ends }: Exported, snapshot: TcpSnapshot): number {
  const result = importConnection(ends, snapshot);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function dial(): { readonly client: number; readonly fd: number } {
  const listener = openListener(LOCAL);
  const client = openSocket(AF_INET, SOCK_STREAM);
  connectSocket(client, LOCAL);
  const fd = acceptSocket(listener);
  closeDescriptor(listener);
  return { client, fd };
}

/** Migrations of one connection onto its own host, with `unread` octets in its receive queue. */
function measure(unread: number): Times {
  const times: Times = new Map();
  const ends = dial();
  let { fd } = ends;
  if (unread > 0) send(ends.client, new Uint8Array(unread));
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    timed(times, 'one system call', () => getOption(fd, SO_SNDBUF));
    const taken = timed(times, 'export', () => take(fd));
    if (taken.snapshot.unread.length !== unread) throw new Error('octets are missing');
    timed(times, 'close', () => closeExported(taken));
    fd = timed(times, 'import', () => put(taken, taken.snapshot));
  }
  closeDescriptor(ends.client);
  closeDescriptor(fd);
  return times;
}

/** A connection that Node.js takes and gives back. */
function measureNode(): Times {
  const times: Times = new Map();
  const ends = dial();
  let { fd } = ends;
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    const socket = timed(times, 'adopt', () => adoptConnection(fd));
    const released = timed(times, 'release', () => releaseConnection(socket));
    if (!released.ok) throw new Error(released.error.kind);
    fd = released.value.fd;
  }
  closeDescriptor(ends.client);
  closeDescriptor(fd);
  return times;
}

const [load = 0] = loadavg();
const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}`);
const lab = raiseLab({ name: 'bench', hosts: { solo: {} }, links: [] });
for (const unread of [0, 1000, 60_000]) {
  print(
    `${unread} unread octets`,
    lab.inside('solo', () => measure(unread)),
  );
}
print('net.Socket', lab.inside('solo', measureNode));
lab.down();
