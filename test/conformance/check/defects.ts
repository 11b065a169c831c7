/** Defects of a switch, each as what it does to the captures on its two sides. */
import { ipv4Address, TCP_FLAG } from 'scapy-ts';
import type { Deltas } from '../../../conformance/driver/device.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { SPLICE, SPLICE_TS, type Captures, type Frame } from './captures.ts';
import {
  edited,
  fields,
  flagged,
  flipped,
  isFromClient,
  isLarge,
  oneInFive,
  payload,
  sackBlocks,
  timestamps,
  toClient,
  toOwner,
} from './frame-edits.ts';

/** A defect: what it is seen in, what it does, and what it breaks. */
export interface CaptureDefect {
  readonly name: string;
  readonly fixture: string;
  readonly deltas: Deltas;
  readonly breaks: string;
  readonly apply: (captures: Captures) => Captures;
}

type Row = readonly [breaks: string, name: string, fixture: string, apply: CaptureDefect['apply']];

const REQUESTS = 'http/keep-alive-three-requests';
const TRANSFER = 'flow/large-transfer';
const WINDOWS: Deltas = {
  ...NO_DELTAS,
  clientWindow: { in: 10, out: 7 },
  ownerWindow: { in: 7, out: 10 },
};

const minus = (value: number, delta: number): number => (value - delta) >>> 0;
const unshiftedSeq = fields('tcp', ({ seq }) => {
  return { seq: minus(seq, SPLICE.clientSeq) };
});

/** A segment of the owner that was spoiled before it arrived, and whose checksum verifies again. */
function repaired({ client = [], backend = [] }: Captures): Captures {
  const spoil = (frame: Frame): Frame => flipped(frame, 100);
  const isMeant = (frame: Frame, index: number): boolean =>
    index === 300 && !isFromClient(frame) && isLarge(frame, index);
  return {
    client: client.map((frame, index) =>
      isMeant(frame, index)
        ? edited(
            spoil(frame),
            fields('tcp', () => ({})),
          )
        : frame,
    ),
    backend: backend.map((frame, index) => (index === 300 ? spoil(frame) : frame)),
  };
}

function twice({ client = [], backend = [] }: Captures): Captures {
  const copies = (frame: Frame, index: number): readonly Frame[] =>
    index % 40 === 20 && !isFromClient(frame) ? [frame, frame] : [frame];
  return { client: client.flatMap(copies), backend };
}

const HANDOFF: readonly Row[] = [
  [
    'PRISM-REW-05',
    'the TCP checksum is not updated',
    REQUESTS,
    toOwner(fields('tcp', ({ checksum }) => ({ checksum: checksum ^ 0x1234 }))),
  ],
  [
    'PRISM-REW-04',
    'the IPv4 checksum is not updated',
    REQUESTS,
    toClient(fields('ipv4', ({ checksum }) => ({ checksum: checksum ^ 0x0101 }))),
  ],
  [
    'PRISM-REW-15',
    'the window is changed without a shift',
    TRANSFER,
    toOwner(
      fields('tcp', ({ window }) => ({ window: window + 1 })),
      oneInFive,
    ),
  ],
  [
    'PRISM-REW-14',
    'TTL less by two',
    REQUESTS,
    toClient(fields('ipv4', ({ ttl }) => ({ ttl: ttl - 2 }))),
  ],
  ['PRISM-REW-13', 'ECN is cleared', 'ecn/ecn', toClient(fields('ipv4', () => ({ ecn: 0 })))],
  [
    'PRISM-REW-15',
    'ECE and CWR are cleared',
    'ecn/ecn',
    toOwner(fields('tcp', ({ flags }) => ({ flags: flags & ~(TCP_FLAG.ECE | TCP_FLAG.CWR) }))),
  ],
  [
    'PRISM-REW-02',
    'the source of one segment in five is the owner',
    TRANSFER,
    (captures) => {
      const address = fields('ipv4', () => ({ src: ipv4Address('10.0.0.21') }));
      const port = fields('tcp', () => ({ srcPort: 8080 }));
      return toClient((each) => (each.kind === 'ipv4' ? address : port)(each), oneInFive)(captures);
    },
  ],
  [
    'PRISM-REW-01',
    'one segment in five goes to another backend',
    TRANSFER,
    toOwner(
      fields('ipv4', () => ({ dst: ipv4Address('10.0.0.22') })),
      oneInFive,
    ),
  ],
  ['PRISM-FWD-11', 'a segment leaves twice', TRANSFER, twice],
  [
    'PRISM-FWD-10',
    'the VLAN tag of one segment in five is changed',
    'vlan/keep-alive',
    toOwner(
      fields('dot1q', () => ({ vid: 77 })),
      oneInFive,
    ),
  ],
];

const SPLICED: readonly Row[] = [
  ['PRISM-SEQ-01', 'the sequence number is not shifted', REQUESTS, toOwner(unshiftedSeq)],
  [
    'PRISM-SEQ-01',
    'the sequence number of one segment in five is not shifted',
    'loss/sack-of-request',
    toOwner(unshiftedSeq, oneInFive),
  ],
  [
    'PRISM-SEQ-01',
    'the acknowledgment number takes the delta of the sequence number',
    TRANSFER,
    toOwner(fields('tcp', ({ ack }) => ({ ack: minus(ack, SPLICE.ownerSeq - SPLICE.clientSeq) }))),
  ],
  [
    'PRISM-SEQ-04',
    'SACK edges are not shifted',
    'loss/sack-four-blocks',
    toOwner(
      sackBlocks((blocks) =>
        blocks.map(({ left, right }) => {
          return { left: minus(left, SPLICE.ownerSeq), right: minus(right, SPLICE.ownerSeq) };
        }),
      ),
    ),
  ],
  [
    'PRISM-SEQ-04',
    'the right edge of the last SACK block is wrong',
    'loss/sack-four-blocks',
    toOwner(
      sackBlocks((blocks) =>
        blocks.map(({ left, right }, index) => {
          return { left, right: index === blocks.length - 1 ? minus(right, 1) : right };
        }),
      ),
    ),
  ],
  [
    'PRISM-SEQ-05',
    'a D-SACK block is not shifted',
    'loss/d-sack',
    toOwner(
      sackBlocks((blocks) =>
        blocks.map(({ left, right }) => ({ left: minus(left, SPLICE.ownerSeq), right })),
      ),
    ),
  ],
  [
    'PRISM-REW-03',
    'the payload is changed and the checksum made good',
    TRANSFER,
    toClient(
      payload((octet) => octet ^ 1),
      (frame, index) => isLarge(frame, index) && index % 50 === 25,
    ),
  ],
  [
    'PRISM-SEQ-09',
    'the urgent pointer is shifted',
    'flow/urgent',
    toOwner(
      fields('tcp', ({ urgent }) => ({ urgent: (urgent + 77) & 0xffff })),
      flagged(TCP_FLAG.URG),
    ),
  ],
  ['PRISM-REW-07', 'a wrong checksum is made good', TRANSFER, repaired],
  [
    'PRISM-SEQ-07',
    'an unknown option is overwritten',
    'options/fast-open-cookie-request',
    toOwner(
      fields('tcp', ({ options }) => {
        return {
          options: options.map((each) =>
            each.kind === 'fastOpen' ? { kind: 'unknown', type: 99, octets: each.cookie } : each,
          ),
        };
      }),
    ),
  ],
  [
    'PRISM-RST-01',
    'the sequence number of a reset is not shifted',
    'reset/client-reset-mid-response',
    toOwner(unshiftedSeq, flagged(TCP_FLAG.RST)),
  ],
];

const TIMES: Row = [
  'PRISM-SEQ-10',
  'TSecr is not shifted back',
  TRANSFER,
  toClient(timestamps(({ echo }) => ({ echo: (echo + SPLICE_TS.clientTimestamp) >>> 0 }))),
];

const SCALES: Row = [
  'PRISM-SEQ-12',
  'the window of a SYN is scaled',
  REQUESTS,
  toOwner(
    fields('tcp', ({ window }) => ({ window: window >> 3 })),
    flagged(TCP_FLAG.SYN),
  ),
];

const rowsOf = (deltas: Deltas, rows: readonly Row[]): readonly CaptureDefect[] =>
  rows.map(([breaks, name, fixture, apply]) => ({ breaks, name, fixture, deltas, apply }));

/** The defects that `check` has to name on its own. */
export const DEFECTS: readonly CaptureDefect[] = [
  ...rowsOf(NO_DELTAS, HANDOFF),
  ...rowsOf(SPLICE, SPLICED),
  ...rowsOf(SPLICE_TS, [TIMES]),
  ...rowsOf(WINDOWS, [SCALES]),
];
