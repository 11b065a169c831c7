/**
 * A client and two hosts that can own its connection, behind a hub.
 *
 *   client ─── hub ┬── a      one address and one MAC: both hear all that the client says, and
 *                  └── b      whoever has the connection answers
 *
 * `a` and `b` send no RST: between export and import the rule of a switch would be locked.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { ipv4Address, ipv6Address } from 'scapy-ts';
import type { Lab } from '../../reference/host/lab.ts';
import { raiseLab, removeStaleLabs } from '../../reference/host/lab.ts';
import { openListener } from '../../reference/host/connection.ts';
import { closeSilently } from '../../reference/host/repair.ts';
import type { LinkEnd } from '../../reference/host/topology.ts';
import type { SocketOption } from '../../reference/host/socket.ts';
import {
  acceptSocket,
  closeDescriptor,
  connectSocket,
  openSocket,
  poll,
  POLLIN,
  setOption,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import { familyOf } from '../../reference/host/socket-address.ts';
import { whyUnavailable } from '../../reference/host/syscall.ts';
import type { Endpoint } from '../../reference/rules/rule.ts';
import { leaveOut, oracle } from '../oracle.ts';

const CLIENT_MAC = '02:00:00:00:00:c1';
const OWNER_MAC = '02:00:00:00:00:0c';

/** The virtual endpoint in both families. */
export const VIRTUAL: Readonly<Record<4 | 6, Endpoint>> = {
  4: { address: ipv4Address('192.0.2.1'), port: 80 },
  6: { address: ipv6Address('2001:db8::1'), port: 80 },
};

/** How long anything may take that the kernel does by itself. */
export const KERNEL_MAX_MS = 6000;

const PROGRAMS = ['ip', 'nft', 'ethtool'] as const;

/** True where namespaces and repair mode can be used; else the test must return. */
export function isKernelOurs(t: ExecutionContext): boolean {
  const missing = process.getuid?.() === 0 ? whyUnavailable() : 'needs root';
  if (missing === undefined) return PROGRAMS.every((program) => oracle(t, program));
  leaveOut(t, missing);
  return false;
}

/** The network of the picture; the caller takes it down. */
export function raiseBed(name: string): Lab {
  removeStaleLabs();
  const owner = (host: string): LinkEnd => ({
    host,
    device: 'eth0',
    mac: OWNER_MAC,
    addresses: ['192.0.2.1/24', '2001:db8::1/64'],
  });
  const client = {
    host: 'client',
    device: 'eth0',
    mac: CLIENT_MAC,
    addresses: ['192.0.2.9/24', '2001:db8::9/64'],
  };
  const known = (address: string, lladdr: string): string => `${address} lladdr ${lladdr} dev eth0`;
  const toClient = [known('192.0.2.9', CLIENT_MAC), known('2001:db8::9', CLIENT_MAC)];
  const toOwner = [known('192.0.2.1', OWNER_MAC), known('2001:db8::1', OWNER_MAC)];
  const quiet = { 'ipv6.conf.default.router_solicitations': 0, 'ipv6.conf.default.accept_dad': 0 };
  const lab = raiseLab({
    name,
    hosts: {
      client: { settings: { ...quiet, 'ipv4.tcp_syn_retries': 1 }, neighbours: toOwner },
      bridge: {
        settings: { 'ipv6.conf.default.disable_ipv6': 1 },
        bridges: { switch: ['to-client', 'to-a', 'to-b'] },
      },
      a: { settings: quiet, neighbours: toClient },
      b: { settings: quiet, neighbours: toClient },
    },
    links: [
      { ends: [client, { host: 'bridge', device: 'to-client' }], hasOffloads: false },
      { ends: [owner('a'), { host: 'bridge', device: 'to-a' }], hasOffloads: false },
      { ends: [owner('b'), { host: 'bridge', device: 'to-b' }], hasOffloads: false },
    ],
  });
  const deaf = ['to-client', 'to-a', 'to-b'].map(
    (port) => `link set ${port} type bridge_slave learning off`,
  );
  lab.ip('bridge', ...deaf, 'link set switch type bridge fdb_flush');
  for (const host of ['a', 'b']) lab.inside(host, dropResets);
  return lab;
}

function dropResets(): void {
  const input = `table inet quiet { chain out { type filter hook output priority 0;
    tcp flags rst drop; }; }\n`;
  // Of the same name is an npm package, which npx puts before the program.
  const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
  const { status, stderr } = spawnSync('nft', ['-f', '-'], {
    input,
    encoding: 'utf8',
    env: { PATH },
  });
  if (status !== 0) throw new Error(`nft: ${stderr}`);
}

/** Writes a value under /proc/sys/net/ipv4 in both the client's and the owner's namespace. */
export function setTcp(lab: Lab, name: string, value: number | string): void {
  for (const host of ['client', 'a', 'b']) {
    lab.inside(host, () => writeFileSync(`/proc/sys/net/ipv4/${name}`, String(value)));
  }
}

/** How many resets the TCP of a host has sent. */
export function resetsSent(lab: Lab, host: string): number {
  const text = lab.inside(host, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('OutRsts')]);
}

/** How a connection is made. */
export interface Dial {
  readonly family?: 4 | 6;
  /** Options of the client's socket, set before it connects. */
  readonly options?: readonly (readonly [option: SocketOption, value: number])[];
  readonly virtual?: Endpoint;
  /** What the owner listens at, where it is not the virtual endpoint. */
  readonly listen?: Endpoint;
}

/** A fresh connection from the client to host `a`: the descriptors of both ends. */
export function dial(lab: Lab, options: Dial = {}): { client: number; owner: number } {
  const { family = 4, virtual = VIRTUAL[family] } = options;
  const listener = lab.inside('a', () => openListener(options.listen ?? virtual));
  try {
    const client = lab.inside('client', () => openSocket(familyOf(virtual), SOCK_STREAM));
    for (const [option, value] of options.options ?? []) setOption(client, option, value);
    connectSocket(client, virtual);
    if ((poll(listener, POLLIN, KERNEL_MAX_MS) & POLLIN) === 0) throw new Error('no connection');
    return { client, owner: acceptSocket(listener) };
  } finally {
    closeDescriptor(listener);
  }
}

/** Closes descriptors of connections without a segment: the next test hears nothing of them. */
export function hangUp(...fds: readonly number[]): void {
  for (const fd of fds) {
    try {
      closeSilently(fd);
    } catch {
      // A test that failed between export and import has closed it already.
    }
  }
}

/** Waits until `condition` holds; throws when it does not. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + KERNEL_MAX_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not in ${KERNEL_MAX_MS} ms: ${what}`);
    await sleep(1);
  }
}
