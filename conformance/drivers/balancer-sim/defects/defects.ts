/** Server switches that must fail, and others that are right in another way than the reference. */
import { PROTOCOL } from 'scapy-ts';
import type { BalancerAlteration } from '../balancer-sim.ts';
import { changing } from './around.ts';
import { CHECK_DEFECTS } from './checks.ts';
import { CHOOSING_DEFECTS, turnsAs } from './choosing.ts';
import {
  choosingAgain,
  exhausted,
  keyedByPort,
  refusingUsedPorts,
  turningPerSegment,
} from './connections.ts';
import { servicesAs, type BalancerDefect, type Configure } from './defect.ts';
import { PACKET_DEFECTS } from './packets.ts';
import { REDUNDANCY_DEFECTS } from './redundancy.ts';
import { SETUP_DEFECTS } from './setups.ts';

function timersWith(changes: {
  readonly established: number;
  readonly closing: number;
}): Configure {
  const minutes = 60_000;
  const others = { opening: 4 * minutes, talking: 5 * minutes };
  return (options) => ({ ...options, timers: { ...others, ...changes } });
}

/** What is wrong with connections. */
const CONNECTION_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'turns-per-segment',
    sentence: 'Every segment goes to the next server.',
    breaks: 'PRISM-SLB-01',
    wrap: turningPerSegment,
  },
  {
    name: 'prefers-one-server',
    sentence: 'There is only one server in each pool.',
    breaks: 'PRISM-SLB-01',
    options: servicesAs((each) => ({ ...each, servers: each.servers.slice(0, 1) })),
  },
  {
    name: 'knows-clients-by-port',
    sentence: 'Whoever had a port first gets all that is sent to it.',
    breaks: 'PRISM-SLB-05',
    wrap: keyedByPort,
  },
  {
    name: 'chooses-again',
    sentence: 'A SYN that comes again goes to another server.',
    breaks: 'PRISM-SLB-06',
    wrap: choosingAgain,
  },
  {
    name: 'drops-strays',
    sentence: 'What belongs to no connection is dropped, and a RST declared.',
    breaks: 'PRISM-SLB-07',
    options: (options) => ({ ...options, strays: 'drop' }),
  },
  {
    name: 'forgets-the-silent',
    sentence: 'A connection that is silent for an hour is forgotten.',
    breaks: 'PRISM-SLB-08',
    options: timersWith({ established: 3_600_000, closing: 240_000 }),
  },
  {
    name: 'forgets-at-the-fin',
    sentence: 'A connection that has ended is forgotten at once.',
    breaks: 'PRISM-SLB-08',
    options: timersWith({ established: 7_440_000, closing: 1 }),
  },
  {
    name: 'remembers-the-silent',
    sentence: 'A connection is known for ten hours, and two declared.',
    breaks: 'PRISM-DSR-05',
    options: timersWith({ established: 36_000_000, closing: 240_000 }),
  },
  {
    name: 'refuses-used-ports',
    sentence: 'A port of a client serves for one connection only.',
    breaks: 'PRISM-SLB-09',
    wrap: refusingUsedPorts,
  },
  {
    name: 'fills-up',
    sentence: 'Half-open connections take all the room there is.',
    breaks: 'PRISM-SLB-10',
    wrap: exhausted(100, 'SYN'),
  },
  {
    name: 'forgets-in-a-flood',
    sentence: 'Half-open connections take the places of established ones.',
    breaks: 'PRISM-SLB-10',
    wrap: exhausted(100, 'others'),
  },
];

/** Each breaks at least one requirement. */
export const BALANCER_DEFECTS: readonly BalancerDefect[] = [
  ...PACKET_DEFECTS,
  ...CONNECTION_DEFECTS,
  ...SETUP_DEFECTS,
  ...CHOOSING_DEFECTS,
  ...CHECK_DEFECTS,
  ...REDUNDANCY_DEFECTS,
];

/** Strays go where all of their connection do, and so does what opens one. */
export const HASHING: BalancerAlteration = {
  options: (options) => ({
    ...servicesAs((each) => ({
      ...each,
      policy: { policy: 'connection-hash', placement: { kind: 'modulo', hash: 'crc32' } },
    }))(options),
    strays: 'hash',
  }),
  choices: { strays: 'hash' },
};

/** A server switch that is right. */
export interface BalancerVariation extends BalancerAlteration {
  readonly name: string;
}

/** Whoever fails one of these judges the reference, and not the requirements. */
export const BALANCER_VARIATIONS: readonly BalancerVariation[] = [
  {
    name: 'unseen',
    options: (options) => ({
      ...servicesAs((each) => ({ ...each, departed: 'keep' }))(options),
      hops: 0,
      strays: 'drop',
      refusal: 'drop',
    }),
    choices: { hops: 0, strays: 'drop', refusal: 'drop', departed: 'keep', down: 'keep' },
  },
  {
    name: 'chooses-as-linux-does',
    options: (options) =>
      servicesAs(({ policy, ...each }) => ({
        ...each,
        departed: 'keep',
        policy: policy.policy === 'least-connections' ? { ...policy, tie: 'turn' } : policy,
      }))(turnsAs('ipvs')(options)),
    choices: { turns: 'ipvs', ties: 'next', departed: 'keep', down: 'keep' },
  },
  {
    name: 'without-fragments',
    options: (options) => ({
      ...turnsAs('haproxy-static')(options),
      fragments: 'drop',
      ipOptions: 'forward',
    }),
    choices: { fragments: 'drop', ipOptions: 'forward', turns: 'haproxy-static' },
  },
  {
    name: 'forwards-into-tunnels',
    // All hosts of the test bed send with a TTL of 64.
    wrap: changing('inbound', ({ ip }) =>
      ip.protocol === PROTOCOL.ipv4 ? { ip: { ttl: 63 } } : undefined,
    ),
    choices: { tunnelHops: 1 },
  },
];
