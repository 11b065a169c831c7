/**
 * The ring switch as a device that speaks prism-dut/1: `ring-device.ts LOCK`, as root.
 *
 *   suite ─▶ far0 ═══ near0 │ ring switch │ near1 ═══ far1 ─▶ suite
 *
 * Each port is a veth pair, and whatever the suite injects or collects has passed this kernel.
 */
import { createInterface } from 'node:readline';
import { encodeCommandFrame } from '../../reference/control/frame.ts';
import { deviceIndex } from '../../reference/host/bpf/device.ts';
import { raiseLab } from '../../reference/host/lab.ts';
import type { Port } from '../../reference/host/ring/port.ts';
import { openPort } from '../../reference/host/ring/port.ts';
import type { RingSwitch } from '../../reference/host/ring/ring-switch.ts';
import { openRingSwitch, RING_CAPABILITIES } from '../../reference/host/ring/ring-switch.ts';
import { syscall } from '../../reference/host/syscall.ts';
import type { LockMode } from '../../reference/switch/config.ts';
import { inCommand, outKey, outStatus } from '../../conformance/drivers/embedded/rules.ts';
import type { Command, Notice } from '../../conformance/driver/device.ts';

interface Ask {
  readonly id: number;
  readonly method: string;
  readonly params: {
    readonly asks?: readonly string[];
    readonly frames?: readonly { readonly port: number; readonly frame: string }[];
    readonly ns?: number;
    readonly command?: Command;
  };
}

const ROLES = ['client0', 'client1', 'controller', 'backend0', 'backend1', 'punt', 'control'];
const BRIDGED = 5;
const SIZE = { slots: 256, frameOctetsMax: 9018 };
const HOLD_FRAMES = 64;
const CAPACITY = 1024;
const FRAMES_PER_ANSWER = 200;
/** A frame is there when the kernel has returned from sending it, or a moment later. */
const QUIET_MS = 2;
const CLAIMS = [
  ...RING_CAPABILITIES,
  'BRIDGE',
  'MATCH',
  'REVERSE',
  'RULES',
  'LOCK',
  'LOCKBOTH',
  'EPOCH',
  'CAPACITY',
  'DELTAS',
  'INBAND',
];

const OPS = ['add', 'lock', 'unlock', 'chown', 'delete'] as const;

const lock: LockMode =
  process.argv[2] === 'punt' || process.argv[2] === 'hold' ? process.argv[2] : 'drop';
const quiet = { 'ipv6.conf.default.disable_ipv6': 1 };
const lab = raiseLab({
  name: 'ring-device',
  hosts: { near: { settings: quiet }, far: { settings: quiet } },
  links: ROLES.map((_, port) => ({
    ends: [
      { host: 'near', device: `near${port}` },
      { host: 'far', device: `far${port}` },
    ],
    mtu: 9000,
    hasOffloads: false,
  })),
});
const far: readonly Port[] = lab.inside('far', () =>
  ROLES.map((_, port) => openPort(deviceIndex(`far${port}`), SIZE)),
);
const waiting = Int32Array.from(far.flatMap(({ fd }) => [fd, 1]));
let nowNs = 0n;
let notices: Notice[] = [];
let left: { port: number; frame: string }[] = [];
const ring: RingSwitch = lab.inside('near', () =>
  openRingSwitch({
    devices: ROLES.slice(0, BRIDGED).map((_, port) => `near${port}`),
    puntDevice: `near${BRIDGED}`,
    controlDevice: `near${BRIDGED + 1}`,
    frameOctetsMax: 9014,
    slots: SIZE.slots,
    lock,
    holdFrames: HOLD_FRAMES,
    capacity: CAPACITY,
    clock: () => nowNs,
    onExpired: ({ key, reason }) => notices.push({ kind: 'expired', key: outKey(key), reason }),
  }),
);

/** Takes what has come out; the order at each port is kept. */
function gather(): void {
  for (const [port, socket] of far.entries()) {
    socket.drain(SIZE.slots, (frame) => {
      left.push({ port, frame: Buffer.from(frame).toString('base64') });
    });
  }
}

function settle(): void {
  do {
    while (ring.turn(0) > 0) gather();
    gather();
  } while (ring.turn(QUIET_MS) > 0 || syscall('poll', [waiting, far.length, 0]) > 0);
}

const METHODS: Readonly<Record<string, (params: Ask['params']) => unknown>> = {
  hello: ({ asks = [] }) => {
    const claims = lock === 'drop' ? CLAIMS : [...CLAIMS, lock.toUpperCase()];
    return {
      protocol: 'prism-dut/1',
      name: `ring-${lock}`,
      ports: Object.fromEntries(ROLES.map((role, port) => [role, port])),
      mtu: 9000,
      capabilities: asks.filter((each) => claims.includes(each)),
      profile: {
        lock,
        capacity: CAPACITY,
        holdFrames: HOLD_FRAMES,
        idleSeconds: 7440,
        leaseMs: 10_000,
      },
      barrier: 'in-order',
      clock: 'virtual',
    };
  },
  reset: () => {
    settle();
    nowNs = 0n;
    ring.reset();
    notices = [];
    left = [];
    return {};
  },
  inject: ({ frames = [] }) => {
    for (const { port, frame } of frames) {
      far[port]?.transmit(Buffer.from(frame, 'base64'));
      // One after the other: between ports the kernel keeps no order.
      if (ring.turn(0) === 0) ring.turn(1);
    }
    settle();
    return {};
  },
  collect: () => {
    settle();
    const frames = left.splice(0, FRAMES_PER_ANSWER);
    return { frames, notices: notices.splice(0), more: left.length > 0 };
  },
  advance: ({ ns = 0 }) => {
    nowNs += BigInt(ns);
    ring.turn(0);
    return {};
  },
  counters: () => ({
    captureLoss: far.reduce((sum, port) => sum + (port.losses()['no-slot'] ?? 0), 0),
  }),
  'control.frame': ({ command }) =>
    command && {
      frame: Buffer.from(encodeCommandFrame(inCommand(command))).toString('base64'),
    },
  'rule.get': () => {
    const reply = ring.execute({ op: 'get' });
    return { rules: reply.ok ? reply.rules.map(outStatus) : [] };
  },
  close: () => ({}),
};

function answer({ id, method, params }: Ask): unknown {
  const known = METHODS[method];
  if (known !== undefined) return { jsonrpc: '2.0', id, result: known(params) };
  const op = OPS.find((each) => method === `rule.${each}`);
  if (op === undefined) {
    return { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown method' } };
  }
  // The suite is trusted to send what it has published.
  const command: Command = JSON.parse(JSON.stringify({ op, ...params }));
  const reply = ring.execute(inCommand(command));
  const { ok } = reply;
  const result = ok ? { ok } : { ok, error: reply.error, detail: reply.detail };
  return { jsonrpc: '2.0', id, result };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
lab.down();
