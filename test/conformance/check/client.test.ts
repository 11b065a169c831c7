/** `check` on the client's capture alone: what the client can see by itself. */
import test from 'ava';
import type { TcpOption } from 'scapy-ts';
import {
  pattern,
  segment,
  type Path,
  type SegmentFields,
} from '../../../conformance/traffic/segment.ts';
import { HOSTS } from '../../../conformance/traffic/testbed.ts';
import { brokenText, idsOf, judge, type Frame } from './captures.ts';

const CLIENT = { address: HOSTS.client.ipv4, port: 40_000 };
const VIRTUAL = { address: '198.51.100.1', port: 80 };
const up: Path = {
  sourceMac: HOSTS.client.mac,
  destinationMac: HOSTS.controller.mac,
  source: CLIENT,
  destination: VIRTUAL,
};
const down: Path = {
  sourceMac: HOSTS.controller.mac,
  destinationMac: HOSTS.client.mac,
  source: VIRTUAL,
  destination: CLIENT,
};

/** A segment: from the client (`up`) or to it (`down`). */
type Line = readonly ['up' | 'down', SegmentFields];

const REQUEST = new TextEncoder().encode('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
const RESPONSE = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc');
const CLOSING = new TextEncoder().encode(
  'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc',
);

function times(value: number, echo = 1): readonly TcpOption[] {
  return [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value, echo }];
}

function syn(mss: number, timestamps: boolean, sack: boolean): readonly TcpOption[] {
  return [
    { kind: 'mss', mss },
    ...(sack ? ([{ kind: 'sackPermitted' }] as const) : []),
    ...(timestamps ? ([{ kind: 'timestamps', value: 1, echo: 0 }] as const) : []),
  ];
}

/** Client at 1000, server at 5000; `offer` says what both agree on. */
function handshake(offer = { mss: 1460, timestamps: true, sack: true }): readonly Line[] {
  const options = syn(offer.mss, offer.timestamps, offer.sack);
  return [
    ['up', { seq: 999, ack: 0, flags: 'S', options }],
    ['down', { seq: 4999, ack: 1000, flags: 'SA', options }],
    ['up', { seq: 1000, ack: 5000, options: offer.timestamps ? times(1) : [] }],
  ];
}

function capture(lines: readonly Line[]): readonly Frame[] {
  return lines.map(([way, fields], index) => {
    return { octets: segment(way === 'up' ? up : down, fields), timeUs: index * 1000 };
  });
}

/** A payload to the client, sent at time `at` of the server's clock. */
function data(seq: number, length: number, at = 2, more: SegmentFields = {}): Line {
  const payload = pattern(length, seq & 0xff);
  return ['down', { seq, ack: 1000, payload, options: times(at), ...more }];
}

const FAULTS: readonly {
  readonly breaks: string;
  readonly name: string;
  readonly lines: readonly Line[];
}[] = [
  {
    breaks: 'PRISM-MIG-01',
    name: 'other octets at the same sequence numbers',
    lines: [
      ...handshake(),
      data(5000, 100),
      data(5100, 100),
      data(5050, 100, 3, { payload: pattern(100, 99) }),
    ],
  },
  {
    breaks: 'PRISM-MIG-01',
    name: 'octets behind a FIN',
    lines: [...handshake(), data(5000, 100, 2, { flags: 'FA' }), data(5100, 100, 3)],
  },
  {
    breaks: 'PRISM-MIG-04',
    name: 'a reset, and then new octets from somebody who goes on',
    lines: [
      ...handshake(),
      data(5000, 100),
      ['up', { seq: 1000, ack: 5100, options: times(3) }],
      ['down', { seq: 5100, ack: 1000, flags: 'RA' }],
      data(5100, 100, 4),
      data(5200, 100, 5),
    ],
  },
  {
    breaks: 'PRISM-MIG-05',
    name: 'less acknowledged than before, later by the clock',
    lines: [
      ...handshake(),
      ['up', { seq: 1000, ack: 5000, payload: pattern(200), options: times(2) }],
      data(5000, 10, 2, { ack: 1200 }),
      data(5010, 10, 5, { ack: 1100 }),
    ],
  },
  {
    breaks: 'PRISM-SEQ-11',
    name: 'a clock that goes back',
    lines: [...handshake(), data(5000, 10, 500), data(5010, 10, 400)],
  },
  {
    breaks: 'PRISM-MIG-08',
    name: 'timestamps that were not negotiated',
    lines: [...handshake({ mss: 1460, timestamps: false, sack: true }), data(5000, 10)],
  },
  {
    breaks: 'PRISM-MIG-08',
    name: 'no timestamps although they were negotiated',
    lines: [...handshake(), data(5000, 10, 2, { options: [] })],
  },
  {
    breaks: 'PRISM-MIG-08',
    name: 'SACK that the client did not permit',
    lines: [
      ...handshake({ mss: 1460, timestamps: false, sack: false }),
      ['down', { seq: 5000, options: [{ kind: 'sack', blocks: [{ left: 1, right: 2 }] }] }],
    ],
  },
  {
    breaks: 'PRISM-MIG-09',
    name: 'segments larger than the MSS',
    lines: [...handshake({ mss: 536, timestamps: true, sack: true }), data(5000, 525)],
  },
  {
    breaks: 'PRISM-PIPE-01',
    name: 'a request answered twice',
    lines: [
      ...handshake(),
      ['up', { seq: 1000, ack: 5000, payload: REQUEST, options: times(2) }],
      data(5000, 0, 3, { ack: 1000 + REQUEST.length, payload: RESPONSE }),
      data(5000 + RESPONSE.length, 0, 4, { ack: 1000 + REQUEST.length, payload: RESPONSE }),
    ],
  },
  {
    breaks: 'PRISM-PIPE-07',
    name: 'a response after Connection: close',
    lines: [
      ...handshake(),
      ['up', { seq: 1000, ack: 5000, payload: REQUEST, options: times(2) }],
      ['up', { seq: 1000 + REQUEST.length, ack: 5000, payload: REQUEST, options: times(2) }],
      data(5000, 0, 3, { payload: CLOSING }),
      data(5000 + CLOSING.length, 0, 4, { payload: RESPONSE }),
    ],
  },
];

for (const { breaks, name, lines } of FAULTS) {
  test(`${breaks}: ${name}`, (t) => {
    const result = judge({ client: capture(lines) });
    t.deepEqual(idsOf(result, 'fail'), [breaks], brokenText(result));
    const last = result.judgements.flatMap(({ findings }) => findings)[0]?.frames.at(-1);
    t.deepEqual(last, { capture: 'client', frame: lines.length });
  });
}

test('each of these without its last segment is kept', (t) => {
  for (const { name, lines } of FAULTS) {
    const result = judge({ client: capture(lines.slice(0, -1)) });
    t.is(brokenText(result), '', name);
  }
});

test('what the network and real hosts may do is held against nobody', (t) => {
  const legal: readonly (readonly Line[])[] = [
    // Reordered: the older segment, by its clock, arrives later.
    [
      ...handshake(),
      ['up', { seq: 1000, ack: 5000, payload: pattern(200), options: times(2) }],
      data(5010, 10, 5, { ack: 1200 }),
      data(5000, 10, 4, { ack: 1100 }),
    ],
    // A keep-alive probe with an octet of nothing.
    [...handshake(), data(5000, 100), data(5099, 1, 9, { payload: Uint8Array.of(0) })],
    // The same octets again, cut in another way.
    [...handshake(), data(5000, 100), data(5020, 80, 3, { payload: pattern(100, 136).slice(20) })],
    // A reset from outside the window, which the client ignores.
    [
      ...handshake(),
      ['down', { seq: 77, ack: 0, flags: 'R' }],
      data(5000, 10),
      data(5010, 10),
      data(5020, 10),
    ],
    // A corrupted segment does not reach the client's TCP.
    [
      ...handshake(),
      data(5000, 100),
      data(5000, 100, 3, { tcp: { checksum: 1 }, payload: pattern(100, 9) }),
    ],
    // The same endpoints again, with numbers of their own.
    [
      ...handshake(),
      data(5000, 100, 900),
      ['up', { seq: 70_000, ack: 0, flags: 'S', options: syn(1460, true, true) }],
      data(5000, 100, 901, { payload: pattern(100, 1) }),
      ['down', { seq: 6000, ack: 70_001, flags: 'SA', options: syn(1460, true, true) }],
      data(6001, 100, 2, { ack: 70_001 }),
    ],
    // A request that was not captured: its answer is no surplus.
    [
      ...handshake(),
      ['up', { seq: 1000, ack: 5000, payload: REQUEST, options: times(2) }],
      data(5000, 0, 3, { ack: 1000 + REQUEST.length, payload: RESPONSE }),
      data(5000 + RESPONSE.length, 0, 4, { ack: 1000 + 2 * REQUEST.length, payload: RESPONSE }),
    ],
  ];
  for (const [index, lines] of legal.entries()) {
    t.is(brokenText(judge({ client: capture(lines) })), '', `case ${index}`);
  }
});

test('PRISM-PIPE-01: requests in one segment, each answered once, are seen to be kept', (t) => {
  const both = Uint8Array.of(...REQUEST, ...REQUEST);
  const lines: readonly Line[] = [
    ...handshake(),
    ['up', { seq: 1000, ack: 5000, payload: both, options: times(2) }],
    data(5000, 0, 3, { ack: 1000 + both.length, payload: RESPONSE }),
    data(5000 + RESPONSE.length, 0, 4, { ack: 1000 + both.length, payload: RESPONSE }),
  ];
  const result = judge({ client: capture(lines) });
  const pipe = result.judgements.find(({ requirement }) => requirement.id === 'PRISM-PIPE-01');
  t.is(pipe?.kept, 2);
  t.deepEqual(pipe?.verdict, { kind: 'pass' });
});
