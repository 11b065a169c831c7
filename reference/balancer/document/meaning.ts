/**
 * What no server switch can have though each field may be so: all of it, each at its place.
 *
 * The balancer itself says what it refuses, of one part at a time beside parts that are sound; so
 * there is one list of needs. What it refuses only as a whole is told of the whole.
 */
import { ipv4Address, mac, type Ipv4Address } from 'scapy-ts';
import { completeCheck, findCheckFaults } from '../../health/check.ts';
import { declarationFault, poolFault, type PolicyFault } from '../../policy/fault.ts';
import { findConfigFault } from '../config-fault.ts';
import { completeConfig, type BalancerConfig, type Server, type Service } from '../config.ts';
import type { Objection, Path } from './fault.ts';
import { findClashes } from './clash.ts';
import type { SwitchPlan } from './schema.ts';

const SOUND_SERVER: Server = {
  name: 'server',
  weight: 1,
  address: ipv4Address('192.0.2.1'),
  mac: mac('02:00:00:00:00:01'),
  port: undefined,
  isDrained: false,
};
const SOUND_SERVICE: Service = {
  name: 'service',
  address: ipv4Address('192.0.2.2'),
  protocol: 'tcp',
  ports: { first: 1, last: 1 },
  mode: 'nat',
  servers: [],
  policy: { policy: 'round-robin' },
  departed: 'keep',
};
/** For what is put beside those above where an address of theirs would be in the way. */
const SWITCH_ADDRESS = ipv4Address('192.0.2.3');
const OTHER_VIRTUAL = ipv4Address('192.0.2.4');
const SOUND: BalancerConfig = completeConfig({
  ports: [0],
  mac: mac('02:00:00:00:00:01'),
  services: [],
});
const OF_SWITCH = 'the switch needs ';
const OF_SERVICE = 'service service needs ';
const OF_SERVER = 'server server of service service needs ';

/** One part, where it stands, what is said of it, and what to do. */
interface Part<T> {
  readonly path: Path;
  readonly part: T;
  readonly advice: string;
}

/** What of the whole the parts of a service are looked at beside. */
interface Surroundings {
  readonly addresses: readonly Ipv4Address[];
  readonly virtuals: ReadonlySet<Ipv4Address>;
  readonly strays: BalancerConfig['strays'];
}

/** All objections to a plan. */
export function objectionsTo({ options, checks }: SwitchPlan): readonly Objection[] {
  const config = completeConfig(options);
  const virtuals = new Set(config.services.map(({ address }) => address));
  const around = { addresses: soundOf(config.addresses), virtuals, strays: config.strays };
  const objections = [
    ...objectionsToSwitch(config, around),
    ...findClashes(config.services),
    ...config.services.flatMap((service, index) =>
      objectionsToService(service, around, ['services', index]),
    ),
    ...config.services.flatMap(({ name, mode }, index) => {
      const check = checks.get(name);
      const faults = check === undefined ? [] : findCheckFaults(completeCheck(check, mode), mode);
      return faults.map(({ field, need }): Objection => ({
        path: ['services', index, 'check', ...field.split('.')],
        expected: need,
        advice: 'replace it',
      }));
    }),
  ];
  const fault = objections.length === 0 ? findConfigFault(config) : undefined;
  if (fault !== undefined) objections.push({ path: [], expected: fault, advice: 'change it' });
  return objections;
}

function objectionsToSwitch(config: BalancerConfig, around: Surroundings): readonly Objection[] {
  const { ports, access, tunnelMtu, timers, limits, redundancy } = config;
  const addresses = config.addresses.map((address, index): Part<Partial<BalancerConfig>> => ({
    path: ['addresses', index],
    part: { addresses: [address] },
    advice: 'write the address of one host',
  }));
  const parts: readonly Part<Partial<BalancerConfig>>[] = [
    { path: ['ports'], part: { ports }, advice: 'write each port of the switch once' },
    { path: ['mac'], part: { mac: config.mac }, advice: 'write an address of its own' },
    ...addresses,
    { path: ['access'], part: { access }, advice: 'change its rules' },
    { path: ['tunnelMtu'], part: { tunnelMtu }, advice: 'change it' },
    { path: ['timers'], part: { timers }, advice: 'change them' },
    { path: ['limits'], part: { limits }, advice: 'make one smaller, or the other greater' },
    {
      path: ['redundancy'],
      part: {
        redundancy,
        addresses: around.addresses,
        services: standIns(around.virtuals),
      },
      advice: 'give the switch addresses, and another one to it as source',
    },
  ];
  return tell(parts, OF_SWITCH, (part) => ({ ...SOUND, ...part }));
}

function objectionsToService(
  service: Service,
  { addresses, virtuals, strays }: Surroundings,
  path: Path,
): readonly Objection[] {
  const { address, ports, mode, servers, policy } = service;
  const hasAddress = addresses.length > 0;
  const parts: readonly Part<readonly [Partial<Service>, Partial<BalancerConfig>]>[] = [
    {
      path: [...path, 'address'],
      part: [{ address }, { addresses }],
      advice: 'write an address that no host has',
    },
    { path: [...path, 'ports'], part: [{ ports }, {}], advice: 'change them' },
    {
      path: [...path, 'mode'],
      part: [{ mode, ports, servers }, { addresses: hasAddress ? [SWITCH_ADDRESS] : [] }],
      advice: mode === 'ipip' && !hasAddress ? 'add addresses' : 'leave the servers’ ports out',
    },
    {
      path: [...path, 'policy'],
      part: [{ policy }, { strays }],
      advice: 'write another policy',
    },
  ];
  return [
    ...tell(parts, OF_SERVICE, ([part, rest]) => ({
      ...SOUND,
      ...rest,
      services: [{ ...SOUND_SERVICE, ...part }],
    })),
    ...objectionsToPool(service, path),
    ...servers.flatMap((server, index) =>
      objectionsToServer(server, virtuals, [...path, 'servers', index]),
    ),
  ];
}

function objectionsToPool({ servers, policy }: Service, path: Path): readonly Objection[] {
  const ofPool = poolFault(servers);
  // Names that two have are told of each pair, elsewhere.
  const isOther = ofPool !== undefined && ofPool.kind !== 'same-name';
  const ofPolicy = declarationFault(policy, servers);
  return [
    ...(isOther ? [objectionToPolicy(ofPool, [...path, 'servers'], [...path, 'servers'])] : []),
    ...(ofPolicy === undefined
      ? []
      : [objectionToPolicy(ofPolicy, [...path, 'policy'], [...path, 'servers'])]),
  ];
}

/** Fields of a policy are `placement.size`, and of a pool `[0].weight`. */
function objectionToPolicy(fault: PolicyFault, whole: Path, pool: Path): Objection {
  const { place, name } = /^\[(?<place>\d+)\]\.(?<name>\w+)$/u.exec(fault.field)?.groups ?? {};
  const isField = /^[\w.]+$/u.test(fault.field);
  const path =
    place !== undefined && name !== undefined
      ? [...pool, Number(place), name]
      : [...whole, ...(isField && fault.field !== 'length' ? fault.field.split('.') : [])];
  return { path, ...expectationOf(fault) };
}

function expectationOf(fault: PolicyFault): Pick<Objection, 'expected' | 'advice'> {
  switch (fault.kind) {
    case 'range': {
      const { field, least, most } = fault;
      return { expected: `${field} from ${least} to ${most}`, advice: 'replace it' };
    }
    case 'not-prime':
      return { expected: 'a prime number', advice: 'write one such as 65537' };
    case 'too-few-entries':
      return {
        expected: `as many entries as there are servers, ${fault.servers}, or more`,
        advice: 'write a greater prime number',
      };
    case 'wrong-key':
      return { expected: 'a placement for what is hashed', advice: 'write source-hash for it' };
    case 'cookie':
      return { expected: 'what a cookie may have (RFC 6265)', advice: 'rename it' };
    case 'same-name':
      return { expected: 'a name of its own', advice: 'rename it' };
    default:
      return fault satisfies never;
  }
}

function objectionsToServer(
  { address, mac: hardware }: Server,
  virtuals: ReadonlySet<Ipv4Address>,
  path: Path,
): readonly Objection[] {
  const parts: readonly Part<Partial<Server>>[] = [
    { path: [...path, 'address'], part: { address }, advice: 'write its own address' },
    { path: [...path, 'mac'], part: { mac: hardware }, advice: 'write its own address' },
  ];
  const virtual = address === SOUND_SERVICE.address ? OTHER_VIRTUAL : SOUND_SERVICE.address;
  const found = tell(parts, OF_SERVER, (part) => ({
    ...SOUND,
    services: [{ ...SOUND_SERVICE, address: virtual, servers: [{ ...SOUND_SERVER, ...part }] }],
  }));
  if (!virtuals.has(address)) return found;
  const expected = 'an address that is not virtual';
  return [...found, { path: [...path, 'address'], expected, advice: 'write its own address' }];
}

/** What the balancer objects to in parts, each put into a sound configuration by `whole`. */
function tell<T>(
  parts: readonly Part<T>[],
  prefix: string,
  whole: (part: T) => BalancerConfig,
): readonly Objection[] {
  return parts.flatMap(({ path, part, advice }): readonly Objection[] => {
    const fault = findConfigFault(whole(part));
    const isOfThis = fault?.startsWith(prefix) === true;
    return isOfThis ? [{ path, expected: fault.slice(prefix.length), advice }] : [];
  });
}

function soundOf(addresses: readonly Ipv4Address[]): readonly Ipv4Address[] {
  return addresses.filter((each) => findConfigFault({ ...SOUND, addresses: [each] }) === undefined);
}

/** One sound service for each virtual address. */
function standIns(virtuals: ReadonlySet<Ipv4Address>): readonly Service[] {
  return [...virtuals].map((address) => ({ ...SOUND_SERVICE, name: String(address), address }));
}
