/**
 * Kernels around a ring switch, which is a process of its own.
 *
 *   client 192.0.2.9 ─── to-client ┐                 ┌ to-a ─── a 192.0.2.21:8080
 *                                  ├─ ring switch ───┤
 *   controller ─── control, punt ──┘                 └ to-b ─── b 192.0.2.22:8080
 *
 * The client talks to 192.0.2.1:80, whose owner is a or b.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ipv4Address, mac } from 'scapy-ts';
import type { Reply } from '../../reference/control/command.ts';
import { CONTROL_UDP_PORT } from '../../reference/control/frame.ts';
import { openListener } from '../../reference/host/connection.ts';
import type { ConnectionEnds } from '../../reference/host/export.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { raiseLab, removeStaleLabs } from '../../reference/host/lab.ts';
import type { Link, LinkEnd } from '../../reference/host/topology.ts';
import type { RingControl } from '../../reference/host/ring/control.ts';
import {
  CONTROL_ADDRESS,
  CONTROL_MAC,
  openRingControl,
} from '../../reference/host/ring/control.ts';
import { startRingSwitch } from '../../reference/host/ring/ring-process.ts';
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
import type { LockMode } from '../../reference/switch/config.ts';
import type { Deltas, Owner, Rule } from '../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import { KERNEL_MAX_MS } from './bed.ts';

const VIRTUAL = { address: ipv4Address('192.0.2.1'), port: 80 };
const CLIENT_ADDRESS = ipv4Address('192.0.2.9');
const CLIENT_MAC = '02:00:00:00:00:c1';
const CONTROLLER_MAC = '02:00:00:00:00:0c';
const CONTROL_LOCAL = { address: ipv4Address('169.254.80.1'), port: CONTROL_UDP_PORT };

/** Those who can own a connection. */
export type OwnerName = 'a' | 'b';

/** Where they are. */
export const OWNERS: Readonly<Record<OwnerName, Owner>> = {
  a: { address: ipv4Address('192.0.2.21'), port: 8080, mac: mac('02:00:00:00:00:0a') },
  b: { address: ipv4Address('192.0.2.22'), port: 8080, mac: mac('02:00:00:00:00:0b') },
};

/** The network with its switch. */
export interface RingBed {
  readonly lab: Lab;
  readonly control: RingControl;
  /** What the switch has said of its losses. */
  complaints(): string;
  /** Kills the switch as if its power failed, and starts another, which knows some rules. */
  restart(rules: readonly Rule[]): Promise<void>;
  down(): void;
}

/** How the network is made. */
export interface RingBedOptions {
  readonly lock?: LockMode;
  readonly lockLeaseMs?: number;
  /** False: every frame is as on a wire. */
  readonly hasOffloads?: boolean;
}

const DEVICES = ['to-client', 'to-a', 'to-b'] as const;

/** Raises it; the caller takes it down. */
export async function raiseRingBed(name: string, options: RingBedOptions = {}): Promise<RingBed> {
  removeStaleLabs();
  const { hasOffloads = true, ...chosen } = options;
  const lab = raiseNetwork(name, hasOffloads);
  let complaints = '';
  const start = async (rules: readonly Rule[]): Promise<ChildProcess> => {
    const devices = { devices: DEVICES, puntDevice: 'to-punt', controlDevice: 'to-control' };
    const commands = rules.map((rule) => ({ op: 'add', rule, epoch: 1 }) as const);
    const child = await startRingSwitch(lab, 'switch', { ...devices, ...chosen }, commands);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    return child;
  };
  try {
    let child = await start([]);
    const control = lab.inside('controller', () => openRingControl(CONTROL_LOCAL));
    return {
      lab,
      control,
      complaints: () => complaints,
      async restart(rules) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
        child = await start(rules);
      },
      down() {
        control.close();
        lab.down();
      },
    };
  } catch (error) {
    lab.down();
    throw error;
  }
}

function raiseNetwork(name: string, hasOffloads: boolean): Lab {
  const settings = { 'ipv6.conf.default.disable_ipv6': 1 };
  const toClient = `192.0.2.9 lladdr ${CLIENT_MAC} dev eth0`;
  const link = (end: LinkEnd): Link => ({
    ends: [end, { host: 'switch', device: `to-${end.device === 'eth0' ? end.host : end.device}` }],
    hasOffloads,
  });
  const host = (called: string, last: string, address: string): LinkEnd => ({
    host: called,
    device: 'eth0',
    mac: `02:00:00:00:00:${last}`,
    addresses: [`${address}/24`],
  });
  return raiseLab({
    name,
    hosts: {
      client: { settings, neighbours: [`192.0.2.1 lladdr ${CONTROLLER_MAC} dev eth0`] },
      switch: { settings },
      controller: {
        settings,
        neighbours: [`${CONTROL_ADDRESS} lladdr ${CONTROL_MAC} dev control`],
      },
      a: { settings, neighbours: [toClient] },
      b: { settings, neighbours: [toClient] },
    },
    links: [
      link(host('client', 'c1', '192.0.2.9')),
      link(host('a', '0a', '192.0.2.21')),
      link(host('b', '0b', '192.0.2.22')),
      link({ host: 'controller', device: 'control', addresses: ['169.254.80.1/24'] }),
      link({ host: 'controller', device: 'punt' }),
    ],
  });
}

/** The rule of the connection from the client's `port`. */
export function ruleOf(port: number, deltas: Deltas = NO_DELTAS): Rule {
  const client = { address: CLIENT_ADDRESS, port };
  return { key: { client, virtual: VIRTUAL }, owner: OWNERS.a, deltas, locked: false };
}

/** Adds the rule, and connects: the descriptors of the client and of its owner, a. */
export function dialRing(
  { lab, control }: RingBed,
  rule: Rule,
): { readonly client: number; readonly owner: number } {
  accept(control.execute({ op: 'add', rule, epoch: 1 }));
  const listener = lab.inside('a', () => openListener(OWNERS.a));
  try {
    const client = lab.inside('client', () => openSocket(AF_INET, SOCK_STREAM));
    bindSocket(client, rule.key.client);
    connectSocket(client, rule.key.virtual);
    if ((poll(listener, POLLIN, KERNEL_MAX_MS) & POLLIN) === 0) throw new Error('no connection');
    return { client, owner: acceptSocket(listener) };
  } finally {
    closeDescriptor(listener);
  }
}

/** Throws where the switch refused. */
export function accept(reply: Reply): Reply {
  if (!reply.ok) throw new Error(`${reply.op}: ${reply.detail}`);
  return reply;
}

/** The ends as another owner has them. */
export function endsAt(owner: OwnerName, { remote }: ConnectionEnds): ConnectionEnds {
  const { address, port } = OWNERS[owner];
  return { local: { address, port }, remote };
}

/** A counter of the TCP of a host, from /proc/net/snmp or netstat. */
export function counter(lab: Lab, host: string, group: 'Tcp' | 'TcpExt', name: string): number {
  const file = `/proc/thread-self/net/${group === 'Tcp' ? 'snmp' : 'netstat'}`;
  const text = lab.inside(host, () => readFileSync(file, 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith(`${group}:`));
  return Number(values.split(' ')[names.split(' ').indexOf(name)]);
}
