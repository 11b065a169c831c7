/** Steps about keys that are nearly alike. */
import { Then } from '@cucumber/cucumber';
import type { ConnectionKey, Endpoint } from '../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { judgeInBatches, segmentUnder, unruledSegment } from './capacity.ts';

const { client, 'backend 1': backend } = HOSTS;

/** A key as 96 bits, most significant first: addresses and ports in the order of the headers. */
const KEY_BITS = 96;
/** First octets of addresses that no host has: multicast and above (RFC 5771, RFC 1112). */
const FIRST_GROUP_OCTET = 224;

function flipAddress(text: string, bit: number): string {
  const octets = text.split('.').map(Number);
  const at = bit >> 3;
  octets[at] = (octets[at] ?? 0) ^ (0x80 >> (bit & 7));
  return octets.join('.');
}

function flipEndpoint({ address: text, port }: Endpoint, bit: number): Endpoint {
  return bit < 32
    ? { address: flipAddress(text, bit), port }
    : { address: text, port: port ^ (0x8000 >> (bit - 32)) };
}

/** `key` with one of its 96 bits turned over. */
function flipKey(key: ConnectionKey, bit: number): ConnectionKey {
  return bit < KEY_BITS / 2
    ? { ...key, client: flipEndpoint(key.client, bit) }
    : { ...key, virtual: flipEndpoint(key.virtual, bit - KEY_BITS / 2) };
}

function isPossible({ client: from, virtual: to }: ConnectionKey): boolean {
  return [from, to].every(
    (end) => end.port !== 0 && Number(end.address.split('.')[0]) < FIRST_GROUP_OCTET,
  );
}

function neighbours(key: ConnectionKey): readonly ConnectionKey[] {
  return Array.from({ length: KEY_BITS }, (_, bit) => flipKey(key, bit)).filter(isPossible);
}

Then(
  'no segment whose key differs from the rule in one bit is treated by the rule',
  async function (this: PrismWorld) {
    const rule = this.theRule();
    await judgeInBatches(
      this,
      neighbours(rule).map((key) => unruledSegment(this, key)),
    );
  },
);

/** A key as its six words of 16 bits, in the order of the headers. */
function wordsOf({ client: from, virtual: to }: ConnectionKey): readonly number[] {
  return [from, to].flatMap(({ address, port }) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d, port];
  });
}

function keyOfWords(words: readonly number[]): ConnectionKey {
  const end = (at: number): Endpoint => {
    const [high = 0, low = 0, port = 0] = words.slice(at, at + 3);
    return { address: [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'), port };
  };
  return { client: end(0), virtual: end(3) };
}

/** Keys that a sum or an exclusive or of words takes for `key`. */
function lookalikes(key: ConnectionKey): readonly ConnectionKey[] {
  const words = wordsOf(key);
  const places = [...words.keys()];
  const pairs = places.flatMap((a) => places.slice(a + 1).map((b) => [a, b] as const));
  const turned = pairs.flatMap(([a, b]) =>
    Array.from({ length: 16 }, (_, bit) =>
      words.map((word, at) => (at === a || at === b ? word ^ (1 << bit) : word)),
    ),
  );
  const exchanged = pairs.map(([a, b]) =>
    words.map((word, at) => (at === a ? words[b] : at === b ? words[a] : undefined) ?? word),
  );
  return [...turned, ...exchanged].map(keyOfWords).filter(isPossible);
}

Then(
  'no segment whose key has one bit turned in two of its words, or two words exchanged, is treated by the rule',
  async function (this: PrismWorld) {
    const rule = this.theRule();
    await judgeInBatches(
      this,
      lookalikes(rule).map((key) => unruledSegment(this, key)),
    );
  },
);

/** Owner port of the first of many rules that differ in the owner's port. */
const FIRST_OWNER_PORT = 20_000;

Then(
  'rules whose keys differ in one bit each send their segments to an owner of their own',
  async function (this: PrismWorld) {
    const base = keyOf(client);
    const others = neighbours(base);
    const room = Math.max(1, this.hello.profile.capacity - 1);
    for (let at = 0; at < others.length; at += room) {
      await this.begin();
      const rules = [base, ...others.slice(at, at + room)].map((key, index) =>
        ruleFor(key, { ...ownerOf(backend), port: FIRST_OWNER_PORT + index }),
      );
      for (const rule of rules) await this.addRule(rule);
      await judgeInBatches(
        this,
        rules.map((rule) => segmentUnder(this, rule)),
      );
    }
  },
);
