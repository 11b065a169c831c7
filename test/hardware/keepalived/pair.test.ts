/** keepalived and nftables on two machines, as one server switch. */
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { redundancyFault, reignsOf } from '../../../conformance/balancer/redundancy.ts';
import type { BalancerStory, Happening, Visitor } from '../../../conformance/driver/balancer.ts';
import { openNamedBalancer } from '../../../conformance/drivers/target.ts';
import { answerTo } from '../../../conformance/traffic/site.ts';
import { isKernelOurs } from '../../host/bed.ts';
import { oracle } from '../../oracle.ts';

const TARGET = fileURLToPath(
  new URL('../../../hardware/keepalived/nftables.yaml', import.meta.url),
);
const INTERVAL_MS = 500;
/** What is judged: a busy machine may take longer. */
const LONGER_MS = 750;
const LOST_MS = 4000;
const END_MS = 7500;
const ASKED = { host: 'client 9', address: '10.1.0.201' } as const;

const SETUP = {
  services: [
    {
      name: 'web',
      address: ASKED.address,
      port: 80,
      mode: 'nat',
      servers: ['s1'],
      choosing: 'round-robin',
    },
  ],
  access: [],
  pair: { intervalMs: INTERVAL_MS },
} as const;

/** Who comes after so long, and gets a page. */
function visitor(client: number, afterMs: number): Visitor {
  const octets = Buffer.from('GET /a/100 HTTP/1.1\r\nHost: s\r\n\r\n');
  const answered = answerTo('s1', 'GET', '/a/100').length;
  return {
    client,
    port: 40_000,
    service: { address: ASKED.address, port: 80 },
    lines: [
      { cue: { kind: 'after', ms: afterMs }, act: { kind: 'connect', offer: {} } },
      { cue: { kind: 'opened' }, act: { kind: 'write', octets, cuts: [] } },
      { cue: { kind: 'received', octets: answered }, act: { kind: 'close' } },
    ],
  };
}

function storyOf(): BalancerStory {
  const happenings: Happening[] = [{ kind: 'switch', place: 1, state: 'dead', atMs: LOST_MS }];
  for (let atMs = 125; atMs <= END_MS; atMs += 250) {
    happenings.push({ kind: 'ask', from: ASKED.host, address: ASKED.address, atMs });
  }
  const visitors = [visitor(1, LOST_MS - 500), visitor(2, END_MS - 500)];
  return { seed: 1, setup: SETUP, visitors, happenings, patienceMs: END_MS + 1000 };
}

test('PRISM-HA-03 keepalived takes over the addresses, and clients are served before and after', async (t) => {
  if (!isKernelOurs(t)) return;
  if (!['keepalived', 'nft', 'setpriv'].every((program) => oracle(t, program))) return;
  const balancer = openNamedBalancer(TARGET);
  if (balancer === undefined) throw new Error(`${TARGET} is no server switch`);
  try {
    const { choices } = await balancer.hello();
    const story = storyOf();
    const seen = await balancer.play(story);
    const patient = { ...story, setup: { ...SETUP, pair: { intervalMs: LONGER_MS } } };
    const reigns = reignsOf(patient, choices.preempts ?? false);
    t.is(redundancyFault(seen, ASKED, reigns), undefined);
    t.deepEqual(
      seen.visitors.map(([outcome]) => outcome?.received.length),
      [1, 2].map(() => answerTo('s1', 'GET', '/a/100').length),
    );
  } finally {
    await balancer.close();
  }
});
