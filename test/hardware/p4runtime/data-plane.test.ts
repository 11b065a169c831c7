/** BMv2's data plane: frames go in and come out, and the end of the switch is told once. */
import { Server, type ServerDuplexStream } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { P4RuntimeError } from '../../../hardware/p4runtime/fault.ts';
import {
  openDataPlane,
  type DataPlane,
  type PortFrame,
} from '../../../hardware/p4runtime/grpc/data-plane.ts';
import { METHODS } from '../../../hardware/p4runtime/grpc/protocol.ts';
import { bind } from './fake-switch.ts';

const DEADLINE_MS = 10_000;
const SHORT_MS = 300;

type Stream = ServerDuplexStream<object, object>;
const frame = z.object({
  id: z.string(),
  deviceId: z.string(),
  port: z.int(),
  packet: z.unknown(),
});

/** A server that does with each frame what `treat` says. */
async function serve(
  t: ExecutionContext,
  treat: (stream: Stream, request: z.output<typeof frame>) => void,
): Promise<{ readonly address: string; readonly server: Server }> {
  const server = new Server();
  const packetStream = (stream: Stream): void => {
    stream.on('error', () => {});
    stream.on('end', () => stream.end());
    stream.on('data', (request: object) => treat(stream, frame.parse(request)));
  };
  server.addService({ packetStream: METHODS.packetStream }, { packetStream });
  t.teardown(() => server.forceShutdown());
  return { address: `127.0.0.1:${await bind(server)}`, server };
}

interface Opened {
  readonly plane: DataPlane;
  /** The next frame that leaves. */
  readonly next: () => Promise<PortFrame>;
  readonly losses: readonly P4RuntimeError[];
  /** Resolves with the first loss. */
  readonly lost: Promise<P4RuntimeError>;
}

async function open(t: ExecutionContext, address: string): Promise<Opened> {
  const losses: P4RuntimeError[] = [];
  let takeFrame = (_frame: PortFrame): void => {};
  let takeLoss = (_error: P4RuntimeError): void => {};
  const lost = new Promise<P4RuntimeError>((resolve) => {
    takeLoss = resolve;
  });
  const plane = await openDataPlane({
    address,
    deviceId: 3n,
    deadlineMs: DEADLINE_MS,
    receive: (each) => takeFrame(each),
    lost: (error) => {
      losses.push(error);
      takeLoss(error);
    },
  });
  t.teardown(() => plane.close());
  const next = async (): Promise<PortFrame> =>
    new Promise((resolve) => {
      takeFrame = resolve;
    });
  return { plane, next, losses, lost };
}

test('a frame that leaves has port, octets and the id of what entered', async (t) => {
  const { address } = await serve(t, (stream, { id, deviceId, port, packet }) => {
    t.is(deviceId, '3');
    stream.write({ id, deviceId, port: port + 1, packet });
  });
  const { plane, next, losses } = await open(t, address);
  const left = next();
  await plane.send({ port: 510, octets: Uint8Array.of(1, 2, 3), id: 2 ** 40 });
  t.like(await left, { port: 511, octets: Buffer.of(1, 2, 3), id: 2 ** 40 });
  await plane.close();
  await plane.close();
  t.deepEqual(losses, []);
});

test('what is under way when the plane is closed comes out', async (t) => {
  const held: z.output<typeof frame>[] = [];
  const { address } = await serve(t, (stream, request) => {
    if (held.push(request) > 1) return;
    stream.prependListener('end', () => held.forEach((each) => stream.write(each)));
  });
  const left: number[] = [];
  const plane = await openDataPlane({
    address,
    deviceId: 3n,
    deadlineMs: DEADLINE_MS,
    receive: ({ id }) => left.push(id),
    lost: (error) => t.fail(error.message),
  });
  for (const id of [1, 2, 3]) await plane.send({ port: 0, octets: Uint8Array.of(id), id });
  await plane.close();
  t.deepEqual(left, [1, 2, 3]);
});

test('a second client is refused, and told so', async (t) => {
  const { address } = await serve(t, (stream) => {
    stream.emit('error', { code: 8, details: 'only one client authorized at a time' });
  });
  const { plane, lost, losses } = await open(t, address);
  await plane.send({ port: 0, octets: Uint8Array.of(1), id: 1 });
  const error = await lost;
  t.is(error.reason, 'rejected');
  t.regex(error.message, /^the data plane at .* has ended: RESOURCE_EXHAUSTED only one client/u);
  await t.throwsAsync(plane.send({ port: 0, octets: Uint8Array.of(1), id: 2 }), { is: error });
  await plane.close();
  t.is(losses.length, 1);
});

test('the switch dies', async (t) => {
  const { address, server } = await serve(t, () => server.forceShutdown());
  const { plane, lost } = await open(t, address);
  await plane.send({ port: 0, octets: Uint8Array.of(1), id: 1 });
  t.is((await lost).reason, 'gone');
});

test('the switch ends the stream in order, which is an end too', async (t) => {
  const { address } = await serve(t, (stream) => stream.end());
  const { plane, lost } = await open(t, address);
  await plane.send({ port: 0, octets: Uint8Array.of(1), id: 1 });
  t.is((await lost).reason, 'gone');
});

test('nobody listens', async (t) => {
  const error = await t.throwsAsync(
    openDataPlane({
      address: '127.0.0.1:1',
      deviceId: 3n,
      deadlineMs: SHORT_MS,
      receive: () => t.fail(),
      lost: () => t.fail(),
    }),
    { instanceOf: P4RuntimeError },
  );
  t.is(error.reason, 'unreachable');
});
