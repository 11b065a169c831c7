/** Connections that Node.js has, gives away and takes. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import test from 'ava';
import {
  adoptConnection,
  descriptorOf,
  openListener,
  releaseConnection,
} from '../../reference/host/connection.ts';
import { receiveDescriptor, sendDescriptor } from '../../reference/host/descriptor.ts';
import type { ConnectionEnds } from '../../reference/host/export.ts';
import { closeExported, exportConnection } from '../../reference/host/export.ts';
import { openFacade } from '../../reference/host/facade.ts';
import type { Lab } from '../../reference/host/lab.ts';
import {
  closeDescriptor,
  connectSocket,
  endOf,
  openSocket,
  openSocketPair,
  poll,
  POLLIN,
  send,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import { AF_INET, AF_UNIX } from '../../reference/host/socket-address.ts';
import { dial, hangUp, isKernelOurs, KERNEL_MAX_MS, raiseBed, VIRTUAL } from './bed.ts';
import { until } from './bed.ts';
import { imported } from './migrate.ts';
import { readAll, talker, write } from './talker.ts';

let bed: Lab | undefined;
test.after.always(() => bed?.down());

function lab(): Lab {
  bed ??= raiseBed('connection');
  return bed;
}

function endsOf(fd: number): ConnectionEnds {
  const local = endOf(fd, 'getsockname');
  const remote = endOf(fd, 'getpeername');
  if (local === undefined || remote === undefined) throw new Error('no addresses');
  return { local, remote };
}

/** The socket of `fd`, whose requests an HTTP server of that name answers. */
function serve(name: string, fd: number): Socket {
  const server = createHttpServer((request, response) => {
    response.end(`${name} ${request.url} ${request.socket.remoteAddress}\n`);
  });
  const socket = adoptConnection(fd);
  const facade = openFacade(endsOf(fd), {
    write: (octets, done) => void socket.write(octets, () => done()),
    end: () => void socket.end(),
  });
  server.emit('connection', facade.stream);
  socket.on('data', (octets) => facade.feed(octets));
  return socket;
}

test.serial('two HTTP servers in two namespaces answer on one connection', async (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const browser = adoptConnection(client);
  let came = '';
  browser.on('data', (octets) => (came += String(octets)));
  browser.write('GET /one HTTP/1.1\r\nHost: x\r\n\r\n');
  const first = serve('first', owner);
  await until('first answer', () => came.includes('first /one 192.0.2.9\n'));
  const released = releaseConnection(first);
  if (!released.ok) throw new Error(released.error.kind);
  const taken = exportConnection(released.value.fd, released.value.drained);
  if (!taken.ok) throw new Error(taken.error.kind);
  closeExported(taken.value);
  const second = serve('second', imported(t, lab(), 'b', taken.value));
  browser.write('GET /two HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('second answer', () => came.includes('second /two 192.0.2.9\n'));
  t.is(came.split('HTTP/1.1 200 OK').length - 1, 2);
  browser.destroy();
  second.destroy();
});

test.serial('what Node.js has read and nobody has used is the first that is unread', async (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  const socket = adoptConnection(owner);
  write(ends.client, 1000);
  await until('octets in Node.js', () => socket.readableLength === 1000);
  let wasGiven = false;
  socket.on('data', () => (wasGiven = true)).pause();
  // In this tick, Node.js cannot read them any more.
  write(ends.client, 500);
  t.not(poll(descriptorOf(socket) ?? -1, POLLIN, KERNEL_MAX_MS), 0);
  const released = releaseConnection(socket);
  if (!released.ok) throw new Error(released.error.kind);
  t.is(released.value.drained.length, 1000);
  const taken = exportConnection(released.value.fd, released.value.drained);
  if (!taken.ok) throw new Error(taken.error.kind);
  t.is(taken.value.snapshot.unread.length, 1500);
  closeExported(taken.value);
  ends.owner.fd = imported(t, lab(), 'b', taken.value);
  readAll(t, ends.owner, ends.client);
  write(ends.owner, 10);
  readAll(t, ends.client, ends.owner);
  t.false(wasGiven);
  t.true(socket.destroyed);
  hangUp(client, ends.owner.fd);
});

test.serial('a released connection lives on when its socket is gone', async (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const socket = adoptConnection(owner);
  const closed = once(socket, 'close');
  const released = releaseConnection(socket);
  if (!released.ok) throw new Error(released.error.kind);
  await closed;
  const ends = { client: talker('client', client), owner: talker('owner', released.value.fd) };
  write(ends.client, 100);
  readAll(t, ends.owner, ends.client);
  write(ends.owner, 100);
  readAll(t, ends.client, ends.owner);
  hangUp(client, ends.owner.fd);
});

test.serial('a socket with octets that the kernel has not taken is kept', (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const socket = adoptConnection(owner);
  const octets = 20_000_000;
  socket.write(new Uint8Array(octets));
  t.deepEqual(releaseConnection(socket), {
    ok: false,
    error: { kind: 'pending-writes', octets },
  });
  t.false(socket.destroyed);
  socket.destroy();
  t.deepEqual(releaseConnection(socket), { ok: false, error: { kind: 'closed' } });
  t.is(descriptorOf(socket), undefined);
  hangUp(client);
});

test.serial('a server listens in a namespace in which this process is not', async (t) => {
  if (!isKernelOurs(t)) return;
  const local = { ...VIRTUAL[4], port: 8080 };
  const server = createServer((socket) => socket.end('hello'));
  server.listen({ fd: lab().inside('b', () => openListener(local)) });
  await once(server, 'listening');
  t.like(server.address(), { port: 8080 });
  const fd = lab().inside('b', () => openSocket(AF_INET, SOCK_STREAM));
  connectSocket(fd, local);
  const socket = adoptConnection(fd);
  const [octets] = await once(socket, 'data');
  t.is(String(octets), 'hello');
  socket.destroy();
  server.close();
  t.throws(() => openListener(local), { message: 'bind: EADDRNOTAVAIL' });
});

test('a descriptor goes over a socket with its octets', (t) => {
  if (!isKernelOurs(t)) return;
  const [near, far] = openSocketPair(AF_UNIX, SOCK_STREAM);
  const [passed, other] = openSocketPair(AF_UNIX, SOCK_STREAM);
  t.is(sendDescriptor(near, passed, Buffer.from('take this')), 9);
  closeDescriptor(passed);
  const received = receiveDescriptor(far, 100);
  t.is(String(received.octets), 'take this');
  if (received.fd === undefined) throw new Error('no descriptor');
  send(received.fd, Buffer.from('still open'));
  t.is(String(receiveDescriptor(other, 100).octets), 'still open');
  send(near, Buffer.from('alone'));
  const alone = receiveDescriptor(far, 100);
  t.is(alone.fd, undefined);
  t.is(String(alone.octets), 'alone');
  closeDescriptor(near);
  t.is(receiveDescriptor(far, 100).octets.length, 0);
  for (const fd of [far, other, received.fd]) closeDescriptor(fd);
});
