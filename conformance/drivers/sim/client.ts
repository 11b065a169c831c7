/** A client of a story as a scripted peer in virtual time. */
import { act, at } from '../../../reference/sim/network/world.ts';
import type { Peer } from '../../../reference/sim/peer.ts';
import type { Prism } from '../../../reference/sim/prism/prism.ts';
import type { ClientOutcome, Line, Moment } from '../../driver/system.ts';
import { isDone, outcomesOf, scriptOf, signalOf, signalsOf, watchPeer } from './script.ts';

const NS_PER_MS = 1e6;

/** One client while a story is played. */
export interface Client {
  readonly peer: Peer;
  /** Its script is at its end, and so is its connection. */
  readonly isDone: () => boolean;
  readonly onMoment: (moment: Moment) => void;
  readonly outcomes: () => readonly ClientOutcome[];
}

/** Puts the client on the network. */
export function startClient(prism: Prism, index: number, lines: readonly Line[]): Client {
  const { world } = prism;
  const name = `client ${index}`;
  const peer = prism.connect(index, scriptOf(lines));
  const seat = world.seats.get(name);
  if (seat === undefined) throw new Error(`there is no ${name}`);
  const { process, times } = watchPeer(seat.process, peer);
  seat.process = process;
  const signals = signalsOf(lines);
  return {
    peer,
    isDone: () => isDone(peer),
    onMoment(moment): void {
      const signal = signalOf(moment);
      if (!signals.has(signal)) return;
      // In the midst of another part's step: its turn comes when that is over.
      at(world, world.nowNs, () => act(world, name, (nowNs) => peer.signal(signal, nowNs)));
    },
    outcomes: () => outcomesOf(peer, times, world.nowNs / NS_PER_MS),
  };
}
