/**
 * Ways in which server switches bring all packets of a connection to one server.
 *
 * All of them are asked the same: where does the SYN go, and where a later packet? They differ in
 * where they keep the answer: nowhere, in a table of the switch, or in the packet.
 */
import { createRandom, drawBelow } from '../../sim/network/random.ts';
import { spreadByMaglev, spreadByModulo, type Spread } from './spread.ts';

/** One mechanism at work; connections and servers are numbers from 0 on. */
export interface Mechanism {
  /** The server that gets the SYN of a connection. */
  open(connection: number): number;
  /** The server that gets a later packet of it. */
  route(connection: number): number;
  /** The pool is another from now on; some weight is above 0. */
  change(weights: readonly number[]): void;
  /** All switches forget what they have learned. */
  restart(): void;
  /** The second switch is lost; what it got goes to the first. */
  lose(): void;
}

/** The mechanisms that are compared; the first is the negative control. */
export const MECHANISMS = ['mod N', 'Maglev', 'table', 'table + Maglev', 'cookie'] as const;

/** The name of one of them. */
export type MechanismName = (typeof MECHANISMS)[number];

/** What mechanisms have to work with. */
export interface Setting {
  /** The weight of each server, from 0 on; 0 for one that is not there. */
  readonly weights: readonly number[];
  /** The hash of each connection, 32 bits. */
  readonly hashes: Uint32Array;
  /** Server switches that share the connections. */
  readonly switches: 1 | 2;
  /** Connections that the table of each switch has room for. */
  readonly capacity: number;
  /** Entries of Maglev's table, a prime number. */
  readonly maglevSize: number;
  /** Of what is chosen at random. */
  readonly seed: number;
}

/** A mechanism before its first connection. */
export function createMechanism(name: MechanismName, setting: Setting): Mechanism {
  switch (name) {
    case 'mod N':
      return byHash(setting, spreadByModulo);
    case 'Maglev':
      return byHash(setting, spreadByMaglev(setting.maglevSize));
    case 'table':
      return withTable(setting, atRandom(setting));
    case 'table + Maglev':
      return withTable(setting, byHash(setting, spreadByMaglev(setting.maglevSize)));
    case 'cookie':
      return withCookie(setting, atRandom(setting));
    default:
      return name satisfies never;
  }
}

/** Remembers nothing: the hash and the pool of the moment decide. */
function byHash({ weights, hashes }: Setting, spread: Spread): Mechanism {
  let table = spread(weights);
  const route = (connection: number): number =>
    table[(hashes[connection] ?? 0) % table.length] ?? 0;
  return {
    open: route,
    route,
    change: (changed) => void (table = spread(changed)),
    restart: () => {},
    lose: () => {},
  };
}

/** Chooses anew for every packet, in proportion to the weights: any policy that is not a hash. */
function atRandom({ weights, seed }: Setting): Mechanism {
  const random = createRandom(seed, 'choices');
  let turns = spreadByModulo(weights);
  const route = (): number => turns[drawBelow(random, turns.length)] ?? 0;
  return {
    open: route,
    route,
    change: (changed) => void (turns = spreadByModulo(changed)),
    restart: () => {},
    lose: () => {},
  };
}

/**
 * Keeps the choice of `inner` while there is room; a connection without an entry is taken for a new
 * one. Nothing is pushed out: a timer would free entries, and none runs out here.
 */
function withTable({ hashes, switches, capacity }: Setting, inner: Mechanism): Mechanism {
  // Servers plus one; 0 where the switch of a connection does not know it.
  const entries = new Uint16Array(hashes.length);
  const room = [capacity, capacity];
  let working = switches;
  const switchOf = (connection: number): number =>
    working === 2 ? (hashes[connection] ?? 0) >>> 31 : 0;
  const route = (connection: number): number => {
    const entry = entries[connection] ?? 0;
    if (entry > 0) return entry - 1;
    const server = inner.route(connection);
    const chosen = switchOf(connection);
    const left = room[chosen] ?? 0;
    if (left > 0) {
      room[chosen] = left - 1;
      entries[connection] = server + 1;
    }
    return server;
  };
  return {
    open: route,
    route,
    change: (weights) => inner.change(weights),
    restart(): void {
      entries.fill(0);
      room.fill(capacity);
    },
    lose(): void {
      for (let connection = 0; connection < entries.length; connection += 1) {
        if (switchOf(connection) === 1) entries[connection] = 0;
      }
      working = 1;
    },
  };
}

/**
 * Has each packet name its server, as the TCP timestamps do in stateless Cheetah (Barbette et al.,
 * NSDI 2020): the choice for the SYN goes to the client in the first answer, masked with a hash, and
 * comes back in all that follows. The switches remember nothing.
 */
function withCookie({ hashes }: Setting, inner: Mechanism): Mechanism {
  // What the clients hold, so no restart can touch it.
  const cookies = new Uint16Array(hashes.length);
  const maskOf = (connection: number): number => (hashes[connection] ?? 0) & 0xffff;
  return {
    open(connection): number {
      const server = inner.open(connection);
      cookies[connection] = server ^ maskOf(connection);
      return server;
    },
    route: (connection) => (cookies[connection] ?? 0) ^ maskOf(connection),
    change: (weights) => inner.change(weights),
    restart: () => {},
    lose: () => {},
  };
}
