/** The connections of clients in this kernel, as controller and agent use them. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { adoptConnection } from '../../reference/host/connection.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { createSockets, type Sockets } from '../../reference/host/prism/sockets.ts';
import {
  ask,
  endOf,
  MSG_DONTWAIT,
  poll,
  POLLIN,
  receive,
  SO_RCVBUF,
} from '../../reference/host/socket.ts';
import type { SocketEvent } from '../../reference/owner/socket.ts';
import type { ConnectionKey } from '../../reference/rules/rule.ts';
import { dial, hangUp, isKernelOurs, raiseBed, resetsSent, until } from './bed.ts';
import { stretch, talker, write, type Talker } from './talker.ts';

const SIOCINQ = 0x541b;

let bed: Lab | undefined;
test.after.always(() => bed?.down());

function lab(): Lab {
  bed ??= raiseBed('sockets');
  return bed;
}

interface Site {
  readonly key: ConnectionKey;
  readonly client: Talker;
  /** From now on the client's end belongs to Node.js. */
  readonly adoptClient: () => Socket;
  readonly sockets: Sockets;
  readonly told: SocketEvent[];
}

function keyOf(fd: number): ConnectionKey {
  const [virtual, client] = [endOf(fd, 'getsockname'), endOf(fd, 'getpeername')];
  if (virtual === undefined || client === undefined) throw new Error('no addresses');
  return { virtual, client };
}

/** One connection, which the kernel of `a` has and the sockets under test own. */
function connection(t: ExecutionContext, clientBuffer = 0): Site {
  const options: Parameters<typeof dial>[1] =
    clientBuffer === 0 ? {} : { options: [[SO_RCVBUF, clientBuffer]] };
  const { client, owner } = dial(lab(), options);
  const key = keyOf(owner);
  const told: SocketEvent[] = [];
  const sockets = createSockets(
    ({ virtual }) => virtual,
    (event) => told.push(event),
  );
  sockets.adopt(key, adoptConnection(owner));
  let browser: Socket | undefined;
  t.teardown(() => {
    sockets.close();
    if (browser === undefined) hangUp(client);
    else browser.destroy();
  });
  const adoptClient = (): Socket => (browser ??= adoptConnection(client));
  return { key, client: talker('client', client), adoptClient, sockets, told };
}

function kinds({ told }: Site): readonly string[] {
  return told.map(({ kind }) => kind);
}

function receivedBy({ told }: Site): Buffer {
  return Buffer.concat(told.flatMap((each) => (each.kind === 'received' ? [each.octets] : [])));
}

/** What the owner writes, from its first octet on. */
function say({ sockets, key }: Site, from: number, to: number): void {
  sockets.perform({ kind: 'write', key, octets: stretch('owner', from, to) });
}

/** Reads at the client what the owner wrote, up to octet `to`. */
async function hear(t: ExecutionContext, { client }: Site, to: number): Promise<void> {
  const owner = talker('owner', -1);
  owner.written = to;
  // What Node.js still has to write needs this thread.
  await until('octets at the client', () => {
    if (poll(client.fd, POLLIN, 0) === 0) return false;
    const octets = Buffer.alloc(65_536);
    const got = receive(client.fd, octets, MSG_DONTWAIT);
    t.true(octets.subarray(0, got).equals(stretch('owner', client.read, client.read + got)));
    client.read += got;
    return client.read >= to;
  });
  t.is(client.read, to);
}

test.serial('octets come and go, and ends are told', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  write(site.client, 1000);
  await until('octets', () => receivedBy(site).length === 1000);
  t.deepEqual(receivedBy(site), Buffer.from(stretch('client', 0, 1000)));
  say(site, 0, 300_000);
  await hear(t, site, 300_000);
  t.is(site.sockets.count, 1);
  site.sockets.perform({ kind: 'finish', key: site.key });
  await until('that all is acknowledged', () => kinds(site).includes('sent-all'));
  site.adoptClient().resume().end();
  await until('the end', () => kinds(site).includes('ended'));
  t.deepEqual(kinds(site).slice(-3), ['sent-all', 'peer-finished', 'ended']);
  t.is(site.sockets.count, 0);
});

test.serial('PRISM-MIG-07 what the kernel has not taken moves with the connection', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t, 10_000);
  const octets = 9_000_000;
  say(site, 0, octets - 1000);
  say(site, octets - 1000, octets);
  // The kernel takes some of it now, and some in a while.
  await until('octets at the client', () => poll(site.client.fd, POLLIN, 0) !== 0);
  site.sockets.perform({ kind: 'export', key: site.key });
  const [event] = site.told;
  if (event?.kind !== 'exported') throw new Error(`${event?.kind}`);
  t.true(event.snapshot.unsent.length > 1000);
  const next = createSockets(
    ({ virtual }) => virtual,
    (each) => site.told.push(each),
  );
  t.teardown(() => next.close());
  lab().inside('b', () => next.perform({ ...event, kind: 'import' }));
  t.deepEqual(kinds(site), ['exported', 'imported']);
  next.perform({ kind: 'thaw', key: site.key });
  t.is(site.sockets.count, 0);
  t.is(next.count, 1);
  await hear(t, site, octets);
});

test.serial('PRISM-MIG-14 a connection that cannot be exported goes on', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t, 10_000);
  const before = resetsSent(lab(), 'a');
  const octets = 3_000_000;
  say(site, 0, octets);
  // FIN: the kernel knows no way into CLOSE-WAIT.
  write(site.client, 100);
  const browser = site.adoptClient().pause().end();
  await until('the end', () => kinds(site).includes('peer-finished'));
  site.sockets.perform({ kind: 'export', key: site.key });
  t.like(
    site.told.find(({ kind }) => kind === 'export-failed'),
    { reason: '{"kind":"state","state":"CLOSE-WAIT"}' },
  );
  say(site, octets, octets + 1000);
  site.sockets.perform({ kind: 'finish', key: site.key });
  const parts: Buffer[] = [];
  browser.on('data', (part) => parts.push(part)).resume();
  await once(browser, 'end');
  t.true(Buffer.concat(parts).equals(stretch('owner', 0, octets + 1000)));
  await until('the end', () => kinds(site).includes('ended'));
  t.is(resetsSent(lab(), 'a'), before);
  t.deepEqual(receivedBy(site), Buffer.from(stretch('client', 0, 100)));
});

test.serial('what was read and not given is given after an export that failed', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  const { key, sockets } = site;
  sockets.perform({ kind: 'pause', key });
  write(site.client, 100);
  site.adoptClient().resume().end();
  const fd = sockets.descriptorOf(key) ?? -1;
  t.not(poll(fd, POLLIN, 1000), 0);
  // Node.js reads some octets of a socket that is paused.
  await until('nothing in the kernel', () => ask(fd, SIOCINQ) === 0);
  sockets.perform({ kind: 'export', key });
  t.is(kinds(site)[0], 'export-failed');
  sockets.perform({ kind: 'resume', key });
  await until('the end', () => kinds(site).includes('peer-finished'));
  t.deepEqual(receivedBy(site), Buffer.from(stretch('client', 0, 100)));
});

test.serial('who is paused is not read, after an import too', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  const { key, sockets } = site;
  sockets.perform({ kind: 'pause', key });
  write(site.client, 1000);
  t.not(poll(sockets.descriptorOf(key) ?? -1, POLLIN, 1000), 0);
  sockets.perform({ kind: 'export', key });
  const [event] = site.told;
  if (event?.kind !== 'exported') throw new Error(`${event?.kind}`);
  t.is(event.snapshot.unread.length, 1000);
  lab().inside('a', () => sockets.perform({ ...event, kind: 'import' }));
  sockets.perform({ kind: 'pause', key });
  sockets.perform({ kind: 'thaw', key });
  say(site, 0, 10);
  await hear(t, site, 10);
  t.is(receivedBy(site).length, 0);
  sockets.perform({ kind: 'resume', key });
  await until('octets', () => receivedBy(site).length === 1000);
  t.deepEqual(receivedBy(site), Buffer.from(stretch('client', 0, 1000)));
});

test.serial('an abort is a reset for the client, and nothing for the owner', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  const before = resetsSent(lab(), 'a');
  site.sockets.perform({ kind: 'abort', key: site.key });
  await until('a reset', () => resetsSent(lab(), 'a') === before + 1);
  t.is(site.sockets.count, 0);
  t.deepEqual(kinds(site), []);
});

test.serial('a drop is nothing for both', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  const before = resetsSent(lab(), 'a');
  site.sockets.perform({ kind: 'drop', key: site.key });
  t.is(poll(site.client.fd, POLLIN, 100), 0);
  t.is(resetsSent(lab(), 'a'), before);
  t.is(site.sockets.count, 0);
  t.deepEqual(kinds(site), []);
  // Nobody has it any more.
  write(site.client, 1);
  await until('a reset', () => resetsSent(lab(), 'a') === before + 1);
});

test.serial('a client that resets is told once', async (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  site.adoptClient().resetAndDestroy();
  await until('a reset', () => kinds(site).length > 0);
  t.deepEqual(kinds(site), ['reset']);
  t.is(site.sockets.count, 0);
});

test.serial('there is one connection of a key', (t) => {
  if (!isKernelOurs(t)) return;
  const site = connection(t);
  const { key, sockets } = site;
  sockets.perform({ kind: 'export', key });
  const [event] = site.told;
  if (event?.kind !== 'exported') throw new Error(`${event?.kind}`);
  lab().inside('a', () => {
    sockets.perform({ ...event, kind: 'import' });
    sockets.perform({ ...event, kind: 'import' });
  });
  t.deepEqual(kinds(site), ['exported', 'imported', 'import-failed']);
  t.is(sockets.count, 1);
  sockets.perform({ kind: 'drop', key });
  t.is(poll(site.client.fd, POLLIN, 50), 0);
});
