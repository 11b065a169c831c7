/** Segments made by hand, of which the TCP of their host knows nothing. */
import { seqAdd } from '../tcp/seq-num.ts';
import type { Connection } from './tcp/connection.ts';
import type { HostState } from './tcp/host.ts';
import { NO_OCTETS, type SegmentOptions } from './tcp/segment.ts';
import { emitSegment } from './tcp/state.ts';

/** A segment relative to the connection's numbers. */
export interface ForeignSegment {
  /** Bits of TCP_FLAG. */
  readonly flags: number;
  /** Octets from SND.NXT; 0 when left out. */
  readonly seq?: number;
  /** Octets from RCV.NXT; 0 when left out. */
  readonly ack?: number;
  readonly window?: number;
  readonly options?: SegmentOptions;
  readonly payload?: Uint8Array;
}

/** The frame of such a segment; none when there never was a connection. */
export function writeForeign(
  host: HostState,
  connection: Connection | undefined,
  foreign: ForeignSegment,
): readonly Uint8Array[] {
  if (connection === undefined) return [];
  host.effects = [];
  emitSegment(host, connection, {
    seq: seqAdd(connection.send.next, foreign.seq ?? 0),
    ack: seqAdd(connection.receive.next, foreign.ack ?? 0),
    flags: foreign.flags,
    window: foreign.window ?? 0xffff,
    options: foreign.options ?? {},
    payload: foreign.payload ?? NO_OCTETS,
  });
  return host.effects.flatMap((effect) => (effect.kind === 'frame' ? [effect.octets] : []));
}
