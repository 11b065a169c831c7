/** Clients of the test bed: scripted peers, of which several may be at one address. */
import { ipv4Address, layer, parse } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createPeer } from '../../../reference/sim/peer.ts';
import { createHost } from '../../../reference/sim/tcp/host.ts';
import type { Visitor } from '../../driver/balancer.ts';
import type { ClientOutcome } from '../../driver/system.ts';
import { isDone, outcomesOf, scriptOf, watchPeer } from '../sim/script.ts';
import { BALANCER_MAC, clientHost } from './bed.ts';

/** A visitor while a story is played. */
export interface Client {
  /** Whether a frame is for it, and not for another visitor at its address. */
  readonly isFor: (frame: Uint8Array) => boolean;
  readonly process: Process;
  /** Its script is at its end, and so is its connection. */
  readonly isDone: () => boolean;
  readonly outcomes: (nowMs: number) => readonly ClientOutcome[];
}

/** The visitor as a scripted peer. */
export function createClient(visitor: Visitor, random: () => number): Client {
  const { client, port, service, lines } = visitor;
  const { mac, address } = clientHost(client);
  const host = createHost({ mac, addresses: [address], gateway: BALANCER_MAC, random });
  const local = { address, port };
  const remote = { address: ipv4Address(service.address), port: service.port };
  const peer = createPeer(host, { local, remote }, scriptOf(lines));
  const { process, times } = watchPeer(peer, peer);
  return {
    isFor(frame) {
      const { layers } = parse(frame);
      const tcp = layer(layers, 'tcp');
      const source = layer(layers, 'ipv4')?.src;
      return tcp?.dstPort === port && tcp.srcPort === remote.port && source === remote.address;
    },
    process,
    isDone: () => isDone(peer),
    outcomes: (nowMs) => outcomesOf(peer, times, nowMs),
  };
}

/** The process of a host with visitors, each of which gets what is for it. */
export function createClientProcess(clients: readonly Client[]): Process {
  return {
    nextAtNs() {
      const times = clients.flatMap(({ process }) => process.nextAtNs() ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    step(event, nowNs) {
      return clients.flatMap(({ isFor, process }): readonly ProcessEffect[] => {
        const isHeard = event.kind === 'frame' && isFor(event.octets);
        return process.step(isHeard ? event : { kind: 'tick' }, nowNs);
      });
    },
  };
}
