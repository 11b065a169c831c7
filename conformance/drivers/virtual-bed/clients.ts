/** Clients of the test bed: scripted peers, of which several may be at one address. */
import { ipv4Address, layer, parse } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createPeer, type Line as PeerLine, type Peer } from '../../../reference/sim/peer.ts';
import { createHost } from '../../../reference/sim/tcp/host.ts';
import type { Visitor, VisitorLine } from '../../driver/balancer.ts';
import type { ClientOutcome } from '../../driver/system.ts';
import { createAnswers } from '../sim/answers.ts';
import { isDone, outcomesOf, scriptOf, watchPeer } from '../sim/script.ts';
import { BALANCER_MAC, clientHost } from './hosts.ts';

/** A visitor while a story is played. */
export interface Client {
  /** Whether a frame is for it, and not for another visitor at its address. */
  readonly isFor: (frame: Uint8Array) => boolean;
  readonly process: Process;
  /** Its script is at its end, and so is its connection; or what it waits for cannot come. */
  readonly isDone: () => boolean;
  /** Its script is at its end. */
  readonly isOver: () => boolean;
  /** It will do something when some time has passed. */
  readonly isPausing: () => boolean;
  readonly outcomes: (nowMs: number) => readonly ClientOutcome[];
}

/** The signal that so many answers have come on the connection that was begun last. */
function answersSignal(connection: number, count: number): string {
  return `${count} answers on connection ${connection}`;
}

/** A visitor's script, whose cues about answers are signals. */
function scriptWithSignals(lines: readonly VisitorLine[]): readonly PeerLine[] {
  let connection = 0;
  return lines.flatMap(({ cue, act }) => {
    if (act.kind === 'connect') connection += 1;
    if (cue.kind !== 'answers') return scriptOf([{ cue, act }]);
    const name = answersSignal(connection, cue.count);
    const [line] = scriptOf([{ cue: { kind: 'at-once' }, act }]);
    return line === undefined ? [] : [{ ...line, cue: { kind: 'signal', name } }];
  });
}

/** The same peer, which is given a signal for each answer. */
function withAnswers(peer: Peer, lines: readonly VisitorLine[]): Process {
  if (!lines.some(({ cue }) => cue.kind === 'answers')) return peer;
  let connection = 0;
  let octets = 0;
  let count = 0;
  let answers = createAnswers();
  const begin = (): void => {
    connection = peer.begun.length;
    count = 0;
    answers = createAnswers();
    const starts = lines.flatMap(({ act }, at) => (act.kind === 'connect' ? [at] : []));
    const own = lines.slice(starts[connection - 1], starts[connection]);
    for (const { act } of own) if (act.kind === 'write') answers.asked(act.octets);
  };
  const step: Process['step'] = (event, nowNs) => {
    const effects = [...peer.step(event, nowNs)];
    while (peer.begun.length > connection || peer.receivedOctets() > octets) {
      if (peer.begun.length > connection) begin();
      const fresh = peer.received().subarray(octets);
      octets += fresh.length;
      const total = answers.told(fresh);
      for (; count < total; count += 1) {
        effects.push(...peer.signal(answersSignal(connection, count + 1), nowNs));
      }
    }
    return effects;
  };
  return { step, nextAtNs: peer.nextAtNs };
}

/** The visitor as a scripted peer. */
export function createClient(visitor: Visitor, random: () => number): Client {
  const { client, port, service, lines } = visitor;
  const { mac, address } = clientHost(client);
  const host = createHost({ mac, addresses: [address], gateway: BALANCER_MAC, random });
  const local = { address, port };
  const remote = { address: ipv4Address(service.address), port: service.port };
  const peer = createPeer(host, { local, remote }, scriptWithSignals(lines));
  const { process, times } = watchPeer(withAnswers(peer, lines), peer);
  const connects = lines.filter(({ act }) => act.kind === 'connect').length;
  // Only time keeps it from coming again.
  const willReturn = (): boolean => peer.begun.length < connects && peer.dueNs() !== undefined;
  return {
    isFor(frame) {
      const { layers } = parse(frame);
      const tcp = layer(layers, 'tcp');
      const source = layer(layers, 'ipv4')?.src;
      return tcp?.dstPort === port && tcp.srcPort === remote.port && source === remote.address;
    },
    process,
    isDone: () => isDone(peer) && !willReturn(),
    isOver: peer.isOver,
    isPausing: () => peer.dueNs() !== undefined,
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
