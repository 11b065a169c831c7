/**
 * What is known of the traffic of one client endpoint.
 *
 *   client capture    connection: client, virtual endpoint ─┐
 *                                                           ├─ inferred rule
 *   other captures    path: client, owner endpoint ─────────┘
 *
 * The client's endpoint is the same on both sides of a switch, so that it is what holds all
 * together.
 */
import type { EndpointNumber } from './address-book.ts';
import type { CaptureName, Seen } from './seen.ts';
import { createCoverage, type Coverage } from './coverage.ts';
import type { Gap } from './handover.ts';
import type { FrameReference } from './ledger.ts';
import { createTrack, type Track } from './track.ts';
import { createTrail, type Trail } from './trail.ts';
import { createClientWatch, type ClientWatch } from './watched.ts';

/** Which way a segment goes. */
export type Direction = 'toOwner' | 'toClient';

/** What one direction of a rule does to its segments. */
export interface Side {
  readonly seq: Track;
  readonly ack: Track;
  readonly tsValue: Track;
  readonly tsEcho: Track;
  /** The window shifts that fit all segments so far, one bit each. */
  readonly window: Track;
  readonly mac: Track;
  readonly tags: Track;
  pairs: number;
  /** A pair that cannot have been a mistake has shown the numbers. */
  anchored: boolean;
  /** Segments that may not be fragmented, by whether they kept their identification. */
  idKept: number;
  idChanged: number;
  /** SYNs and FINs that came through, and segments with payload. */
  syns: number;
  fins: number;
  payloads: number;
  /** Frames of the first and the last pair. */
  firstOut: number;
  lastIn: number;
  lastOut: number;
}

/** A rule as the segments show it. */
export interface InferredRule {
  readonly connection: Connection;
  readonly path: Path;
  readonly toOwner: Side;
  readonly toClient: Side;
}

/** A client and a virtual endpoint. */
export interface Connection {
  readonly client: Client;
  readonly virtual: EndpointNumber;
  readonly watch: ClientWatch;
  readonly rules: InferredRule[];
  /** What the client's capture shows of it. */
  readonly coverage: Coverage;
  /** The sequence number of the SYN that began it, once seen. */
  synSeq: number | undefined;
  /** An earlier connection between these endpoints had an owner other than the controller. */
  served: boolean;
  /** Octets that are missing before the first ones of a new owner. */
  gap: Gap | undefined;
}

/** A client and an endpoint that its segments leave for, in one capture behind the switch. */
export interface Path {
  readonly client: Client;
  readonly owner: EndpointNumber;
  readonly capture: CaptureName;
  /** What that capture shows of it. */
  readonly coverage: Coverage;
  /** The other end has sent something, so that a learning switch knows where it is. */
  spoke: boolean;
}

/** What left the switch lately, to tell a second copy. */
export interface Recent {
  id: number;
  seq: number;
  ack: number;
  hash: number;
  length: number;
  flags: number;
  capture: CaptureName;
  interfaceId: number;
  frame: number;
}

/** A pair by the numbers of its frames: in the client's capture, and in the other one. */
export interface LastPair {
  rule: InferredRule | undefined;
  /** By the client capture's clock. */
  timeUs: number;
  near: number;
  far: number;
  hasPayload: boolean;
  /** The right edge of the window that it offered; undefined where that cannot be known. */
  edge: number | undefined;
}

/** One direction of a client's traffic: what waits for its partner on the other side. */
export interface Lane {
  readonly direction: Direction;
  /** Segments that arrived at the switch. */
  readonly arrived: Seen[];
  /** Segments that left it. */
  readonly left: Seen[];
  readonly recent: Recent[];
  nextRecent: number;
  /** From the second rule of the client on. */
  readonly trail: Trail;
  /** The pair before. */
  readonly last: LastPair;
  /** The sender does not give every packet its own identification. */
  idsRepeat: boolean;
  lastId: number;
  lastSeq: number;
}

/** A reset of a client that has not been seen to leave the switch. */
export interface OpenReset {
  readonly connection: Connection;
  readonly frame: number;
  readonly timeUs: number;
  readonly seq: number;
  /** Segments by which the owner shows long afterwards that it expects this very number. */
  unmoved: number;
}

/** One client endpoint. */
export interface Client {
  readonly endpoint: EndpointNumber;
  readonly connections: Connection[];
  readonly paths: Path[];
  /** Where its routes are found in the table. */
  readonly routes: { readonly capture: CaptureName; readonly hash: number }[];
  readonly toOwner: Lane;
  readonly toClient: Lane;
  /** Rules that its segments have shown. */
  rules: number;
  /** A reset that it sent, until that is found on the other side. */
  reset: OpenReset | undefined;
  /** An ICMP error about its segments, until one comes through that arrived later. */
  reported: FrameReference | undefined;
  /** Some of its segments, or of those to it, came in fragments. */
  fragmented: boolean;
  /** Counts packets, for ageing. */
  lastUsed: number;
}

function createLane(direction: Direction): Lane {
  return {
    direction,
    arrived: [],
    left: [],
    recent: [],
    nextRecent: 0,
    trail: createTrail(),
    last: { rule: undefined, timeUs: 0.5, near: 0, far: 0, hasPayload: false, edge: undefined },
    idsRepeat: false,
    lastId: -1,
    lastSeq: 0,
  };
}

/** A client endpoint of which nothing is known. */
export function createClient(endpoint: EndpointNumber): Client {
  return {
    endpoint,
    connections: [],
    paths: [],
    routes: [],
    toOwner: createLane('toOwner'),
    toClient: createLane('toClient'),
    rules: 0,
    reset: undefined,
    reported: undefined,
    fragmented: false,
    lastUsed: 0,
  };
}

/** A connection of which nothing is known. */
export function createConnection(client: Client, virtual: EndpointNumber): Connection {
  return {
    client,
    virtual,
    watch: createClientWatch(),
    rules: [],
    coverage: createCoverage(),
    synSeq: undefined,
    served: false,
    gap: undefined,
  };
}

function createSide(): Side {
  return {
    seq: createTrack(),
    ack: createTrack(),
    tsValue: createTrack(),
    tsEcho: createTrack(),
    window: createTrack(),
    mac: createTrack(),
    tags: createTrack(),
    pairs: 0,
    anchored: false,
    idKept: 0,
    idChanged: 0,
    syns: 0,
    fins: 0,
    payloads: 0,
    firstOut: 0,
    lastIn: 0,
    lastOut: 0,
  };
}

/** The rule between a connection and a path, if segments have shown one. */
export function findRule(connection: Connection, path: Path): InferredRule | undefined {
  const { rules } = connection;
  for (const rule of rules) if (rule.path === path) return rule;
  return undefined;
}

/** The rule between a connection and a path, made when it is not there. */
export function ruleBetween(connection: Connection, path: Path): InferredRule {
  const found = findRule(connection, path);
  if (found !== undefined) return found;
  const rule = { connection, path, toOwner: createSide(), toClient: createSide() };
  connection.rules.push(rule);
  connection.client.rules += 1;
  return rule;
}

/** Whether other segments of this direction of the connection came through. */
export function isBetweenPairs(seen: Seen, direction: Direction): boolean {
  const rules = seen.connection?.rules ?? [];
  const paths = seen.path?.client.connections.flatMap((connection) => connection.rules) ?? [];
  return [...rules, ...paths].some((rule) => rule[direction].pairs > 0);
}
