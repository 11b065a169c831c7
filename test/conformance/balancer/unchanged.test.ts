/** What the judge of server switches compares: every octet but those that a translation changes. */
import test from 'ava';
import fc from 'fast-check';
import { build, ether, ETHER_TYPE, ipv4, raw, tcp } from 'scapy-ts';
import { readPacket, type IpPacket } from '../../../conformance/balancer/packet.ts';
import {
  checksumFault,
  identityFault,
  optionsFault,
  translationFault,
  tunnelFault,
  type TranslatedEnd,
} from '../../../conformance/balancer/unchanged.ts';
import { runs } from '../../runs.ts';

const CLIENT = '10.1.0.1';
const VIRTUAL = '10.1.0.201';
const SERVER = '10.2.0.1';
const PAYLOAD = Uint8Array.from({ length: 11 }, (_, at) => at);

function octetsOf(source: string, destination: string, ports: readonly number[]): Uint8Array {
  const [srcPort = 0, dstPort = 0] = ports;
  const options = [{ kind: 'mss', mss: 1460 }] as const;
  return build([
    ipv4({ src: source, dst: destination, ttl: 64, id: 7 }),
    tcp({ srcPort, dstPort, seq: 5, flags: 'S', options }),
    raw(PAYLOAD),
  ]);
}

function packetOf(octets: Uint8Array): IpPacket {
  const packet = readPacket(octets);
  if (packet === undefined) throw new Error('no packet');
  return packet;
}

const SENT = octetsOf(CLIENT, VIRTUAL, [5000, 80]);

/** As it arrives at the server: TTL is one less. */
function arrivedAtServer(): Uint8Array {
  const octets = octetsOf(CLIENT, SERVER, [5000, 8080]);
  octets[8] = 63;
  return octets;
}

/** Octets that a translation of the destination may change, and the judge looks at otherwise. */
const FREE = new Set([10, 11, 16, 17, 18, 19, 22, 23, 36, 37]);

function fault(octets: Uint8Array, end: TranslatedEnd = 'destination'): string | undefined {
  return translationFault([packetOf(SENT)], [packetOf(octets)], end, 1)?.expected;
}

test('a packet that is translated as it should be is right, and no other way round', (t) => {
  t.is(fault(arrivedAtServer()), undefined);
  t.regex(fault(arrivedAtServer(), 'source') ?? '', /destination address/u);
});

test('every octet that a translation must not change is compared', (t) => {
  for (let at = 0; at < SENT.length; at += 1) {
    const octets = arrivedAtServer();
    octets[at] = (octets[at] ?? 0) ^ 1;
    const packet = readPacket(octets);
    // Lengths and the protocol make something else of it: then it is no packet to be compared.
    if (packet?.octets.length !== SENT.length) continue;
    const found = translationFault([packetOf(SENT)], [packet], 'destination', 1);
    t.is(found === undefined, FREE.has(at), `octet ${at}: ${found?.expected}`);
  }
});

test('TTL loses what is declared, and neither more nor less', (t) => {
  for (const ttl of [61, 62, 64, 65]) {
    const octets = arrivedAtServer();
    octets[8] = ttl;
    t.is(fault(octets), 'packet 1, TTL: 63');
  }
});

test('a packet that is missing, doubled, or out of its place is a fault', (t) => {
  const other = packetOf(octetsOf(CLIENT, VIRTUAL, [5001, 80]));
  const first = packetOf(SENT);
  t.is(identityFault([first, other], [first, other]), undefined);
  t.is(identityFault([first, other], [first])?.observed, 'it did not arrive');
  t.is(identityFault([first], [first, first])?.observed, '2');
  t.regex(identityFault([first, other], [other, first])?.expected ?? '', /source port/u);
});

test('in a packet that must not change at all every octet is compared', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(SENT.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const octets = SENT.slice();
        octets[at] = (octets[at] ?? 0) ^ change;
        const view = { ...packetOf(SENT), octets };
        return identityFault([packetOf(SENT)], [view]) !== undefined;
      }),
      runs(200),
    ),
  );
});

test('SYNs without one of their options, or none at all, are a fault', (t) => {
  const syn = packetOf(SENT);
  t.is(optionsFault([syn], [syn]), undefined);
  t.truthy(optionsFault([], []));
  const octets = SENT.slice();
  octets[20 + 23] = 0;
  t.truthy(optionsFault([syn], [packetOf(octets)]));
});

test('a checksum that is off by one bit is found where it is received, and not where it was sent', (t) => {
  const [src, dst] = ['02:00:00:00:01:01', '02:00:00:00:00:01'];
  const frame = build([ether({ src, dst, etherType: ETHER_TYPE.ipv4 }), raw(SENT)]);
  for (const at of [14 + 10, 14 + 20 + 16, 14 + SENT.length - 1]) {
    const octets = frame.slice();
    octets[at] = (octets[at] ?? 0) ^ 1;
    const place = { host: 's1', atMs: 1 } as const;
    t.truthy(checksumFault({ frames: [{ ...place, direction: 'received', octets }] }));
    t.is(checksumFault({ frames: [{ ...place, direction: 'sent', octets }] }), undefined);
  }
  const good = { host: 's1', atMs: 1, direction: 'received', octets: frame } as const;
  t.is(checksumFault({ frames: [good] }), undefined);
});

test('in a tunnel every octet but TTL and the header checksum is compared, and TTL is as declared', (t) => {
  for (let at = 0; at < SENT.length; at += 1) {
    const octets = SENT.slice();
    octets[at] = (octets[at] ?? 0) ^ 1;
    const view = { ...packetOf(SENT), octets };
    t.is(
      tunnelFault([packetOf(SENT)], [view], 0) === undefined,
      at === 8 || at === 10 || at === 11,
    );
  }
  t.is(tunnelFault([packetOf(SENT)], [packetOf(SENT)], 1)?.expected, 'packet 1, TTL: 63');
});
