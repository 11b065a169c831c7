/** The client against a switch that keeps to P4Runtime. */
import test from 'ava';
import type { EntryKey, TableEntry } from '../../../hardware/entry.ts';
import type { P4RuntimeReason } from '../../../hardware/p4runtime/fault.ts';
import { connect } from '../../../hardware/p4runtime/grpc/client.ts';
import { P4INFO } from './program.ts';
import { connectTo, flow, insert, optionsFor, PIPELINE, reject, startFor } from './scaffold.ts';

test('the controller names itself, and is told the version', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  t.is(client.apiVersion, '1.4.0');
  t.like(device.asked, [
    { request: { arbitration: { deviceId: '3', electionId: { high: '5', low: '7' } } } },
  ]);
});

test('a switch of before Capabilities is driven as version 1.0', async (t) => {
  const client = await connectTo(t, await startFor(t, { apiVersion: null }));
  t.is(client.apiVersion, '1.0.0');
});

test('a P4 program is pushed, known again, and another one is refused', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  await reject(t, client.joinPipeline(PIPELINE), 'pipeline', /No forwarding pipeline config/u);
  await client.pushPipeline(PIPELINE);
  t.like(device.asked[1], {
    method: 'setPipeline',
    request: {
      deviceId: '3',
      electionId: { high: '5', low: '7' },
      action: 'VERIFY_AND_COMMIT',
      config: {
        p4DeviceConfig: Buffer.from('{}'),
        cookie: { cookie: '42' },
        p4info: { counters: [{ preamble: { id: 301989889, name: 'Ingress.seen' } }] },
      },
    },
  });
  await client.joinPipeline(PIPELINE);
  await reject(
    t,
    client.joinPipeline({ ...PIPELINE, cookie: 43n }),
    'pipeline',
    /runs another P4 program: its cookie is 42, not 43$/u,
  );
});

test('a switch that does not take the program says why', async (t) => {
  const client = await connectTo(t, await startFor(t, { refusesPipeline: true }));
  await reject(t, client.pushPipeline(PIPELINE), 'pipeline', /INVALID_ARGUMENT Error in target/u);
});

test('P4Info that would not arrive whole is not sent', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  const p4info = { ...P4INFO, externs: [{ externTypeId: 129 }] };
  const pushed = client.pushPipeline({ ...PIPELINE, p4info });
  await reject(t, pushed, 'pipeline', /^P4Info: externs is not supported$/u);
  await reject(t, client.pushPipeline({ ...PIPELINE, p4info: [] }), 'pipeline', /^P4Info: /u);
  t.deepEqual(
    device.asked.map(({ method }) => method),
    ['stream'],
  );
});

test('nothing is written before a program is agreed on', async (t) => {
  const client = await connectTo(t, await startFor(t));
  await reject(t, client.write([insert(flow(1))]), 'pipeline', /no P4 program is agreed on/u);
});

test('entries are written and read', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  await client.pushPipeline(PIPELINE);
  const route: TableEntry = {
    table: 'Ingress.routes',
    match: { dst: { kind: 'lpm', value: 0x0a000000n, prefixBits: 8 } },
    action: 'Ingress.drop',
    params: {},
    idleTimeoutMs: 100,
  };
  t.deepEqual(await client.write([insert(route)]), [{ ok: true }]);
  t.deepEqual(await client.readEntries('Ingress.routes'), [{ entry: route }]);
  const none = { counterData: { packetCount: '0' }, timeSinceLastHit: { elapsedNs: '0' } };
  t.like(device.asked.at(-1), {
    request: { entities: [{ tableEntry: { tableId: 33554434, ...none } }] },
  });
  await client.write([{ kind: 'delete', entry: route }]);
  await client.readEntries('Ingress.flows');
  // Not asked for what the table has not.
  t.like(device.asked.at(-1), {
    request: { entities: [{ tableEntry: { counterData: null, timeSinceLastHit: null } }] },
  });
});

test('of each update it is told what became of it', async (t) => {
  const client = await connectTo(t, await startFor(t, { capacity: 2 }));
  await client.pushPipeline(PIPELINE);
  t.deepEqual(await client.write([1, 1, 2, 3].map((port) => insert(flow(port)))), [
    { ok: true },
    { ok: false, code: 'ALREADY_EXISTS', message: 'code 6, and why it is so' },
    { ok: true },
    { ok: false, code: 'RESOURCE_EXHAUSTED', message: 'code 8, and why it is so' },
  ]);
  t.deepEqual(await client.write([{ kind: 'delete', entry: flow(9) }]), [
    { ok: false, code: 'NOT_FOUND', message: 'code 5, and why it is so' },
  ]);
});

test('a thousand updates that all fail are told one by one', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  await client.pushPipeline(PIPELINE);
  const updates = Array.from({ length: 1000 }, (_, port) => insert(flow(port)));
  t.true((await client.write(updates)).every(({ ok }) => ok));
  const again = await client.write(updates);
  t.is(again.length, 1000);
  t.true(again.every((status) => !status.ok && status.code === 'ALREADY_EXISTS'));
  t.is((await client.readEntries('Ingress.flows')).length, 1000);
});

test('a Write that fails as a whole has failed for all its updates', async (t) => {
  const failsWrites = { code: 8, details: 'no room' };
  const client = await connectTo(t, await startFor(t, { failsWrites }));
  await client.pushPipeline(PIPELINE);
  const failed = { ok: false, code: 'RESOURCE_EXHAUSTED', message: 'no room' } as const;
  t.deepEqual(await client.write([insert(flow(1)), insert(flow(2))]), [failed, failed]);
});

test('a Write that the switch takes from the primary alone, or with a program alone', async (t) => {
  const cases: readonly (readonly [number, P4RuntimeReason])[] = [
    [7, 'not-primary'],
    [9, 'pipeline'],
    [12, 'protocol'],
    [14, 'gone'],
  ];
  for (const [code, reason] of cases) {
    const client = await connectTo(t, await startFor(t, { failsWrites: { code, details: 'no' } }));
    await client.pushPipeline(PIPELINE);
    await reject(t, client.write([insert(flow(1))]), reason, /^the switch at .*: [A-Z_]+ no$/u);
  }
});

test('a switch that miscounts the updates is told so', async (t) => {
  const client = await connectTo(t, await startFor(t, { capacity: 0, miscounts: true }));
  await client.pushPipeline(PIPELINE);
  const wrote = client.write([insert(flow(1)), insert(flow(2))]);
  await reject(t, wrote, 'protocol', /what became of 1 updates, of 2$/u);
});

test('an update that does not fit P4Info is not sent, nor those beside it', async (t) => {
  const device = await startFor(t);
  const client = await connectTo(t, device);
  await client.pushPipeline(PIPELINE);
  const wrote = client.write([insert(flow(1)), insert({ ...flow(2), action: 'Ingress.fly' })]);
  await reject(t, wrote, 'pipeline', /Ingress\.flows: its entries have no action Ingress\.fly/u);
  await reject(t, client.readEntries('Ingress.x'), 'pipeline', /no table is named Ingress\.x/u);
  await reject(t, client.readCounter('Ingress.x'), 'pipeline', /no counter is named Ingress\.x/u);
  t.false(device.asked.some(({ method }) => method === 'write' || method === 'read'));
});

test('the cells of a counter are read in their order', async (t) => {
  const client = await connectTo(t, await startFor(t));
  await client.pushPipeline(PIPELINE);
  t.deepEqual(await client.readCounter('Ingress.seen'), [
    { packets: 0, octets: 0 },
    { packets: 10, octets: 1000 },
    { packets: 20, octets: 2000 },
  ]);
});

test('a multicast group is made, then replaced; ports are written as the version has them', async (t) => {
  const ports = [
    ['1.3.0', { egressPort: 0 }],
    ['1.4.0', { port: Buffer.of(0) }],
    ['1.10.1', { port: Buffer.of(0) }],
  ] as const;
  for (const [apiVersion, port] of ports) {
    const device = await startFor(t, { apiVersion });
    const client = await connectTo(t, device);
    await client.setMulticastGroup(1, [{ port: 0, instance: 9 }]);
    await client.setMulticastGroup(1, []);
    const multicastGroupEntry = { multicastGroupId: 1, replicas: [{ ...port, instance: 9 }] };
    t.like(device.asked.slice(1), [
      {
        request: {
          updates: [
            { type: 'INSERT', entity: { packetReplicationEngineEntry: { multicastGroupEntry } } },
          ],
        },
      },
      { request: { updates: [{ type: 'INSERT' }] } },
      { request: { updates: [{ type: 'MODIFY' }] } },
    ]);
  }
});

test('idle entries are told by their keys', async (t) => {
  const device = await startFor(t);
  const told = new Promise<readonly EntryKey[]>((resolve) => {
    void connect({ ...optionsFor(device.address), onIdle: resolve }).then(async (client) => {
      t.teardown(() => client.close());
      await client.pushPipeline(PIPELINE);
      const exact = { value: Buffer.of(0, 0, 9) };
      const match = [{ fieldId: 2, exact }];
      device.tell({ idleTimeoutNotification: { tableEntry: [{ tableId: 33554433, match }] } });
    });
  });
  t.deepEqual(await told, [
    { table: 'Ingress.flows', match: { port: { kind: 'exact', value: 9n } } },
  ]);
});
