/** Rules, and frames of a rule's flows, for properties: valid, at the edges, in every form. */
import fc from 'fast-check';
import type { Packet, TcpOption } from 'scapy-ts';
import {
  build,
  dot1q,
  ether,
  ipv4,
  ipv4FromNumber,
  ipv6,
  ipv6Extension,
  ipv6FromBigInt,
  macFromNumber,
  padding,
  raw,
  tcp,
} from 'scapy-ts';
import { findRuleFault } from '../../reference/rules/rule-fault.ts';
import type { Endpoint, Owner, Rule } from '../../reference/rules/rule.ts';

/** Who sends. */
export type Sender = 'client' | 'owner';

/** 32 bits, the edges of sequence space more often than by chance. */
export const word32: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);

const word16 = fc.oneof(fc.constantFrom(0, 1, 0xffff), fc.integer({ min: 0, max: 0xffff }));
const port = fc.integer({ min: 1, max: 0xffff });
const shiftCount = fc.integer({ min: 0, max: 14 });
const window = fc.record({ in: shiftCount, out: shiftCount });
const hostMac = fc
  .integer({ min: 1, max: 2 ** 40 - 1 })
  .map((low) => macFromNumber(0x02 * 2 ** 40 + low));
const ipv4Host = fc.integer({ min: 0x01000000, max: 0xdfffffff }).map(ipv4FromNumber);
const ipv6Host = fc.bigInt({ min: 2n, max: 2n ** 120n }).map(ipv6FromBigInt);

/** A rule that a connection can have; `family` is 4 or 6. */
export function ruleOf(family: 4 | 6): fc.Arbitrary<Rule> {
  const address = family === 4 ? ipv4Host : ipv6Host;
  const endpoint: fc.Arbitrary<Endpoint> = fc.record({ address, port });
  const owner: fc.Arbitrary<Owner> = fc.record({ address, port, mac: hostMac });
  const deltas = fc.record({
    clientSeq: word32,
    ownerSeq: word32,
    clientTimestamp: word32,
    ownerTimestamp: word32,
    clientWindow: window,
    ownerWindow: window,
  });
  return fc
    .record({
      key: fc.record({ client: endpoint, virtual: endpoint }),
      owner,
      deltas,
      locked: fc.constant(false),
    })
    .filter((rule) => findRuleFault(rule) === undefined);
}

/** A rule of either family. */
export const anyRule: fc.Arbitrary<Rule> = fc.oneof(ruleOf(4), ruleOf(6));

const block = fc.record({ left: word32, right: word32 });
const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constant<TcpOption>({ kind: 'nop' }),
  fc.record({ kind: fc.constant('mss' as const), mss: word16 }),
  fc.record({ kind: fc.constant('windowScale' as const), shift: shiftCount }),
  fc.constant<TcpOption>({ kind: 'sackPermitted' }),
  fc.record({
    kind: fc.constant('sack' as const),
    blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('timestamps' as const), value: word32, echo: word32 }),
  fc.record({
    kind: fc.constant('unknown' as const),
    type: fc.integer({ min: 35, max: 255 }),
    octets: fc.uint8Array({ maxLength: 9 }),
  }),
);

function sizeOf(each: TcpOption): number {
  switch (each.kind) {
    case 'nop':
      return 1;
    case 'mss':
      return 4;
    case 'windowScale':
      return 3;
    case 'sackPermitted':
      return 2;
    case 'sack':
      return 2 + 8 * each.blocks.length;
    case 'timestamps':
      return 10;
    case 'unknown':
      return 2 + each.octets.length;
    default:
      return 40;
  }
}

const options: fc.Arbitrary<readonly TcpOption[]> = fc
  .array(option, { maxLength: 8 })
  .map((all) => {
    let room = 40;
    return all.filter((each) => {
      const fits = sizeOf(each) <= room;
      if (fits) room -= sizeOf(each);
      return fits;
    });
  });

/** A TCP header and what follows: options that make sense, or any octets in their place. */
const transport = fc
  .record({
    header: fc.record({
      seq: word32,
      ack: word32,
      flags: fc.oneof(fc.constantFrom(0x010, 0x018, 0x012, 0x002, 0x014), fc.nat(0x1ff)),
      reserved: fc.nat(7),
      window: word16,
      urgent: word16,
    }),
    options: fc.oneof(
      { weight: 3, arbitrary: options },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    ),
    payload: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ header, options: given, payload }) => {
    if (!(given instanceof Uint8Array)) return { fields: { ...header, options: given }, payload };
    const words = given.length >> 2;
    const octets = Uint8Array.from([...given.subarray(0, words * 4), ...payload]);
    return { fields: { ...header, dataOffset: 5 + words }, payload: octets };
  });

const ipv4Fields = fc.record({
  dscp: fc.nat(63),
  ecn: fc.nat(3),
  id: word16,
  df: fc.nat(1),
  ttl: fc.integer({ min: 2, max: 255 }),
  options: fc.constantFrom([], [{ kind: 'routerAlert' as const, value: 0 }]),
});
const ipv6Fields = fc.record({
  dscp: fc.nat(63),
  ecn: fc.nat(3),
  flowLabel: fc.nat(0xfffff),
  hopLimit: fc.integer({ min: 2, max: 255 }),
});
const extensions = fc.subarray([
  ipv6Extension({ protocol: 0, body: new Uint8Array(6).fill(1) }),
  ipv6Extension({ protocol: 60, body: new Uint8Array(14).fill(1) }),
]);

/** A sound frame of one flow of `rule`: whole, with right checksums, maybe tagged and padded. */
export function frameOf(rule: Rule, sender: Sender): fc.Arbitrary<Uint8Array> {
  const source = sender === 'client' ? rule.key.client : rule.owner;
  const destination = sender === 'client' ? rule.key.virtual : rule.key.client;
  const trailer = fc.uint8Array({ maxLength: 12 });
  const links = fc.record({ dst: hostMac, src: hostMac });
  return fc
    .tuple(links, fc.subarray([dot1q({ vid: 7 }), dot1q({ vid: 9 })]), transport, trailer)
    .chain(([link, tags, { fields, payload }, padded]) =>
      networkOf(source, destination).map((network) =>
        build([
          ether(link),
          ...tags,
          ...network,
          tcp({ ...fields, srcPort: source.port, dstPort: destination.port }),
          raw(payload),
          padding(padded),
        ]),
      ),
    );
}

function networkOf(source: Endpoint, destination: Endpoint): fc.Arbitrary<Packet> {
  const { address: src } = source;
  const { address: dst } = destination;
  if (typeof src === 'number' && typeof dst === 'number') {
    return ipv4Fields.map((fields) => [ipv4({ ...fields, src, dst })]);
  }
  if (typeof src === 'bigint' && typeof dst === 'bigint') {
    return fc
      .tuple(ipv6Fields, extensions)
      .map(([fields, between]) => [ipv6({ ...fields, src, dst }), ...between]);
  }
  throw new TypeError('a flow has one IP version');
}
