/** Two switches of a story in virtual time. */
import test from 'ava';
import { formatIpv4, layer, parse } from 'scapy-ts';
import { openBalancerSim } from '../../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import type { BalancerStory, Happening } from '../../../../conformance/driver/balancer.ts';

const INTERVAL_MS = 1000;

function storyOf(happenings: readonly Happening[], patienceMs: number): BalancerStory {
  const setup = {
    services: [
      {
        name: 'site',
        address: '10.1.0.201',
        port: 80,
        mode: 'nat',
        servers: ['s1'],
        choosing: 'round-robin',
      },
    ],
    access: [],
    pair: { intervalMs: INTERVAL_MS },
  } as const;
  return { seed: 1, setup, visitors: [], happenings, patienceMs };
}

/** When the virtual address was announced to a server, in milliseconds. */
async function announcedMs(happenings: readonly Happening[], lastMs: number): Promise<number[]> {
  // A question at the end keeps the story going.
  const ask: Happening = { kind: 'ask', from: 'client 1', address: '10.1.0.201', atMs: lastMs };
  const balancer = openBalancerSim();
  const { frames } = await balancer.play(storyOf([...happenings, ask], lastMs + INTERVAL_MS));
  return frames.flatMap(({ host, atMs, octets }) => {
    const message = layer(parse(octets).layers, 'arp');
    const isTold = message?.senderIp === message?.targetIp && host === 's1';
    const isVirtual = message !== undefined && formatIpv4(message.senderIp) === '10.1.0.201';
    return isTold && isVirtual ? [Math.floor(atMs)] : [];
  });
}

test('the skew of the first is shorter, and that of the second no whole number of milliseconds', async (t) => {
  const skewMs = { first: (56 * INTERVAL_MS) / 256, second: (156 * INTERVAL_MS) / 256 };
  const firstMs = Math.ceil(3 * INTERVAL_MS + skewMs.first);
  const lost: Happening = { kind: 'switch', place: 1, state: 'dead', atMs: firstMs + 1500 };
  const [first, second, ...others] = await announcedMs([lost], 12_000);
  t.is(first, firstMs);
  // Its last word was an interval after it began.
  t.is(second, Math.ceil(firstMs + INTERVAL_MS + 3 * INTERVAL_MS + skewMs.second));
  t.deepEqual(others, []);
});

test('who comes back listens before it preempts', async (t) => {
  const happenings: readonly Happening[] = [
    { kind: 'switch', place: 1, state: 'dead', atMs: 5000 },
    { kind: 'switch', place: 1, state: 'up', atMs: 10_000 },
  ];
  const told = await announcedMs(happenings, 16_000);
  t.is(told.length, 3);
  const backMs = 10_001;
  t.is(told[2], Math.ceil(backMs + 3 * INTERVAL_MS + (56 * INTERVAL_MS) / 256));
});

test('a story of one switch has no second', async (t) => {
  const { pair: _, ...setup } = storyOf([], 0).setup;
  const happenings: readonly Happening[] = [{ kind: 'switch', place: 2, state: 'up', atMs: 10 }];
  const story = { ...storyOf(happenings, 100), setup };
  await t.throwsAsync(openBalancerSim().play(story), { message: /no switch 2/u });
});
