/**
 * Frames through the ring switch one by one, put in and taken out as this kernel has them.
 *
 *   far0 ═══ near0 │ ring switch │ near1 ═══ far1
 */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import {
  build,
  ether,
  ipv4,
  ipv4Address,
  layer,
  mac,
  parse,
  pseudoHeaderSum,
  raw,
  tcp,
  verifyChecksums,
} from 'scapy-ts';
import { deviceIndex } from '../../reference/host/bpf/device.ts';
import { raiseLab } from '../../reference/host/lab.ts';
import { completeChecksum } from '../../reference/host/ring/offload.ts';
import type { Port } from '../../reference/host/ring/port.ts';
import { openPort } from '../../reference/host/ring/port.ts';
import type { RingOptions, RingSwitch } from '../../reference/host/ring/ring-switch.ts';
import { openRingSwitch } from '../../reference/host/ring/ring-switch.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { writeUint16 } from '../../reference/tcp/word.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import { poll, POLLIN } from '../../reference/host/socket.ts';
import { isKernelOurs } from './bed.ts';
import { ruleOf } from './ring-bed.ts';

const FRAMES_MAX = 1000;
const SIZE = { slots: 64, frameOctetsMax: 65_553 };
const CLIENT = '02:00:00:00:00:c1';
const OWNER = '02:00:00:00:00:0a';
const IPS = { kind: 'ipv4', src: ipv4Address('192.0.2.9'), dst: ipv4Address('192.0.2.1') } as const;
const ARRIVAL_MAX_MS = 1000;
const PORT = 40_000;

interface Wires {
  readonly lab: Lab;
  readonly ring: RingSwitch;
  readonly far: readonly [Port, Port];
  /** Puts one frame in at port 0, and takes the one that comes out at port 1. */
  readonly pass: (frame: Uint8Array, offload?: Uint8Array) => Arrival;
}

interface Arrival {
  readonly frame: Uint8Array;
  readonly offload: Uint8Array;
}

function arrivals(port: Port): readonly Arrival[] {
  const found: Arrival[] = [];
  poll(port.fd, POLLIN, ARRIVAL_MAX_MS);
  port.drain(FRAMES_MAX, (frame, offload) => {
    found.push({ frame: Uint8Array.from(frame), offload: Uint8Array.from(offload) });
  });
  return found;
}

function onlyOne([first, ...more]: readonly Arrival[]): Arrival {
  if (first !== undefined && more.length === 0) return first;
  throw new Error(`${more.length + Number(first !== undefined)} frames came out`);
}

function withWires(
  t: ExecutionContext,
  options: Partial<RingOptions>,
  work: (wires: Wires) => void,
): void {
  if (!isKernelOurs(t)) return;
  const settings = { 'ipv6.conf.default.disable_ipv6': 1 };
  const lab = raiseLab({
    name: 'ring-frames',
    hosts: { near: { settings }, far: { settings } },
    links: [0, 1].map((port) => ({
      ends: [
        { host: 'near', device: `near${port}` },
        { host: 'far', device: `far${port}` },
      ],
    })),
  });
  t.teardown(() => lab.down());
  const open = (port: number): Port =>
    lab.inside('far', () => openPort(deviceIndex(`far${port}`), SIZE));
  const far = [open(0), open(1)] as const;
  const ring = lab.inside('near', () =>
    openRingSwitch({ devices: ['near0', 'near1'], slots: SIZE.slots, ...options }),
  );
  try {
    work({
      lab,
      ring,
      far,
      pass(frame, offload) {
        far[0].transmit(frame, offload);
        t.is(ring.turn(ARRIVAL_MAX_MS), 1);
        return onlyOne(arrivals(far[1]));
      },
    });
  } finally {
    ring.close();
    for (const port of far) port.close();
  }
}

/** A segment of the client; `tags` stand behind the addresses. */
function segment(payloadOctets: number, tags: readonly number[] = []): Uint8Array {
  const frame = build([
    ether({ src: mac(CLIENT), dst: mac(OWNER) }),
    ipv4({ src: IPS.src, dst: IPS.dst }),
    tcp({ srcPort: PORT, dstPort: 80, flags: 'A', seq: 1, ack: 1 }),
    raw(Uint8Array.from({ length: payloadOctets }, (_, at) => at * 7)),
  ]);
  return Uint8Array.from([...frame.subarray(0, 12), ...tags, ...frame.subarray(12)]);
}

/** The header of a frame whose checksum, and more, is left to do. */
function offloadOf(tagOctets: number, segmentOctets: number): Uint8Array {
  const words = Uint16Array.of(0, 54 + tagOctets, segmentOctets, 34 + tagOctets, 16);
  const octets = new Uint8Array(words.buffer);
  octets[0] = 1;
  octets[1] = segmentOctets === 0 ? 0 : 1;
  return octets;
}

/** A frame as the kernel gives it away that has not computed its checksum, nor cut it. */
function unfinished(payloadOctets: number, tags: readonly number[]): Uint8Array {
  const frame = segment(payloadOctets, tags);
  writeUint16(frame, 50 + tags.length, pseudoHeaderSum(IPS, 6, 20 + payloadOctets));
  return frame;
}

/** Payload, and the size of the segments that it stands for. */
const FRAMES = [
  [60_000, 1460],
  [1001, 0],
] as const;
const CUSTOMER = [0x81, 0x00, 0x60, 0x07];
const SERVICE = [0x88, 0xa8, 0x00, 0x09];

test.serial('PRISM-FWD-09 tags, which the kernel takes out, are where they were', (t) => {
  withWires(t, {}, ({ pass }) => {
    for (const tags of [[], CUSTOMER, SERVICE, [...SERVICE, ...CUSTOMER]]) {
      const frame = segment(100, tags);
      t.deepEqual([...pass(frame).frame], [...frame]);
    }
  });
});

for (const lock of ['drop', 'hold'] as const) {
  test.serial(`what is left to do with a frame is left to do behind the switch, ${lock}`, (t) => {
    withWires(t, { lock }, ({ ring, pass }) => {
      const deltas = { ...NO_DELTAS, clientSeq: 0x89ab_cdef };
      ring.execute({ op: 'add', rule: ruleOf(PORT, deltas), epoch: 1 });
      for (const tags of [[], CUSTOMER]) {
        for (const [payloadOctets, segmentOctets] of FRAMES) {
          const offload = offloadOf(tags.length, segmentOctets);
          const out = pass(unfinished(payloadOctets, tags), offload);
          t.is(out.frame.length, 54 + tags.length + payloadOctets);
          t.deepEqual([...out.offload.subarray(4)], [...offload.subarray(4)]);
          t.is(out.offload[1], offload[1]);
          completeChecksum(out.frame, out.offload);
          t.deepEqual(
            verifyChecksums(out.frame).map(({ valid }) => valid),
            [true, true],
          );
          const { layers } = parse(out.frame);
          t.is(layer(layers, 'tcp')?.seq, 0x89ab_cdf0);
          t.is(layer(layers, 'tcp')?.dstPort, 8080);
        }
      }
    });
  });
}

test.serial(
  'PRISM-FWD-01 what no rule matches is not mended, though its checksum is to do',
  (t) => {
    withWires(t, {}, ({ pass }) => {
      const frame = unfinished(3000, []);
      writeUint16(frame, 50, 0x1234);
      t.deepEqual([...pass(frame, offloadOf(0, 1460)).frame], [...frame]);
    });
  },
);

test.serial('what others send at a device of the switch has not come in', (t) => {
  withWires(t, {}, ({ lab, ring, far }) => {
    const other = lab.inside('near', () => openPort(deviceIndex('near0'), SIZE));
    other.transmit(segment(10));
    other.close();
    t.is(arrivals(far[0]).length, 1);
    t.is(ring.turn(20), 0);
  });
});

test.serial('a switch that is closed says so', (t) => {
  withWires(t, {}, ({ ring }) => {
    ring.close();
    for (const use of [() => ring.turn(0), () => ring.counters()]) {
      t.throws(use, { message: 'the port is closed' });
    }
  });
});

test.serial('what is held leaves as it came, whatever came after it', (t) => {
  withWires(t, { lock: 'hold' }, ({ ring, far }) => {
    const rule = ruleOf(PORT);
    ring.execute({ op: 'add', rule: { ...rule, locked: true }, epoch: 1 });
    far[0].transmit(unfinished(30_000, []), offloadOf(0, 1000));
    t.is(ring.turn(ARRIVAL_MAX_MS), 1);
    // Twice round the ring: the slot has another frame now.
    for (let count = 0; count < 200; count += 1) {
      far[0].transmit(segment(0, SERVICE).fill(0xee, 12));
      ring.turn(ARRIVAL_MAX_MS);
      far[1].drain(FRAMES_MAX, () => {});
    }
    ring.execute({ op: 'unlock', key: rule.key, epoch: 1 });
    const out = onlyOne(arrivals(far[1]));
    completeChecksum(out.frame, out.offload);
    t.true(verifyChecksums(out.frame).every(({ valid }) => valid));
    t.deepEqual(out.frame.subarray(54), segment(30_000).subarray(54));
    t.is(out.offload[1], 1);
  });
});

test.serial('frames for which there is no room are counted, each of them', (t) => {
  withWires(t, {}, ({ ring, far }) => {
    for (let count = 0; count < 300; count += 1) far[0].transmit(segment(10));
    let taken = 0;
    for (let turn = ring.turn(ARRIVAL_MAX_MS); turn > 0; turn = ring.turn(10)) taken += turn;
    const { lost } = ring.counters();
    t.true(taken >= SIZE.slots && taken < 300);
    t.deepEqual(lost, { 'no-slot': 300 - taken });
    t.is(arrivals(far[1]).length, taken);
  });
});

test.serial('frames that a device does not take are counted by its reason', (t) => {
  withWires(t, {}, ({ lab, ring, far }) => {
    lab.ip('near', 'link set near1 mtu 1000');
    far[0].transmit(segment(1400));
    t.is(ring.turn(ARRIVAL_MAX_MS), 1);
    t.deepEqual(ring.counters().lost, { EMSGSIZE: 1 });
    lab.ip('near', 'link set near1 down');
    far[0].transmit(segment(100));
    t.is(ring.turn(ARRIVAL_MAX_MS), 1);
    t.deepEqual(ring.counters().lost, { EMSGSIZE: 1, ENETDOWN: 1 });
    // That a device is down is said once, and is no reason to be busy.
    ring.turn(50);
    const start = performance.now();
    t.is(ring.turn(50), 0);
    t.true(performance.now() - start > 40);
    lab.ip('near', 'link set near1 up');
    far[0].transmit(segment(100));
    t.is(ring.turn(ARRIVAL_MAX_MS), 1);
    t.is(arrivals(far[1]).length, 1);
  });
});

test.serial('a device that is not there is named', (t) => {
  if (!isKernelOurs(t)) return;
  t.throws(() => openRingSwitch({ devices: ['no-such-device'] }), {
    message: /no-such-device: ENODEV/u,
  });
});
