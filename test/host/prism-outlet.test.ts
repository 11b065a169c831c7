/** What is written to a connection: how much at a time, and what can still be taken back. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import test from 'ava';
import { createOutlet } from '../../reference/host/prism/outlet.ts';

/** A connection, the lengths of what is written to it, and what the other end gets until its end. */
async function openPair(): Promise<{
  readonly socket: Socket;
  readonly lengths: readonly number[];
  readonly received: Promise<Buffer>;
}> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const socket = createConnection({ host: '127.0.0.1', port: address.port });
  const [far] = await Promise.all([accepted, once(socket, 'connect')]);
  server.close();
  const lengths: number[] = [];
  const write = socket.write.bind(socket);
  socket.write = (octets: Uint8Array, ...rest: never[]): boolean => {
    lengths.push(octets.length);
    return write(octets, ...rest);
  };
  const parts: Buffer[] = [];
  far.on('data', (octets: Buffer) => parts.push(octets));
  const received = once(far, 'end').then(() => {
    far.destroy();
    return Buffer.concat(parts);
  });
  return { socket, lengths, received };
}

test('what is written in one turn leaves in one write, as far as it is short', async (t) => {
  const { socket, lengths, received } = await openPair();
  const outlet = createOutlet(socket);
  outlet.write(Buffer.from('head '));
  outlet.write(Buffer.from('content'));
  outlet.write(Buffer.alloc(70_000, 0x2e));
  t.is(outlet.waiting, 70_012);
  outlet.end();
  const all = await received;
  t.is(all.toString('latin1', 0, 14), 'head content..');
  t.is(all.length, 70_012);
  t.deepEqual(lengths, [12, 70_000]);
});

test('what is taken back in the same turn is not written, and is not ended', async (t) => {
  const { socket, lengths, received } = await openPair();
  const outlet = createOutlet(socket);
  outlet.write(Buffer.from('moves'));
  outlet.end();
  t.deepEqual(Buffer.concat(outlet.takeRest()).toString(), 'moves');
  t.is(outlet.waiting, 0);
  await new Promise((resolve) => setImmediate(resolve));
  t.false(socket.writableEnded);
  t.deepEqual(lengths, []);
  socket.end();
  t.is((await received).length, 0);
});

test('who writes past the outlet is told when all before it has been written', async (t) => {
  const { socket, received } = await openPair();
  const outlet = createOutlet(socket);
  const long = Buffer.alloc(3_000_000, 'a');
  outlet.write(long.subarray(0, 1_500_000));
  outlet.write(long.subarray(1_500_000));
  await new Promise<void>((done) => {
    outlet.whenWritten(done);
  });
  t.is(outlet.waiting, 0);
  socket.write('b');
  outlet.whenWritten(() => socket.end());
  t.deepEqual(await received, Buffer.concat([long, Buffer.from('b')]));
});

test('who waits for what is taken away is not told', async (t) => {
  const { socket } = await openPair();
  const outlet = createOutlet(socket);
  let isTold = false;
  outlet.write(Buffer.alloc(3_000_000));
  outlet.whenWritten(() => (isTold = true));
  outlet.takeRest();
  while (outlet.waiting > 0) await once(socket, 'drain');
  socket.destroy();
  await once(socket, 'close');
  t.false(isTold);
});
