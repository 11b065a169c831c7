/** Events of every kind, for properties that hold whatever happens. */
import fc from 'fast-check';
import { ipv4FromNumber } from 'scapy-ts';
import type {
  BalancerOptions,
  Mode,
  Protocol,
  Service,
} from '../../../reference/balancer/config.ts';
import { completeConfig } from '../../../reference/balancer/config.ts';
import type { Emission } from '../../../reference/balancer/link.ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  datagram,
  hostOf,
  optionsOf,
  PLAIN_SERVERS,
  segment,
  SERVERS,
  SERVICE,
  VIRTUAL,
} from './bed.ts';

/** Most connections. */
export const LIMIT = 4;
/** Most half-open ones. */
export const HALF_OPEN = 3;
const CLIENTS = [0, 1, 2, 3].map((index) => ({ ...CLIENT, port: 40_000 + index }));
/** The servers. */
export const NAMES: readonly string[] = ['a', 'b', 'c'];

/** Something that happens to a switch or around it. */
export type Change =
  | { readonly kind: 'handshake'; readonly client: number }
  | {
      readonly kind: 'segment';
      readonly client: number;
      readonly flags: string;
      readonly seq: number;
    }
  | {
      readonly kind: 'answer';
      readonly client: number;
      readonly server: string;
      readonly flags: string;
    }
  | { readonly kind: 'datagram'; readonly client: number }
  | { readonly kind: 'reply'; readonly client: number; readonly server: string }
  | { readonly kind: 'flood'; readonly from: number; readonly count: number }
  | { readonly kind: 'health'; readonly server: string; readonly isUp: boolean }
  | { readonly kind: 'pool'; readonly names: readonly string[] }
  | { readonly kind: 'wait'; readonly ms: number };

const clientIndex = fc.nat(CLIENTS.length - 1);
const serverName = fc.constantFrom(...NAMES);

/** Any event. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('handshake' as const), client: clientIndex }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      client: clientIndex,
      flags: fc.constantFrom('S', 'S', 'A', 'A', 'FA', 'R'),
      seq: fc.constantFrom(1000, 1001, 1002, 70_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      client: clientIndex,
      server: serverName,
      flags: fc.constantFrom('SA', 'SA', 'A', 'FA', 'R'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('datagram' as const), client: clientIndex }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reply' as const),
      client: clientIndex,
      server: serverName,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('flood' as const),
      from: fc.nat(1000),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('health' as const),
      server: serverName,
      isUp: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pool' as const),
      names: fc.shuffledSubarray([...NAMES]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 1000, 240_000, 240_001, 300_001),
    }),
  },
);

function servicesOf(mode: Mode, names: readonly string[]): readonly Service[] {
  const all = mode === 'nat' ? SERVERS : PLAIN_SERVERS;
  const servers = names.flatMap((name) => all.filter((each) => each.name === name));
  return (['tcp', 'udp'] as const).map((protocol: Protocol): Service => ({
    ...SERVICE,
    name: protocol,
    protocol,
    mode,
    servers,
  }));
}

/** A configuration of both protocols with these servers, and little room. */
export function limitedTo(mode: Mode, names: readonly string[]): BalancerOptions {
  const options = optionsOf(...servicesOf(mode, names));
  const { limits } = completeConfig(options);
  return { ...options, limits: { ...limits, connections: LIMIT, halfOpen: HALF_OPEN } };
}

function frameOf(
  event: Exclude<Change, { readonly kind: 'handshake' | 'flood' | 'health' | 'pool' | 'wait' }>,
) {
  const who = CLIENTS[event.client] ?? CLIENT;
  switch (event.kind) {
    case 'segment':
      return segment(who, VIRTUAL, { flags: event.flags, seq: event.seq, ack: 5001 });
    case 'answer':
      return segment(hostOf(event.server), who, { flags: event.flags, seq: 5000, ack: 1001 });
    case 'datagram':
      return datagram(who, VIRTUAL);
    case 'reply':
      return datagram(hostOf(event.server), who);
    default:
      return event satisfies never;
  }
}

/** Lets an event happen; what leaves. */
export function perform(bed: Bed, mode: Mode, event: Change): readonly Emission[] {
  switch (event.kind) {
    case 'handshake':
      return shakeHands(bed, CLIENTS[event.client] ?? CLIENT);
    case 'flood':
      return Array.from({ length: event.count }, (_, index) => {
        const forged = { ...CLIENT, address: ipv4FromNumber(0x0b00_0000 + event.from + index) };
        return bed.send(segment(forged, VIRTUAL, { flags: 'S', seq: 1 }));
      }).flat();
    case 'health':
      for (const service of ['tcp', 'udp']) bed.tell({ ...event, service });
      return [];
    case 'pool':
      bed.tell({ kind: 'configure', options: limitedTo(mode, event.names) });
      return [];
    case 'wait':
      bed.wait(event.ms);
      return [];
    default: {
      const from: Host = 'server' in event ? hostOf(event.server) : CLIENT;
      return bed.send(frameOf(event), from);
    }
  }
}

/** As much of a handshake as comes about; the server answers from where the SYN has gone. */
function shakeHands(bed: Bed, who: Host): readonly Emission[] {
  const asked = bed.send(segment(who, VIRTUAL, { flags: 'S', seq: 1000 }));
  const name = NAMES[(asked[0]?.port ?? 0) - 1];
  if (name === undefined) return asked;
  const server = hostOf(name);
  const answered = bed.send(segment(server, who, { flags: 'SA', seq: 5000, ack: 1001 }), server);
  const heard = bed.send(segment(who, VIRTUAL, { flags: 'A', seq: 1001, ack: 5001 }));
  return [...asked, ...answered, ...heard];
}
