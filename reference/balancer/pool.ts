/** A service at work: its servers with what they have now, and who is next. */
import { putToWork, type PolicyAtWork } from '../policy/policy-at-work.ts';
import type { DrawBelow, PoolServer } from '../policy/scheduler.ts';
import type { Server, Service } from './config.ts';
import type { PlanCache } from './plans.ts';

/** A server at work in one pool. */
export interface Member {
  server: Server;
  /** Whether checks say that it can serve; so until one says otherwise. */
  isUp: boolean;
  /** Whether it has been taken out of the pool, or its service away. */
  isGone: boolean;
  /** Connections that have not ended. */
  active: number;
  /** Connections since it came into the pool. */
  opened: number;
  readonly plans: PlanCache;
}

/** A service, its members in the order of the configuration, and its policy at work. */
export interface Pool {
  service: Service;
  members: readonly Member[];
  policy: PolicyAtWork;
  readonly counts: {
    /** Segments that asked for a connection, those sent again too; datagrams that did. */
    syns: number;
    opened: number;
    refused: number;
  };
}

/** What a choice is for. */
export interface Request {
  readonly nowMs: number;
  readonly key: Uint8Array;
  /** Whether a member could not have this connection, for the client has one like it there. */
  readonly isTaken: (member: Member) => boolean;
}

/** A pool at its beginning. */
export function createPool(service: Service, draw: DrawBelow): Pool {
  return {
    service,
    members: service.servers.map(createMember),
    policy: putToWork(service.policy, seatsOf(service), draw),
    counts: { syns: 0, opened: 0, refused: 0 },
  };
}

/**
 * Gives a pool its service's new configuration, in place.
 *
 * A server with the name and the place in the network that it had stays what it is, with its
 * connections.
 */
export function updatePool(pool: Pool, service: Service, draw: DrawBelow): void {
  const former = pool.members;
  pool.service = service;
  pool.members = service.servers.map((server) => {
    const known = former.find((each) => isSame(each.server, server));
    if (known === undefined) return createMember(server);
    known.server = server;
    return known;
  });
  dismiss(former.filter((each) => !pool.members.includes(each)));
  pool.policy = putToWork(service.policy, seatsOf(service), draw, pool.policy);
}

/** Takes members out of their pool; their connections go on as the service declares. */
export function dismiss(members: readonly Member[]): void {
  for (const member of members) member.isGone = true;
}

/** The member that takes a new connection; undefined when none can. */
export function choose(pool: Pool, { nowMs, key, isTaken }: Request): Member | undefined {
  const { members } = pool;
  const place = pool.policy.scheduler.choose({
    nowMs,
    key,
    isAble: (index) => canTake(members[index]),
    active: (index) => members[index]?.active ?? 0,
  });
  const chosen = place === undefined ? undefined : members[place];
  if (place === undefined || chosen === undefined || !isTaken(chosen)) return chosen;
  // Not asked of the policy: a table that it keeps for its servers would be built anew, and again.
  const others = [...members.slice(place + 1), ...members.slice(0, place)];
  return others.find((each) => canTake(each) && each.server.weight > 0 && !isTaken(each));
}

/** Whether a member still serves what it has: it is in its pool, and up. */
export function isServing({ isUp, isGone }: Member): boolean {
  return isUp && !isGone;
}

function canTake(member: Member | undefined): boolean {
  return member !== undefined && isServing(member) && !member.server.isDrained;
}

/** Servers as a policy sees them; whether one is drained is asked anew for each choice. */
function seatsOf({ servers }: Service): readonly PoolServer[] {
  return servers.map(({ name, weight, address, mac, port }) => {
    return { name, weight, address, mac, port };
  });
}

function createMember(server: Server): Member {
  return { server, isUp: true, isGone: false, active: 0, opened: 0, plans: new Map() };
}

function isSame(a: Server, b: Server): boolean {
  return a.name === b.name && a.address === b.address && a.mac === b.mac && a.port === b.port;
}
