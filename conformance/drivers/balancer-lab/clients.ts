/**
 * All clients of a story as one process on one device: each has its own MAC address, and one
 * visitor does not hear what is for another.
 *
 *   frame ─▶ ARP: answered for each client  │  IP: to the visitor whose connection it is of
 */
import { ipv4Address, type Ipv4Address } from 'scapy-ts';
import { clientAddress } from '../../balancer/connection.ts';
import { createRandom, drawUint32 } from '../../../reference/sim/network/random.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { readFrame, writeArpReply } from '../../../reference/sim/tcp/segment.ts';
import type { Visitor } from '../../driver/balancer.ts';
import { createClient, type Client } from '../virtual-bed/clients.ts';
import { clientHost, CLIENTS_MAX } from '../virtual-bed/hosts.ts';

/** The clients of a story. */
export interface Clients {
  /** In the order of the visitors. */
  readonly each: readonly Client[];
  readonly process: Process;
}

const ETHER_TYPE_AT = 12;
const ARP = 0x0806;
const IPV4 = 0x0800;
const DESTINATION_AT = 30;

const MACS = new Map(
  Array.from({ length: CLIENTS_MAX }, (_, index) => {
    const { address, mac } = clientHost(index + 1);
    return [address, mac] as const;
  }),
);

function answerArp(octets: Uint8Array): readonly ProcessEffect[] {
  const incoming = readFrame(octets);
  if (incoming.kind !== 'arp') return [];
  const mac = MACS.get(incoming.targetIp);
  return mac === undefined
    ? []
    : [{ kind: 'frame', port: 0, octets: writeArpReply(mac, incoming) }];
}

/** The clients of `visitors`; nobody has come yet. */
export function createClients(visitors: readonly Visitor[], seed: number): Clients {
  const random = createRandom(seed, 'hosts');
  const each = visitors.map((visitor) => createClient(visitor, () => drawUint32(random)));
  const places = each.map((client, nth): { client: Client; address: Ipv4Address } => {
    return { client, address: ipv4Address(clientAddress(visitors[nth]?.client ?? 0)) };
  });

  /** Only who is spoken to hears it; time passes for all with the next tick. */
  function hear(octets: Uint8Array, nowNs: number): readonly ProcessEffect[] {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    if (octets.length < DESTINATION_AT + 4) return [];
    const type = view.getUint16(ETHER_TYPE_AT);
    if (type === ARP) return answerArp(octets);
    if (type !== IPV4) return [];
    const destination = view.getUint32(DESTINATION_AT);
    return places
      .filter(({ client, address }) => address === destination && client.isFor(octets))
      .flatMap(({ client }) => client.process.step({ kind: 'frame', port: 0, octets }, nowNs));
  }

  return {
    each,
    process: {
      nextAtNs() {
        const times = each.flatMap(({ process }) => process.nextAtNs() ?? []);
        return times.length === 0 ? undefined : Math.min(...times);
      },
      step(event, nowNs) {
        if (event.kind === 'frame') return hear(event.octets, nowNs);
        return each.flatMap(({ process }) => process.step(event, nowNs));
      },
    },
  };
}
