import test from 'ava';
import fc from 'fast-check';
import { build, checksum, ether, ipv4, ipv4Address, layer, parse, raw } from 'scapy-ts';
import { ADVERT_MAC, decodeAdvert, encodeAdvert } from '../../../reference/balancer/advert.ts';
import type { Advert, Redundancy } from '../../../reference/balancer/election.ts';
import { enter, hear, OUT, wait, withdraw } from '../../../reference/balancer/election.ts';
import { runs } from '../../runs.ts';
import { GATEWAY, SWITCH_MAC, VIRTUAL } from './bed.ts';

const SOURCE = ipv4Address('10.0.0.251');
const LOWER = ipv4Address('10.0.0.250');
const HIGHER = ipv4Address('10.0.0.252');

const ONE: Redundancy = {
  group: 7,
  priority: 100,
  intervalMs: 1000,
  source: SOURCE,
  preempts: true,
};
/** 3 intervals and (256 − 100) / 256 of one. */
const DOWN_MS = 3609.375;

function advertOf(priority: number, source: Advert['source'] = HIGHER, intervalMs = 1000): Advert {
  return { group: 7, priority, intervalMs, source };
}

test('PRISM-HA-3 a backup that hears nothing is active after 3 intervals and its skew', (t) => {
  const { election } = enter(ONE, 5000);
  t.deepEqual(election, { role: 'backup', dueMs: 5000 + DOWN_MS });
  t.is(wait(election, ONE, 8609).election.role, 'backup');
  const ballot = wait(election, ONE, 8610);
  t.deepEqual(ballot, { election: { role: 'active', dueMs: 9610 }, says: 100 });
});

test('PRISM-HA-3 the higher the priority the sooner, but never before 3 intervals', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 253 }),
      fc.integer({ min: 1, max: 4095 }),
      (priority, units) => {
        const intervalMs = units * 10;
        const due = (each: number): number =>
          enter({ ...ONE, priority: each, intervalMs }, 0).election.dueMs;
        t.true(due(priority) > due(priority + 1));
        t.true(due(priority + 1) > 3 * intervalMs);
        t.true(due(priority) < 4 * intervalMs);
      },
    ),
    runs(200),
  );
});

test('PRISM-HA-3 a backup waits as long as the active switch’s own interval says', (t) => {
  const start = enter(ONE, 0).election;
  t.is(hear(start, ONE, advertOf(200, HIGHER, 100), 50).election.dueMs, 50 + DOWN_MS / 10);
  t.is(hear(start, ONE, advertOf(100, LOWER), 50).election.dueMs, 50 + DOWN_MS);
});

test('PRISM-HA-3 a backup takes over from one of lower priority, unless it declares not to', (t) => {
  const start = enter(ONE, 0).election;
  t.is(hear(start, ONE, advertOf(99), 50).election, start);
  const patient = { ...ONE, preempts: false };
  t.is(hear(start, patient, advertOf(99), 50).election.dueMs, 50 + DOWN_MS);
});

test('PRISM-HA-3 when the active switch withdraws, the skew alone is waited for', (t) => {
  const start = enter(ONE, 0).election;
  t.deepEqual(hear(start, ONE, advertOf(0), 50).election, { role: 'backup', dueMs: 50 + 609.375 });
  t.deepEqual(withdraw({ role: 'active', dueMs: 9 }), { election: OUT, says: 0 });
  t.deepEqual(withdraw(start), { election: OUT, says: undefined });
});

test('PRISM-HA-3 an active switch says so every interval, and gives way to one that comes before it', (t) => {
  const active = { role: 'active', dueMs: 1000 } as const;
  t.is(wait(active, ONE, 999).says, undefined);
  t.deepEqual(wait(active, ONE, 1000), { election: { role: 'active', dueMs: 2000 }, says: 100 });
  for (const [priority, source, role] of [
    [101, LOWER, 'backup'],
    [100, HIGHER, 'backup'],
    [100, LOWER, 'active'],
    [99, HIGHER, 'active'],
  ] as const) {
    const ballot = hear(active, ONE, advertOf(priority, source), 500);
    t.is(ballot.election.role, role);
    t.is(ballot.says, role === 'active' ? 100 : undefined);
  }
  t.deepEqual(hear(active, ONE, advertOf(0), 500), {
    election: { role: 'active', dueMs: 1500 },
    says: 100,
  });
});

test('who takes no part does nothing', (t) => {
  t.deepEqual(wait(OUT, ONE, 1e9), { election: OUT, says: undefined });
  t.deepEqual(hear(OUT, ONE, advertOf(200), 1), { election: OUT, says: undefined });
});

test('an advert in a frame is what was said', (t) => {
  const frame = encodeAdvert(advertOf(100), [GATEWAY, VIRTUAL.address], SWITCH_MAC);
  t.deepEqual(decodeAdvert(frame), advertOf(100));
  const { layers } = parse(frame);
  const ip = layer(layers, 'ipv4');
  t.deepEqual([ip?.ttl, ip?.protocol, ip?.dst], [255, 112, ipv4Address('224.0.0.18')]);
  t.is(layer(layers, 'ether')?.dst, ADVERT_MAC);
  // RFC 9568 section 5.1, field by field; addresses 10.0.0.254 and 198.51.100.1.
  const head = [0x31, 7, 100, 2, 0, 100];
  const message = layer(layers, 'raw')?.octets ?? new Uint8Array();
  t.deepEqual([...message.subarray(0, 6)], head);
  t.deepEqual([...message.subarray(8)], [10, 0, 0, 254, 198, 51, 100, 1]);
  t.is(checksum(message, 0, message.length), 0);
});

test('an advert of any group, priority and interval is what was said', (t) => {
  const octet = fc.integer({ min: 1, max: 255 });
  fc.assert(
    fc.property(octet, fc.nat(255), fc.integer({ min: 1, max: 4095 }), (group, priority, units) => {
      const advert: Advert = { group, priority, intervalMs: units * 10, source: SOURCE };
      t.deepEqual(decodeAdvert(encodeAdvert(advert, [GATEWAY], SWITCH_MAC)), advert);
    }),
    runs(200),
  );
});

/** The frame of an advert whose message, header or checksum is another. */
function changed(
  change: (message: Uint8Array) => Uint8Array,
  ttl: number = 255,
  protocol: number = 112,
): Uint8Array {
  const { layers } = parse(encodeAdvert(advertOf(100), [GATEWAY], SWITCH_MAC));
  const message = layer(layers, 'raw')?.octets ?? new Uint8Array();
  return build([
    ether({ dst: ADVERT_MAC, src: SWITCH_MAC }),
    ipv4({ src: HIGHER, dst: ipv4Address('224.0.0.18'), ttl, protocol }),
    raw(change(Uint8Array.from(message))),
  ]);
}

function withChecksum(message: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(message);
  copy.set([0, 0], 6);
  const sum = checksum(copy, 0, copy.length);
  copy.set([sum >> 8, sum & 0xff], 6);
  return copy;
}

test('an advert whose checksum has a pseudo-header, as some have it, is heard', (t) => {
  const advert = { ...ONE, source: SOURCE };
  const frame = Uint8Array.from(encodeAdvert(advert, [GATEWAY, VIRTUAL.address], SWITCH_MAC));
  const at = frame.length - 10;
  t.deepEqual([...frame.subarray(at, at + 2)], [0x35, 0x5f]);
  // What tshark 4.0.17 and tcpdump say that it should be.
  frame.set([0x49, 0xd1], at);
  t.deepEqual(decodeAdvert(frame), advertOf(100, SOURCE));
  frame.set([0x49, 0xd2], at);
  t.is(decodeAdvert(frame), undefined);
});

test('what is no sound advert of this network is not heard', (t) => {
  const same = (message: Uint8Array): Uint8Array => message;
  t.deepEqual(decodeAdvert(changed(same)), advertOf(100));
  t.is(decodeAdvert(changed(same, 254)), undefined);
  t.is(decodeAdvert(changed(same, 255, 113)), undefined);
  const set = (at: number, value: number) => (message: Uint8Array) => {
    message[at] = value;
    return withChecksum(message);
  };
  t.is(decodeAdvert(changed(set(0, 0x21))), undefined, 'version 2');
  t.is(decodeAdvert(changed(set(3, 2))), undefined, 'more addresses than there are');
  t.is(decodeAdvert(changed(set(3, 0))), undefined, 'no addresses');
  t.is(decodeAdvert(changed(set(5, 0))), undefined, 'an interval of 0');
  for (let bit = 0; bit < 96; bit += 1) {
    const flipped = changed((message) => {
      message[bit >> 3] = (message[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return message;
    });
    t.is(decodeAdvert(flipped), undefined, `bit ${bit}`);
  }
  const whole = changed(same);
  for (let length = 0; length < whole.length; length += 1) {
    t.is(decodeAdvert(whole.subarray(0, length)), undefined);
  }
});
