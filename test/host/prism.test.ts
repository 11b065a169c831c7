/** The real Prism: curl and other clients, real servers, a switch in the kernel. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { isKernelOurs, until } from './bed.ts';
import { isBpfOurs } from './bpf-bed.ts';
import type { PrismBed, PrismBedOptions } from './prism-bed.ts';
import { agentsPresent, metricsOf, raisePrism, SITE } from './prism-bed.ts';
import { connectClient, expected, type Client } from './prism-client.ts';
import { oracle } from '../oracle.ts';

/** A Prism of its own for each test, taken down after it. */
async function prism(
  t: ExecutionContext,
  options: PrismBedOptions = {},
): Promise<PrismBed | undefined> {
  if (!isBpfOurs(t) || !isKernelOurs(t)) return undefined;
  t.timeout(60_000);
  const bed = await raisePrism('prism', options);
  t.teardown(() => bed.down());
  return bed;
}

/** A client that is gone after the test. */
function connect(t: ExecutionContext, bed: PrismBed): Client {
  const client = connectClient(bed);
  t.teardown(() => client.socket.destroy());
  return client;
}

/** Waits until the switch has no rule any more. */
async function rulesGone(bed: PrismBed, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const rules = await bed.rules();
    if (rules.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still ${rules.length} rules`);
    await sleep(20);
  }
}

function backendOf(path: string): string {
  return path.startsWith('/a') ? 'b1' : 'b2';
}

/** Asks for all paths at once, and compares each answer. */
async function fetchAll(
  t: ExecutionContext,
  client: Client,
  paths: readonly string[],
): Promise<void> {
  client.ask(...paths);
  for (const path of paths) {
    t.deepEqual(await client.answer(), expected(backendOf(path), path));
  }
}

test.serial('PRISM-MIG-12 curl fetches from two backends on one connection', async (t) => {
  if (!oracle(t, 'curl')) return;
  const bed = await prism(t);
  if (bed === undefined) return;
  const words = ['curl', '-sS', '-m', '10', '-w', '%{num_connects}\n'];
  const child = bed.lab.start(
    'client',
    [...words, `${SITE}/a/60000`, `${SITE}/b/60000`, `${SITE}/a/60000`],
    ['ignore', 'pipe', 'inherit'],
  );
  const parts: Buffer[] = [];
  child.stdout?.on('data', (octets: Buffer) => parts.push(octets));
  t.deepEqual(await once(child, 'close'), [0, null]);
  const [a, b] = ['b1 /a/60000\n', 'b2 /b/60000\n'].map((mark) => mark.repeat(5000));
  t.is(Buffer.concat(parts).toString(), `${a}1\n${b}0\n${a}0\n`);
  const { migrations, toClients } = await metricsOf(bed);
  t.like(migrations, { 'handed-off': 3, failed: 0 });
  // PRISM-CTRL-04
  t.is(toClients, 0);
  await rulesGone(bed, 5000);
});

test.serial(
  'PRISM-PIPE-06 requests for two backends in one segment are answered in order',
  async (t) => {
    const bed = await prism(t);
    if (bed === undefined) return;
    const client = connect(t, bed);
    const paths = Array.from(
      { length: 20 },
      (_, at) => `/${at % 2 === 0 ? 'a' : 'b'}/${at * 3000}`,
    );
    await fetchAll(t, client, paths);
    client.socket.end();
    await rulesGone(bed, 5000);
  },
);

test.serial('PRISM-MIG-01 200 requests in turn for two backends', async (t) => {
  const bed = await prism(t);
  if (bed === undefined) return;
  const client = connect(t, bed);
  for (let at = 0; at < 200; at += 1) {
    await fetchAll(t, client, [`/${at % 2 === 0 ? 'a' : 'b'}/2000`]);
  }
  const counted = await metricsOf(bed);
  t.log(JSON.stringify({ handOff: counted.handOff, steps: counted.steps }));
  t.is(counted.migrations['handed-off'], 200);
  client.socket.end();
  await rulesGone(bed, 5000);
});

/** Connections that the TCP of a host has accepted. */
function accepted(bed: PrismBed, host: string): number {
  const text = bed.lab.inside(host, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('PassiveOpens')]);
}

test.serial('what is not worth a hand-off is passed on, over few connections', async (t) => {
  const bed = await prism(t, { controller: { unknownOctets: 0 } });
  if (bed === undefined) return;
  const client = connect(t, bed);
  const paths = Array.from({ length: 40 }, (_, at) => `/${at % 2 === 0 ? 'a' : 'b'}/${at * 100}`);
  for (const path of paths) await fetchAll(t, client, [path]);
  await fetchAll(t, client, paths);
  t.is(accepted(bed, 'b1'), 1);
  t.is(accepted(bed, 'b2'), 1);
  // PRISM-MIG-14: a request with FIN behind it.
  client.ask('/a/3000000');
  client.socket.end();
  t.deepEqual(await client.answer(), expected('b1', '/a/3000000'));
  const { migrations, toClients } = await metricsOf(bed);
  t.deepEqual(Object.values(migrations), [0, 0, 0, 0]);
  t.true(toClients > 3_000_000);
  // Now it is known that this path is worth it.
  const other = connect(t, bed);
  await fetchAll(t, other, ['/a/3000000']);
  t.is((await metricsOf(bed)).migrations['handed-off'], 1);
  other.socket.end();
  await rulesGone(bed, 5000);
});

test.serial('a server in another language answers on the descriptor that it gets', async (t) => {
  const bed = await prism(t, { hasServerProcess: true });
  if (bed === undefined) return;
  const client = connect(t, bed);
  await fetchAll(t, client, ['/a/60000', '/a/100', '/b/1000', '/a/3000000', '/b/10', '/a/0']);
  t.like((await metricsOf(bed)).migrations, { 'handed-off': 5, failed: 0 });
  client.socket.end();
  await rulesGone(bed, 5000);
});

test.serial('PRISM-RST-05 a client that resets in the middle leaves no rule', async (t) => {
  const bed = await prism(t, { rate: '100mbit' });
  if (bed === undefined) return;
  const client = connect(t, bed);
  client.ask('/a/50000000');
  await until('a part', () => client.received > 1_000_000);
  client.socket.resetAndDestroy();
  await rulesGone(bed, 5000);
  t.is((await metricsOf(bed)).connections, 0);
});

test.serial(
  'PRISM-CTRL-17 the client of a backend that is killed is told, and its rule goes',
  async (t) => {
    const bed = await prism(t, { rate: '100mbit' });
    if (bed === undefined) return;
    const client = connect(t, bed);
    client.ask('/a/50000000');
    await until('a part', () => client.received > 1_000_000);
    bed.process('b1').kill('SIGKILL');
    await t.throwsAsync(client.answer());
    await rulesGone(bed, 10_000);
    const other = connect(t, bed);
    await fetchAll(t, other, ['/b/1000']);
    other.socket.end();
  },
);

test.serial('PRISM-CTRL-16 a download goes on when the controller is killed', async (t) => {
  const bed = await prism(t, { rate: '200mbit' });
  if (bed === undefined) return;
  const client = connect(t, bed);
  const path = '/a/50000000';
  client.ask(path);
  await until('a part', () => client.received > 1_000_000);
  bed.process('controller').kill('SIGKILL');
  t.deepEqual(await client.answer(), expected('b1', path));
  await bed.start('controller');
  await agentsPresent(bed);
  await fetchAll(t, client, ['/b/1000', '/a/1000']);
  client.socket.end();
  await rulesGone(bed, 5000);
});
