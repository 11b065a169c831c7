/** The real Prism: curl and other clients, real servers, a switch in the kernel. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { oracle } from '../oracle.ts';
import { until } from './bed.ts';
import type { Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import { expected } from '../../reference/host/laboratory/client.ts';
import { connect, fetchAll, prism, rulesGone } from './prism-session.ts';

test.serial('PRISM-MIG-12 curl fetches from two backends on one connection', async (t) => {
  if (!oracle(t, 'curl')) return;
  const bed = await prism(t);
  if (bed === undefined) return;
  const words = ['curl', '-sS', '-m', '10', '-w', '%{num_connects}\n'];
  const child = bed.lab.start(
    'c1',
    [...words, `${bed.site}/a/60000`, `${bed.site}/b/60000`, `${bed.site}/a/60000`],
    ['ignore', 'pipe', 'inherit'],
  );
  const parts: Buffer[] = [];
  child.stdout?.on('data', (octets: Buffer) => parts.push(octets));
  t.deepEqual(await once(child, 'close'), [0, null]);
  const [a, b] = ['b1 /a/60000\n', 'b2 /b/60000\n'].map((mark) => mark.repeat(5000));
  t.is(Buffer.concat(parts).toString(), `${a}1\n${b}0\n${a}0\n`);
  const { migrations, toClients } = await bed.metrics();
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
  const counted = await bed.metrics();
  t.log(JSON.stringify({ handOff: counted.handOff, steps: counted.steps }));
  t.is(counted.migrations['handed-off'], 200);
  client.socket.end();
  await rulesGone(bed, 5000);
});

/** Connections that the TCP of a host has accepted. */
function accepted(bed: Laboratory, host: string): number {
  const text = bed.lab.inside(host, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('PassiveOpens')]);
}

test.serial('what is not worth a hand-off is passed on, over few connections', async (t) => {
  const bed = await prism(t, { controller: { handOffFromOctets: 65_536 } });
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
  const { migrations, toClients } = await bed.metrics();
  t.deepEqual(Object.values(migrations), [0, 0, 0, 0]);
  t.true(toClients > 3_000_000);
  // Now it is known that this path is worth it.
  const other = connect(t, bed);
  await fetchAll(t, other, ['/a/3000000']);
  t.is((await bed.metrics()).migrations['handed-off'], 1);
  other.socket.end();
  await rulesGone(bed, 5000);
});

test.serial('a server in another language answers on the descriptor that it gets', async (t) => {
  const bed = await prism(t, { hasServerProcess: true });
  if (bed === undefined) return;
  const client = connect(t, bed);
  await fetchAll(t, client, ['/a/60000', '/a/100', '/b/1000', '/a/3000000', '/b/10', '/a/0']);
  t.like((await bed.metrics()).migrations, { 'handed-off': 5, failed: 0 });
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
  t.is((await bed.metrics()).connections, 0);
});
