/** A story's client as a scripted peer: its script, and what it saw. */
import type { Process } from '../../../reference/sim/network/process.ts';
import type { Line as PeerLine, Peer, Play } from '../../../reference/sim/peer.ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import type { HostNotice } from '../../../reference/sim/tcp/host.ts';
import type { ClientOutcome, Cue, Line, Moment, SynOffer } from '../../driver/system.ts';

const NS_PER_MS = 1e6;

function settingsOf(offer: SynOffer): Partial<TcpSettings> {
  const { windowScale, ...rest } = offer;
  return { ...rest, ...(windowScale === false ? { windowScale: undefined } : {}) };
}

/** The signal by which a peer is told of a moment. */
export function signalOf({ message, nth, what }: Moment): string {
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

/** The script of a client. */
export function scriptOf(lines: readonly Line[]): readonly PeerLine[] {
  return lines.map((line) => ({ cue: cueOf(line.cue), play: playOf(line) }));
}

/** The signals that a client waits for. */
export function signalsOf(lines: readonly Line[]): ReadonlySet<string> {
  return new Set(lines.flatMap(({ cue }) => (cue.kind === 'moment' ? [signalOf(cue.moment)] : [])));
}

/** When something that the client saw came to pass. */
export interface Times {
  readonly notices: number[];
  lastOctetMs: (number | undefined)[];
}

/** The same process; the time of all that `peer` is told with it is noted. */
export function watchPeer(
  process: Process,
  peer: Peer,
): { readonly process: Process; readonly times: Times } {
  const times: Times = { notices: [], lastOctetMs: [] };
  let octets = 0;
  const step: Process['step'] = (event, nowNs) => {
    const effects = process.step(event, nowNs);
    while (times.notices.length < peer.notices.length) times.notices.push(nowNs / NS_PER_MS);
    const count = peer.receivedOctets();
    if (count > octets) times.lastOctetMs[peer.begun.length - 1] = nowNs / NS_PER_MS;
    octets = count;
    return effects;
  };
  return { process: { step, nextAtNs: process.nextAtNs }, times };
}

function endOf(notice: HostNotice): ClientOutcome['end'] | undefined {
  if (notice.kind === 'peer-finished') return 'finished';
  if (notice.kind !== 'reset') return undefined;
  return notice.by === 'timeout' ? 'timeout' : 'reset';
}

/** What a peer saw, by connection; `nowMs` is the end of those that have none. */
export function outcomesOf(peer: Peer, times: Times, nowMs: number): readonly ClientOutcome[] {
  return peer.begun.map((from, nth) => {
    const to = peer.begun[nth + 1];
    const notices = peer.notices.slice(from.notices, to?.notices);
    const place = notices.findLastIndex((notice) => endOf(notice) !== undefined);
    const last = notices[place];
    return {
      received: peer.received().slice(from.octets, to?.octets),
      end: (last === undefined ? undefined : endOf(last)) ?? 'open',
      endMs: (place < 0 ? undefined : times.notices[from.notices + place]) ?? nowMs,
      lastOctetMs: times.lastOctetMs[nth],
    };
  });
}

/** Whether a peer's last connection has ended, or is gone with nothing left to be done. */
export function isDone(peer: Peer): boolean {
  const since = peer.begun.at(-1)?.notices ?? 0;
  const hasEnded = peer.notices.slice(since).some((notice) => endOf(notice) !== undefined);
  return hasEnded || (peer.isOver() && !peer.host.connections.has(peer.id));
}
