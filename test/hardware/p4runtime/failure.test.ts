/** The client where nobody listens, where another is primary, and where the switch dies. */
import { createServer } from 'node:net';
import test from 'ava';
import { connect } from '../../../hardware/p4runtime/grpc/client.ts';
import {
  connectTo,
  flow,
  insert,
  optionsFor,
  PIPELINE,
  reject,
  SHORT_MS,
  startFor,
} from './scaffold.ts';

test('nobody listens', async (t) => {
  const connected = connect(optionsFor('127.0.0.1:1', SHORT_MS));
  await reject(
    t,
    connected,
    'unreachable',
    /127\.0\.0\.1:1 within 1500 ms: .*ECONNREFUSED 127\.0\.0\.1:1\.$/u,
  );
  await reject(t, connect(optionsFor('', SHORT_MS)), 'unreachable', /parse/u);
});

test('who listens speaks something else', async (t) => {
  const server = createServer((socket) => socket.end('220 smtp.example.org\r\n'));
  t.teardown(() => server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const connected = connect(optionsFor(`127.0.0.1:${port}`, SHORT_MS));
  await reject(t, connected, 'unreachable', /within 1500 ms/u);
});

test('another controller is primary', async (t) => {
  const device = await startFor(t, { arbitration: 'backup' });
  const connected = connect(optionsFor(device.address));
  await reject(t, connected, 'not-primary', /is primary at the .*: ALREADY_EXISTS Is backup$/u);
  t.false(device.isHeld());
});

test("the election id is another controller's", async (t) => {
  const device = await startFor(t, { arbitration: 'refuse' });
  const connected = connect(optionsFor(device.address));
  await reject(t, connected, 'not-primary', /INVALID_ARGUMENT Election id already exists$/u);
});

test('what listens speaks gRPC, and not P4Runtime', async (t) => {
  const device = await startFor(t, { services: 'none' });
  const connected = connect(optionsFor(device.address));
  await reject(t, connected, 'protocol', /ends the session: UNIMPLEMENTED/u);
});

test('the switch does not arbitrate', async (t) => {
  const device = await startFor(t, { arbitration: 'silent' });
  const connected = connect(optionsFor(device.address, SHORT_MS));
  await reject(t, connected, 'unreachable', /does not arbitrate within 1500 ms$/u);
});

test('another controller becomes primary, and leaves again', async (t) => {
  const device = await startFor(t);
  let heard = (): void => {};
  const client = await connect({ ...optionsFor(device.address), onIdle: () => heard() });
  t.teardown(() => client.close());
  await client.pushPipeline(PIPELINE);
  const tell = async (status: object): Promise<void> => {
    const told = new Promise<void>((resolve) => {
      heard = resolve;
    });
    device.tell({ arbitration: { status } });
    device.tell({ idleTimeoutNotification: { tableEntry: [] } });
    await told;
  };
  await tell({ code: 6, message: 'Is backup' });
  await reject(t, client.write([insert(flow(1))]), 'not-primary', /another controller is primary/u);
  await tell({ code: 0 });
  t.deepEqual(await client.write([insert(flow(1))]), [{ ok: true }]);
});

test('the switch dies in the middle of a Write, and after it', async (t) => {
  const client = await connectTo(t, await startFor(t, { diesAtWrite: 1 }));
  await client.pushPipeline(PIPELINE);
  t.deepEqual(await client.write([insert(flow(1))]), [{ ok: true }]);
  await reject(
    t,
    client.write([insert(flow(2))]),
    'gone',
    /^the switch at .* does not answer any more: /u,
  );
  await reject(t, client.write([insert(flow(3))]), 'gone', /^the switch at /u);
  await reject(t, client.readEntries('Ingress.flows'), 'gone', /^the switch at /u);
});

test('the switch does not answer', async (t) => {
  const client = await connectTo(t, await startFor(t, { ignoresWrites: true }), SHORT_MS);
  await client.pushPipeline(PIPELINE);
  await reject(t, client.write([insert(flow(1))]), 'gone', /DEADLINE_EXCEEDED/u);
});

test('closing gives up being primary, may be done twice, and ends the client', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  t.true(device.isHeld());
  await client.close();
  t.false(device.isHeld());
  await client.close();
  await reject(t, client.setMulticastGroup(1, []), 'gone', /is over$/u);
});
