/** Who says what to whom in any story: its callers, and their segments in the captures. */
import { PROTOCOL, TCP_FLAG } from 'scapy-ts';
import type {
  BalancerObservation,
  BalancerProfile,
  BalancerStory,
  ServerName,
  VirtualService,
} from '../driver/balancer.ts';
import { serverNamed, trafficOf, type Caller, type Traffic } from './connection.ts';
import { innerOf, readPacket, type CapturedPacket } from './packet.ts';
import type { Fault } from './unchanged.ts';

/** A story, what came of it, and what the switch has declared. */
export interface Told {
  readonly story: BalancerStory;
  readonly seen: BalancerObservation;
  readonly choices: BalancerProfile;
}

/** A segment at a server. */
export interface Arrival {
  readonly server: ServerName;
  /** As it was captured. */
  readonly outer: CapturedPacket;
  /** The same, or what is in it where it is a tunnel's. */
  readonly segment: CapturedPacket;
}

/** All that is known of one caller. */
export interface Talk {
  readonly caller: Caller;
  readonly service: VirtualService;
  /** It has a stack; the packets of others are made by hand. */
  readonly isVisitor: boolean;
  readonly traffic: Traffic;
  readonly arrivals: readonly Arrival[];
}

/** One connection of a caller, as servers saw it. */
export interface Life {
  /** Of its SYN; undefined of segments before any. */
  readonly seq: number | undefined;
  readonly arrivals: readonly Arrival[];
}

/** The pools that a service has in the course of a story, the first of them first. */
export function poolsOf(
  { setup, happenings }: BalancerStory,
  { name }: Pick<VirtualService, 'name'>,
): readonly (readonly ServerName[])[] {
  const setups = happenings.flatMap((each) => (each.kind === 'configure' ? each.setup : []));
  return [setup, ...setups].map(
    ({ services }) => services.find((each) => each.name === name)?.servers ?? [],
  );
}

function keyOf({ client, port }: Pick<Caller, 'client' | 'port'>): string {
  return `${client}:${port}`;
}

/** Those whose packets are made by hand, each once: of a datagram in parts the first has its ports. */
function handmadeIn({ happenings }: BalancerStory): readonly Caller[] {
  const callers = new Map<string, Caller>();
  for (const each of happenings) {
    const packet = each.kind === 'packet' ? readPacket(each.octets) : undefined;
    const client = each.kind === 'packet' ? Number(/^client (\d+)$/u.exec(each.from)?.[1]) : 0;
    const { sourcePort: port, destination: address, destinationPort } = packet ?? {};
    if (!(client > 0) || port === undefined) continue;
    if (address === undefined || destinationPort === undefined) continue;
    const caller = { client, port, service: { address, port: destinationPort } };
    callers.set(keyOf(caller), caller);
  }
  return [...callers.values()];
}

function arrivalsOf({ server: { received } }: Traffic): readonly Arrival[] {
  return received.flatMap((outer): readonly Arrival[] => {
    const server = serverNamed(outer.host);
    const inner = outer.protocol === PROTOCOL.ipv4 ? innerOf(outer) : outer;
    if (server === undefined || inner === undefined) return [];
    return [{ server, outer, segment: { ...outer, ...inner } }];
  });
}

/** All callers of a story who call what is a service in its first setup, visitors first. */
export function talksIn({ story, seen }: Pick<Told, 'story' | 'seen'>): readonly Talk[] {
  const talks = (callers: readonly Caller[], isVisitor: boolean): readonly Talk[] =>
    callers.flatMap((caller) => {
      const { address, port } = caller.service;
      const service = story.setup.services.find(
        (each) => each.address === address && each.port === port,
      );
      if (service === undefined) return [];
      const traffic = trafficOf(seen, caller);
      return [{ caller, service, isVisitor, traffic, arrivals: arrivalsOf(traffic) }];
    });
  return [...talks(story.visitors, true), ...talks(handmadeIn(story), false)];
}

/** Whether a segment opens a connection: a SYN without ACK. */
export function isOpening({ flags = 0 }: Pick<CapturedPacket, 'flags'>): boolean {
  return (flags & (TCP_FLAG.SYN | TCP_FLAG.ACK)) === TCP_FLAG.SYN;
}

/** The connections of a caller: each begins with a SYN that has another sequence number. */
export function livesOf({ arrivals }: Pick<Talk, 'arrivals'>): readonly Life[] {
  const lives: { readonly seq: number | undefined; readonly arrivals: Arrival[] }[] = [];
  for (const arrival of arrivals) {
    const { seq } = arrival.segment;
    const isSyn = isOpening(arrival.segment);
    const last = lives.at(-1);
    const isNew = isSyn && seq !== last?.seq;
    if (last === undefined || isNew) {
      lives.push({ seq: isSyn ? seq : undefined, arrivals: [arrival] });
    } else last.arrivals.push(arrival);
  }
  return lives;
}

/** `client 3:40000`, for people. */
export function nameOf({ client, port }: Pick<Caller, 'client' | 'port'>): string {
  return `client ${client}:${port}`;
}

/** The first fault that `judge` finds at a caller. */
export function firstFault(told: Told, judge: (talk: Talk) => Fault): Fault {
  for (const talk of talksIn(told)) {
    const fault = judge(talk);
    if (fault !== undefined) {
      return { ...fault, observed: `${nameOf(talk.caller)}: ${fault.observed}` };
    }
  }
  return undefined;
}
