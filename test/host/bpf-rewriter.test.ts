/** The program at the tc hook against the pure model: the same frames in, the same octets out. */
import test from 'ava';
import fc from 'fast-check';
import type { Layer } from 'scapy-ts';
import { build, ether, hexdump, ipv4, ipv6, raw, tcp } from 'scapy-ts';
import type { Endpoint, Rule } from '../../reference/rules/rule.ts';
import { anyRule, frameOf, word32 } from '../reference/arbitrary.ts';
import { runs } from '../runs.ts';
import type { Twins } from './bpf-bed.ts';
import { createTwins, isBpfOurs } from './bpf-bed.ts';

const FRAGMENT_AT = 20;
const PROTOCOL_AT = 23;
const ETHER_TYPE_AT = 12;
const NEXT_HEADER_AT = 20;
/** Of IPv6. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 60]);

let epoch = 1;

/** Both switches agree on `frame` while they have `rule`. */
function agree(t: Parameters<Twins['tell']>[0], twins: Twins, rule: Rule, frame: Uint8Array): void {
  epoch += 1;
  twins.tell(t, { op: 'add', rule, epoch });
  const expected = twins.expect(frame);
  const actual = twins.run(frame);
  twins.tell(t, { op: 'delete', key: rule.key, epoch });
  if (expected === 'drop' || actual === 'drop') {
    if (expected === actual || isPartOfMore(frame)) return;
    throw new Error(`model ${expected === 'drop' ? 'drops' : 'passes'} ${hexdump(frame)}`);
  }
  if (Buffer.from(actual).equals(expected)) return;
  throw new Error(
    `frame\n${hexdump(frame)}\nexpected\n${hexdump(expected)}\nactual\n${hexdump(actual)}`,
  );
}

/**
 * The program drops fragments between a rule's hosts, whosever they are, and what is behind an
 * extension header.
 */
function isPartOfMore(frame: Uint8Array): boolean {
  const field = ((frame[FRAGMENT_AT] ?? 0) << 8) | (frame[FRAGMENT_AT + 1] ?? 0);
  if (frame[ETHER_TYPE_AT] === 0x86) return EXTENSIONS.has(frame[NEXT_HEADER_AT] ?? 0);
  return (field & 0x3fff) !== 0 && frame[PROTOCOL_AT] === 6;
}

const anyCase = anyRule.chain((rule) =>
  fc
    .record({
      direct: fc.boolean(),
      locked: fc.boolean(),
      impostor: fc.boolean(),
      sender: fc.constantFrom('client' as const, 'owner' as const),
      isOwnMac: fc.boolean(),
    })
    .chain(({ direct, locked, impostor, sender, isOwnMac }) => {
      const { virtual } = rule.key;
      const owner = direct ? { ...virtual, mac: rule.owner.mac } : rule.owner;
      const used: Rule = { ...rule, owner, locked };
      const seen: Rule = impostor ? { ...used, owner: { ...virtual, mac: owner.mac } } : used;
      return frameOf(seen, sender).map((frame) => {
        if (isOwnMac) new DataView(frame.buffer, frame.byteOffset).setUint32(8, owner.mac >>> 0);
        return { rule: used, frame };
      });
    }),
);

test('sound frames of a rule leave as the model has them leave', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = createTwins();
  const flow = anyRule.chain((rule) =>
    fc
      .constantFrom('client' as const, 'owner' as const)
      .chain((sender) => frameOf(rule, sender).map((frame) => ({ rule, frame }))),
  );
  fc.assert(
    fc.property(flow, ({ rule, frame }) => agree(t, twins, rule, frame)),
    runs(3000),
  );
  t.is(twins.path.drops().failed, 0);
  twins.path.close();
});

function ipLayer({ address: src }: Endpoint, { address: dst }: Endpoint): Layer {
  if (typeof src === 'number' && typeof dst === 'number') return ipv4({ src, dst });
  if (typeof src === 'bigint' && typeof dst === 'bigint') return ipv6({ src, dst });
  throw new TypeError('two IP versions');
}

/** Options of kinds and lengths that matter, right and wrong ones, cut off anywhere. */
const optionOctets = fc
  .array(
    fc.record({
      kind: fc.constantFrom(0, 1, 1, 5, 5, 8, 8, 254),
      length: fc.constantFrom(0, 1, 2, 3, 9, 10, 10, 11, 12, 18, 18, 19, 26, 34, 40),
      fill: fc.uint8Array({ minLength: 38, maxLength: 38 }),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.flatMap(({ kind, length, fill }) =>
      kind < 2 ? [kind] : [kind, length, ...fill.subarray(0, Math.max(0, length - 2))],
    ),
  )
  .map((octets) => Uint8Array.from(octets.slice(0, Math.min(40, octets.length & ~3))));

test('options of any kind and length fare as in the model', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = createTwins();
  const bits = fc.constantFrom('A', 'PA', 'S', 'SA', 'R', '');
  fc.assert(
    fc.property(anyRule, optionOctets, bits, word32, word32, (rule, options, flags, seq, ack) => {
      const { client, virtual } = rule.key;
      const frame = build([
        ether({ src: rule.owner.mac, dst: rule.owner.mac }),
        ipLayer(client, virtual),
        tcp({
          srcPort: client.port,
          dstPort: virtual.port,
          flags,
          seq,
          ack,
          dataOffset: 5 + options.length / 4,
        }),
        raw(options),
      ]);
      agree(t, twins, rule, frame);
    }),
    runs(3000),
  );
  twins.path.close();
});

test('locked rules, direct owners and impostors fare as in the model', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = createTwins();
  fc.assert(
    fc.property(anyCase, ({ rule, frame }) => agree(t, twins, rule, frame)),
    runs(2000),
  );
  twins.path.close();
});

test('damaged frames fare as in the model', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = createTwins();
  const damage = fc.array(fc.tuple(fc.integer({ min: 12, max: 93 }), fc.nat(255)), {
    maxLength: 3,
  });
  // The kernel makes no test run of less than an IP header.
  const cut = fc.oneof(fc.constant(2000), fc.integer({ min: 54, max: 110 }));
  fc.assert(
    fc.property(anyCase, damage, cut, ({ rule, frame }, changes, length) => {
      const damaged = Uint8Array.from(frame.subarray(0, length));
      for (const [at, octet] of changes) if (at < damaged.length) damaged[at] = octet;
      agree(t, twins, rule, damaged);
    }),
    runs(3000),
  );
  twins.path.close();
});
