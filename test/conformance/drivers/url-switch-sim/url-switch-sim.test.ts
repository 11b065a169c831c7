/** The whole Prism as a URL switch of the test bed: what it does with services, and with servers. */
import test from 'ava';
import { formatIpv4, formatMac, layer, parse, TCP_FLAG } from 'scapy-ts';
import type {
  BalancerObservation,
  BalancerStory,
  Happening,
  ServerState,
  VirtualService,
} from '../../../../conformance/driver/balancer.ts';
import { NotSupported } from '../../../../conformance/driver/device.ts';
import { openUrlSwitchSim } from '../../../../conformance/drivers/url-switch-sim/url-switch-sim.ts';
import { answersOf, SERVICE, storyOf, visitor } from './story.ts';

async function play(story: BalancerStory): Promise<BalancerObservation> {
  return openUrlSwitchSim().play(story);
}

/** Who sent the client octets of answers, and from where. */
function sendersTo(client: string, { frames }: BalancerObservation): ReadonlySet<string> {
  return new Set(
    frames.flatMap(({ host, direction, octets }) => {
      const { layers } = parse(octets);
      const ip = layer(layers, 'ipv4');
      if (direction !== 'sent' || ip === undefined || formatIpv4(ip.dst) !== client) return [];
      return [`${host} from ${formatIpv4(ip.src)}`];
    }),
  );
}

function at(atMs: number, server: 's1' | 's2', state: ServerState): Happening {
  return { kind: 'server', atMs, server, state };
}

function configure(atMs: number, ...services: readonly VirtualService[]): Happening {
  return { kind: 'configure', atMs, setup: { services, access: [] } };
}

test('long answers are handed off from the first on, and short ones pass the controller', async (t) => {
  const long = await play(storyOf([visitor(1, ['/a/2000'])]));
  t.deepEqual(answersOf(long), [['s1 finished']]);
  t.deepEqual([...sendersTo('10.1.0.1', long)], ['s1 from 10.2.0.1']);
  const short = await play(storyOf([visitor(1, ['/a/1000'])]));
  t.deepEqual(answersOf(short), [['s1 finished']]);
  t.deepEqual([...sendersTo('10.1.0.1', short)], []);
  t.deepEqual([...sendersTo('10.2.0.254', short)], ['s1 from 10.2.0.1']);
});

test('a client hears the virtual endpoint alone, whoever has its connection', async (t) => {
  const { frames } = await play(storyOf([visitor(1, ['/a/2000', '/a/10', '/b/3000'])]));
  const sources = frames.flatMap(({ host, direction, octets }) => {
    if (host !== 'client 1' || direction !== 'received') return [];
    const ip = layer(parse(octets).layers, 'ipv4');
    return ip === undefined ? [] : [formatIpv4(ip.src)];
  });
  t.true(sources.length > 5);
  t.deepEqual(new Set(sources), new Set(['10.1.0.201']));
});

test('nobody hears what is not its own', async (t) => {
  const { frames } = await play(storyOf([visitor(1, ['/a/2000']), visitor(2, ['/a/2000'])]));
  const heard = new Map<string, Set<string>>();
  for (const { host, direction, octets } of frames) {
    const ether = layer(parse(octets).layers, 'ether');
    if (direction !== 'received' || ether === undefined) continue;
    heard.set(host, (heard.get(host) ?? new Set()).add(formatMac(ether.dst)));
  }
  t.true(heard.size > 2);
  for (const [host, addresses] of heard) t.is(addresses.size, 1, host);
});

test('services with one client port and one server port are kept apart', async (t) => {
  const other: VirtualService = {
    ...SERVICE,
    name: 'other',
    address: '10.1.0.202',
    servers: ['s2'],
  };
  const first: VirtualService = { ...SERVICE, servers: ['s2'] };
  const setup = { services: [first, other], access: [] };
  const visitors = [
    visitor(1, ['/a/2000', '/a/10'], { service: first }),
    visitor(1, ['/a/2001', '/a/11'], { service: other }),
  ];
  const observation = await play(storyOf(visitors, { setup }));
  t.deepEqual(answersOf(observation), [['s2 s2 finished'], ['s2 s2 finished']]);
  t.is(observation.served.length, 4);
});

test('two ports of one address are two services', async (t) => {
  const other: VirtualService = { ...SERVICE, name: 'other', port: 8080, servers: ['s4'] };
  const setup = { services: [SERVICE, other], access: [] };
  const visitors = [visitor(1, ['/a/10']), visitor(2, ['/a/3000'], { service: other })];
  t.deepEqual(answersOf(await play(storyOf(visitors, { setup }))), [
    ['s1 finished'],
    ['s4 finished'],
  ]);
});

test('what no service is for is refused', async (t) => {
  const visitors = [visitor(1, ['/a/10'], { service: { ...SERVICE, port: 81 } })];
  t.deepEqual(answersOf(await play(storyOf(visitors))), [['reset']]);
});

test('a service that is taken away takes nothing new, and keeps what it has', async (t) => {
  const other: VirtualService = { ...SERVICE, name: 'other', port: 8080 };
  const setup = { services: [SERVICE, other], access: [] };
  const visitors = [
    visitor(1, ['/a/3000?think=200', '/a/10']),
    visitor(2, ['/a/10'], { afterMs: 100 }),
    visitor(3, ['/a/10'], { afterMs: 400 }),
  ];
  const happenings = [configure(50, other), configure(300, SERVICE)];
  const observation = await play(storyOf(visitors, { setup, happenings }));
  t.deepEqual(answersOf(observation), [['s1 s1 finished'], ['reset'], ['s2 finished']]);
  t.deepEqual(observation.setups, [undefined, undefined, undefined]);
});

test('its address is asked for in vain then', async (t) => {
  const other: VirtualService = { ...SERVICE, name: 'other', address: '10.1.0.202' };
  const ask = (atMs: number): Happening => {
    return { kind: 'ask', atMs, from: 'client 9', address: '10.1.0.201' };
  };
  const happenings = [ask(10), configure(50, other), ask(100)];
  const { frames } = await play(storyOf([], { happenings }));
  const answers = frames.flatMap(({ host, octets, atMs }) => {
    const answer = layer(parse(octets).layers, 'arp');
    if (host !== 'client 9' || answer?.operation !== 2) return [];
    return [{ isEarly: atMs < 50, mac: formatMac(answer.senderMac) }];
  });
  t.deepEqual(answers, [{ isEarly: true, mac: '02:00:00:00:00:01' }]);
});

test('a setup with a fault is refused, and all of it', async (t) => {
  const twice: VirtualService = { ...SERVICE, name: 'twice', servers: ['s4'] };
  const broken: VirtualService = {
    ...SERVICE,
    name: 'broken',
    address: '10.1.0.202',
    weights: { s1: 257 },
  };
  const only: VirtualService = { ...SERVICE, servers: ['s3'] };
  const happenings = [configure(10, only, broken), configure(20, only, twice)];
  const visitors = [visitor(1, ['/a/10'], { afterMs: 100 })];
  const observation = await play(storyOf(visitors, { happenings }));
  t.is(observation.setups[0], undefined);
  t.regex(observation.setups[1] ?? '', /^broken: /u);
  t.is(observation.setups[2], 'two services are at 10.1.0.201:80');
  t.deepEqual(answersOf(observation), [['s1 finished']]);
});

test('a server that is dead resets all, refuses, and is there again with nothing of before', async (t) => {
  const visitors = [
    visitor(1, ['/a/3000?think=300']),
    visitor(2, ['/a/10?think=300']),
    visitor(3, ['/a/10'], { afterMs: 150 }),
    visitor(4, ['/a/3000'], { afterMs: 2500, service: SERVICE }),
  ];
  const two: VirtualService = { ...SERVICE, servers: ['s1', 's2'] };
  const setup = { services: [two], access: [] };
  const happenings = [at(100, 's1', 'dead'), at(100, 's2', 'dead'), at(1500, 's2', 'up')];
  const observation = await play(storyOf(visitors, { setup, happenings }));
  const [owned, proxied, refused, later] = answersOf(observation).flat();
  t.is(owned, 'reset');
  // Of what was passed on the client gets an error of the controller, and so if nobody is left.
  t.is(proxied, 'finished');
  t.is(refused, 'finished');
  t.is(later, 's2 finished');
  const resets = observation.frames.filter(({ host, octets, atMs }) => {
    const flags = layer(parse(octets).layers, 'tcp')?.flags ?? 0;
    return host === 's1' && (flags & TCP_FLAG.RST) !== 0 && atMs < 110;
  });
  t.is(resets.length, 1);
});

test('a server that hangs answers when it goes on', async (t) => {
  const visitors = [visitor(1, ['/a/10'], { afterMs: 100 }), visitor(2, ['/a/3000?think=100'])];
  const setup = { services: [{ ...SERVICE, servers: ['s1'] as const }], access: [] };
  const happenings = [at(50, 's1', 'hung'), at(700, 's1', 'up')];
  const observation = await play(storyOf(visitors, { setup, happenings }));
  t.deepEqual(answersOf(observation), [['s1 finished'], ['s1 finished']]);
  for (const [connection] of observation.visitors) t.true((connection?.lastOctetMs ?? 0) > 700);
});

for (const probe of ['connect', 'http'] as const) {
  for (const state of ['sick', 'hung', 'dead'] as const) {
    const isFound = probe === 'http' || state === 'dead';
    const found = isFound ? 'found' : 'not found';
    test(`a ${state} server is ${found} by probes that ${probe}`, async (t) => {
      const check = { probe, intervalMs: 100, timeoutMs: 50, fall: 2, rise: 2 } as const;
      const service: VirtualService = { ...SERVICE, servers: ['s1', 's2'], check };
      const visitors = [1, 2, 3, 4].map((nth) => visitor(nth, ['/a/10'], { afterMs: 600 + nth }));
      const again = [5, 6].map((nth) => visitor(nth, ['/a/10'], { afterMs: 1600 + 50 * nth }));
      const setup = { services: [service], access: [] };
      const happenings = [at(50, 's1', state), at(1000, 's1', 'up')];
      const told = await play(storyOf([...visitors, ...again], { setup, happenings }));
      const served = told.served.filter(({ head }) => head.startsWith('GET /a/10 '));
      const early = served.filter(({ atMs }) => atMs < 1000);
      const bySick = early.filter(({ server }) => server === 's1').length;
      t.is(bySick, isFound || state === 'hung' ? 0 : 2);
      const waiting = told.visitors.slice(0, 4).filter(([first]) => {
        return (first?.lastOctetMs ?? Infinity) > 1000;
      });
      t.is(waiting.length, state === 'hung' && !isFound ? 2 : 0);
      const late = served.filter(({ atMs }) => atMs > 1600).map(({ server }) => server);
      t.deepEqual(new Set(late), new Set(['s1', 's2']));
    });
  }
}

test('the same story is the same to the octet', async (t) => {
  const story = storyOf([visitor(1, ['/a/3000', '/b/10']), visitor(2, ['/c/5000'])]);
  t.deepEqual(await play(story), await play(story));
});

test('what it cannot do it says', async (t) => {
  const nat = { services: [{ ...SERVICE, mode: 'nat' as const }], access: [] };
  await t.throwsAsync(play(storyOf([], { setup: nat })), { instanceOf: NotSupported });
  const access = [{ action: 'deny' as const, source: '10.1.0.3/32' }];
  const denying = { services: [SERVICE], access };
  await t.throwsAsync(play(storyOf([], { setup: denying })), { instanceOf: NotSupported });
});
