/** Server switches of every kind, for documents that say them. */
import fc from 'fast-check';
import { ipv4FromNumber, macFromNumber, type Ipv4Address } from 'scapy-ts';
import type { Access } from '../../../../reference/balancer/access.ts';
import {
  completeConfig,
  type BalancerOptions,
  type Server,
  type Service,
} from '../../../../reference/balancer/config.ts';
import { findConfigFault } from '../../../../reference/balancer/config-fault.ts';
import type { SwitchPlan } from '../../../../reference/balancer/document/schema.ts';
import {
  completeCheck,
  findCheckFaults,
  type CheckOptions,
} from '../../../../reference/health/check.ts';
import { anyPolicy, positive, SOME } from './arbitrary-policy.ts';

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom(
    '',
    '7',
    'true',
    'null',
    '~',
    '- a',
    'a: b',
    '#',
    '*a',
    '&a',
    '!x',
    ' a ',
    '0x10',
  ),
  fc.constantFrom('a\nb', '\u0085', '\u2028', "'", '"', '\\', '---', '1:30', '<<', 'yes', '\t'),
);
const port = fc.integer({ min: 1, max: 0xffff });
const portRange = fc
  .tuple(port, fc.nat(100))
  .map(([first, more]) => ({ first, last: Math.min(0xffff, first + more) }));
const hostMac = fc.integer({ min: 1, max: 2 ** 40 - 1 }).map(macFromNumber);

/** Some of a range of addresses, and those that the reader itself puts beside others. */
function addressFrom(min: number, max: number): fc.Arbitrary<Ipv4Address> {
  return fc
    .oneof(
      { weight: 4, arbitrary: fc.integer({ min, max }) },
      { weight: 1, arbitrary: fc.integer({ min: 0xc000_0201, max: 0xc000_0204 }) },
    )
    .map(ipv4FromNumber);
}

const status = fc.integer({ min: 100, max: 599 });
const check: fc.Arbitrary<CheckOptions> = fc
  .tuple(
    fc.oneof(
      fc.constant({ kind: 'connect' as const }),
      fc.record(
        {
          kind: fc.constant('http' as const),
          path: fc.webPath().map((path) => `/${path.replaceAll(/[^!-~]/gu, '')}`),
          host: fc.constantFrom('example.org', '7', '[::1]:80'),
          statuses: fc.array(
            fc.tuple(status, status).map(([a, b]) => ({
              first: Math.min(a, b),
              last: Math.max(a, b),
            })),
            { minLength: 1, maxLength: 3 },
          ),
        },
        { requiredKeys: ['kind', 'path', 'statuses'] },
      ),
    ),
    fc.record(
      {
        port,
        at: fc.constant('server' as const),
        intervalMs: fc.integer({ min: 2000, max: 9000 }),
        jitterMs: fc.nat(900),
        timeoutMs: fc.integer({ min: 1, max: 1000 }),
        fall: fc.integer({ min: 1, max: 9 }),
        rise: fc.integer({ min: 1, max: 9 }),
        trafficFall: fc.integer({ min: 1, max: 9 }),
      },
      SOME,
    ),
  )
  .map(([probe, rest]) => ({ probe, ...rest }));

const servers = (mode: Service['mode']): fc.Arbitrary<readonly Server[]> =>
  fc.uniqueArray(
    fc.record({
      name,
      address: addressFrom(0x0a00_0000, 0x0aff_ffff),
      mac: hostMac,
      port: mode === 'nat' ? fc.option(port, { nil: undefined }) : fc.constant(undefined),
      weight: fc.nat(256),
      isDrained: fc.boolean(),
    }),
    { maxLength: 4, selector: (server) => server.name },
  );

const service: fc.Arbitrary<Service> = fc
  .constantFrom<Service['mode'][]>('nat', 'dsr', 'ipip')
  .chain((mode) =>
    fc.record({
      name,
      address: addressFrom(0xc633_6400, 0xc633_64ff),
      protocol: fc.constantFrom('tcp', 'udp'),
      ports: portRange,
      mode: fc.constant(mode),
      servers: servers(mode),
      policy: anyPolicy,
      departed: fc.constantFrom('keep', 'reset'),
    }),
  );

const prefix = fc.tuple(fc.nat(0xffff_ffff), fc.nat(32)).map(([bits, length]) => {
  const size = 2 ** (32 - length);
  return { address: ipv4FromNumber(Math.floor(bits / size) * size), length };
});

const access: fc.Arbitrary<Access> = fc.record({
  rules: fc.array(
    fc.record(
      {
        action: fc.constantFrom('permit', 'deny'),
        source: prefix,
        sourcePorts: portRange,
        destination: prefix,
        destinationPorts: portRange,
        protocol: fc.constantFrom('tcp', 'udp', 'icmp'),
      },
      { requiredKeys: ['action'] },
    ),
    { maxLength: 3 },
  ),
  otherwise: fc.constantFrom('permit', 'deny'),
  established: fc.constantFrom('keep', 'apply'),
});

const options: fc.Arbitrary<BalancerOptions> = fc.record(
  {
    ports: fc.uniqueArray(fc.nat(64), { minLength: 1, maxLength: 5 }),
    mac: hostMac,
    addresses: fc.array(addressFrom(0x0b00_0000, 0x0bff_ffff), {
      minLength: 1,
      maxLength: 3,
    }),
    services: fc.uniqueArray(service, { maxLength: 4, selector: (each) => each.name }),
    access,
    strays: fc.constantFrom('drop', 'reset'),
    refusal: fc.constantFrom('drop', 'reset'),
    ipOptions: fc.constantFrom('forward', 'drop'),
    fragments: fc.constantFrom('follow', 'drop'),
    others: fc.constantFrom('bridge', 'drop'),
    hops: fc.constantFrom(0, 1),
    tunnelMtu: fc.integer({ min: 88, max: 0xffff }),
    timers: fc.record({
      opening: positive,
      established: positive,
      closing: positive,
      talking: positive,
    }),
    limits: fc.record({
      connections: fc.integer({ min: 100, max: 2 ** 31 }),
      halfOpen: fc.integer({ min: 1, max: 100 }),
      stations: positive,
      datagrams: positive,
      answersPerSecond: positive,
      frameOctets: fc.integer({ min: 60, max: 65_549 }),
    }),
    redundancy: fc.record({
      group: fc.integer({ min: 1, max: 255 }),
      priority: fc.integer({ min: 1, max: 254 }),
      intervalMs: fc.integer({ min: 1, max: 4095 }).map((units) => units * 10),
      source: fc.integer({ min: 0x0c00_0000, max: 0x0cff_ffff }).map(ipv4FromNumber),
      preempts: fc.boolean(),
    }),
  },
  { requiredKeys: ['ports', 'mac', 'services', 'addresses'] },
);

/** A server switch that can be, with checks for some of its services. */
export const anyPlan: fc.Arbitrary<SwitchPlan> = fc
  .tuple(options, fc.array(fc.option(check), { minLength: 4, maxLength: 4 }))
  .map(([all, checks]) => ({
    options: all,
    checks: new Map(
      all.services.flatMap(({ name: of, mode }, index): readonly [string, CheckOptions][] => {
        const found = checks[index] ?? undefined;
        const isSound =
          found !== undefined && findCheckFaults(completeCheck(found, mode), mode).length === 0;
        return isSound ? [[of, found]] : [];
      }),
    ),
  }))
  .filter((plan) => findConfigFault(completeConfig(plan.options)) === undefined);
