/** Channels: those who know the key talk to each other, and strangers change nothing. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import { ipv4Address, mac } from 'scapy-ts';
import type { Command, Reply } from '../../reference/control/command.ts';
import type { ChannelAddress } from '../../reference/host/prism/channel.ts';
import { createFrameReader, emitFrame } from '../../reference/host/prism/frame-reader.ts';
import { createMessenger, type Messenger } from '../../reference/host/prism/messenger.ts';
import { answerRules, askHere, askThere, SWITCH } from '../../reference/host/prism/rule-switch.ts';
import { sealOf } from '../../reference/host/prism/seal.ts';
import { NO_DELTAS, type Rule } from '../../reference/rules/rule.ts';
import { createSwitch } from '../../reference/switch/switch.ts';
import { execute } from '../../reference/switch/execute.ts';
import { runs } from '../runs.ts';
import { until } from './bed.ts';

const KEY = Buffer.alloc(32, 7);
const SEAL = sealOf(KEY);

function addressFor(t: ExecutionContext): { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return { path: join(folder, 'a') };
}

interface Heard {
  readonly messenger: Messenger;
  /** `name: text` of each message. */
  readonly messages: string[];
}

/** A process of a Prism that answers `text` with `re text`. */
function startListener(t: ExecutionContext, listen: ChannelAddress, seal = SEAL): Heard {
  const messages: string[] = [];
  const messenger = createMessenger({
    name: 'a',
    listen,
    peers: new Map(),
    seal,
    onMessage(from, octets, answer) {
      messages.push(`${from}: ${String(octets)}`);
      answer(Buffer.from(`re ${String(octets)}`));
    },
  });
  t.teardown(messenger.close);
  return { messenger, messages };
}

function startDialler(t: ExecutionContext, at: ChannelAddress, name = 'b', seal = SEAL): Heard {
  const messages: string[] = [];
  const messenger = createMessenger({
    name,
    peers: new Map([['a', at]]),
    seal,
    onMessage: (from, octets) => messages.push(`${from}: ${String(octets)}`),
  });
  t.teardown(messenger.close);
  return { messenger, messages };
}

test('messages are cut out of a stream wherever it is cut', (t) => {
  const message = fc.uint8Array({ maxLength: 40 });
  const property = fc.property(
    fc.array(message, { maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
    (messages, cuts) => {
      const stream = Buffer.concat(
        messages.flatMap((each) => [Buffer.from([0, 0, 0, each.length]), each]),
      );
      const reader = createFrameReader();
      const read: number[][] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const length = cuts[turn % cuts.length] ?? 1;
        reader.push(stream.subarray(at, at + length));
        at += length;
        for (let next = reader.next(40); next instanceof Uint8Array; next = reader.next(40)) {
          read.push([...next]);
        }
      }
      t.deepEqual(
        read,
        messages.map((each) => [...each]),
      );
    },
  );
  fc.assert(property, runs(300));
});

test('a message that is too long is told by its length, before it comes', (t) => {
  const reader = createFrameReader();
  reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  t.is(reader.next(1000), 'too-long');
  const other = createFrameReader();
  other.push(Buffer.from([0, 0, 3, 0xe8]));
  t.is(other.next(1000), 'incomplete');
  t.deepEqual([...emitFrame(Uint8Array.of(5, 6))], [0, 0, 0, 2, 5, 6]);
});

/** A port of this host that was free a moment ago. */
async function freePort(): Promise<ChannelAddress> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: address.port };
}

test('over TCP it is the same', async (t) => {
  const at = await freePort();
  startListener(t, at);
  const dialler = startDialler(t, at);
  dialler.messenger.send('a', Buffer.from('one'));
  await until('an answer', () => dialler.messages.length === 1);
  t.deepEqual(dialler.messages, ['a: re one']);
});

test('what is said comes in order, from the name that said it, and is answered', async (t) => {
  const at = addressFor(t);
  const { messages } = startListener(t, at);
  const dialler = startDialler(t, at);
  const long = 'x'.repeat(3_000_000);
  for (const text of ['one', '', long, 'four']) dialler.messenger.send('a', Buffer.from(text));
  await until('answers', () => dialler.messages.length === 4);
  t.deepEqual(messages, ['b: one', 'b: ', `b: ${long}`, 'b: four']);
  t.deepEqual(dialler.messages, ['a: re one', 'a: re ', `a: re ${long}`, 'a: re four']);
});

test('a process that was started anew is reached', async (t) => {
  const at = addressFor(t);
  const first = startListener(t, at);
  const dialler = startDialler(t, at);
  dialler.messenger.send('a', Buffer.from('one'));
  await until('an answer', () => dialler.messages.length === 1);
  first.messenger.close();
  const second = startListener(t, at);
  await until('the second', () => {
    dialler.messenger.send('a', Buffer.from('two'));
    return second.messages.length > 0;
  });
  t.is(second.messages[0], 'b: two');
  t.deepEqual(first.messages, ['b: one']);
});

test('what a process that was killed has left is not in the way', async (t) => {
  const at = addressFor(t);
  const listen = `require('net').createServer().listen(${JSON.stringify(at.path)}, () =>
    process.kill(process.pid, 'SIGKILL'))`;
  t.is(spawnSync(process.execPath, ['-e', listen]).signal, 'SIGKILL');
  t.true(existsSync(at.path));
  startListener(t, at);
  const dialler = startDialler(t, at);
  dialler.messenger.send('a', Buffer.from('one'));
  await until('an answer', () => dialler.messages.length === 1);
});

test('of two with one name, the first is still heard when the second has gone', async (t) => {
  const at = addressFor(t);
  const listener = startListener(t, at);
  const [one, two] = [startDialler(t, at), startDialler(t, at)];
  one.messenger.send('a', Buffer.from('one'));
  await until('one', () => one.messages.length === 1);
  two.messenger.send('a', Buffer.from('two'));
  await until('two', () => two.messages.length === 1);
  two.messenger.close();
  await until('the first', () => {
    listener.messenger.send('b', Buffer.from('still'));
    return one.messages.includes('a: still');
  });
  t.is(two.messages.length, 1);
});

async function stranger(t: ExecutionContext, at: { readonly path: string }): Promise<Socket> {
  const socket = connect(at);
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function frame(...parts: readonly Uint8Array[]): Buffer {
  const whole = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(whole.length);
  return Buffer.concat([length, whole]);
}

test('PRISM-SEC-09 another key, garbage and a huge length end the connection', async (t) => {
  const at = addressFor(t);
  const { messages } = startListener(t, at);
  const wrong = startDialler(t, at, 'b', sealOf(Buffer.alloc(32, 8)));
  wrong.messenger.send('a', Buffer.from('hello'));
  const shots = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(4, 0xff),
    frame(Buffer.alloc(300)),
  ];
  for (const shot of shots) {
    const socket = await stranger(t, at);
    socket.resume();
    socket.write(shot);
    await once(socket, 'close');
  }
  t.deepEqual(messages, []);
  t.deepEqual(wrong.messages, []);
});

/** The hello of somebody who has the key, made by hand. RFC 2104. */
function helloTo(challenge: Uint8Array, name: string): Buffer {
  const said = Buffer.concat([challenge, Buffer.from(name)]);
  return frame(createHmac('sha256', KEY).update(said).digest(), said);
}

test('PRISM-SEC-09 a hello is for one challenge: said again, it opens nothing', async (t) => {
  const at = addressFor(t);
  const { messages } = startListener(t, at);
  const friend = await stranger(t, at);
  const [challenge] = await once(friend, 'data');
  const hello = Buffer.concat([helloTo(challenge.subarray(4), 'b'), frame(Buffer.from('yes'))]);
  friend.write(hello);
  await until('a message', () => messages.length === 1);
  const replayer = await stranger(t, at);
  replayer.resume();
  replayer.write(hello);
  await once(replayer, 'close');
  t.deepEqual(messages, ['b: yes']);
});

test('strangers are few, and not for long', async (t) => {
  const at = addressFor(t);
  startListener(t, at);
  const many = await Promise.all(Array.from({ length: 70 }, () => stranger(t, at)));
  let closed = 0;
  for (const socket of many) socket.resume().on('close', () => (closed += 1));
  await until('those beyond 64', () => many.slice(64).every((socket) => socket.closed));
  t.is(closed, 6);
  // Who has the key gets in again when those who have not are gone.
  await until('the others', () => closed === 70);
  const friend = startDialler(t, at);
  friend.messenger.send('a', Buffer.from('hello'));
  await until('an answer', () => friend.messages.length === 1);
  t.deepEqual(friend.messages, ['a: re hello']);
});

test('a listener that says no challenge is left after a while', async (t) => {
  const at = addressFor(t);
  const mute = createServer();
  mute.listen(at);
  t.teardown(() => mute.close());
  const taken = once(mute, 'connection');
  const dialler = startDialler(t, at);
  dialler.messenger.send('a', Buffer.from('hello'));
  const [socket] = await taken;
  socket.resume();
  await once(socket, 'close');
  t.deepEqual(dialler.messages, []);
});

function ruleOf(port: number): Rule {
  return {
    key: {
      client: { address: ipv4Address('192.0.2.9'), port },
      virtual: { address: ipv4Address('192.0.2.1'), port: 80 },
    },
    owner: { address: ipv4Address('10.0.0.21'), port: 8080, mac: mac('02:00:00:00:00:21') },
    deltas: NO_DELTAS,
    locked: false,
  };
}

/** A switch of the pure model behind a channel, and the word of a process that commands it. */
function startRules(
  t: ExecutionContext,
  name: string,
  senderSeal = SEAL,
): (command: Command) => Promise<Reply | 'silence'> {
  const at = addressFor(t);
  const state = createSwitch({ ports: [0, 1] });
  const path = { execute: (command: Command) => execute(state, command) };
  const there = createMessenger({
    name: SWITCH,
    listen: at,
    peers: new Map(),
    seal: SEAL,
    onMessage: answerRules(askHere(path), SEAL),
  });
  const rules = askThere(senderSeal, (octets) => here.send(SWITCH, octets));
  const here = createMessenger({
    name,
    peers: new Map([[SWITCH, at]]),
    seal: SEAL,
    onMessage: (_, octets) => rules.onReply(octets),
  });
  t.teardown(here.close);
  t.teardown(there.close);
  return (command) =>
    new Promise((resolve) => {
      rules.ask(command, resolve);
      setTimeout(() => resolve('silence'), 500);
    });
}

test('a controller commands a switch that is another process, and lists its rules', async (t) => {
  const ask = startRules(t, 'controller');
  for (let port = 1; port <= 25; port += 1) {
    t.like(await ask({ op: 'add', rule: ruleOf(port), epoch: port }), { ok: true });
  }
  t.like(await ask({ op: 'lock', key: ruleOf(1).key, epoch: 0 }), { ok: false, error: 'stale' });
  const listed = await ask({ op: 'get' });
  if (listed === 'silence' || !listed.ok) throw new Error('no list');
  t.deepEqual(
    listed.rules.map(({ rule }) => rule.key.client.port).toSorted((a, b) => a - b),
    Array.from({ length: 25 }, (_, at) => at + 1),
  );
});

test('PRISM-SEC-01 a switch obeys no backend, and nothing without its own seal', async (t) => {
  const backend = startRules(t, 'b1');
  t.is(await backend({ op: 'add', rule: ruleOf(1), epoch: 1 }), 'silence');
  const forger = startRules(t, 'controller', sealOf(Buffer.alloc(32, 9)));
  t.is(await forger({ op: 'add', rule: ruleOf(1), epoch: 1 }), 'silence');
});

test('a key that is too short is none', (t) => {
  t.throws(() => sealOf(Buffer.alloc(31)), { instanceOf: RangeError });
});
