import test from 'ava';
import { ipv4Address, ipv4FromNumber, mac, macFromNumber } from 'scapy-ts';
import { createBalancer } from '../../../reference/balancer/balancer.ts';
import type { BalancerOptions, Server, Service } from '../../../reference/balancer/config.ts';
import { completeConfig } from '../../../reference/balancer/config.ts';
import type { Redundancy } from '../../../reference/balancer/election.ts';
import { findConfigFault } from '../../../reference/balancer/config-fault.ts';
import { DIRECT, GATEWAY, HASH, optionsOf, SERVERS, SERVICE, TUNNEL, VIRTUAL } from './bed.ts';

const [SERVER] = SERVERS;

function faultOf(options: BalancerOptions): string | undefined {
  return findConfigFault(completeConfig(options));
}

function withServer(fields: Partial<Server>): BalancerOptions {
  if (SERVER === undefined) throw new Error('no server');
  return optionsOf({ ...SERVICE, servers: [{ ...SERVER, ...fields }] });
}

const GOOD = optionsOf(SERVICE);
const { limits, timers } = completeConfig(GOOD);
const REDUNDANCY: Redundancy = {
  group: 1,
  priority: 100,
  intervalMs: 1000,
  source: ipv4Address('10.0.0.251'),
  preempts: true,
};
const OTHER: Service = { ...SERVICE, name: 'other', ports: { first: 81, last: 90 } };

/** Configurations that are refused, each with words that the reason must have. */
const REFUSED: readonly (readonly [string, string, BalancerOptions])[] = [
  [
    'PRISM-DSR-4 direct server return to another port',
    'only NAT can map',
    optionsOf({ ...DIRECT, servers: SERVERS }),
  ],
  [
    'PRISM-DSR-4 a tunnel to another port',
    'only NAT can map',
    optionsOf({ ...TUNNEL, servers: SERVERS }),
  ],
  [
    'PRISM-DSR-4 a policy that looks at requests',
    'no request yet',
    optionsOf({
      ...DIRECT,
      policy: { policy: 'url-hash', input: 'path', placement: { kind: 'nginx' } },
    }),
  ],
  [
    'LARD, whose targets are URLs',
    'no request yet',
    optionsOf({
      ...DIRECT,
      policy: { policy: 'lard', input: 'path', targets: 10, replicated: false },
    }),
  ],
  ['no ports', 'one port', { ...GOOD, ports: [] }],
  ['a port twice', 'each once', { ...GOOD, ports: [1, 1] }],
  ['no MAC address', 'MAC address of one host', { ...GOOD, mac: macFromNumber(0) }],
  ['a group as MAC address', 'MAC address of one host', { ...GOOD, mac: mac('01:00:5e:00:00:01') }],
  ['a group as its own address', 'unicast', { ...GOOD, addresses: [ipv4Address('224.0.0.5')] }],
  ['one name for two services', 'a name of its own', optionsOf(SERVICE, { ...OTHER, name: 'web' })],
  [
    'ports that overlap',
    'overlap',
    optionsOf(SERVICE, { ...OTHER, ports: { first: 70, last: 80 } }),
  ],
  [
    'ports within ports',
    'overlap',
    optionsOf(SERVICE, { ...OTHER, ports: { first: 1, last: 90 } }),
  ],
  ['a limit of 0', 'limits', { ...GOOD, limits: { ...limits, datagrams: 0 } }],
  [
    'more half open than connections',
    'half-open',
    { ...GOOD, limits: { ...limits, connections: 9, halfOpen: 10 } },
  ],
  ['frames that are too short', '60 to', { ...GOOD, limits: { ...limits, frameOctets: 59 } }],
  ['a timer of 0', 'timers', { ...GOOD, timers: { ...timers, opening: 0 } }],
  ['a tunnel that is too narrow', 'tunnel MTU', { ...GOOD, tunnelMtu: 87 }],
  ...(
    [
      ['group 0', { group: 0 }],
      ['group 256', { group: 256 }],
      ['priority 0', { priority: 0 }],
      ['priority 255', { priority: 255 }],
      ['an interval of 5 ms', { intervalMs: 5 }],
      ['an interval of 41 s', { intervalMs: 40_960 }],
      ['a source that both switches have', { source: GATEWAY }],
      ['a virtual source', { source: VIRTUAL.address }],
      ['a source that is a group', { source: ipv4Address('224.0.0.18') }],
    ] as const
  ).map(
    ([name, fields]) =>
      [
        `an election with ${name}`,
        'for an election',
        { ...GOOD, redundancy: { ...REDUNDANCY, ...fields } },
      ] as const,
  ),
  [
    'an election for no address',
    'for an election',
    { ...GOOD, addresses: [], redundancy: REDUNDANCY },
  ],
  [
    'a prefix of 33 bits',
    'prefixes',
    {
      ...GOOD,
      access: {
        rules: [{ action: 'deny', source: { address: VIRTUAL.address, length: 33 } }],
        otherwise: 'permit',
        established: 'keep',
      },
    },
  ],
  [
    'ports the wrong way round in a rule',
    'ports',
    {
      ...GOOD,
      access: {
        rules: [{ action: 'deny', sourcePorts: { first: 9, last: 8 } }],
        otherwise: 'permit',
        established: 'keep',
      },
    },
  ],
  [
    'a virtual address that is the switch’s own',
    'switch’s own',
    { ...GOOD, addresses: [VIRTUAL.address] },
  ],
  ['a virtual address of nobody', 'unicast', optionsOf({ ...SERVICE, address: ipv4FromNumber(0) })],
  ['port 0', 'ports from 1', optionsOf({ ...SERVICE, ports: { first: 0, last: 5 } })],
  [
    'ports the wrong way round',
    'ports from 1',
    optionsOf({ ...SERVICE, ports: { first: 5, last: 4 } }),
  ],
  ['no address to tunnel from', 'tunnel from', { ...optionsOf(TUNNEL), addresses: [] }],
  ['strays by turns', 'strays are hashed', { ...GOOD, strays: 'hash' }],
  [
    'one name for two servers',
    'same-name',
    optionsOf({ ...SERVICE, servers: [...SERVERS, ...SERVERS] }),
  ],
  [
    'a weight that is too great',
    'range at [0].weight, least 0, most 256',
    withServer({ weight: 257 }),
  ],
  [
    'a table whose size is no prime',
    'not-prime',
    optionsOf({
      ...SERVICE,
      policy: {
        policy: 'source-hash',
        placement: { kind: 'maglev', variant: 'envoy', size: 1000 },
      },
    }),
  ],
  ['a server without an address', 'a unicast address', withServer({ address: ipv4FromNumber(0) })],
  ['a server without a MAC address', 'MAC address', withServer({ mac: macFromNumber(0) })],
  ['a server at port 65536', 'a port from 1', withServer({ port: 65_536 })],
  ['a server at a virtual address', 'not virtual', withServer({ address: VIRTUAL.address })],
];

for (const [name, words, options] of REFUSED) {
  test(`${name}: refused`, (t) => {
    const fault = faultOf(options) ?? '';
    t.true(fault.includes(words), `'${words}' in '${fault}'`);
    t.throws(() => createBalancer(options, () => 0), { instanceOf: TypeError, message: fault });
  });
}

test('what is at the edge of that is accepted', (t) => {
  const accepted: readonly BalancerOptions[] = [
    GOOD,
    optionsOf(),
    optionsOf(SERVICE, OTHER),
    optionsOf(SERVICE, { ...SERVICE, name: 'names', protocol: 'udp' }),
    optionsOf(SERVICE, { ...SERVICE, name: 'far', address: ipv4Address('198.51.100.2') }),
    optionsOf({ ...SERVICE, servers: [] }),
    optionsOf(DIRECT),
    optionsOf({ ...DIRECT, servers: SERVERS.map((each) => ({ ...each, port: 80 })) }),
    { ...optionsOf({ ...SERVICE, policy: HASH }), strays: 'hash' },
    { ...GOOD, limits: { ...limits, connections: 1, halfOpen: 1 } },
    { ...GOOD, tunnelMtu: 88 },
    withServer({ weight: 0, port: 65_535 }),
    { ...GOOD, redundancy: REDUNDANCY },
    { ...GOOD, redundancy: { ...REDUNDANCY, group: 255, priority: 254, intervalMs: 40_950 } },
    { ...GOOD, redundancy: { ...REDUNDANCY, group: 1, priority: 1, intervalMs: 10 } },
  ];
  for (const options of accepted) t.is(faultOf(options), undefined);
});
