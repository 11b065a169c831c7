/**
 * A client of a story in real time: the scripted TCP of the simulator at the end of a wire.
 *
 *   script ─▶ peer ─▶ weather ─▶ packet socket ─▶ link ─▶ switch
 */
import type { Endpoint } from '../../../reference/rules/rule.ts';
import { randomFates, type Fates, type Odds } from '../../../reference/sim/network/fate.ts';
import { createRandom, drawUint32 } from '../../../reference/sim/network/random.ts';
import { createPeer } from '../../../reference/sim/peer.ts';
import type { ProcessEvent } from '../../../reference/sim/network/process.ts';
import { createHost } from '../../../reference/sim/tcp/host.ts';
import type { ClientOutcome, Line, Moment } from '../../driver/system.ts';
import { isDone, outcomesOf, scriptOf, signalOf, signalsOf, watchPeer } from '../sim/script.ts';
import { CLIENT_STATIONS, CONTROLLER_STATION, VIRTUAL } from './network.ts';
import type { Wire } from './wire.ts';

const NS_PER_MS = 1e6;

/** A client while a story is played. */
export interface Client {
  readonly isDone: () => boolean;
  /** It will do something when some time has passed. */
  readonly isPausing: () => boolean;
  readonly receivedOctets: () => number;
  readonly onMoment: (moment: Moment) => void;
  readonly outcomes: () => readonly ClientOutcome[];
  /** No more is sent or noted. */
  readonly stop: () => void;
}

/** What a client is started with. */
export interface ClientOptions {
  /** Its number, from 0. */
  readonly client: number;
  readonly local: Endpoint;
  readonly lines: readonly Line[];
  readonly seed: number;
  readonly weather: Odds;
  readonly nowMs: () => number;
  /** Something has come. */
  readonly onReceived: () => void;
  /** The client cannot do what it is to do. */
  readonly onFault: (error: unknown) => void;
}

/** Puts a client on the wire. */
export function startScriptedClient(wire: Wire, options: ClientOptions): Client {
  const { client, local, lines, seed, weather, nowMs, onReceived } = options;
  const station = CLIENT_STATIONS.scripted[client];
  if (station === undefined) throw new Error(`there is no client ${client}`);
  const random = createRandom(seed, `client ${client} at ${local.port}`);
  const host = createHost({
    mac: station.mac,
    addresses: [station.address],
    gateway: CONTROLLER_STATION.mac,
    random: () => drawUint32(random),
  });
  const peer = createPeer(host, { local, remote: VIRTUAL }, scriptOf(lines));
  const { process, times } = watchPeer(peer, peer);
  const signals = signalsOf(lines);
  const fatesOf = (way: string): Fates =>
    randomFates(createRandom(seed, `client ${client} ${way}`), weather);
  const [outward, inward] = [fatesOf('out'), fatesOf('in')];
  const nowNs = (): number => nowMs() * NS_PER_MS;
  const send = wire.listen(client, (frame) => {
    meet(inward, () => turn({ kind: 'frame', port: 0, octets: frame }));
  });
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  /** Lets something happen as often, and as late, as the weather has it. */
  function meet(fates: Fates, happen: () => void): void {
    for (const delayNs of fates()) {
      if (delayNs === 0) happen();
      else setTimeout(happen, delayNs / NS_PER_MS);
    }
  }

  function turn(event: ProcessEvent): void {
    if (isStopped) return;
    perform(process.step(event, nowNs()));
    onReceived();
  }

  function perform(effects: ReturnType<typeof process.step>): void {
    for (const effect of effects) {
      if (effect.kind === 'frame') meet(outward, () => isStopped || send(effect.octets));
    }
    clearTimeout(timer);
    const atNs = process.nextAtNs();
    if (atNs === undefined) return;
    const inMs = Math.max(0, Math.ceil((atNs - nowNs()) / NS_PER_MS));
    timer = setTimeout(() => turn({ kind: 'tick' }), inMs);
  }

  turn({ kind: 'tick' });
  return {
    isDone: () => isDone(peer),
    isPausing: () => peer.dueNs() !== undefined,
    receivedOctets: peer.receivedOctets,
    onMoment(moment) {
      const signal = signalOf(moment);
      if (signals.has(signal) && !isStopped) perform(peer.signal(signal, nowNs()));
    },
    outcomes: () => outcomesOf(peer, times, nowMs()),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
