/** What is not exported or not imported: refused with a reason, and nothing is left of the try. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import type { Exported } from '../../reference/host/export.ts';
import { closeExported, exportConnection, resumeExported } from '../../reference/host/export.ts';
import { adoptConnection, openListener } from '../../reference/host/connection.ts';
import { importConnection } from '../../reference/host/import.ts';
import type { Lab } from '../../reference/host/lab.ts';
import {
  closeDescriptor,
  openSocket,
  poll,
  POLLIN,
  receive,
  send,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import { AF_INET } from '../../reference/host/socket-address.ts';
import { seqAdd } from '../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../reference/tcp/snapshot.ts';
import { runs } from '../runs.ts';
import { dial, hangUp, isKernelOurs, KERNEL_MAX_MS, raiseBed, until, VIRTUAL } from './bed.ts';
import { exported, imported } from './migrate.ts';
import { read, readAll, talker, write } from './talker.ts';

const MSG_OOB = 1;
const SOCK_DGRAM = 2;
/** Between two exports: each may cost a retransmission timeout. */
const EXPORT_EVERY = 100_000;
const FLOOD_OCTETS = 1_000_000;

let bed: Lab | undefined;
test.after.always(() => bed?.down());

function lab(): Lab {
  bed ??= raiseBed('refusal');
  return bed;
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function refuses(t: ExecutionContext, fd: number, error: object): void {
  t.deepEqual<unknown, unknown>(exportConnection(fd), { ok: false, error });
}

test.serial('a connection whose client has closed its half is refused, and goes on', async (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const socket = adoptConnection(client);
  let came = '';
  socket.on('data', (octets) => (came += String(octets)));
  await new Promise<void>((resolve) => socket.end('request', resolve));
  t.not(poll(owner, POLLIN, KERNEL_MAX_MS), 0);
  t.is(receive(owner, Buffer.alloc(100)), 'request'.length);
  t.not(poll(owner, POLLIN, KERNEL_MAX_MS), 0);
  t.is(receive(owner, Buffer.alloc(100)), 0);
  refuses(t, owner, { kind: 'state', state: 'CLOSE-WAIT' });
  send(owner, Buffer.from('response'));
  closeDescriptor(owner);
  await until('the response', () => came === 'response');
  socket.destroy();
});

test.serial('what is no established connection is refused', (t) => {
  if (!isKernelOurs(t)) return;
  const listener = lab().inside('a', () => openListener({ ...VIRTUAL[4], port: 81 }));
  refuses(t, listener, { kind: 'state', state: 'LISTEN' });
  closeDescriptor(listener);
  const fresh = openSocket(AF_INET, SOCK_STREAM);
  refuses(t, fresh, { kind: 'state', state: 'CLOSED' });
  closeDescriptor(fresh);
  const datagrams = openSocket(AF_INET, SOCK_DGRAM);
  refuses(t, datagrams, { kind: 'syscall', call: 'TCP_INFO', errno: 'ENOTSUP' });
  closeDescriptor(datagrams);
  refuses(t, datagrams, { kind: 'syscall', call: 'TCP_INFO', errno: 'EBADF' });
});

test.serial('a peer that takes less than the kernel can be told is refused', (t) => {
  if (!isKernelOurs(t)) return;
  const route = 'route change 192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.9';
  lab().ip('client', `${route} advmss 64`);
  const { client, owner } = dial(lab());
  lab().ip('client', route);
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  refuses(t, owner, { kind: 'peer-mss', octets: 64 });
  write(ends.owner, 1000);
  readAll(t, ends.client, ends.owner);
  hangUp(client, owner);
});

test.serial('urgent data that nobody has read are refused, and the connection goes on', (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  write(ends.client, 100);
  send(client, Uint8Array.of(0x21), MSG_OOB);
  t.not(poll(owner, POLLIN | 2, KERNEL_MAX_MS) & 2, 0);
  refuses(t, owner, { kind: 'urgent' });
  t.is(read(t, ends.owner, 100), 100);
  write(ends.client, 100);
  readAll(t, ends.owner, ends.client);
  write(ends.owner, 100);
  readAll(t, ends.client, ends.owner);
  hangUp(client, owner);
});

test.serial('PRISM-MIG-03 octets that flood in during an export are not lost', async (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  let fd = owner;
  // Another process, so that segments come while this one exports.
  const flood = spawn('yes', { stdio: ['ignore', client, 'ignore'] });
  closeDescriptor(client);
  const octets = Buffer.alloc(200_000);
  let [got, wrong, exports] = [0, 0, 0];
  const deadline = Date.now() + 4 * KERNEL_MAX_MS;
  while (got < FLOOD_OCTETS && Date.now() < deadline) {
    if (got >= exports * EXPORT_EVERY) {
      const taken = exported(fd);
      exports += 1;
      wrong += countWrong(taken.snapshot.unread, got);
      if (exports % 3 === 0) {
        resumeExported(taken);
      } else {
        closeExported(taken);
        fd = imported(t, lab(), 'a', taken);
      }
    }
    await sleep(1);
    if ((poll(fd, POLLIN, 0) & POLLIN) === 0) continue;
    const length = receive(fd, octets);
    wrong += countWrong(octets.subarray(0, length), got);
    got += length;
  }
  flood.kill('SIGKILL');
  hangUp(fd);
  t.is(wrong, 0);
  t.true(got >= FLOOD_OCTETS, `${got} octets`);
  t.true(exports >= FLOOD_OCTETS / EXPORT_EVERY / 2, `${exports} exports`);
});

/** Octets that are not those of `y\ny\n…` from octet `from` on. */
function countWrong(octets: Uint8Array, from: number): number {
  return octets.filter((octet, index) => octet !== ((from + index) % 2 === 0 ? 0x79 : 0x0a)).length;
}

/** An exported and silently closed connection. */
function takenConnection(): { readonly taken: Exported; readonly client: number } {
  const { client, owner } = dial(lab());
  const taken = exported(owner);
  closeExported(taken);
  return { taken, client };
}

test.serial('a snapshot that no connection can have is refused, and no descriptor is left', (t) => {
  if (!isKernelOurs(t)) return;
  const { taken, client } = takenConnection();
  const { snapshot, ends } = taken;
  const { negotiated, windows, receiveNext } = snapshot;
  const bad: readonly (readonly [field: string, snapshot: TcpSnapshot])[] = [
    ['peerMss', { ...snapshot, negotiated: { ...negotiated, peerMss: 87 } }],
    ['peerMss', { ...snapshot, negotiated: { ...negotiated, peerMss: 65_536 } }],
    ['peerMss', { ...snapshot, negotiated: { ...negotiated, peerMss: Number.NaN } }],
    ['windowScale.peer', withScale(snapshot, 15, 0)],
    ['windowScale.own', withScale(snapshot, 0, 15)],
    ['windowScale.own', withScale(snapshot, 0, -1)],
    ['windows.sendMax', { ...snapshot, windows: { ...windows, send: 10, sendMax: 9 } }],
    ['windows.receive', { ...snapshot, windows: { ...windows, receive: 2 ** 31 } }],
    ['timestampNow', { ...snapshot, timestampNow: 2 ** 32 }],
    ['unread', { ...snapshot, unread: new Uint8Array(16 * 2 ** 20 + 1) }],
    ['sent + unsent', { ...snapshot, unsent: new Uint8Array(16 * 2 ** 20 + 1) }],
    [
      'windows.receiveUpdate before receiveNext',
      { ...snapshot, windows: { ...windows, receiveUpdate: seqAdd(receiveNext, 1) } },
    ],
    [
      'windows.sendUpdate before the right edge',
      {
        ...snapshot,
        windows: { ...windows, sendUpdate: seqAdd(receiveNext, windows.receive + 1) },
      },
    ],
  ];
  const before = openDescriptors();
  for (const [field, each] of bad) {
    const result = lab().inside('b', () => importConnection(ends, each));
    t.false(result.ok, field);
    if (!result.ok) t.like(result.error, { kind: 'snapshot', field });
  }
  t.is(openDescriptors(), before);
  hangUp(client);
});

function withScale(snapshot: TcpSnapshot, peer: number, own: number): TcpSnapshot {
  return { ...snapshot, negotiated: { ...snapshot.negotiated, windowScale: { peer, own } } };
}

/** Mostly what a connection can have, sometimes what none has. */
function near(most: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: most }) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, most + 1, 2 ** 32) },
  );
}

const NUMBERS = fc.record({
  peerMss: near(65_535),
  peer: near(14),
  own: near(14),
  send: near(2 ** 20),
  sendMore: near(2 ** 20),
  sendUpdate: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  receive: near(2 ** 21),
  receiveUpdate: fc.integer({ min: -(2 ** 20), max: 2 ** 10 }),
  timestampNow: near(2 ** 32 - 1),
  unread: fc.integer({ min: 0, max: 100_000 }),
  sent: fc.integer({ min: 0, max: 100_000 }),
});

test.serial('whatever the numbers of a snapshot: imported, or refused without a trace', (t) => {
  if (!isKernelOurs(t)) return;
  const { taken, client } = takenConnection();
  const { snapshot, ends } = taken;
  const before = openDescriptors();
  let imports = 0;
  const property = fc.property(NUMBERS, (drawn) => {
    const strange: TcpSnapshot = {
      ...snapshot,
      unread: new Uint8Array(drawn.unread),
      sent: new Uint8Array(drawn.sent),
      negotiated: {
        ...snapshot.negotiated,
        peerMss: drawn.peerMss,
        windowScale: { peer: drawn.peer, own: drawn.own },
      },
      windows: {
        send: drawn.send,
        sendMax: drawn.send + drawn.sendMore,
        sendUpdate: seqAdd(snapshot.receiveNext, drawn.sendUpdate),
        receive: drawn.receive,
        receiveUpdate: seqAdd(snapshot.receiveNext, drawn.receiveUpdate),
      },
      timestampNow: drawn.timestampNow,
    };
    const result = lab().inside('b', () => importConnection(ends, strange));
    if (result.ok) {
      imports += 1;
      hangUp(result.value);
      return;
    }
    // What passes the limits is nothing that the kernel finds wrong.
    t.is(result.error.kind, 'snapshot', JSON.stringify(result.error));
  });
  fc.assert(property, runs(200));
  t.is(openDescriptors(), before);
  t.true(imports > 10, `${imports} imports`);
  hangUp(client);
});

test.serial('an import onto a connection that is there leaves that one alone', (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  const taken = exported(owner);
  const before = openDescriptors();
  const result = lab().inside('a', () => importConnection(taken.ends, taken.snapshot));
  t.deepEqual(result, {
    ok: false,
    error: { kind: 'syscall', call: 'connect', errno: 'EADDRNOTAVAIL' },
  });
  t.is(openDescriptors(), before);
  resumeExported(taken);
  write(ends.client, 100);
  write(ends.owner, 100);
  readAll(t, ends.owner, ends.client);
  readAll(t, ends.client, ends.owner);
  hangUp(client, owner);
});
