/**
 * Finds the client, the connection and the path of a segment, by its two endpoints.
 *
 * Who of two endpoints is the client: the one that is known as one; else the one that sends SYN;
 * else the one with the higher port. Bounded: the clients that were quiet longest are given up.
 */
import { addressPart, portPart, type EndpointNumber } from './address-book.ts';
import {
  createClient,
  createConnection,
  type Client,
  type Connection,
  type Direction,
  type Path,
} from './connection.ts';
import { createCoverage } from './coverage.ts';
import { FLAG, has, type CaptureName, type Seen } from './seen.ts';

/** Where a segment belongs. */
export interface Route {
  readonly source: EndpointNumber;
  readonly destination: EndpointNumber;
  /** The next route with the same hash. */
  next: Route | undefined;
  readonly client: Client;
  readonly direction: Direction;
  readonly connection: Connection | undefined;
  readonly path: Path | undefined;
}

/** All clients. */
export interface Table {
  /** The route of a segment, made when it is not there. */
  readonly routeOf: (seen: Seen) => Route;
  readonly clients: () => Iterable<Client>;
  /** The client at an endpoint, if there is one. */
  readonly find: (endpoint: EndpointNumber) => Client | undefined;
  /** Whether any client is at an address. */
  readonly isClientAddress: (address: number) => boolean;
  /** How many clients were seen, those given up included. */
  readonly seen: () => number;
}

/** The most client endpoints at a time. */
export const MAX_CLIENTS = 32_768;
/** The most routes of one client endpoint, in all captures and both directions. */
const MAX_ROUTES = 128;

type Joined = Pick<Route, 'connection' | 'path'>;

/**
 * Routes by the hash of their endpoints: small whole numbers are the fastest keys that there are.
 */
type Routes = Map<number, Route>;

/** More routes with one hash are no accident: the oldest are given up. */
const MAX_ALIKE = 64;

function isFromClient(seen: Seen, clients: ReadonlyMap<EndpointNumber, Client>): boolean {
  const source = clients.has(seen.source);
  if (source !== clients.has(seen.destination)) return source;
  if (has(seen, FLAG.syn)) return !has(seen, FLAG.ack);
  const [from, to] = [portPart(seen.source), portPart(seen.destination)];
  return from === to ? seen.source > seen.destination : from > to;
}

function findRoute(routes: Routes, seen: Seen): Route | undefined {
  let route = routes.get(seen.endsHash);
  while (
    route !== undefined &&
    (route.source !== seen.source || route.destination !== seen.destination)
  ) {
    route = route.next;
  }
  return route;
}

/** Adds a route; the clients of more routes with its hash than can be are returned. */
function remember(routes: Routes, hash: number, route: Route): Client | undefined {
  route.next = routes.get(hash);
  routes.set(hash, route);
  let last: Route | undefined = route;
  for (let count = 0; count < MAX_ALIKE; count += 1) last = last?.next;
  return last?.client;
}

/** Takes the routes of a client out of the chain at `hash`. */
function forget(routes: Routes, hash: number, client: Client): void {
  let kept: Route | undefined;
  for (let route = routes.get(hash); route !== undefined;) {
    const { next } = route;
    if (route.client !== client) {
      route.next = kept;
      kept = route;
    }
    route = next;
  }
  if (kept === undefined) routes.delete(hash);
  else routes.set(hash, kept);
}

/** An empty table; `giveUp` is told of each client that has to make room. */
export function createTable(giveUp: (client: Client) => void): Table {
  const clients = new Map<EndpointNumber, Client>();
  /** How many clients are at an address. */
  const addresses = new Map<number, number>();
  const routes: Readonly<Record<CaptureName, Routes>> = {
    client: new Map(),
    backend: new Map(),
    controller: new Map(),
  };
  let clock = 0;
  let made = 0;

  function countAddress({ endpoint }: Client, step: 1 | -1): void {
    const address = addressPart(endpoint);
    const count = (addresses.get(address) ?? 0) + step;
    if (count > 0) addresses.set(address, count);
    else addresses.delete(address);
  }

  function remove(client: Client): void {
    giveUp(client);
    clients.delete(client.endpoint);
    countAddress(client, -1);
    for (const { capture, hash } of client.routes) forget(routes[capture], hash, client);
  }

  /** Gives up the quietest quarter at once, so that the sorting is paid for rarely. */
  function makeRoom(): void {
    const byAge = [...clients.values()].toSorted((a, b) => a.lastUsed - b.lastUsed);
    for (const client of byAge.slice(0, MAX_CLIENTS / 4)) remove(client);
  }

  function clientAt(endpoint: EndpointNumber): Client {
    const known = clients.get(endpoint);
    if (known !== undefined) return known;
    if (clients.size >= MAX_CLIENTS) makeRoom();
    const client = createClient(endpoint);
    client.lastUsed = clock;
    clients.set(endpoint, client);
    countAddress(client, 1);
    made += 1;
    return client;
  }

  /** The connection or path of a new route: its other direction may have made it already. */
  function join(client: Client, peer: EndpointNumber, capture: CaptureName): Joined {
    if (capture === 'client') {
      const known = client.connections.find(({ virtual }) => virtual === peer);
      if (known !== undefined) return { connection: known, path: undefined };
      const connection = createConnection(client, peer);
      client.connections.push(connection);
      return { connection, path: undefined };
    }
    const known = client.paths.find((path) => path.owner === peer && path.capture === capture);
    if (known !== undefined) return { connection: undefined, path: known };
    const path = { client, owner: peer, capture, spoke: false, coverage: createCoverage() };
    client.paths.push(path);
    return { connection: undefined, path };
  }

  function createRoute(seen: Seen): Route {
    const { source, destination, capture, endsHash: hash } = seen;
    const fromClient = isFromClient(seen, clients);
    const endpoint = fromClient ? source : destination;
    const known = clients.get(endpoint);
    // One endpoint that talks to everybody is a scan, or no client at all: begin anew.
    if (known !== undefined && known.routes.length >= MAX_ROUTES) remove(known);
    const client = clientAt(endpoint);
    const joined = join(client, fromClient ? destination : source, capture);
    const direction = fromClient ? 'toOwner' : 'toClient';
    const route: Route = { source, destination, client, direction, ...joined, next: undefined };
    client.routes.push({ capture, hash });
    const crowd = remember(routes[capture], hash, route);
    if (crowd !== undefined && crowd !== client) remove(crowd);
    return route;
  }

  function routeOf(seen: Seen): Route {
    clock += 1;
    const route = findRoute(routes[seen.capture], seen) ?? createRoute(seen);
    route.client.lastUsed = clock;
    return route;
  }

  return {
    routeOf,
    clients: () => clients.values(),
    find: (endpoint) => clients.get(endpoint),
    isClientAddress: (address) => addresses.has(address),
    seen: () => made,
  };
}
