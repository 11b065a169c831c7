/**
 * What one TCP flow gets through the switches of this machine, in Gbit/s.
 *
 * `node --import=./tools/register.mjs bench/ring.ts`, as root: the owner sends to the client, each
 * in a namespace, with the switch in a third; medians of rounds in which the switches take turns. A
 * bridge of the kernel, which translates nothing, is the baseline. Once with frames of up to 64 KiB,
 * and once as on a wire, where each frame is cut and its checksums are complete. The threads of
 * sender and receiver, the kernel and the ring switch share the processors.
 */
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { ipv4Address, mac } from 'scapy-ts';
import type { Command } from '../reference/control/command.ts';
import { CONTROL_UDP_PORT } from '../reference/control/frame.ts';
import { openDataPath } from '../reference/host/bpf/datapath.ts';
import { deviceIndex } from '../reference/host/bpf/device.ts';
import { openListener } from '../reference/host/connection.ts';
import type { Lab } from '../reference/host/lab.ts';
import { raiseLab } from '../reference/host/lab.ts';
import { CONTROL_ADDRESS, CONTROL_MAC, openRingControl } from '../reference/host/ring/control.ts';
import { startRingSwitch } from '../reference/host/ring/ring-process.ts';
import { closeSilently } from '../reference/host/repair.ts';
import {
  acceptSocket,
  bindSocket,
  closeDescriptor,
  connectSocket,
  openSocket,
  poll,
  POLLIN,
  POLLOUT,
  receive,
  send,
  SOCK_STREAM,
} from '../reference/host/socket.ts';
import { AF_INET } from '../reference/host/socket-address.ts';
import type { Deltas, Endpoint } from '../reference/rules/rule.ts';
import { NO_DELTAS } from '../reference/rules/rule.ts';
import type { LockMode } from '../reference/switch/config.ts';

const ROUNDS = 3;
const ROUND_MS = 1500;
const CHUNK_OCTETS = 1 << 18;
/** Received octets are not copied out of the kernel: the switches are measured. */
const MSG_TRUNC = 0x20;
const REGISTER = new URL('../tools/register.mjs', import.meta.url).href;

const CLIENT = { address: ipv4Address('192.0.2.9'), port: 40_000 };
const CLIENT_MAC = '02:00:00:00:00:c1';
const VIRTUAL = { address: ipv4Address('192.0.2.1'), port: 80 };
const OWNER = { address: ipv4Address('192.0.2.21'), port: 8080 };
const OWNER_MAC = '02:00:00:00:00:0b';
const CONTROL_LOCAL = { address: ipv4Address('169.254.80.1'), port: CONTROL_UDP_PORT };
const DEVICES = ['to-client', 'to-owner'];
const SPLICE = { ...NO_DELTAS, clientSeq: 0x9abc_def0, ownerSeq: 0x7654_3211, ownerTimestamp: 77 };

/** Something to send through: what the client connects to, and how it is taken away. */
interface Path {
  readonly virtual: Endpoint;
  readonly down: () => void;
}

type OpenPath = (lab: Lab) => Path | Promise<Path>;

function addRule(deltas: Deltas): Command {
  const key = { client: CLIENT, virtual: VIRTUAL };
  const owner = { ...OWNER, mac: mac(OWNER_MAC) };
  return { op: 'add', rule: { key, owner, deltas, locked: false }, epoch: 1 };
}

function openBridge(lab: Lab): Path {
  lab.ip(
    'switch',
    'link add bridge type bridge mcast_snooping 0',
    ...DEVICES.map((device) => `link set ${device} master bridge`),
    'link set bridge up',
  );
  return { virtual: OWNER, down: () => lab.ip('switch', 'link del bridge') };
}

function openBpf(deltas: Deltas): OpenPath {
  return (lab) => {
    const path = openDataPath();
    lab.inside('switch', () => {
      const [client = 0, owner = 0] = DEVICES.map(deviceIndex);
      path.attach(client);
      path.attach(owner);
      path.addStation(mac(CLIENT_MAC), client);
      path.addStation(mac(OWNER_MAC), owner);
    });
    path.execute(addRule(deltas));
    return { virtual: VIRTUAL, down: () => path.close() };
  };
}

function openRing(deltas: Deltas, lock: LockMode): OpenPath {
  return async (lab) => {
    const options = { devices: DEVICES, controlDevice: 'to-control', lock };
    const child = await startRingSwitch(lab, 'switch', options);
    const control = lab.inside('controller', () => openRingControl(CONTROL_LOCAL));
    control.execute(addRule(deltas));
    const down = (): void => {
      control.close();
      child.kill('SIGKILL');
    };
    return { virtual: VIRTUAL, down };
  };
}

const PATHS: readonly (readonly [name: string, open: OpenPath])[] = [
  ['bridge, no rule', openBridge],
  ['BPF, HANDOFF', openBpf(NO_DELTAS)],
  ['BPF, SPLICE', openBpf(SPLICE)],
  ['ring, HANDOFF', openRing(NO_DELTAS, 'drop')],
  ['ring, SPLICE', openRing(SPLICE, 'drop')],
  ['ring that holds, SPLICE', openRing(SPLICE, 'hold')],
];

function raise(hasOffloads: boolean): Lab {
  const settings = { 'ipv6.conf.default.disable_ipv6': 1 };
  return raiseLab({
    name: 'bench-ring',
    hosts: {
      client: { settings, neighbours: [`192.0.2.1 lladdr ${OWNER_MAC} dev eth0`] },
      switch: { settings },
      owner: { settings },
      controller: { settings, neighbours: [`${CONTROL_ADDRESS} lladdr ${CONTROL_MAC} dev eth0`] },
    },
    links: [
      {
        ends: [
          { host: 'client', device: 'eth0', mac: CLIENT_MAC, addresses: ['192.0.2.9/24'] },
          { host: 'switch', device: 'to-client' },
        ],
        hasOffloads,
      },
      {
        ends: [
          { host: 'owner', device: 'eth0', mac: OWNER_MAC, addresses: ['192.0.2.21/24'] },
          { host: 'switch', device: 'to-owner' },
        ],
        hasOffloads,
      },
      {
        ends: [
          { host: 'controller', device: 'eth0', addresses: ['169.254.80.1/24'] },
          { host: 'switch', device: 'to-control' },
        ],
      },
    ],
  });
}

/** What a thread is to do. */
interface Task {
  readonly role: 'receive' | 'send';
  readonly fd: number;
  /** Where the receiver puts its count. */
  readonly octets: Float64Array;
}

/** One round in Gbit/s. */
async function measure(lab: Lab, virtual: Endpoint): Promise<number> {
  const listener = lab.inside('owner', () => openListener(OWNER));
  const client = lab.inside('client', () => openSocket(AF_INET, SOCK_STREAM));
  bindSocket(client, { ...CLIENT, port: virtual === OWNER ? 0 : CLIENT.port });
  connectSocket(client, virtual);
  poll(listener, POLLIN, ROUND_MS);
  const owner = acceptSocket(listener);
  const octets = new Float64Array(new SharedArrayBuffer(8));
  const start = (task: Task): Worker => {
    const options = { workerData: task, execArgv: [`--import=${REGISTER}`] };
    return new Worker(new URL(import.meta.url), options);
  };
  const sender = start({ role: 'send', fd: owner, octets });
  await once(start({ role: 'receive', fd: client, octets }), 'exit');
  await sender.terminate();
  closeDescriptor(listener);
  // The next round uses the same ports.
  for (const fd of [client, owner]) closeSilently(fd);
  return ((octets[0] ?? 0) * 8) / (ROUND_MS * 1e6);
}

/** Octets that come in one round, from the first one on. */
function receiveFor(fd: number): number {
  const chunk = new Uint8Array(CHUNK_OCTETS);
  receive(fd, chunk, MSG_TRUNC);
  const end = performance.now() + ROUND_MS;
  let octets = 0;
  while (performance.now() < end) octets += receive(fd, chunk, MSG_TRUNC);
  return octets;
}

/** Sends until this thread is ended. */
function sendForever(fd: number): void {
  const chunk = new Uint8Array(CHUNK_OCTETS);
  for (;;) {
    if ((poll(fd, POLLOUT, ROUND_MS) & POLLOUT) !== 0) send(fd, chunk);
  }
}

async function compare(hasOffloads: boolean): Promise<void> {
  const lab = raise(hasOffloads);
  const rates = new Map(PATHS.map(([name]) => [name, new Array<number>()]));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, open] of PATHS) {
        const path = await open(lab);
        rates.get(name)?.push(await measure(lab, path.virtual));
        path.down();
      }
    }
  } finally {
    lab.down();
  }
  console.log(hasOffloads ? '  frames of up to 64 KiB' : '  frames as on a wire');
  for (const [name, all] of rates) {
    const rate = all.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
    console.log(`    ${name.padEnd(24)} ${rate.toFixed(2).padStart(6)} Gbit/s`);
  }
}

if (isMainThread) {
  const [load = 0] = loadavg();
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
  console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}`);
  await compare(true);
  await compare(false);
} else {
  const { role, fd, octets }: Task = workerData;
  if (role === 'receive') octets[0] = receiveFor(fd);
  else sendForever(fd);
}
