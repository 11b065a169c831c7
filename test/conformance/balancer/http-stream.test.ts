/** What the judge makes of a client's capture: one connection, or something else. */
import test from 'ava';
import { build, ipv4, raw, tcp, type GivenTcp } from 'scapy-ts';
import { readPacket, type CapturedPacket } from '../../../conformance/balancer/packet.ts';
import { streamFault } from '../../../conformance/balancer/http-stream.ts';

const CLIENT = '10.1.0.1';
const VIRTUAL = '10.1.0.201';
/** Near the end of the numbers, so that they wrap. */
const ISN = 0xffff_fff0;

let now = 0;

function packet(direction: 'sent' | 'received', fields: GivenTcp, payload = ''): CapturedPacket {
  const [src, dst] = direction === 'sent' ? [CLIENT, VIRTUAL] : [VIRTUAL, CLIENT];
  const ports =
    direction === 'sent' ? { srcPort: 5000, dstPort: 80 } : { srcPort: 80, dstPort: 5000 };
  const octets = build([
    ipv4({ src, dst }),
    tcp({ ...ports, ...fields }),
    raw(new TextEncoder().encode(payload)),
  ]);
  const read = readPacket(octets);
  if (read === undefined) throw new Error('no packet');
  now += 1;
  const place = { host: 'client 1', direction, atMs: now } as const;
  return { ...read, ...place, sourceMac: '', destinationMac: '' };
}

function stamps(value: number, echo: number): GivenTcp['options'] {
  return [{ kind: 'timestamps', value, echo }];
}

/** A client that asks in 10 octets, and what it gets. */
function faultOf(...received: readonly (() => CapturedPacket)[]): string | undefined {
  const sent = [
    packet('sent', { seq: ISN, flags: 'S', options: stamps(100, 0) }),
    packet('sent', { seq: ISN + 1, ack: 1, flags: 'A', options: stamps(101, 7) }, '0123456789'),
  ];
  const first = packet('received', {
    seq: 0xffff_fffe,
    ack: (ISN + 1) >>> 0,
    flags: 'SA',
    options: stamps(7, 100),
  });
  const client = { sent, received: [first, ...received.map((make) => make())] };
  return streamFault({ client })?.observed;
}

/** A segment of the server `at` octets behind its SYN. */
function segment(at: number, payload: string, fields: GivenTcp = {}): () => CapturedPacket {
  const seq = (0xffff_ffff + at) >>> 0;
  const ack = (ISN + 11) >>> 0;
  const options = stamps(8, 101);
  return () => packet('received', { seq, ack, flags: 'PA', options, ...fields }, payload);
}

test('a connection from SYN to FIN has no fault, nor has what comes again, or late', (t) => {
  const end = segment(6, '', { flags: 'FA' });
  t.is(faultOf(segment(0, 'abc'), segment(3, 'def'), end), undefined);
  t.is(faultOf(segment(3, 'def'), segment(0, 'abc'), segment(2, 'cde'), end, end), undefined);
  // A probe of a window, or of a connection that is silent, stands before what is new.
  t.is(faultOf(segment(-1, ''), segment(0, 'abc'), segment(2, '')), undefined);
});

test('octets that are two things, or none, are faults', (t) => {
  t.is(faultOf(segment(0, 'abc'), segment(2, 'xde')), 'octet 2 twice, as two');
  t.is(faultOf(segment(0, 'abc'), segment(4, 'de')), 'a gap at octet 3');
  t.is(faultOf(segment(-2, 'abc')), 'an octet before the first');
  const end = segment(3, '', { flags: 'FA' });
  t.is(faultOf(segment(0, 'abc'), end, segment(3, 'd')), 'octet 3 behind the end at 3');
});

test('what was never sent is not acknowledged, nor echoed', (t) => {
  t.is(faultOf(segment(0, 'a', { ack: (ISN + 12) >>> 0 })), '12 acknowledged of 11');
  const stranger = { options: stamps(8, 55) };
  t.is(faultOf(segment(0, 'a', stranger)), 'an echo of the timestamp 55, which was not sent');
  const sack = (left: number, right: number): GivenTcp => ({
    options: [{ kind: 'sack', blocks: [{ left: ISN + left, right: (ISN + right) >>> 0 }] }],
  });
  t.is(faultOf(segment(0, 'a', sack(1, 11))), undefined);
  t.is(faultOf(segment(0, 'a', sack(1, 12))), 'SACK of 1 to 12 of 11');
});

test('what is sent later is not acknowledged before', (t) => {
  const syn = packet('sent', { seq: ISN, flags: 'S' });
  const opening = packet('received', { seq: 1, ack: (ISN + 1) >>> 0, flags: 'SA' });
  const early = packet('received', { seq: 2, ack: (ISN + 11) >>> 0, flags: 'A' });
  const late = packet('sent', { seq: ISN + 1, ack: 2, flags: 'A' }, '0123456789');
  const client = { sent: [syn, late], received: [opening, early] };
  t.is(streamFault({ client })?.observed, '11 acknowledged of 1');
});

test('timestamps do not go back, and nothing is reset', (t) => {
  t.is(faultOf(segment(0, 'a'), segment(1, 'b', { options: stamps(7, 101) })), '7');
  t.is(faultOf(segment(0, 'a'), segment(1, '', { flags: 'RA' })), 'segment 3 towards the client');
});

test('without a SYN there is no connection', (t) => {
  const client = { sent: [], received: [] };
  t.is(streamFault({ client })?.observed, 'none');
});
