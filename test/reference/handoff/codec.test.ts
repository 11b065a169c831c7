/** Hand-off messages: what is sealed can be opened, by those with the key and by nobody else. */
import test from 'ava';
import { encode } from 'cborg';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { ipv4Address, ipv6Address } from 'scapy-ts';
import { openMessage, sealMessage, type Seal } from '../../../reference/handoff/codec.ts';
import type { Message } from '../../../reference/handoff/message.ts';
import type { Keeps } from '../../../reference/policy/keep.ts';
import {
  HAPROXY_URLS,
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
} from '../../../reference/policy/url-profile.ts';
import type { Endpoint } from '../../../reference/rules/rule.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';
import { runs } from '../../runs.ts';

/** HMAC-SHA-256, RFC 2104. */
const hmac =
  (key: number): Seal =>
  (octets) =>
    createHmac('sha256', new Uint8Array(32).fill(key)).update(octets).digest();
const KEY = hmac(7);
const OTHER_KEY = hmac(8);
const PING: Message = { kind: 'ping', count: 5 };

const word = fc.integer({ min: 0, max: 0xffffffff });
const octets = fc.uint8Array({ maxLength: 300 });
const endpoint = fc.record<Endpoint>({
  address: fc.constantFrom(ipv4Address('192.0.2.10'), ipv6Address('2001:db8::1')),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const snapshot = fc.record<TcpSnapshot>({
  sendUnacknowledged: word.map(seqNum),
  sent: octets,
  unsent: octets,
  receiveNext: word.map(seqNum),
  unread: octets,
  negotiated: fc.record(
    {
      peerMss: fc.integer({ min: 1, max: 65_535 }),
      windowScale: fc.record({
        peer: fc.integer({ min: 0, max: 14 }),
        own: fc.integer({ min: 0, max: 14 }),
      }),
      sackPermitted: fc.boolean(),
      timestamps: fc.boolean(),
    },
    { requiredKeys: ['peerMss', 'sackPermitted', 'timestamps'] },
  ),
  windows: fc.record({
    send: word,
    sendMax: word,
    sendUpdate: word.map(seqNum),
    receive: word,
    receiveUpdate: word.map(seqNum),
  }),
  timestampNow: word,
  timestampRecent: word,
});
const keeps: fc.Arbitrary<Keeps> = fc.record({
  profile: fc.constantFrom(RAW_URLS, RFC3986_URLS, HAPROXY_URLS, NGINX_URLS),
  routes: fc.array(
    fc.record(
      {
        host: fc.string(),
        prefix: fc.string(),
        suffix: fc.string(),
        substring: fc.string(),
        cookie: fc.string(),
        keep: fc.boolean(),
      },
      { requiredKeys: ['keep'] },
    ),
  ),
});
const about = {
  key: fc.record({ client: endpoint, virtual: endpoint }),
  epoch: fc.maxSafeNat(),
};
const brief = fc.record(
  {
    method: fc.string(),
    path: fc.string(),
    host: fc.string(),
    port: fc.nat(65_535),
    field: fc.string(),
    cookie: fc.string(),
  },
  { requiredKeys: ['method', 'path', 'host', 'cookie'] },
);
const served = fc.array(
  fc.record({
    method: fc.string(),
    host: fc.string(),
    path: fc.string(),
    octets: fc.maxSafeNat(),
  }),
  { maxLength: 16 },
);
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    ...about,
    kind: fc.constant('offer' as const),
    instance: word,
    transfer: fc.record({ snapshot, residual: octets, keeps }),
  }),
  fc.record({
    ...about,
    kind: fc.constantFrom('committed', 'cancel', 'release', 'check', 'stay', 'dismiss', 'noted'),
  }),
  fc.record({ ...about, kind: fc.constantFrom('imported', 'commit'), instance: word }),
  fc.record({ ...about, kind: fc.constantFrom('refused', 'kept'), reason: fc.string() }),
  fc.record({
    ...about,
    kind: fc.constant('export' as const),
    to: fc.constant('b1'),
    instance: word,
    keeps,
  }),
  fc.record({
    ...about,
    kind: fc.constant('closed' as const),
    how: fc.constant('reset' as const),
    served,
  }),
  fc.record({ ...about, kind: fc.constant('move' as const), ask: word, request: brief, served }),
  fc.record({ ...about, kind: fc.constant('serve' as const), ask: word }),
  fc.record({ kind: fc.constant('pong' as const), count: word, instance: word }),
);

/** A sealed content, put together by hand. */
function sealed(content: Uint8Array, version = 1): Uint8Array {
  const seal = KEY(Uint8Array.of(version, ...content));
  return Uint8Array.from([0x50, 0x48, version, ...seal, ...content]);
}

test('what is sealed is what is opened', (t) => {
  fc.assert(
    fc.property(message, (said) => {
      t.deepEqual(openMessage(sealMessage(said, KEY), KEY), { ok: true, value: said });
    }),
    runs(300),
  );
});

test('the seal is over version and content', (t) => {
  t.deepEqual(sealMessage(PING, KEY), sealed(encode(PING)));
});

test('a stranger without the key says nothing', (t) => {
  const opened = openMessage(sealMessage(PING, OTHER_KEY), KEY);
  t.is(opened.ok ? 'opened' : opened.error.kind, 'seal');
});

test('one changed octet anywhere is noticed', (t) => {
  const whole = sealMessage(PING, KEY);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = whole.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.false(openMessage(changed, KEY).ok, `octet ${at}`);
  }
});

test('a message in a Buffer is opened, as often as one likes', (t) => {
  const whole = Buffer.concat([Uint8Array.of(1), sealMessage(PING, KEY)]).subarray(1);
  const before = Buffer.from(whole);
  for (let turn = 0; turn < 2; turn += 1) {
    t.deepEqual(openMessage(whole, KEY), { ok: true, value: PING });
  }
  t.deepEqual(whole, before);
});

test('another version is not read', (t) => {
  const opened = openMessage(sealed(encode(PING), 2), KEY);
  t.is(opened.ok ? 'opened' : opened.error.kind, 'version');
});

const WRONG: readonly [string, unknown][] = [
  ['no map', 5],
  ['an unknown kind', { kind: 'hello' }],
  ['a field too many', { ...PING, more: 1 }],
  ['a field that lacks', { kind: 'ping' }],
  ['a count of 2^32', { kind: 'ping', count: 2 ** 32 }],
  ['a key of 3 octets', { kind: 'commit', key: Uint8Array.of(4, 0, 0), epoch: 1 }],
  ['a negative epoch', { kind: 'commit', key: new Uint8Array(14), epoch: -1 }],
];
for (const [name, content] of WRONG) {
  test(`a sealed content with ${name} is refused`, (t) => {
    const opened = openMessage(sealed(encode(content)), KEY);
    t.is(opened.ok ? 'opened' : opened.error.kind, 'content');
  });
}

test('whatever the octets, opening them does not throw', (t) => {
  const whole = sealMessage(PING, KEY);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), (noise, cut) => {
      openMessage(noise, KEY);
      openMessage(whole.subarray(0, cut), KEY);
      openMessage(sealed(noise), KEY);
      t.pass();
    }),
    runs(1000),
  );
});
