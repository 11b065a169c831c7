/** Somebody at all channels: what a story wants of messages, and what is none of its business. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ipv4Address } from 'scapy-ts';
import type { Censorship } from '../../../conformance/drivers/lab/censor.ts';
import { openRelay, type Relay } from '../../../conformance/drivers/lab/relay.ts';
import type { Mishap, Moment } from '../../../conformance/driver/system.ts';
import { encodeCommand, encodeReply } from '../../../reference/control/codec.ts';
import { openMessage, sealMessage } from '../../../reference/handoff/codec.ts';
import type { Message } from '../../../reference/handoff/message.ts';
import { createMessenger, type Messenger } from '../../../reference/host/prism/messenger.ts';
import { addSeal, sealOf } from '../../../reference/host/prism/seal.ts';
import type { ConnectionKey } from '../../../reference/rules/rule.ts';
import { until } from '../../host/bed.ts';

const SEAL = sealOf(new Uint8Array(32).fill(7));
const VIRTUAL = { address: ipv4Address('10.0.0.1'), port: 80 };

function keyAt(port: number): ConnectionKey {
  return { client: { address: ipv4Address('10.0.0.101'), port }, virtual: VIRTUAL };
}

const OURS = keyAt(1000);
const OTHERS = keyAt(1001);

interface Bed {
  readonly relay: Relay;
  readonly controller: Messenger;
  /** What each part has got, as text. */
  readonly got: Map<string, string[]>;
  readonly moments: Moment[];
  readonly begin: (mishaps: readonly Mishap[]) => void;
}

function textOf(octets: Uint8Array): string {
  const message = openMessage(octets, SEAL);
  if (!message.ok) return 'of the switch';
  const { value } = message;
  return 'key' in value ? `${value.kind} ${value.key.client.port}` : value.kind;
}

/** A controller and b1 that speak through the relay; b1 answers each ping. */
function raise(t: ExecutionContext): Bed {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'));
  const real = (part: string): string => join(folder, part);
  const relay = openRelay(folder, SEAL, ['switch', 'b1'], real);
  const got = new Map<string, string[]>([
    ['controller', []],
    ['b1', []],
    ['switch', []],
  ]);
  const note = (name: string, octets: Uint8Array): void => void got.get(name)?.push(textOf(octets));
  const b1 = createMessenger({
    name: 'b1',
    listen: { path: real('b1') },
    peers: new Map(),
    seal: SEAL,
    onMessage(from, octets, answer) {
      t.is(from, 'controller');
      note('b1', octets);
      const message = openMessage(octets, SEAL);
      if (message.ok && message.value.kind === 'ping') {
        answer(sealMessage({ kind: 'pong', count: 1, instance: 1 }, SEAL));
      }
    },
  });
  const listener = createMessenger({
    name: 'switch',
    listen: { path: real('switch') },
    peers: new Map(),
    seal: SEAL,
    onMessage(_, octets, answer) {
      note('switch', octets);
      const [reply] = encodeReply(5, { ok: true, op: 'lock', rules: [] });
      answer(addSeal(reply ?? new Uint8Array(), SEAL));
    },
  });
  const controller = createMessenger({
    name: 'controller',
    peers: new Map(['b1', 'switch'].map((name) => [name, { path: relay.pathTo(name) }])),
    seal: SEAL,
    onMessage: (_, octets) => note('controller', octets),
  });
  t.teardown(() => {
    for (const each of [controller, b1, listener, relay]) each.close();
    rmSync(folder, { recursive: true });
  });
  const moments: Moment[] = [];
  const begin = (mishaps: readonly Mishap[]): void => {
    const story: Censorship = {
      mishaps,
      weather: () => [0],
      isOurs: ({ client }) => client.port === OURS.client.port,
      nowMs: () => 0,
      onMoment: (moment) => moments.push(moment),
    };
    relay.begin(story);
  };
  return { relay, controller, got, moments, begin };
}

function release(key: ConnectionKey): Message {
  return { kind: 'release', key, epoch: 1 };
}

test('a relay gives what it hears to whom it is for, and the answers back', async (t) => {
  const { relay, controller, got } = raise(t);
  t.is(relay.silentMs('b1'), Infinity);
  controller.send('b1', sealMessage({ kind: 'ping', count: 1 }, SEAL));
  await until('the pong', () => got.get('controller')?.length === 1);
  t.deepEqual(got.get('b1'), ['ping']);
  t.deepEqual(got.get('controller'), ['pong']);
  t.true(relay.silentMs('b1') < 20_000);
});

test('a message is lost, doubled or late as the story says, and others are not', async (t) => {
  const { controller, got, moments, begin } = raise(t);
  begin([
    { kind: 'message', message: 'release', nth: 1, fate: { kind: 'lost' } },
    { kind: 'message', message: 'release', nth: 2, fate: { kind: 'doubled' } },
    { kind: 'message', message: 'release', nth: 3, fate: { kind: 'late', ms: 30 } },
    { kind: 'message', message: 'commit', to: 'b2', fate: { kind: 'lost' } },
  ]);
  const say = (message: Message): void => controller.send('b1', sealMessage(message, SEAL));
  for (const key of [OURS, OTHERS, OURS, OURS]) say(release(key));
  say({ kind: 'commit', key: OURS, epoch: 1, instance: 1 });
  await until('all of it', () => got.get('b1')?.length === 5);
  t.deepEqual(got.get('b1'), [
    'release 1001',
    'release 1000',
    'release 1000',
    'commit 1000',
    'release 1000',
  ]);
  t.deepEqual(
    moments.map(({ message, nth, what }) => `${nth} ${message} ${what}`),
    [
      '1 release sent',
      '2 release sent',
      '1 release arrived',
      '2 release arrived',
      '3 release sent',
      '1 commit sent',
      '1 commit arrived',
      '3 release arrived',
    ],
  );
});

test('a reply is known by the command that it answers', async (t) => {
  const { controller, got, moments, begin } = raise(t);
  begin([{ kind: 'message', message: 'reply to lock', fate: { kind: 'lost' } }]);
  const lock = (key: ConnectionKey): Uint8Array =>
    addSeal(encodeCommand({ requestId: 5, command: { op: 'lock', key, epoch: 1 } }), SEAL);
  controller.send('switch', lock(OURS));
  await until('the reply', () => moments.some(({ message }) => message === 'reply to lock'));
  t.deepEqual(got.get('controller'), []);
  controller.send('switch', lock(OTHERS));
  await until('the reply about another', () => got.get('controller')?.length === 1);
  t.deepEqual(
    moments.map(({ message, what }) => `${message} ${what}`),
    ['lock sent', 'lock arrived', 'reply to lock sent'],
  );
});
