/** Whatever clients ask, together or one after the other, each answer is whole and of its pool. */
import test from 'ava';
import fc from 'fast-check';
import type {
  ServerName,
  Visitor,
  VirtualService,
} from '../../../../conformance/driver/balancer.ts';
import { openUrlSwitchSim } from '../../../../conformance/drivers/url-switch-sim/url-switch-sim.ts';
import { concat } from '../../../../conformance/traffic/octets.ts';
import { answerTo } from '../../../../conformance/traffic/site.ts';
import { runs } from '../../../runs.ts';
import { SERVICE, storyOf } from './story.ts';

interface Ask {
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly target: string;
  readonly contentOctets: number;
}

const POOLS: Readonly<Record<string, readonly ServerName[]>> = {
  '/p/': ['s1'],
  '/q/': ['s2', 's3'],
  '/r/': ['s4'],
};

const ROUTED: VirtualService = {
  ...SERVICE,
  servers: ['s4'],
  routes: [
    { prefix: '/p/', pool: { servers: ['s1'], choosing: 'round-robin' } },
    { prefix: '/q/', pool: { servers: ['s2', 's3'], choosing: 'url-hash' } },
  ],
};

const ask: fc.Arbitrary<Ask> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'HEAD'),
    prefix: fc.constantFrom(...Object.keys(POOLS)),
    size: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1900, max: 30_000 })),
    thinkMs: fc.constantFrom(0, 0, 30),
    isChunked: fc.boolean(),
    contentOctets: fc.integer({ min: 0, max: 5000 }),
  })
  .map(({ method, prefix, size, thinkMs, isChunked, contentOctets }) => ({
    method,
    target: `${prefix}${size}?think=${thinkMs}${isChunked ? '&chunked' : ''}`,
    contentOctets: method === 'POST' ? contentOctets : 0,
  }));

/** Asks of one connection; those of a group are sent together, when the group before is answered. */
const talk: fc.Arbitrary<readonly (readonly Ask[])[]> = fc.array(
  fc.array(ask, { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 4 },
);

function octetsOf({ method, target, contentOctets }: Ask): Uint8Array {
  const length = method === 'POST' ? `Content-Length: ${contentOctets}\r\n` : '';
  const head = `${method} ${target} HTTP/1.1\r\nHost: site.test\r\n${length}\r\n`;
  return concat(new TextEncoder().encode(head), new Uint8Array(contentOctets).fill(97));
}

function visitorOf(client: number, groups: readonly (readonly Ask[])[]): Visitor {
  let count = 0;
  const writes = groups.map((group): Visitor['lines'][number] => {
    const cue = count === 0 ? ({ kind: 'opened' } as const) : ({ kind: 'answers', count } as const);
    count += group.length;
    return { cue, act: { kind: 'write', octets: concat(...group.map(octetsOf)), cuts: [] } };
  });
  return {
    client,
    port: 40_000,
    service: SERVICE,
    lines: [
      { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } },
      ...writes,
      { cue: { kind: 'answers', count }, act: { kind: 'close' } },
    ],
  };
}

/** What of the received is no answer of a server of the pool; undefined where all of it is. */
function faultIn(received: Uint8Array, asks: readonly Ask[]): string | undefined {
  let at = 0;
  for (const { method, target } of asks) {
    const answers = (POOLS[target.slice(0, 3)] ?? []).map((name) => answerTo(name, method, target));
    const isOne = answers.some((answer) => {
      const got = received.subarray(at, at + answer.length);
      return got.length === answer.length && got.every((octet, nth) => octet === answer[nth]);
    });
    if (!isOne) return `${method} ${target} at ${at} of ${received.length}`;
    at += answers[0]?.length ?? 0;
  }
  return at === received.length ? undefined : `${received.length - at} octets more`;
}

test('each answer is whole, of its pool, and carried out once', async (t) => {
  const property = fc.asyncProperty(
    fc.array(talk, { minLength: 1, maxLength: 3 }),
    fc.nat(),
    async (talks, seed) => {
      const visitors = talks.map((groups, nth) => visitorOf(1 + nth, groups));
      const setup = { services: [ROUTED], access: [] };
      const story = storyOf(visitors, { setup, seed, patienceMs: 60_000 });
      const { visitors: seen, served } = await openUrlSwitchSim().play(story);
      for (const [nth, groups] of talks.entries()) {
        const [outcome] = seen[nth] ?? [];
        const fault = faultIn(outcome?.received ?? new Uint8Array(0), groups.flat());
        if (fault !== undefined) throw new Error(`no answer of its pool: ${fault}`);
        if (outcome?.end !== 'finished') throw new Error(`the connection is ${outcome?.end}`);
      }
      if (served.length !== talks.flat(2).length) throw new Error(`${served.length} carried out`);
    },
  );
  await t.notThrowsAsync(fc.assert(property, runs(40)));
});
