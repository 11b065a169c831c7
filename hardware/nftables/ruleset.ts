/**
 * A setup as rules of nftables: servers by turns, at random, or by a hash of the client.
 *
 *   netdev  ingress      connections   to the server that the map `connections` has        dsr
 *                        service-0 …   a SYN chooses its server, which the map then has
 *   ip      prerouting   access        who may not connect is refused, strays are dropped  nat
 *                        services      the first segment of a connection chooses its server
 *
 * Of NAT the kernel's connection tracking remembers the choice, and translates the other segments.
 */
import type {
  AccessRule,
  Pool,
  ServerName,
  VirtualService,
} from '../../conformance/driver/balancer.ts';
import type { Ability } from '../product/ability.ts';
import { placeOf, type SetupFile } from '../product/setup-file.ts';

/** What nftables can be told. */
export const ABILITY: Ability = {
  modes: ['nat', 'dsr'],
  choosing: ['round-robin', 'random', 'source-hash'],
  sessions: [],
  checks: false,
  locality: [],
};

/** Seconds for which an established connection may be silent. */
export const ESTABLISHED_SECONDS = 10;
const REFUSE = 'reject with tcp reset';
/** The same for each version of the rules, so that a client keeps its server. */
const HASH_SEED = '0x5eed';
/** What a connection is known by under direct return. */
const KEY = 'ip saddr . tcp sport . ip daddr . tcp dport';
const CONNECTIONS_MAX = 65_535;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/**
 * The servers of a pool in one round, each as often as its weight has it, and spread as nginx does
 * it: each gains its weight in each turn, and who is chosen pays for all.
 */
export function roundOf({ servers, weights = {} }: Pool): readonly ServerName[] {
  const divisor = servers.map((name) => weights[name] ?? 1).reduce(gcd, 0) || 1;
  const places = servers.map((name) => ({
    name,
    weight: (weights[name] ?? 1) / divisor,
    credit: 0,
  }));
  const turns = places.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: turns }, () => {
    for (const place of places) place.credit += place.weight;
    const chosen = places.reduce((best, place) => (place.credit > best.credit ? place : best));
    chosen.credit -= turns;
    return chosen.name;
  });
}

function drawOf(choosing: Pool['choosing'], count: number): string {
  if (choosing === 'random') return `numgen random mod ${count}`;
  if (choosing === 'source-hash') return `jhash ip saddr mod ${count} seed ${HASH_SEED}`;
  return `numgen inc mod ${count}`;
}

/** An expression that is what `valueOf` says of the server that is chosen; undefined for none. */
function choiceOf(pool: Pool, valueOf: (name: ServerName) => string): string | undefined {
  const round = roundOf(pool);
  const places = round.map((name, place) => `${place} : ${valueOf(name)}`);
  if (places.length === 0) return undefined;
  return `${drawOf(pool.choosing, round.length)} map { ${places.join(', ')} }`;
}

function matchOf({ address, port }: VirtualService): string {
  return `ip daddr ${address} tcp dport ${port}`;
}

function translatedLines(service: VirtualService, file: SetupFile): readonly string[] {
  const { port, serverPort = port } = service;
  const choice = choiceOf(service, (name) => placeOf(file, name).address);
  return choice === undefined ? [] : [`${matchOf(service)} dnat to ${choice} : ${serverPort}`];
}

function accessLine({ action, source }: AccessRule): string {
  return `ip saddr ${source} ${action === 'permit' ? 'return' : REFUSE}`;
}

function chain(name: string, lines: readonly string[], hook?: string): string {
  const all = hook === undefined ? lines : [`type ${hook}; policy accept;`, ...lines];
  return [`  chain ${name} {`, ...all.map((line) => `    ${line}`), '  }'].join('\n');
}

function natTable(file: SetupFile): string {
  const { access, services } = file.setup;
  const translated = services.filter(({ mode }) => mode === 'nat');
  return [
    'table ip balancer {',
    chain('permitted', access.map(accessLine)),
    chain(
      'access',
      translated.flatMap((each) => [
        `${matchOf(each)} ct state invalid drop`,
        `${matchOf(each)} ct state new jump permitted`,
        ...(roundOf(each).length > 0 ? [] : [`${matchOf(each)} ct state new ${REFUSE}`]),
      ]),
      'filter hook prerouting priority -150',
    ),
    chain(
      'services',
      translated.flatMap((each) => translatedLines(each, file)),
      'nat hook prerouting priority -100',
    ),
    '}',
  ].join('\n');
}

function directLines(service: VirtualService, file: SetupFile): readonly string[] {
  const match = matchOf(service);
  const choice = choiceOf(service, (name) => placeOf(file, name).mac);
  const chosen = choice === undefined ? REFUSE : `ether daddr set ${choice} goto chosen`;
  return [
    // What is no SYN belongs to nothing: connections have been looked for.
    `${match} tcp flags & (fin | syn | rst | ack) != syn drop`,
    `${match} jump permitted`,
    `${match} ${chosen}`,
  ];
}

function directTable(file: SetupFile): string {
  const { setup, device, mac } = file;
  const direct = setup.services.filter(({ mode }) => mode === 'dsr');
  const known = `update @connections { ${KEY} : ether daddr }`;
  return [
    'table netdev balancer {',
    '  map connections {',
    `    typeof ${KEY} : ether daddr`,
    '    flags dynamic,timeout',
    `    timeout ${ESTABLISHED_SECONDS}s`,
    `    size ${CONNECTIONS_MAX}`,
    '  }',
    chain('permitted', setup.access.map(accessLine)),
    chain('chosen', [`ether saddr set ${mac}`, known, `fwd to "${device}"`]),
    chain(
      'connections',
      [
        `ether daddr set ${KEY} map @connections goto chosen`,
        ...direct.flatMap((each) => directLines(each, file)),
      ],
      `filter hook ingress device "${device}" priority 0`,
    ),
    '}',
  ].join('\n');
}

/**
 * What `nft -f` reads; its rules take the place of all that were before, at once.
 *
 * The connections of direct return stay: a table that is flushed keeps its maps.
 */
export function rulesetOf(file: SetupFile): string {
  return [
    // To delete or flush what is not there is an error, to add what is there is none.
    'add table ip balancer',
    'delete table ip balancer',
    'add table netdev balancer',
    'flush table netdev balancer',
    natTable(file),
    directTable(file),
    '',
  ].join('\n');
}
