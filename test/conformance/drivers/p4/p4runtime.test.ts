/** A switch at an address: frames are waited for; what it does not do as it should is a fault. */
import { Server, type ServerDuplexStream } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { NO_DELTAS } from '../../../../conformance/driver/deltas.ts';
import {
  DriverFault,
  NotSupported,
  type Command,
  type Device,
} from '../../../../conformance/driver/device.ts';
import { openP4Runtime } from '../../../../conformance/drivers/p4/bmv2.ts';
import { METHODS } from '../../../../hardware/p4runtime/grpc/protocol.ts';
import {
  bind,
  startSwitch,
  type FakeSwitch,
  type Manners,
} from '../../../hardware/p4runtime/fake-switch.ts';

const NOBODY = '127.0.0.1:1';
const SHORT_MS = 1500;
const BURST_MAX = 64;

const ADD: Command = {
  op: 'add',
  rule: {
    client: { address: '192.0.2.10', port: 40_000 },
    virtual: { address: '198.51.100.1', port: 80 },
    owner: { address: '10.0.0.21', port: 8080, mac: '02:00:00:00:00:b1' },
    deltas: NO_DELTAS,
    locked: false,
  },
  epoch: 1,
};

const request = z.object({ id: z.string(), port: z.int(), packet: z.instanceof(Uint8Array) });
type Stream = ServerDuplexStream<object, object>;

/** A data plane that lets out what came in one port further on, and only when it is asked to end. */
async function startPlane(t: ExecutionContext): Promise<{
  readonly address: string;
  readonly bursts: readonly number[];
  readonly server: Server;
}> {
  const server = new Server();
  const bursts: number[] = [];
  const packetStream = (stream: Stream): void => {
    const held: object[] = [];
    stream.on('error', () => {});
    stream.on('data', (each: object) => {
      const { id, port, packet } = request.parse(each);
      held.push({ id, port: port + 1, packet });
    });
    stream.on('end', () => {
      bursts.push(held.length);
      for (const each of held) stream.write(each);
      stream.end();
    });
  };
  server.addService({ packetStream: METHODS.packetStream }, { packetStream });
  t.teardown(() => server.forceShutdown());
  return { address: `127.0.0.1:${await bind(server)}`, bursts, server };
}

interface Opened {
  readonly device: Device;
  readonly fake: FakeSwitch;
  readonly plane: Awaited<ReturnType<typeof startPlane>>;
}

async function open(
  t: ExecutionContext,
  manners: Manners = {},
  addresses: { readonly address?: string; readonly dataPlane?: string } = {},
): Promise<Opened> {
  const fake = await startSwitch(manners);
  const plane = await startPlane(t);
  const device = openP4Runtime({
    name: 'box',
    vendor: 'nobody',
    address: fake.address,
    dataPlane: plane.address,
    deviceId: 3n,
    electionId: 7n,
    timeoutMs: SHORT_MS,
    ...addresses,
  });
  t.teardown(async () => {
    await device.close();
    fake.die();
  });
  return { device, fake, plane };
}

test('it is told who it is, gets prism.p4 and a group of all bridged ports', async (t) => {
  const { device, fake } = await open(t);
  t.like(await device.hello(), { name: 'box', vendor: 'nobody', version: 'P4Runtime 1.4.0' });
  t.deepEqual(
    fake.asked.map(({ method }) => method),
    ['stream', 'setPipeline', 'write'],
  );
  const replica = z.object({ instance: z.int(), port: z.instanceof(Uint8Array) });
  const group = z.object({ multicastGroupId: z.int(), replicas: z.array(replica) });
  const written = z.object({
    updates: z.tuple([
      z.object({
        entity: z.object({
          packetReplicationEngineEntry: z.object({ multicastGroupEntry: group }),
        }),
      }),
    ]),
  });
  const [{ entity }] = written.parse(fake.asked[2]?.request).updates;
  const { multicastGroupId, replicas } = entity.packetReplicationEngineEntry.multicastGroupEntry;
  t.is(multicastGroupId, 1);
  t.deepEqual(
    replicas.map(({ port }) => [...port]),
    [[0], [1], [2], [3], [4]],
  );
});

test('inject resolves when what leaves has come out, and fills no queue', async (t) => {
  const { device, plane } = await open(t);
  const count = 2 * BURST_MAX + 1;
  await device.inject(
    Array.from({ length: count }, (_, at) => ({ port: 1, frame: Uint8Array.of(at, 2, 3) })),
  );
  const { frames } = await device.collect();
  t.deepEqual(
    frames.map(({ port, frame }) => [port, ...frame]),
    Array.from({ length: count }, (_, at) => [2, at, 2, 3]),
  );
  t.deepEqual(plane.bursts, [BURST_MAX, BURST_MAX, 1]);
  t.deepEqual((await device.collect()).frames, []);
});

test('reset brings the program anew, and forgets the frames', async (t) => {
  const { device, fake } = await open(t);
  await device.inject([{ port: 1, frame: Uint8Array.of(1) }]);
  await device.reset();
  t.is(fake.asked.filter(({ method }) => method === 'setPipeline').length, 2);
  t.deepEqual((await device.collect()).frames, []);
});

test('its clock is its own', async (t) => {
  const { device } = await open(t);
  t.is((await device.hello()).clock, 'real');
  await t.throwsAsync(device.advance(1), { instanceOf: NotSupported });
});

test('a device that is closed leaves nothing open, and was not opened if never asked', async (t) => {
  const { device, fake } = await open(t);
  await device.close();
  t.deepEqual(fake.asked, []);
  await device.hello();
  t.true(fake.isHeld());
  await device.close();
  t.false(fake.isHeld());
});

for (const [title, manners, addresses, reason, told] of [
  [
    'another is primary',
    { arbitration: 'backup' },
    {},
    'not-primary',
    /another controller is pri/u,
  ],
  ['the election id is taken', { arbitration: 'refuse' }, {}, 'not-primary', /Election id alr/u],
  ['it takes no program', { refusesPipeline: true }, {}, 'pipeline', /Error in target/u],
  ['it is no P4Runtime server', { services: 'none' }, {}, 'protocol', /UNIMPLEMENTED/u],
  ['nobody is there', {}, { address: NOBODY }, 'unreachable', /127\.0\.0\.1:1 within 1500 ms/u],
  ['nobody is at its data plane', {}, { dataPlane: NOBODY }, 'unreachable', /127\.0\.0\.1:1 wi/u],
] as const) {
  test(`${title}: a fault, and nothing is left open`, async (t) => {
    const { device, fake } = await open(t, manners, addresses);
    const fault = await t.throwsAsync(device.hello(), { instanceOf: DriverFault, message: told });
    t.is(fault.reason, reason);
    t.notRegex(fault.message, /\n/u);
    await t.throwsAsync(device.command(ADD), { is: fault });
    t.false(fake.isHeld());
  });
}

test('a full table is told with its name', async (t) => {
  const { device } = await open(t, { capacity: 3 });
  const fault = await t.throwsAsync(device.command(ADD), { instanceOf: DriverFault });
  t.is(fault.reason, 'refused');
  t.regex(
    fault.message,
    /box refused to insert an entry of PrismIngress\.prism\.\w+: RESOURCE_EX/u,
  );
});

test('it dies while it is written to', async (t) => {
  const { device } = await open(t, { diesAtWrite: 1 });
  const fault = await t.throwsAsync(device.command(ADD), { instanceOf: DriverFault });
  t.is(fault.reason, 'gone');
});

test('it does not answer a write', async (t) => {
  const { device } = await open(t, { ignoresWrites: true });
  const fault = await t.throwsAsync(device.hello(), { instanceOf: DriverFault });
  t.is(fault.reason, 'gone');
  t.regex(fault.message, /DEADLINE_EXCEEDED/u);
});

test('its data plane dies', async (t) => {
  const { device, plane } = await open(t);
  await device.hello();
  plane.server.forceShutdown();
  const frames = [{ port: 0, frame: Uint8Array.of(1) }];
  for (let tries = 0; tries < 2; tries += 1) {
    const fault = await t.throwsAsync(device.inject(frames), { instanceOf: DriverFault });
    t.is(fault.reason, 'gone');
  }
});
