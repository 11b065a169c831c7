/** Configurations that no server switch can have. */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import type { PolicyName } from '../policy/declaration.ts';
import type { PolicyFault } from '../policy/fault.ts';
import { declarationFault, poolFault } from '../policy/fault.ts';
import type { Access, Prefix } from './access.ts';
import type { BalancerConfig, PortRange, Server, Service } from './config.ts';
import type { Redundancy } from './election.ts';

/** What they look at is known only when a request is, or the ClientHello before it. */
const REQUEST_POLICIES: ReadonlySet<PolicyName> = new Set([
  'url-hash',
  'cookie-hash',
  'cookie-insert',
  'cookie-learn',
  'tls-session',
  'lard',
]);
const MAC_MULTICAST_BIT = 2 ** 40;
/** An IPv4 header in another, and the least that every link must carry. RFC 791, RFC 2003. */
const TUNNEL_MTU_MIN = 20 + 68;
/** Of a whole Ethernet frame without check sequence, as of the longest IP packet in one. */
const FRAME_OCTETS = { min: 60, max: 65_549 } as const;

/** What the whole must have, each with how to tell. */
const NEEDS: Readonly<Record<string, (config: BalancerConfig) => boolean>> = {
  'one port or more, each once': ({ ports }) =>
    ports.length > 0 && new Set(ports).size === ports.length,
  'the MAC address of one host': ({ mac }) => isHostMac(mac),
  'unicast addresses of its own': ({ addresses }) => addresses.every(isUnicast),
  'a name of its own for each service': ({ services }) =>
    new Set(services.map(({ name }) => name)).size === services.length,
  'services whose ports do not overlap': ({ services }) => !overlaps(services),
  'limits of 1 or more': ({ limits }) =>
    Object.values(limits).every((most) => Number.isSafeInteger(most) && most >= 1),
  'no more half-open connections than connections': ({ limits }) =>
    limits.halfOpen <= limits.connections,
  'frames of 60 to 65549 octets': ({ limits: { frameOctets } }) =>
    isWithin(frameOctets, FRAME_OCTETS.min, FRAME_OCTETS.max),
  'timers of 1 ms or more': ({ timers }) =>
    Object.values(timers).every((ms) => Number.isSafeInteger(ms) && ms >= 1),
  'a tunnel MTU of 88 to 65535': ({ tunnelMtu }) => isWithin(tunnelMtu, TUNNEL_MTU_MIN, 0xffff),
  'for an election: a group, priority and interval, 1 to 255 addresses, and one of its own': ({
    redundancy,
    ...rest
  }) => redundancy === undefined || canElect(redundancy, rest),
  'access rules with prefixes of 0 to 32 bits, and with ports': ({ access }) => isSound(access),
};

/** What each service must have, each with how to tell. */
const SERVICE_NEEDS: Readonly<
  Record<string, (service: Service, config: BalancerConfig) => boolean>
> = {
  'a unicast address that is not the switch’s own': ({ address }, { addresses }) =>
    isUnicast(address) && !addresses.includes(address),
  'ports from 1 to 65535, the first not above the last': ({ ports }) => isRange(ports),
  'servers without another port, for only NAT can map one': (service) =>
    service.mode === 'nat' || service.servers.every(({ port }) => keepsPort(service, port)),
  'an address of the switch to tunnel from': ({ mode }, { addresses }) =>
    mode !== 'ipip' || addresses.length > 0,
  'a policy that looks at the connection alone, for there is no request yet': ({ policy }) =>
    !REQUEST_POLICIES.has(policy.policy),
  'a policy that only hashes, for strays are hashed': ({ policy }, { strays }) =>
    strays !== 'hash' || policy.policy === 'connection-hash' || policy.policy === 'source-hash',
};

/** What each server must have, each with how to tell. */
const SERVER_NEEDS: Readonly<Record<string, (server: Server) => boolean>> = {
  'a unicast address': ({ address }) => isUnicast(address),
  'the MAC address of one host': ({ mac }) => isHostMac(mac),
  'a port from 1 to 65535': ({ port }) => port === undefined || isPort(port),
};

/** What a configuration would need and this one lacks, for people; undefined if nothing. */
export function findConfigFault(config: BalancerConfig): string | undefined {
  const fault = lackOf(NEEDS, (isMet) => isMet(config));
  if (fault !== undefined) return `the switch needs ${fault}`;
  const virtuals = new Set(config.services.map(({ address }) => address));
  for (const service of config.services) {
    const found = findServiceFault(service, config, virtuals);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findServiceFault(
  service: Service,
  config: BalancerConfig,
  virtuals: ReadonlySet<Ipv4Address>,
): string | undefined {
  const lack = lackOf(SERVICE_NEEDS, (isMet) => isMet(service, config));
  if (lack !== undefined) return `service ${service.name} needs ${lack}`;
  const found = poolFault(service.servers) ?? declarationFault(service.policy, service.servers);
  if (found !== undefined) return `service ${service.name}: ${policyFaultText(found)}`;
  for (const server of service.servers) {
    const whose = `server ${server.name} of service ${service.name}`;
    const fault = lackOf(SERVER_NEEDS, (isMet) => isMet(server));
    if (fault !== undefined) return `${whose} needs ${fault}`;
    // Else what the switch sends to the server would come back to the switch.
    if (virtuals.has(server.address)) return `${whose} needs an address that is not virtual`;
  }
  return undefined;
}

function policyFaultText({ kind, field, ...limits }: PolicyFault): string {
  const said = Object.entries(limits).map(([name, value]) => `, ${name} ${value}`);
  return `${kind} at ${field}${said.join('')}`;
}

function lackOf<T>(
  needs: Readonly<Record<string, T>>,
  test: (isMet: T) => boolean,
): string | undefined {
  return Object.entries(needs).find(([, isMet]) => !test(isMet))?.[0];
}

/** RFC 9568 section 5.2: octets, and an interval of 12 bits in units of 10 ms. */
function canElect(
  { group, priority, intervalMs, source }: Redundancy,
  { addresses, services }: Pick<BalancerConfig, 'addresses' | 'services'>,
): boolean {
  const isShared = addresses.includes(source) || services.some(({ address }) => address === source);
  return (
    isWithin(group, 1, 255) &&
    isWithin(priority, 1, 254) &&
    isWithin(intervalMs / 10, 1, 0xfff) &&
    isWithin(addresses.length, 1, 255) &&
    isUnicast(source) &&
    !isShared
  );
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function overlaps(services: readonly Service[]): boolean {
  const order = services.toSorted(
    (a, b) =>
      a.address - b.address ||
      a.protocol.localeCompare(b.protocol) ||
      a.ports.first - b.ports.first,
  );
  return order.some((each, index) => {
    const next = order[index + 1];
    const isSameHost = next?.address === each.address && next.protocol === each.protocol;
    return isSameHost && next.ports.first <= each.ports.last;
  });
}

function keepsPort({ ports }: Service, port: number | undefined): boolean {
  return port === undefined || (ports.first === ports.last && ports.first === port);
}

function isSound({ rules }: Access): boolean {
  return rules.every(
    (rule) =>
      [rule.source, rule.destination].every(isPrefix) &&
      [rule.sourcePorts, rule.destinationPorts].every(
        (ports) => ports === undefined || isRange(ports),
      ),
  );
}

function isPrefix(prefix: Prefix | undefined): boolean {
  if (prefix === undefined) return true;
  return isWithin(prefix.length, 0, 32);
}

function isRange({ first, last }: PortRange): boolean {
  return isPort(first) && isPort(last) && first <= last;
}

function isPort(port: number): boolean {
  return isWithin(port, 1, 0xffff);
}

function isHostMac(mac: MacAddress): boolean {
  return mac !== 0 && Math.floor(mac / MAC_MULTICAST_BIT) % 2 === 0;
}

/** Not unspecified (0/8), loopback (127/8), multicast (224/4) or broadcast. RFC 6890. */
function isUnicast(address: Ipv4Address): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 0xe0;
}
