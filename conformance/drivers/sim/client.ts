/** A client of a story as a scripted peer, and what it saw. */
import { act, at, type World } from '../../../reference/sim/network/world.ts';
import type { Line as PeerLine, Peer, Play } from '../../../reference/sim/peer.ts';
import type { Prism } from '../../../reference/sim/prism/prism.ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import type { HostNotice } from '../../../reference/sim/tcp/host.ts';
import type { ClientOutcome, Cue, Line, Moment, SynOffer } from '../../driver/system.ts';

const NS_PER_MS = 1e6;

/** One client while a story is played. */
export interface Client {
  readonly peer: Peer;
  /** Its script is at its end, and so is its connection. */
  readonly isDone: () => boolean;
  readonly onMoment: (moment: Moment) => void;
  readonly outcomes: () => readonly ClientOutcome[];
}

function settingsOf(offer: SynOffer): Partial<TcpSettings> {
  const { windowScale, ...rest } = offer;
  return { ...rest, ...(windowScale === false ? { windowScale: undefined } : {}) };
}

function signalOf({ message, nth, what }: Moment): string {
  return `${message} ${nth} ${what}`;
}

function cueOf(cue: Cue): PeerLine['cue'] {
  if (cue.kind === 'after') return { kind: 'after', ns: cue.ms * NS_PER_MS };
  if (cue.kind === 'moment') return { kind: 'signal', name: signalOf(cue.moment) };
  return cue;
}

function playOf({ act: what }: Line): Play {
  if (what.kind === 'connect') return { kind: 'connect', settings: settingsOf(what.offer) };
  if (what.kind === 'write') return { kind: 'write', octets: what.octets, splits: what.cuts };
  return what;
}

/** When something that the client saw came to pass. */
interface Times {
  readonly notices: number[];
  lastOctetMs: (number | undefined)[];
}

/** Notes the time of all that a peer is told. */
function watch(world: World, name: string, peer: Peer): Times {
  const times: Times = { notices: [], lastOctetMs: [] };
  const seat = world.seats.get(name);
  if (seat === undefined) throw new Error(`there is no ${name}`);
  const { process } = seat;
  let octets = 0;
  seat.process = {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const effects = process.step(event, nowNs);
      while (times.notices.length < peer.notices.length) times.notices.push(nowNs / NS_PER_MS);
      const count = peer.receivedOctets();
      if (count > octets) times.lastOctetMs[peer.begun.length - 1] = nowNs / NS_PER_MS;
      octets = count;
      return effects;
    },
  };
  return times;
}

function endOf(notice: HostNotice): ClientOutcome['end'] | undefined {
  if (notice.kind === 'peer-finished') return 'finished';
  if (notice.kind !== 'reset') return undefined;
  return notice.by === 'timeout' ? 'timeout' : 'reset';
}

/** Puts the client on the network. */
export function startClient(prism: Prism, index: number, lines: readonly Line[]): Client {
  const { world } = prism;
  const name = `client ${index}`;
  const script = lines.map((line) => ({ cue: cueOf(line.cue), play: playOf(line) }));
  const peer = prism.connect(index, script);
  const times = watch(world, name, peer);
  const signals = new Set(lines.flatMap(({ cue }) => signalled(cue)));

  function outcomeOf(nth: number): ClientOutcome {
    const [from, to] = [peer.begun[nth], peer.begun[nth + 1]];
    const notices = peer.notices.slice(from?.notices, to?.notices);
    const first = from?.notices ?? 0;
    const place = notices.findLastIndex((notice) => endOf(notice) !== undefined);
    const last = notices[place];
    return {
      received: peer.received().slice(from?.octets, to?.octets),
      end: (last === undefined ? undefined : endOf(last)) ?? 'open',
      endMs: (place < 0 ? undefined : times.notices[first + place]) ?? world.nowNs / NS_PER_MS,
      lastOctetMs: times.lastOctetMs[nth],
    };
  }

  return {
    peer,
    isDone: () => {
      const since = peer.begun.at(-1)?.notices ?? 0;
      const hasEnded = peer.notices.slice(since).some((notice) => endOf(notice) !== undefined);
      return hasEnded || (peer.isOver() && !peer.host.connections.has(peer.id));
    },
    onMoment(moment): void {
      const signal = signalOf(moment);
      if (!signals.has(signal)) return;
      // In the midst of another part's step: its turn comes when that is over.
      at(world, world.nowNs, () => act(world, name, (nowNs) => peer.signal(signal, nowNs)));
    },
    outcomes: () => peer.begun.map((_, nth) => outcomeOf(nth)),
  };
}

function signalled(cue: Cue): readonly string[] {
  return cue.kind === 'moment' ? [signalOf(cue.moment)] : [];
}
