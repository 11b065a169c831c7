/** What the kernel demands of a snapshot: it would take some wrong ones without a word. */
import { seqAdd, seqDistance } from '../tcp/seq-num.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** Most octets of one queue that are exported or imported. */
export const MAX_QUEUE_OCTETS: number = 16 * 2 ** 20;

/** The smallest MSS of a peer that the kernel can be told. */
export const LEAST_PEER_MSS = 88;

const MOST_PEER_MSS = 65_535;
const MOST_SHIFT = 14;
/** RFC 7323 section 2.3: 65535 shifted by 14. */
const MOST_WINDOW = 65_535 * 2 ** MOST_SHIFT;
const MOST_WORD = 2 ** 32 - 1;

/** A number of a snapshot that no connection can have, or that the kernel cannot take. */
export interface SnapshotFault {
  readonly kind: 'snapshot';
  readonly field: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** The first number of `snapshot` that is out of its range, undefined where it can be imported. */
export function snapshotFault(snapshot: TcpSnapshot): SnapshotFault | undefined {
  const { negotiated, windows, receiveNext } = snapshot;
  const { windowScale } = negotiated;
  const ranges: readonly (readonly [field: string, value: number, least: number, most: number])[] =
    [
      ['sendUnacknowledged', snapshot.sendUnacknowledged, 0, MOST_WORD],
      ['receiveNext', receiveNext, 0, MOST_WORD],
      ['sent + unsent', snapshot.sent.length + snapshot.unsent.length, 0, MAX_QUEUE_OCTETS],
      ['unread', snapshot.unread.length, 0, MAX_QUEUE_OCTETS],
      ['peerMss', negotiated.peerMss, LEAST_PEER_MSS, MOST_PEER_MSS],
      ['windowScale.peer', windowScale?.peer ?? 0, 0, MOST_SHIFT],
      ['windowScale.own', windowScale?.own ?? 0, 0, MOST_SHIFT],
      ['windows.send', windows.send, 0, MOST_WINDOW],
      ['windows.sendMax', windows.sendMax, windows.send, MOST_WINDOW],
      ['windows.sendUpdate', windows.sendUpdate, 0, MOST_WORD],
      ['windows.receive', windows.receive, 0, MOST_WINDOW],
      ['windows.receiveUpdate', windows.receiveUpdate, 0, MOST_WORD],
      ['timestampNow', snapshot.timestampNow, 0, MOST_WORD],
      // Distances in sequence space: neither window was changed by a segment yet to come.
      [
        'windows.sendUpdate before the right edge',
        seqDistance(windows.sendUpdate, seqAdd(receiveNext, windows.receive)),
        0,
        MOST_WORD,
      ],
      [
        'windows.receiveUpdate before receiveNext',
        seqDistance(windows.receiveUpdate, receiveNext),
        0,
        MOST_WORD,
      ],
    ];
  for (const [field, value, least, most] of ranges) {
    if (!Number.isInteger(value) || value < least || value > most) {
      return { kind: 'snapshot', field, value, least, most };
    }
  }
  return undefined;
}
