/** Entries and frames for the small programs in `programs`. */
import fc from 'fast-check';
import { build, ether, ipv4, raw } from 'scapy-ts';
import { fuzzed } from '../../../../conformance/traffic/fuzz.ts';
import { createRandom } from '../../../../conformance/traffic/random.ts';
import type { FieldMatch, TableEntry } from '../../../../hardware/entry.ts';
import type { Story } from './pair.ts';

const ENTRIES_MAX = 24;
const BURST_MAX = 64;
/** The ports that frames enter at. */
const PORTS = 6;

function bits(count: number): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: (1n << BigInt(count)) - 1n });
}

const exact = (value: bigint): FieldMatch => ({ kind: 'exact', value });
const ternary = (value: bigint, mask: bigint): FieldMatch => ({
  kind: 'ternary',
  value: value & mask,
  mask,
});
/** 511 is where what is dropped goes. */
const egress = fc.oneof(bits(3), fc.constantFrom(510n, 511n));
/** Few addresses that share prefixes of many lengths, so that entries are hit and overlap. */
const address = fc
  .record({
    base: fc.constantFrom(0, 0x0a000001, 0x0a00ffff, 0xc0000201, 0xffffffff),
    bit: fc.nat(31),
    isFlipped: fc.boolean(),
  })
  .map(({ base, bit, isFlipped }) => (isFlipped ? base ^ (1 << bit) : base) >>> 0);
const word = address.map(BigInt);

/** A story of entries in any number, and frames of which some are fuzzed. */
function storyOf(
  entries: fc.Arbitrary<readonly TableEntry[]>,
  frame: fc.Arbitrary<Uint8Array>,
): fc.Arbitrary<Story> {
  const sent = fc
    .record({ port: fc.nat(PORTS - 1), frame, seed: fc.nat(0xffffffff) })
    .map(({ port, frame: octets, seed }) => ({
      port,
      frame: seed % 2 === 0 ? octets : fuzzed(octets, createRandom(seed)),
    }));
  return fc
    .record({
      entries,
      frames: fc.array(sent, { minLength: 1, maxLength: BURST_MAX, size: 'max' }),
    })
    .map((made) => ({
      batches: [made.entries.map((entry) => ({ kind: 'insert', entry }) as const)],
      // The data plane of the real switch takes no frame without octets.
      frames: made.frames.filter(({ frame: octets }) => octets.length > 0),
      cells: [],
    }));
}

/** Nothing keeps two of them from having the same key: the second is refused. */
function some(entry: fc.Arbitrary<TableEntry>): fc.Arbitrary<readonly TableEntry[]> {
  return fc.array(entry, { maxLength: ENTRIES_MAX });
}

const packet: fc.Arbitrary<Uint8Array> = fc
  .record({
    src: address,
    dst: address,
    ttl: fc.oneof(fc.constantFrom(0, 1, 2, 255), fc.nat(255)),
    protocol: fc.constantFrom(1, 5, 6, 7, 17, 18),
    fragmentOffset: fc.constantFrom(0, 0, 0, 1),
    optionWords: fc.oneof(fc.constant(0), fc.nat(10)),
    payload: fc.uint8Array({ maxLength: 40, size: 'max' }),
  })
  .map(({ src, dst, payload, optionWords, ...fields }) =>
    build([
      ether({ dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' }),
      ipv4({
        ...fields,
        src: dotted(src),
        dst: dotted(dst),
        options: Array.from({ length: optionWords * 4 }, () => ({ kind: 'nop' })),
      }),
      raw(payload),
    ]),
  );

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

const route = fc
  .record({ dst: word, prefixBits: fc.integer({ min: 1, max: 32 }), nextHop: word, port: egress })
  .map(({ dst, prefixBits, nextHop, port }): TableEntry => {
    const host = BigInt(32 - prefixBits);
    return {
      table: 'MyIngress.routes',
      match: { dst: { kind: 'lpm', value: (dst >> host) << host, prefixBits } },
      action: 'MyIngress.route',
      params: { next_hop: nextHop, port },
    };
  });
const neighbour = fc
  .record({ nextHop: word, mac: bits(48) })
  .map(({ nextHop, mac }): TableEntry => ({
    table: 'MyIngress.neighbours',
    match: { next_hop: exact(nextHop) },
    action: 'MyIngress.resolve',
    params: { mac },
  }));

/** `router.p4`: longest prefixes. */
export const routerStory: fc.Arbitrary<Story> = storyOf(
  some(fc.oneof(route, route, neighbour)),
  packet,
);

const filterDeed: fc.Arbitrary<Pick<TableEntry, 'action' | 'params'>> = fc.oneof(
  fc.constant({ action: 'MyIngress.drop', params: {} }),
  fc.constant({ action: 'MyIngress.mirror', params: {} }),
  egress.map((port) => ({ action: 'MyIngress.forward', params: { port } })),
  fc
    .record({ dscp: bits(6), port: egress })
    .map((params) => ({ action: 'MyIngress.mark', params })),
  fc
    .record({ first: bits(2), count: fc.bigInt({ min: 1n, max: 5n }) })
    .map((params) => ({ action: 'MyIngress.spread', params })),
);
const mask32 = fc.constantFrom(0n, 0xffffffffn, 0xffff0000n, 0x0000ffffn, 1n);
const filterEntry = fc
  .record({
    src: word,
    srcMask: mask32,
    dst: word,
    dstMask: mask32,
    port: bits(16),
    portMask: fc.constantFrom(0n, 1n, 0xff00n),
    hasPorts: bits(1),
    deed: filterDeed,
    priority: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ src, srcMask, dst, dstMask, port, portMask, hasPorts, deed, priority }): TableEntry => {
    const keys = { src: [src, srcMask], dst: [dst, dstMask], dst_port: [port, portMask] } as const;
    // What matches everything is left out. P4Runtime 1.4 section 9.1.1.
    const asked = Object.entries(keys).filter(([, [, mask]]) => mask !== 0n);
    const match = Object.fromEntries(
      asked.map(([name, [value, mask]]) => [name, ternary(value, mask)]),
    );
    // What is in a header that is not there, nobody says; and `spread` looks at the ports.
    const withPorts = deed.action === 'MyIngress.spread' ? 1n : hasPorts;
    return {
      table: 'MyIngress.filter',
      match: { ...match, has_ports: exact(withPorts) },
      priority,
      ...deed,
    };
  });

/** `filter.p4`: masks and priorities. Which of two entries of one priority counts, nobody says. */
export const filterStory: fc.Arbitrary<Story> = storyOf(
  fc.uniqueArray(filterEntry, { maxLength: ENTRIES_MAX, selector: ({ priority }) => priority }),
  packet,
);

const label = fc.record({
  value: fc.bigInt({ min: 0n, max: 3n }),
  isLast: fc.integer({ min: 0, max: 3 }).map((value) => value === 0),
});
const labelEntry = fc
  .record({
    top: fc.bigInt({ min: 0n, max: 3n }),
    depth: fc.bigInt({ min: 1n, max: 4n }),
    action: fc.constantFrom('swap', 'push', 'pop', 'drop'),
    value: bits(20),
    port: egress,
  })
  .map(({ top, depth, action, value, port }): TableEntry => {
    const params = { swap: { value, port }, push: { value, port }, pop: { port }, drop: {} };
    return {
      table: 'MyIngress.tops',
      match: { top: exact(top), depth: exact(depth) },
      action: `MyIngress.${action}`,
      params: Object.entries(params).find(([name]) => name === action)?.[1] ?? {},
    };
  });
const labelled: fc.Arbitrary<Uint8Array> = fc
  .record({ labels: fc.array(label, { maxLength: 6 }), payload: fc.uint8Array({ maxLength: 30 }) })
  .map(({ labels, payload }) => {
    const stack = labels.flatMap(({ value, isLast }) => [
      0,
      Number(value) >> 4,
      ((Number(value) & 0xf) << 4) | (isLast ? 1 : 0),
      64,
    ]);
    const link = ether({ dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02', etherType: 0x8847 });
    return build([link, raw(Uint8Array.of(...stack, ...payload))]);
  });

/** `labels.p4`: header stacks, also more labels than there is room for. */
export const labelsStory: fc.Arbitrary<Story> = storyOf(some(labelEntry), labelled);

/** `options.p4`: headers as long as they say. */
export const optionsStory: fc.Arbitrary<Story> = storyOf(fc.constant([]), packet);
