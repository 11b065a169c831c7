/**
 * A scripted peer, after packetdrill: a model host that plays lines, one after the other, each on
 * its cue, and pulls levers that no well-behaved TCP has.
 *
 *   { cue: { kind: 'opened' }, play: { kind: 'write', octets, splits: [1, 5] } }
 *   { cue: { kind: 'received', octets: 300 }, play: { kind: 'withhold', acks: true } }
 *   { cue: { kind: 'after', ns: 2e6 }, play: { kind: 'segment', flags: TCP_FLAG.RST, seq: 1 } }
 */
import { TCP_FLAG } from 'scapy-ts';
import { writeForeign, type ForeignSegment } from './foreign.ts';
import { drive } from './host-process.ts';
import type { Process, ProcessEffect, ProcessEvent } from './network/process.ts';
import type { Connection, TcpSettings } from './tcp/connection.ts';
import type { HostEvent, HostNotice, HostState, Operation } from './tcp/host.ts';
import { connectionId, nextAtNs } from './tcp/host.ts';
import type { OctetQueue } from './tcp/octet-queue.ts';
import { append, createQueue, peek, queueLength } from './tcp/octet-queue.ts';
import type { Ends } from './tcp/segment.ts';
import { readFrame } from './tcp/segment.ts';

/** When a line is played; the lines before it have been. */
export type Cue =
  | { readonly kind: 'at-once' | 'opened' | 'peer-finished' }
  /** So long after the line before. */
  | { readonly kind: 'after'; readonly ns: number }
  /** So many octets have been received in all. */
  | { readonly kind: 'received'; readonly octets: number }
  /** Somebody has given it the signal of this name. */
  | { readonly kind: 'signal'; readonly name: string };

/** What a peer can do. */
export type Play =
  | { readonly kind: 'connect'; readonly settings?: Partial<TcpSettings> }
  /** Writes; each octet in `splits` (ascending) begins a segment of its own. */
  | { readonly kind: 'write'; readonly octets: Uint8Array; readonly splits?: readonly number[] }
  | Exclude<Operation, { readonly kind: 'write' }>
  /** From now on segments that only acknowledge do not leave, or leave again. */
  | { readonly kind: 'withhold'; readonly acks: boolean }
  /** The next frames, as many as there are places, leave together and in this order. */
  | { readonly kind: 'reorder'; readonly places: readonly number[] }
  /** A segment made by hand, of which the TCP knows nothing. */
  | ({ readonly kind: 'segment' } & ForeignSegment);

/** One line of a script. */
export interface Line {
  readonly cue: Cue;
  readonly play: Play;
}

/** A peer as a process whose network interface is port 0. */
export interface Peer extends Process {
  readonly host: HostState;
  readonly id: string;
  /** What its TCP has told, octets left out. */
  readonly notices: HostNotice[];
  /** For each time that it connected: how much it had received and been told before. */
  readonly begun: readonly Beginning[];
  /** All octets that it has received, and how many they are. */
  readonly received: () => Uint8Array;
  readonly receivedOctets: () => number;
  /** Whether the script is at its end. */
  readonly isOver: () => boolean;
  /** When it will play its next line, where only time is wanting. */
  readonly dueNs: () => number | undefined;
  /** Gives it a signal, and says what it does now. */
  readonly signal: (name: string, nowNs: number) => readonly ProcessEffect[];
}

/** What came before a connection. */
export interface Beginning {
  readonly octets: number;
  readonly notices: number;
}

interface Stage extends Ends {
  readonly host: HostState;
  readonly id: string;
  readonly script: readonly Line[];
  readonly notices: HostNotice[];
  readonly begun: Beginning[];
  /** The connection as it was last: its numbers are known when it is gone. */
  last: Connection | undefined;
  readonly signals: Set<string>;
  readonly octets: OctetQueue;
  /** The next line, and since when it is. */
  line: number;
  sinceNs: number;
  isWithholding: boolean;
  places: readonly number[];
  kept: Uint8Array[];
}

/** A peer with one connection, from `ends.local` to `ends.remote`; the script connects it. */
export function createPeer(host: HostState, ends: Ends, script: readonly Line[]): Peer {
  const stage: Stage = {
    ...ends,
    host,
    id: connectionId(ends),
    script,
    notices: [],
    begun: [],
    last: undefined,
    signals: new Set(),
    octets: createQueue(),
    line: 0,
    sinceNs: 0,
    isWithholding: false,
    places: [],
    kept: [],
  };
  const act = (event: ProcessEvent, nowNs: number): readonly ProcessEffect[] =>
    perform(stage, event, nowNs).map((octets) => ({ kind: 'frame', port: 0, octets }));
  return {
    host,
    id: stage.id,
    notices: stage.notices,
    begun: stage.begun,
    received: () => peek(stage.octets, 0, queueLength(stage.octets)).slice(),
    receivedOctets: () => queueLength(stage.octets),
    isOver: () => stage.line >= script.length,
    dueNs: () => nextCueNs(stage),
    signal: (name, nowNs) => {
      stage.signals.add(name);
      return act({ kind: 'tick' }, nowNs);
    },
    step: act,
    nextAtNs: () => {
      const nextNs = Math.min(nextAtNs(host) ?? Infinity, nextCueNs(stage) ?? Infinity);
      return nextNs === Infinity ? undefined : nextNs;
    },
  };
}

function perform(stage: Stage, event: ProcessEvent, nowNs: number): readonly Uint8Array[] {
  const events: readonly HostEvent[] =
    event.kind === 'frame' ? [{ kind: 'frame', octets: event.octets }] : [];
  const frames = [...transact(stage, [{ kind: 'tick', nowNs }, ...events])];
  for (;;) {
    const line = stage.script[stage.line];
    if (line === undefined || !isCued(stage, line.cue)) return frames;
    stage.line += 1;
    stage.sinceNs = nowNs;
    frames.push(...playLine(stage, line.play));
  }
}

function transact(stage: Stage, events: readonly HostEvent[]): readonly Uint8Array[] {
  const frames = drive(stage.host, events, (notice) => {
    if (notice.kind === 'received') append(stage.octets, notice.octets);
    else stage.notices.push(notice);
    return [];
  });
  stage.last = stage.host.connections.get(stage.id) ?? stage.last;
  return frames.flatMap((frame) => letOut(stage, frame));
}

function letOut(stage: Stage, frame: Uint8Array): readonly Uint8Array[] {
  if (stage.isWithholding && isPureAck(frame)) return [];
  if (stage.places.length === 0) return [frame];
  stage.kept.push(frame);
  if (stage.kept.length < stage.places.length) return [];
  const { kept, places } = stage;
  stage.kept = [];
  stage.places = [];
  return places.flatMap((place) => kept[place] ?? []);
}

function isPureAck(frame: Uint8Array): boolean {
  const incoming = readFrame(frame);
  if (incoming.kind !== 'segment') return false;
  const { flags, payload } = incoming.segment;
  return flags === TCP_FLAG.ACK && payload.length === 0;
}

function isCued(stage: Stage, cue: Cue): boolean {
  switch (cue.kind) {
    case 'at-once':
      return true;
    case 'after':
      return stage.host.nowNs >= stage.sinceNs + cue.ns;
    case 'received':
      return queueLength(stage.octets) >= cue.octets;
    case 'signal':
      return stage.signals.has(cue.name);
    case 'opened':
    case 'peer-finished': {
      const since = stage.begun.at(-1)?.notices ?? 0;
      return stage.notices.some(({ kind }, index) => index >= since && kind === cue.kind);
    }
    default:
      return cue satisfies never;
  }
}

function nextCueNs({ script, line, sinceNs }: Stage): number | undefined {
  const cue = script[line]?.cue;
  if (cue?.kind === 'after') return sinceNs + cue.ns;
  return cue?.kind === 'at-once' ? sinceNs : undefined;
}

function playLine(stage: Stage, play: Play): readonly Uint8Array[] {
  const { host, id, local, remote } = stage;
  switch (play.kind) {
    case 'connect':
      stage.begun.push({ octets: queueLength(stage.octets), notices: stage.notices.length });
      return transact(stage, [{ ...play, local, remote }]);
    case 'write':
      return transact(stage, splitWrite(id, play.octets, play.splits ?? []));
    case 'withhold':
      stage.isWithholding = play.acks;
      return [];
    case 'reorder':
      stage.places = play.places;
      return [];
    case 'segment':
      return writeForeign(host, stage.last, play);
    default:
      return transact(stage, [{ ...play, id }]);
  }
}

function splitWrite(
  id: string,
  octets: Uint8Array,
  splits: readonly number[],
): readonly HostEvent[] {
  const edges = [...splits, octets.length];
  return edges.map((edge, index) => {
    const part = octets.subarray(edges[index - 1] ?? 0, edge);
    return { kind: 'write', id, octets: part, boundary: true };
  });
}
