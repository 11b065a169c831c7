/**
 * Real TCP through the program: what is written at one end is read at the other, octet for octet.
 *
 *   client 192.0.2.9 ─── to-client │ bridge │ to-backend ─── backend 192.0.2.21:8080
 *                        the program at both; the client talks to 192.0.2.1:80
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { ipv4Address, mac } from 'scapy-ts';
import type { DataPath } from '../../reference/host/bpf/datapath.ts';
import { openDataPath } from '../../reference/host/bpf/datapath.ts';
import { deviceIndex } from '../../reference/host/bpf/device.ts';
import { adoptConnection, openListener } from '../../reference/host/connection.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { raiseLab } from '../../reference/host/lab.ts';
import {
  acceptSocket,
  bindSocket,
  closeDescriptor,
  connectSocket,
  openSocket,
  poll,
  POLLIN,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import { AF_INET } from '../../reference/host/socket-address.ts';
import type { Bucket } from '../../reference/host/topology.ts';
import type { Deltas, Rule } from '../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import { isKernelOurs, KERNEL_MAX_MS } from './bed.ts';
import { isBpfOurs } from './bpf-bed.ts';

const CLIENT_MAC = '02:00:00:00:00:c1';
const BACKEND_MAC = '02:00:00:00:00:0b';
const VIRTUAL = { address: ipv4Address('192.0.2.1'), port: 80 };
const BACKEND = { address: ipv4Address('192.0.2.21'), port: 8080 };
const CLIENT_ADDRESS = ipv4Address('192.0.2.9');
const CLIENT_PORT = 40_000;
const OCTETS = 4 << 20;

/** Both wrap within the transfer. */
const SPLICE: Deltas = {
  ...NO_DELTAS,
  clientSeq: 0x9abc_def0,
  ownerSeq: 0x7654_3211,
  clientTimestamp: 0xffff_f000,
  ownerTimestamp: 77,
};

interface Setting {
  readonly deltas: Deltas;
  /** Whether frames of up to 64 KiB go over a link, whose checksums nobody has completed. */
  readonly offloads: { readonly client: boolean; readonly backend: boolean };
  readonly hasStations: boolean;
  readonly bucket?: Bucket;
}

const BOTH = { client: true, backend: true };
const NEITHER = { client: false, backend: false };

function ruleOf(deltas: Deltas): Rule {
  return {
    key: { client: { address: CLIENT_ADDRESS, port: CLIENT_PORT }, virtual: VIRTUAL },
    owner: { ...BACKEND, mac: mac(BACKEND_MAC) },
    deltas,
    locked: false,
  };
}

function raise(name: string, { offloads, bucket }: Setting): Lab {
  const shaped = bucket === undefined ? {} : { bucket };
  return raiseLab({
    name,
    hosts: {
      client: { neighbours: ['192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0'] },
      bridge: { bridges: { switch: ['to-client', 'to-backend'] } },
      backend: {},
    },
    links: [
      {
        ends: [
          { host: 'client', device: 'eth0', mac: CLIENT_MAC, addresses: ['192.0.2.9/24'] },
          { host: 'bridge', device: 'to-client', ...shaped },
        ],
        hasOffloads: offloads.client,
      },
      {
        ends: [
          { host: 'backend', device: 'eth0', mac: BACKEND_MAC, addresses: ['192.0.2.21/24'] },
          { host: 'bridge', device: 'to-backend', ...shaped },
        ],
        hasOffloads: offloads.backend,
      },
    ],
  });
}

function install(lab: Lab, { deltas, hasStations }: Setting): DataPath {
  const path = openDataPath();
  lab.inside('bridge', () => {
    const [client, backend] = [deviceIndex('to-client'), deviceIndex('to-backend')];
    path.attach(client);
    path.attach(backend);
    if (!hasStations) return;
    path.addStation(mac(CLIENT_MAC), client);
    path.addStation(mac(BACKEND_MAC), backend);
  });
  const reply = path.execute({ op: 'add', rule: ruleOf(deltas), epoch: 1 });
  if (!reply.ok) throw new Error(reply.detail);
  return path;
}

/** A connection from the client to the virtual endpoint, whose other end is the backend. */
function dial(lab: Lab): readonly [client: Socket, backend: Socket] {
  const listener = lab.inside('backend', () => openListener(BACKEND));
  const client = lab.inside('client', () => openSocket(AF_INET, SOCK_STREAM));
  bindSocket(client, { address: CLIENT_ADDRESS, port: CLIENT_PORT });
  connectSocket(client, VIRTUAL);
  if ((poll(listener, POLLIN, KERNEL_MAX_MS) & POLLIN) === 0) throw new Error('no connection');
  const backend = acceptSocket(listener);
  closeDescriptor(listener);
  return [adoptConnection(client), adoptConnection(backend)];
}

async function digest(from: Socket): Promise<string> {
  const hash = createHash('sha256');
  from.on('data', (octets) => hash.update(octets));
  await once(from, 'end');
  return hash.digest('hex');
}

/** A counter of the TCP of a host, from /proc/net/snmp or netstat. */
function counter(lab: Lab, host: string, group: 'Tcp' | 'TcpExt', name: string): number {
  const file = `/proc/thread-self/net/${group === 'Tcp' ? 'snmp' : 'netstat'}`;
  const text = lab.inside(host, () => readFileSync(file, 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith(`${group}:`));
  return Number(values.split(' ')[names.split(' ').indexOf(name)]);
}

/** Sends `OCTETS` each way and closes; nothing may be lost, damaged, or seen as wrong. */
async function transfer(
  t: ExecutionContext,
  name: string,
  setting: Setting,
  meanwhile: (path: DataPath) => Promise<void> = async () => {},
): Promise<Lab | undefined> {
  if (!isBpfOurs(t) || !isKernelOurs(t)) return undefined;
  const lab = raise(name, setting);
  t.teardown(() => lab.down());
  const path = install(lab, setting);
  t.teardown(() => path.close());
  const ends = dial(lab);
  const octets = Uint8Array.from({ length: OCTETS }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 21);
  const sha256 = createHash('sha256').update(octets).digest('hex');
  const digests = ends.map(digest);
  for (const socket of ends) socket.end(octets);
  await meanwhile(path);
  t.deepEqual(await Promise.all(digests), [sha256, sha256]);
  for (const host of ['client', 'backend']) t.is(counter(lab, host, 'Tcp', 'InCsumErrors'), 0);
  const got = path.execute({ op: 'get' });
  const [status] = got.ok ? got.rules : [];
  t.true((status?.fromClient.octets ?? 0) > OCTETS);
  t.true((status?.fromOwner.octets ?? 0) > OCTETS);
  return lab;
}

test('HANDOFF with another address and port, through a bridge, frames of up to 64 KiB', async (t) => {
  await transfer(t, 'nat', { deltas: NO_DELTAS, offloads: BOTH, hasStations: false });
});

test('SPLICE, redirected to the stations, frames of up to 64 KiB', async (t) => {
  await transfer(t, 'splice', { deltas: SPLICE, offloads: BOTH, hasStations: true });
});

test('checksums that are completed behind the program are right', async (t) => {
  const offloads = { client: true, backend: false };
  await transfer(t, 'half', { deltas: SPLICE, offloads, hasStations: true });
  await transfer(t, 'half2', { deltas: NO_DELTAS, offloads, hasStations: false });
});

test('SPLICE with loss: SACK edges and timestamps are understood at both ends', async (t) => {
  const bucket = { rate: '200mbit', burstOctets: 10_000, latencyMs: 1 };
  const setting = { deltas: SPLICE, offloads: NEITHER, hasStations: true, bucket };
  const lab = await transfer(t, 'sack', setting);
  if (lab === undefined) return;
  for (const host of ['client', 'backend']) {
    // ACKs that overtake each other on the way leave a block or two that is half old; a block that
    // was shifted wrongly is outside of the window, and so is every other.
    const recoveries = counter(lab, host, 'TcpExt', 'TCPSackRecovery');
    t.true(recoveries > 0);
    t.true(counter(lab, host, 'TcpExt', 'TCPSACKDiscard') < recoveries);
    t.is(counter(lab, host, 'TcpExt', 'PAWSEstab'), 0);
  }
});

test('a lock in the middle stops the transfer, and an unlock lets it go on', async (t) => {
  const bucket = { rate: '200mbit', burstOctets: 100_000, latencyMs: 20 };
  const setting = { deltas: SPLICE, offloads: BOTH, hasStations: false, bucket };
  const { key } = ruleOf(SPLICE);
  const octetsThrough = (path: DataPath): number => {
    const got = path.execute({ op: 'get' });
    return got.ok ? (got.rules[0]?.fromOwner.octets ?? 0) : 0;
  };
  await transfer(t, 'lock', setting, async (path) => {
    while (octetsThrough(path) < OCTETS / 8) await sleep(1);
    path.execute({ op: 'lock', key, epoch: 2 });
    const before = octetsThrough(path);
    await sleep(100);
    t.is(octetsThrough(path), before);
    t.true(before < OCTETS);
    t.true(path.drops().locked > 0);
    path.execute({ op: 'unlock', key, epoch: 2 });
  });
});
