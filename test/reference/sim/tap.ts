/**
 * One model host, and its peer played by hand: segments in, segments out as text.
 *
 * The peer's numbers begin at 1000 and the host's at 5000, so that expected values can be written
 * down.
 */
import type { GivenTcp, TcpOption } from 'scapy-ts';
import {
  build,
  ether,
  formatTcpFlags,
  ipv4,
  layer,
  parse,
  raw,
  tcp,
  verifyChecksums,
} from 'scapy-ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import type {
  HostEffect,
  HostEvent,
  HostState,
  Operation,
} from '../../../reference/sim/tcp/host.ts';
import { connectionId, nextAtNs, step } from '../../../reference/sim/tcp/host.ts';
import { CLIENT_MAC, ENDS, hostWith, SERVER_MAC, turned } from './bed.ts';

/** What the host did: segments as `A 5001>1001`, with `+n` for n octets, and kinds of notices. */
export interface Tap {
  readonly host: HostState;
  readonly id: string;
  /** Gives the host a segment of its peer; numbers are taken modulo 2^32. */
  readonly give: (flags: string, fields?: Fields, payload?: string) => readonly string[];
  readonly does: (operation: Operation) => readonly string[];
  readonly event: (event: HostEvent) => readonly string[];
  /** Lets time pass up to the next timer; when that was, in ms, and what came of it. */
  readonly wait: () => { readonly ms: number; readonly out: readonly string[] } | undefined;
  /** The state of the connection, or GONE. */
  readonly state: () => string;
  /** The last segment that left. */
  readonly last: () => { readonly window: number; readonly options: readonly TcpOption[] };
}

type Fields = Partial<Pick<GivenTcp, 'seq' | 'ack' | 'window' | 'options'>>;

export const ISS = { peer: 1000, host: 5000 } as const;

/** A host that has done nothing yet; its settings have no options and a window of 10,000. */
export function createTap(settings: Partial<TcpSettings> = {}): Tap {
  const ends = turned(ENDS);
  const host = hostWith({
    mac: SERVER_MAC,
    addresses: [ends.local.address],
    gateway: CLIENT_MAC,
    settings: {
      windowScale: undefined,
      sack: false,
      timestamps: false,
      receiveOctets: 10_000,
      iss: ISS.host,
      ...settings,
    },
  });
  let last: ReturnType<Tap['last']> = { window: 0, options: [] };
  const describe = (effect: HostEffect): string => {
    if (effect.kind === 'received')
      return `received ${Buffer.from(effect.octets).toString('latin1')}`;
    if (effect.kind === 'reset') return `reset by ${effect.by}`;
    if (effect.kind !== 'frame') return effect.kind;
    const { layers } = parse(effect.octets);
    const segment = layer(layers, 'tcp');
    if (segment === undefined) return 'other frame';
    if (!verifyChecksums(effect.octets).every(({ valid }) => valid)) return 'checksum is wrong';
    last = segment;
    const payload = layer(layers, 'raw')?.octets.length ?? 0;
    const acked = segment.flags & 0x10 ? `>${segment.ack}` : '';
    const header = `${formatTcpFlags(segment.flags)} ${segment.seq}${acked}`;
    return payload === 0 ? header : `${header} +${payload}`;
  };
  const event = (each: HostEvent): readonly string[] => step(host, each).map(describe);
  const id = connectionId(ends);
  return {
    host,
    id,
    event,
    does: (operation) => event({ ...operation, id }),
    give: (flags, fields = {}, payload = '') => {
      const { seq = 0, ack = 0 } = fields;
      const numbers = { seq: seq >>> 0, ack: ack >>> 0 };
      const octets = build([
        ether({ src: CLIENT_MAC, dst: SERVER_MAC }),
        ipv4({ src: '192.0.2.10', dst: '198.51.100.1' }),
        tcp({ srcPort: 40000, dstPort: 80, window: 8192, ...fields, ...numbers, flags }),
        raw(payload),
      ]);
      return event({ kind: 'frame', octets });
    },
    wait: () => {
      const nowNs = nextAtNs(host);
      return nowNs === undefined
        ? undefined
        : { ms: nowNs / 1e6, out: event({ kind: 'tick', nowNs }) };
    },
    state: () => host.connections.get(id)?.state ?? 'GONE',
    last: () => last,
  };
}

/** Octets of text. */
export function text(letters: string): Uint8Array {
  return new TextEncoder().encode(letters);
}

const LISTEN: HostEvent = { kind: 'listen', local: ENDS.remote };

/** A tap that listens. */
export function listening(settings: Partial<TcpSettings> = {}): Tap {
  const tap = createTap(settings);
  tap.event(LISTEN);
  return tap;
}

/** A tap with a connection in ESTABLISHED. */
export function established(
  settings: Partial<TcpSettings> = {},
  options: readonly TcpOption[] = [],
  window: number = 8192,
): Tap {
  const tap = listening(settings);
  tap.give('S', { seq: 1000, options, window });
  tap.give('A', { seq: 1001, ack: 5001, window });
  return tap;
}

/** How a tap comes into each state; RCV.NXT is 1001, or 1002 after the peer's FIN. */
export const REACH: Readonly<Record<string, () => Tap>> = {
  'SYN-SENT': () => {
    const tap = createTap();
    tap.event({ kind: 'connect', ...turned(ENDS) });
    return tap;
  },
  'SYN-RECEIVED': () => {
    const tap = listening();
    tap.give('S', { seq: 1000 });
    return tap;
  },
  ESTABLISHED: () => established(),
  'FIN-WAIT-1': () => {
    const tap = established();
    tap.does({ kind: 'finish' });
    return tap;
  },
  'FIN-WAIT-2': () => {
    const tap = established();
    tap.does({ kind: 'finish' });
    tap.give('A', { seq: 1001, ack: 5002 });
    return tap;
  },
  'CLOSE-WAIT': () => {
    const tap = established();
    tap.give('FA', { seq: 1001, ack: 5001 });
    return tap;
  },
  CLOSING: () => {
    const tap = established();
    tap.does({ kind: 'finish' });
    tap.give('FA', { seq: 1001, ack: 5001 });
    return tap;
  },
  'LAST-ACK': () => {
    const tap = established();
    tap.give('FA', { seq: 1001, ack: 5001 });
    tap.does({ kind: 'finish' });
    return tap;
  },
  'TIME-WAIT': () => {
    const tap = established();
    tap.does({ kind: 'finish' });
    tap.give('A', { seq: 1001, ack: 5002 });
    tap.give('FA', { seq: 1001, ack: 5002 });
    return tap;
  },
};
