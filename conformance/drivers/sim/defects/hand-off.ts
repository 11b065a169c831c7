/** Prisms in which the next owner is told something wrong. */
import type { Transfer } from '../../../../reference/handoff/message.ts';
import { createRequestQueue } from '../../../../reference/http/request-queue.ts';
import { seqAdd } from '../../../../reference/tcp/seq-num.ts';
import { offering, speaking } from './around.ts';
import type { SystemDefect } from './defect.ts';

const NOTHING = new Uint8Array(0);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The first of the requests that `octets` hold, and whether there is all of it. */
function firstRequest(octets: Uint8Array): {
  readonly octets: Uint8Array;
  readonly isWhole: boolean;
} {
  const queue = createRequestQueue();
  queue.push(octets);
  const { parts, isEnd } = queue.take();
  return { octets: concat(parts), isWhole: isEnd };
}

/** As many whole requests as `octets` begin with. */
function wholeRequests(octets: Uint8Array): Uint8Array {
  const first = firstRequest(octets);
  if (!first.isWhole || first.octets.length === 0) return NOTHING;
  return concat([first.octets, wholeRequests(octets.subarray(first.octets.length))]);
}

function snapshot(transfer: Transfer, change: Partial<Transfer['snapshot']>): Transfer {
  return { ...transfer, snapshot: { ...transfer.snapshot, ...change } };
}

function negotiated(
  transfer: Transfer,
  change: Partial<Transfer['snapshot']['negotiated']>,
): Transfer {
  return snapshot(transfer, { negotiated: { ...transfer.snapshot.negotiated, ...change } });
}

/** A quarter of an hour. */
const BACK_MS = 900_000;

function backdated(transfer: Transfer): Transfer {
  return snapshot(transfer, { timestampNow: (transfer.snapshot.timestampNow - BACK_MS) >>> 0 });
}

/** What the next owner is told wrongly. */
export const HAND_OFF_DEFECTS: readonly SystemDefect[] = [
  {
    name: 'pipelined-requests-lost',
    sentence: 'What the client has sent behind the first request is not handed over.',
    breaks: 'PRISM-PIPE-01',
    wrap: () =>
      offering((transfer) => {
        const first = firstRequest(transfer.residual);
        return first.isWhole ? { ...transfer, residual: first.octets } : transfer;
      }),
  },
  {
    name: 'half-a-request-lost',
    sentence: 'Only whole requests are handed over: what was read of the next one is lost.',
    breaks: 'PRISM-MIG-06',
    wrap: () =>
      offering((transfer) => {
        const residual = wholeRequests(transfer.residual);
        return residual.length === 0 ? transfer : { ...transfer, residual };
      }),
  },
  {
    name: 'requests-handed-over-twice',
    sentence: 'What was read and not served is handed over twice, as if it were unread as well.',
    breaks: 'PRISM-MIG-15',
    wrap: () =>
      offering((transfer) => {
        return { ...transfer, residual: concat([transfer.residual, transfer.residual]) };
      }),
  },
  {
    name: 'send-queue-lost',
    sentence: 'What the client has not acknowledged is not handed over.',
    breaks: 'PRISM-MIG-07',
    wrap: () =>
      offering((transfer) => {
        const { sendUnacknowledged, sent } = transfer.snapshot;
        return snapshot(transfer, {
          sendUnacknowledged: seqAdd(sendUnacknowledged, sent.length),
          sent: NOTHING,
          unsent: NOTHING,
        });
      }),
  },
  {
    name: 'timestamps-forced',
    sentence: 'The new owner sends timestamps, negotiated or not.',
    breaks: 'PRISM-MIG-08',
    wrap: () => offering((transfer) => negotiated(transfer, { timestamps: true })),
  },
  {
    name: 'timestamps-dropped',
    sentence: 'The new owner sends no timestamps, negotiated or not.',
    breaks: 'PRISM-MIG-08',
    wrap: () => offering((transfer) => negotiated(transfer, { timestamps: false })),
  },
  {
    name: 'mss-forgotten',
    sentence: 'The new owner takes the MSS of the client for that of an Ethernet.',
    breaks: 'PRISM-MIG-09',
    wrap: () => offering((transfer) => negotiated(transfer, { peerMss: 1460 })),
  },
  {
    name: 'acknowledgment-goes-back',
    sentence: 'The new owner expects an octet that the old one has acknowledged.',
    breaks: 'PRISM-MIG-05',
    wrap: () =>
      offering((transfer, from) => {
        const { receiveNext } = transfer.snapshot;
        // From the controller the request would be lost; between backends only the number is wrong.
        return from === 'controller'
          ? transfer
          : snapshot(transfer, { receiveNext: seqAdd(receiveNext, -1) });
      }),
  },
  {
    name: 'gap-between-owners',
    sentence: 'The new owner begins an octet behind the place where the old one stopped.',
    breaks: 'PRISM-SEQ-15',
    wrap: () =>
      offering((transfer, from) => {
        const { sendUnacknowledged } = transfer.snapshot;
        return from === 'controller'
          ? transfer
          : snapshot(transfer, { sendUnacknowledged: seqAdd(sendUnacknowledged, 1) });
      }),
  },
  {
    name: 'clock-starts-anew',
    sentence: "The new owner's timestamps begin where the old one's were long ago.",
    breaks: 'PRISM-SEQ-11',
    wrap: () => offering((transfer) => backdated(transfer)),
  },
  {
    name: 'window-halved',
    sentence: 'Backends offer half of the window that the controller had offered.',
    breaks: 'PRISM-SEQ-14',
    wrap: () => speaking(['b1', 'b2'], ({ window }) => ({ window: window >> 1 })),
  },
];
