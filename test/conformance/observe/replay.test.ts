/** A captured connection as stimuli, from a small one made by hand. */
import test from 'ava';
import { arp, build, ether, formatMac, layer, parse } from 'scapy-ts';
import type { Profile } from '../../../conformance/driver/device.ts';
import { judgeDelivery } from '../../../conformance/observe/delivery.ts';
import { replayOf } from '../../../conformance/observe/replay.ts';
import type { Fixture } from '../../../conformance/traffic/fixture.ts';
import { segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf } from '../../../conformance/traffic/testbed.ts';
import { helloWith, rightOutputs, ruleWith } from '../bed.ts';

const KEY = keyOf(HOSTS.client);
const [HERE, THERE] = ['0a:00:00:00:00:01', '0a:00:00:00:00:02'];
const UP = { sourceMac: HERE, destinationMac: THERE, source: KEY.client, destination: KEY.virtual };
const DOWN = {
  sourceMac: THERE,
  destinationMac: HERE,
  source: KEY.virtual,
  destination: KEY.client,
};

const SYN = segment(UP, { seq: 100, ack: 0, flags: 'S' });
const SYN_ACK = segment(DOWN, { seq: 500, ack: 101, flags: 'SA' });
const REQUEST = segment(UP, { seq: 101, ack: 501, flags: 'PA', payload: Uint8Array.of(71, 69) });
const STRANGER = segment(
  { ...UP, source: { ...KEY.client, port: 1 } },
  { seq: 1, payload: Uint8Array.of(1) },
);
const WHO_HAS = build([ether({ src: HERE, dst: 'ff:ff:ff:ff:ff:ff' }), arp({ operation: 1 })]);

const FIXTURE: Fixture = {
  name: 'made/by-hand',
  family: 4,
  connections: [KEY],
  needs: [],
  frames: [WHO_HAS, SYN, SYN_ACK, STRANGER, REQUEST],
};
const PROFILE: Profile = helloWith().profile;
const { deltas } = ruleWith({ clientSeq: 1000, ownerSeq: 0xfffffff0 });

function numbers(frame: Uint8Array): readonly (number | undefined)[] {
  const tcp = layer(parse(frame).layers, 'tcp');
  return [tcp?.seq, tcp?.ack, tcp?.srcPort, tcp?.dstPort];
}

function macsOf(frame: Uint8Array): readonly string[] {
  const header = layer(parse(frame).layers, 'ether');
  return [header?.src, header?.dst].map((mac) => (mac === undefined ? '' : formatMac(mac)));
}

test('each connection has a rule that hands it to backend 1', (t) => {
  const { rules } = replayOf(FIXTURE, { deltas, profile: PROFILE, reverse: true });
  t.deepEqual(rules, [
    {
      client: { address: '192.0.2.10', port: 40000 },
      virtual: { address: '198.51.100.1', port: 80 },
      owner: { address: '10.0.0.21', port: 8080, mac: '02:00:00:00:00:b1' },
      deltas,
      locked: false,
    },
  ]);
});

test('client frames go in as they were captured, owner frames so that these come out', (t) => {
  const { stimuli, left } = replayOf(FIXTURE, { deltas, profile: PROFILE, reverse: true });
  t.is(left, 2);
  t.deepEqual(
    stimuli.map(({ role, frame }) => [role, ...numbers(frame)]),
    [
      ['client0', 100, 0, 40000, 80],
      // seq 500 + ownerSeq, ack 101 + clientSeq: what the owner says of its own numbers.
      ['backend0', 484, 1101, 8080, 40000],
      ['client0', 101, 501, 40000, 80],
    ],
  );
  t.deepEqual(
    rightOutputs(stimuli).map(({ role, frame }) => [role, ...numbers(frame)]),
    [
      ['backend0', 1100, 0, 40000, 8080],
      ['client0', 500, 101, 80, 40000],
      ['backend0', 1101, 485, 40000, 8080],
    ],
  );
});

test('what the client has to see is the captured frame, from the owner’s MAC address', (t) => {
  const { stimuli } = replayOf(FIXTURE, { deltas, profile: PROFILE, reverse: true });
  const wanted = rightOutputs(stimuli)[1]?.frame ?? new Uint8Array();
  t.deepEqual(wanted.subarray(14), SYN_ACK.subarray(14));
  t.deepEqual(macsOf(wanted), ['02:00:00:00:00:b1', '02:00:00:00:00:c1']);
  t.deepEqual(macsOf(stimuli[0]?.frame ?? wanted), ['02:00:00:00:00:c1', '02:00:00:00:00:0c']);
  t.deepEqual(stimuli[2]?.frame.subarray(14), REQUEST.subarray(14));
});

test('without REVERSE only the client’s frames are replayed', (t) => {
  const { stimuli, left } = replayOf(FIXTURE, { deltas, profile: PROFILE, reverse: false });
  t.deepEqual(
    stimuli.map(({ role }) => role),
    ['client0', 'client0'],
  );
  t.is(left, 2);
});

test('the device’s choice of TTL is the leeway', (t) => {
  const profile = { ...PROFILE, ttl: 'decrement' } as const;
  const { stimuli } = replayOf(FIXTURE, { deltas, profile, reverse: true });
  for (const { expectation } of stimuli) {
    t.like(expectation, { kind: 'frame', leeway: { ttl: 'decrement' } });
  }
});

test('a device that rewrites nothing fails the replay', (t) => {
  const { stimuli } = replayOf(FIXTURE, { deltas, profile: PROFILE, reverse: true });
  const same = stimuli.map(({ frame }, index) => {
    return { role: index === 1 ? ('client0' as const) : ('backend0' as const), frame };
  });
  const told = new Set(judgeDelivery(stimuli, same).map(({ aspect }) => aspect));
  t.true(told.has('sequence'));
  t.true(told.has('addressed-to-owner'));
  t.true(told.has('addressed-from-virtual'));
});
