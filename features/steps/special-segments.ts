/** Steps in which a host sends segments of an unusual shape, or many at once. */
import { Then, When, type DataTable } from '@cucumber/cucumber';
import { ipv4Address, type Ipv4Option, type TcpOption } from 'scapy-ts';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { pattern, segment, type SegmentFields } from '../../conformance/traffic/segment.ts';
import { HOSTS, type Host } from '../../conformance/traffic/testbed.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectationFrom, pathFrom, readFields, sendSegment } from './segments.ts';

/** Octets of an Ethernet, an IPv4 and a TCP header without options. */
const HEADERS_OCTETS = 14 + 20 + 20;

async function sendAll(
  world: PrismWorld,
  host: Host,
  segments: readonly SegmentFields[],
): Promise<void> {
  const path = pathFrom(world, host);
  const stimuli = segments.map((fields): Stimulus => {
    const frame = segment(path, fields);
    return { role: host.role, frame, expectation: expectationFrom(world, host, frame) };
  });
  await world.inject(stimuli);
}

When(
  '{host} sends a segment with a TCP header of {int} words',
  async function (this: PrismWorld, host: Host, words: number) {
    const octets = (words - 5) * 4;
    // One unknown option over the whole room shows any octet that moves.
    const options: readonly TcpOption[] =
      octets === 0 ? [] : [{ kind: 'unknown', type: 253, octets: pattern(octets - 2, 0x11) }];
    await sendSegment(this, host, { options, payload: pattern(11) });
  },
);

/** Numbers that are a data offset and flags where a header is looked for too early. */
const OFFSETS = { seq: 0x5010_0000, ack: 0x5010_0000 } as const;

When(
  '{host} sends a segment with an IPv4 header of {int} words',
  async function (this: PrismWorld, host: Host, words: number) {
    const octets = (words - 5) * 4;
    // Router alert where it alone fills the room, else an empty record of a route (RFC 791).
    const options: readonly Ipv4Option[] =
      octets === 4
        ? [{ kind: 'routerAlert', value: 0 }]
        : [
            {
              kind: 'recordRoute',
              pointer: 4,
              route: Array.from({ length: octets / 4 - 1 }, () => ipv4Address('0.0.0.0')),
            },
            { kind: 'nop' },
          ];
    await sendSegment(this, host, { ...OFFSETS, ipv4: { options }, payload: pattern(8) });
  },
);

When(
  '{host} sends a segment of {int} octet(s) in a frame padded to 60 octets with {hex}',
  async function (this: PrismWorld, host: Host, octets: number, octet: number) {
    const trailer = new Uint8Array(60 - HEADERS_OCTETS - octets).fill(octet);
    await sendSegment(this, host, { payload: pattern(octets, 1), trailer });
  },
);

When(
  '{host} sends a segment with each value of DSCP and ECN',
  async function (this: PrismWorld, host: Host) {
    const values = Array.from({ length: 256 }, (_, value) => ({
      seq: value,
      ipv4: { dscp: value >> 2, ecn: value & 3 },
    }));
    await sendAll(this, host, values);
  },
);

When(
  '{host} sends a segment with each value of flags and reserved bits',
  async function (this: PrismWorld, host: Host) {
    const values = Array.from({ length: 4096 }, (_, value) => ({
      seq: value,
      flags: value & 0x1ff,
      tcp: { reserved: value >> 9 },
    }));
    await sendAll(this, host, values);
  },
);

When(
  '{host} sends a segment of every size that the MTU allows',
  async function (this: PrismWorld, host: Host) {
    const largest = Math.min(this.hello.mtu, 1500) - 40;
    const sizes = Array.from({ length: largest + 1 }, (_, octets) => ({
      seq: octets,
      payload: pattern(octets, octets),
    }));
    await sendAll(this, host, sizes);
  },
);

When(
  '{host} sends {int} segments without payload, back to back',
  async function (this: PrismWorld, host: Host, count: number) {
    const segments = Array.from({ length: count }, (_, seq): SegmentFields => ({ seq }));
    await sendAll(this, host, segments);
  },
);

/** SACK alone, as every stack sends it. */
const PLAIN_SACK: readonly TcpOption[] = [
  { kind: 'nop' },
  { kind: 'nop' },
  { kind: 'sack', blocks: [{ left: 200, right: 300 }] },
];

When(
  '{host} sends SACK alone, and behind an option of each other kind',
  async function (this: PrismWorld, host: Host) {
    const kinds = Array.from({ length: 254 }, (_, index) => index + 2);
    const segments = kinds
      .filter((kind) => kind !== 5 && kind !== 8)
      .map((type): SegmentFields => ({
        seq: type,
        options: [
          { kind: 'unknown', type, octets: Uint8Array.of(0xde, 0xad, type, 0x05) },
          ...PLAIN_SACK,
        ],
      }));
    await sendAll(this, host, [{ seq: 0, options: PLAIN_SACK }, ...segments]);
  },
);

Then(
  'the other options are unchanged, and SACK is found behind each as it is alone',
  async function (this: PrismWorld) {
    const asked = ['options', 'sack'] as const;
    const findings = await this.judge(asked);
    const alone = this.stimuli[0]?.frame;
    // A device that shifts no SACK at all breaks PRISM-SEQ-04, and skips options none the worse.
    const shiftsSack = findings.every(({ injected }) => injected !== alone);
    const told = findings.filter(({ aspect }) => shiftsSack || aspect !== 'sack');
    this.fail(told, asked);
    await this.turnPage();
  },
);

When(
  '{host} sends an unruled segment with',
  async function (this: PrismWorld, host: Host, table: DataTable) {
    const frame = segment(pathFrom(this, host), readFields(this, table));
    const expectation = {
      kind: 'frame',
      at: HOSTS.controller.role,
      frame,
      leeway: { ttl: this.hello.profile.ttl, bridged: true },
      optional: true,
    } as const;
    await this.inject([{ role: host.role, frame, expectation }]);
  },
);
