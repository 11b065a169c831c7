/**
 * What holds on every correct server switch that does not read requests, whatever its clients do.
 *
 * Each function looks at all of a story and blames one thing. Nothing is said of packets that do not
 * arrive, but where a client then lacks an answer: that is what loss comes to.
 */
import { PROTOCOL } from 'scapy-ts';
import type { ServerName } from '../driver/balancer.ts';
import type { Ask } from '../system/request.ts';
import { answererOf } from './answers.ts';
import { clientAddress, serverNamed } from './connection.ts';
import { innerOf, packetsOf, type CapturedPacket, type IpPacket } from './packet.ts';
import {
  firstFault,
  isOpening,
  livesOf,
  nameOf,
  poolsOf,
  talksIn,
  type Arrival,
  type Talk,
  type Told,
} from './talk.ts';
import { checksumFault, type Fault } from './unchanged.ts';

function serversIn(arrivals: readonly Arrival[]): readonly ServerName[] {
  return [...new Set(arrivals.map(({ server }) => server))];
}

function isAlwaysThere({ story }: Told, { service }: Talk, server: ServerName): boolean {
  return poolsOf(story, service).every((pool) => pool.includes(server));
}

/**
 * Each connection has one server from its SYN on.
 *
 * What becomes of one that is half open when its server leaves, or of any where strays are hashed,
 * is nobody's promise.
 */
export function keepingFault(told: Told): Fault {
  return firstFault(told, (talk) => {
    for (const { seq, arrivals } of livesOf(talk)) {
      const [first, ...others] = serversIn(arrivals);
      if (seq === undefined && talk.isVisitor) {
        return { expected: 'the SYN first', observed: `flags ${arrivals[0]?.segment.flags}` };
      }
      if (first === undefined || seq === undefined || others.length === 0) continue;
      const isPromised = talk.isVisitor && told.choices.strays !== 'hash';
      if (!isPromised && !isAlwaysThere(told, talk, first)) continue;
      return { expected: `${first} alone`, observed: [first, ...others].join(' and ') };
    }
    return undefined;
  });
}

/** Segments of connections that nobody has opened reach no server, or one that is declared. */
export function strayFault(told: Told): Fault {
  const isHashed = told.choices.strays === 'hash';
  return firstFault(told, (talk) => {
    const { traffic, arrivals, isVisitor, service } = talk;
    if (isVisitor || traffic.client.sent.some(isOpening)) return undefined;
    const servers = serversIn(arrivals);
    const isSteady = poolsOf(told.story, service).length === 1;
    if (isHashed ? servers.length <= 1 || !isSteady : servers.length === 0) return undefined;
    const expected = isHashed ? 'one server' : 'no server';
    return {
      expected: `${expected} for segments of no connection`,
      observed: servers.join(' and '),
    };
  });
}

/** The TCP segment that a packet is or has in it; undefined where there is none. */
function segmentIn(packet: CapturedPacket): IpPacket | undefined {
  const inner = packet.protocol === PROTOCOL.ipv4 ? innerOf(packet) : packet;
  return inner?.protocol === PROTOCOL.tcp ? inner : undefined;
}

/** Whether a segment at a host is of one of the talks, from or to who may have it. */
function isMeant(told: Told, talks: readonly Talk[], packet: CapturedPacket): boolean {
  const segment = segmentIn(packet);
  if (segment === undefined) return true;
  const { source, destination, sourcePort, destinationPort, fragmentOffset } = segment;
  const server = serverNamed(packet.host);
  return talks.some((talk) => {
    const { client, port, service } = talk.caller;
    const own = clientAddress(client);
    if (server === undefined) {
      const isTo = destination === own && destinationPort === port;
      return isTo && source === service.address && packet.host === `client ${client}`;
    }
    const isFrom = source === own && (sourcePort === port || fragmentOffset > 0);
    return isFrom && poolsOf(told.story, talk.service).some((pool) => pool.includes(server));
  });
}

/** No host has a segment that is not of a caller of its own, and that nobody has sent for it. */
export function foreignFault(told: Told): Fault {
  const talks = talksIn(told);
  const stray = packetsOf(told.seen).find(
    (packet) => packet.direction === 'received' && !isMeant(told, talks, packet),
  );
  if (stray === undefined) return undefined;
  const { host, source, destination, sourcePort, destinationPort } = stray;
  return {
    expected: `segments for ${host} alone`,
    observed: `${source}:${sourcePort} > ${destination}:${destinationPort}`,
  };
}

/** Whether a connection may have lost its server. */
function isDisturbed(told: Told, talk: Talk): boolean {
  const { strays, departed } = told.choices;
  if (departed === 'keep' && strays !== 'hash') return false;
  return !serversIn(talk.arrivals).every((server) => isAlwaysThere(told, talk, server));
}

/**
 * Every visitor whose server has stayed has all that it asked for, by visitor and connection, whole
 * and of one server.
 */
export function answersFault(told: Told, asked: readonly (readonly (readonly Ask[])[])[]): Fault {
  const visitors = talksIn(told).filter(({ isVisitor }) => isVisitor);
  for (const [place, talk] of visitors.entries()) {
    if (isDisturbed(told, talk)) continue;
    const servers = poolsOf(told.story, talk.service).flat();
    for (const [nth, asks] of (asked[place] ?? []).entries()) {
      const outcome = told.seen.visitors[place]?.[nth];
      if (outcome !== undefined && answererOf(outcome, asks, servers) !== undefined) continue;
      const expected = `${asks.length} whole answers on connection ${nth + 1}`;
      const octets = `${outcome?.received.length ?? 0} octets, ${outcome?.end ?? 'never begun'}`;
      return { expected, observed: `${nameOf(talk.caller)}: ${octets}` };
    }
  }
  return undefined;
}

/** Whatever anybody received has right checksums. */
export function sumsFault({ seen }: Told): Fault {
  return checksumFault(seen);
}
