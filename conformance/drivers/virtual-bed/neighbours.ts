/**
 * To which MAC address a host sends what is for the switch, where two switches stand for one.
 *
 * As a host's cache has it (RFC 826): whoever has last said that he has an address is sent what is
 * for it, and what is for other networks goes to who has the gateway's address.
 */
import { layer, parse, type Ipv4Address, type MacAddress } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import type { Setup } from '../../driver/balancer.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC } from './hosts.ts';

/** What a host knows of who has which address. */
export interface Neighbours {
  /** Hears a frame, which may be of ARP. */
  readonly hear: (frame: Uint8Array) => void;
  /** The same frame; one for `BALANCER_MAC` is for whom the host has heard of instead. */
  readonly lead: (frame: Uint8Array) => Uint8Array;
}

const MAC_OCTETS = 6;

function withDestination(frame: Uint8Array, mac: MacAddress): Uint8Array {
  const copy = frame.slice();
  for (let at = 0; at < MAC_OCTETS; at += 1) {
    copy[at] = Math.floor(mac / 256 ** (MAC_OCTETS - 1 - at)) % 256;
  }
  return copy;
}

/** A host that has heard of nobody, and sends all to `BALANCER_MAC`. */
export function createNeighbours(): Neighbours {
  const known = new Map<Ipv4Address, MacAddress>();
  const macOf = (destination: Ipv4Address): MacAddress | undefined =>
    [destination, ...BALANCER_ADDRESSES].flatMap((each) => known.get(each) ?? [])[0];
  return {
    hear(frame) {
      const message = layer(parse(frame).layers, 'arp');
      if (message !== undefined) known.set(message.senderIp, message.senderMac);
    },
    lead(frame) {
      const { layers } = parse(frame);
      const ip = layer(layers, 'ipv4');
      const isForSwitch = layer(layers, 'ether')?.dst === BALANCER_MAC;
      const mac = ip !== undefined && isForSwitch ? macOf(ip.dst) : undefined;
      return mac === undefined ? frame : withDestination(frame, mac);
    },
  };
}

/** The process of hosts of a story: where two switches stand for one, they have to find it. */
export function seekingSwitch(process: Process, { pair }: Setup): Process {
  return pair === undefined ? process : withNeighbours(process, createNeighbours());
}

/** The process of a host that sends where its neighbours say. */
export function withNeighbours(process: Process, { hear, lead }: Neighbours): Process {
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs): readonly ProcessEffect[] {
      if (event.kind === 'frame') hear(event.octets);
      const effects = process.step(event, nowNs);
      return effects.map((each) =>
        each.kind === 'frame' ? { ...each, octets: lead(each.octets) } : each,
      );
    },
  };
}
