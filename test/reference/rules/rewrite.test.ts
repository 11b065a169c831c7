import test from 'ava';
import fc from 'fast-check';
import { build, ether, hexdump, ipv4, layer, parse, raw, tcp } from 'scapy-ts';
import { findEtherType, viewFrame } from '../../../reference/rules/frame-view.ts';
import { planClient, planOwner } from '../../../reference/rules/plan.ts';
import { rewriteSegment } from '../../../reference/rules/rewrite.ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { runs } from '../../runs.ts';
import type { Sender } from '../arbitrary.ts';
import { anyRule, frameOf } from '../arbitrary.ts';
import { HANDOFF, withDeltas } from '../bed.ts';
import { expectedFrame } from './oracle.ts';

const sender = fc.constantFrom<Sender>('client', 'owner');
const passage = fc
  .tuple(anyRule, sender)
  .chain(([rule, from]) => fc.tuple(fc.constant(rule), fc.constant(from), frameOf(rule, from)));

function rewritten(frame: Uint8Array, rule: Rule, from: Sender, hops: 0 | 1 = 0): Uint8Array {
  const copy = new Uint8Array(frame);
  const view = viewFrame(copy, findEtherType(copy));
  if (view.kind !== 'segment') throw new Error(`no segment: ${view.kind}\n${hexdump(frame)}`);
  rewriteSegment(copy, view, from === 'client' ? planClient(rule, hops) : planOwner(rule, hops));
  return copy;
}

test('PRISM-REW-03 a rewrite has the effect of the rule and no other', (t) => {
  fc.assert(
    fc.property(passage, ([rule, from, frame]) => {
      t.deepEqual(rewritten(frame, rule, from), expectedFrame(frame, rule, from));
    }),
    runs(4000),
  );
});

test('PRISM-REW-17 reverse after forward on mirrored endpoints is the identity', (t) => {
  const mirrored = passage.filter(([, from]) => from === 'client');
  fc.assert(
    fc.property(mirrored, ([given, , frame]) => {
      // A window can lose low bits, and a TSecr of 0 echoes nothing: neither has an inverse.
      const window = { in: 0, out: 0 };
      const deltas = { ...given.deltas, clientWindow: window, ownerWindow: window };
      const forth = { ...given, deltas: { ...deltas, ownerTimestamp: 0 } };
      const back = {
        ...given,
        deltas: {
          clientSeq: deltas.ownerSeq,
          ownerSeq: deltas.clientSeq,
          clientTimestamp: 0,
          ownerTimestamp: deltas.clientTimestamp,
          clientWindow: window,
          ownerWindow: window,
        },
      };
      const there = mirror(rewritten(frame, forth, 'client'));
      t.deepEqual(rewritten(there, back, 'owner'), withOwnerMac(mirror(frame), given));
    }),
    runs(1000),
  );
});

test('PRISM-REW-07 a corrupt octet stays as corrupt as it was', (t) => {
  const corrupted = fc.tuple(passage, fc.nat(), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(corrupted, ([[rule, from, frame], place, noise]) => {
      const view = viewFrame(frame, findEtherType(frame));
      if (view.kind !== 'segment' || view.headerEnd === view.ip.end) return;
      const at = view.headerEnd + (place % (view.ip.end - view.headerEnd));
      const corrupt = flipped(frame, at, noise);
      t.deepEqual(rewritten(corrupt, rule, from), flipped(rewritten(frame, rule, from), at, noise));
    }),
    runs(1000),
  );
});

test('PRISM-REW-08 a wrong checksum field stays wrong by the same amount', (t) => {
  fc.assert(
    fc.property(passage, fc.integer({ min: 1, max: 0xfffe }), ([rule, from, frame], error) => {
      for (const kind of ['ipv4', 'tcp'] as const) {
        const { layers } = parse(frame);
        if (layer(layers, kind) === undefined) continue;
        const wrong = build(
          layers.map((each) =>
            each.kind === kind ? { ...each, checksum: plus(each.checksum, error) } : each,
          ),
        );
        const out = layer(parse(rewritten(wrong, rule, from)).layers, kind)?.checksum ?? 0;
        const right = layer(parse(expectedFrame(frame, rule, from)).layers, kind)?.checksum ?? 0;
        t.is(plus(right, error) % 0xffff, out % 0xffff);
      }
    }),
    runs(1000),
  );
});

test('PRISM-REW-14 a router takes one hop off, and the IPv4 checksum follows', (t) => {
  fc.assert(
    fc.property(passage, ([rule, from, frame]) => {
      const routed = parse(rewritten(frame, rule, from, 1)).layers;
      const { layers } = parse(expectedFrame(frame, rule, from));
      const expected = layers.map((each) => {
        if (each.kind === 'ipv4') return { ...each, ttl: each.ttl - 1, checksum: undefined };
        return each.kind === 'ipv6' ? { ...each, hopLimit: each.hopLimit - 1 } : each;
      });
      t.deepEqual(build(routed), build(expected));
    }),
    runs(500),
  );
});

// Catalogue, section REW: the correct checksum is 0x0000; RFC 1141 arithmetic gives 0xffff.
const VECTOR_IP = { ttl: 64, df: 1, src: '192.0.2.10', dst: '198.51.100.1' } as const;
const VECTOR_TCP = {
  srcPort: 40000,
  dstPort: 80,
  flags: 'PA',
  window: 0xfaf0,
  seq: 0xfffffff0,
  ack: 0x00000010,
} as const;

function clientVector(id: number, payload: number): Uint8Array {
  const octets = Uint8Array.of(payload >> 8, payload & 0xff);
  return build([ether(), ipv4({ ...VECTOR_IP, id }), tcp(VECTOR_TCP), raw(octets)]);
}

function ownerVector(id: number, payload: number): Uint8Array {
  const octets = Uint8Array.of(payload >> 8, payload & 0xff);
  const ends = { src: '10.0.0.21', dst: '192.0.2.10' };
  const ports = { srcPort: 8080, dstPort: 40000 };
  return build([
    ether(),
    ipv4({ ...VECTOR_IP, ...ends, id }),
    tcp({ ...VECTOR_TCP, ...ports }),
    raw(octets),
  ]);
}

function ipChecksum(frame: Uint8Array): number | undefined {
  return layer(parse(frame).layers, 'ipv4')?.checksum;
}

function tcpChecksum(frame: Uint8Array): number | undefined {
  return layer(parse(frame).layers, 'tcp')?.checksum;
}

test('PRISM-REW-06 the IPv4 checksum becomes 0x0000, never 0xffff', (t) => {
  t.is(ipChecksum(clientVector(0x6eaf, 0)), 0xdfdf);
  t.is(ipChecksum(rewritten(clientVector(0x6eaf, 0), HANDOFF, 'client')), 0);
  t.is(ipChecksum(ownerVector(0x4e8f, 0)), 0x2020);
  t.is(ipChecksum(rewritten(ownerVector(0x4e8f, 0), HANDOFF, 'owner')), 0);
});

test('PRISM-REW-06 the TCP checksum becomes 0x0000, never 0xffff', (t) => {
  t.is(tcpChecksum(clientVector(1, 0x2ce9)), 0xff1f);
  t.is(tcpChecksum(rewritten(clientVector(1, 0x2ce9), HANDOFF, 'client')), 0);
  t.is(tcpChecksum(ownerVector(1, 0x2c09)), 0x00e0);
  t.is(tcpChecksum(rewritten(ownerVector(1, 0x2c09), HANDOFF, 'owner')), 0);
});

test('PRISM-REW-06 with deltas the TCP checksum becomes 0x0000, never 0xffff', (t) => {
  const splice = withDeltas({ clientSeq: 0x89abcdef, ownerSeq: 0x7654fedc });
  t.is(tcpChecksum(clientVector(1, 0x601d)), 0xcbeb);
  const { layers } = parse(rewritten(clientVector(1, 0x601d), splice, 'client'));
  const out = layer(layers, 'tcp');
  t.is(out?.checksum, 0);
  t.is(out?.seq, 0x89abcddf);
  t.is(out?.ack, 0x7654feec);
});

function plus(checksum: number, error: number): number {
  return (checksum + error) % 0xffff;
}

function flipped(frame: Uint8Array, at: number, noise: number): Uint8Array {
  return frame.map((octet, index) => (index === at ? octet ^ noise : octet));
}

function mirror(frame: Uint8Array): Uint8Array {
  const { layers } = parse(frame);
  return build(
    layers.map((each) => {
      if (each.kind === 'ipv4') return { ...each, src: each.dst, dst: each.src };
      if (each.kind === 'ipv6') return { ...each, src: each.dst, dst: each.src };
      if (each.kind !== 'tcp') return each;
      return { ...each, srcPort: each.dstPort, dstPort: each.srcPort };
    }),
  );
}

function withOwnerMac(frame: Uint8Array, { owner }: Rule): Uint8Array {
  const { layers } = parse(frame);
  return build(layers.map((each) => (each.kind === 'ether' ? { ...each, dst: owner.mac } : each)));
}
