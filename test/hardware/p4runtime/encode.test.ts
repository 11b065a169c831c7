/** Entries and messages: by hand, by property, and what does not fit P4Info by name. */
import test from 'ava';
import fc from 'fast-check';
import { bytestringOf, numberOf } from '../../../hardware/p4runtime/bytestring.ts';
import { decodeEntry } from '../../../hardware/p4runtime/decode.ts';
import { encodeUpdate } from '../../../hardware/p4runtime/encode.ts';
import type { FieldMatch, TableEntry, Update } from '../../../hardware/entry.ts';
import type { ReadEntryMessage } from '../../../hardware/p4runtime/message.ts';
import { parseP4Info, type P4Info } from '../../../hardware/p4runtime/p4info.ts';
import { runs } from '../../runs.ts';
import { P4INFO } from './program.ts';

function readProgram(): P4Info {
  const parsed = parseP4Info(P4INFO);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
const PROGRAM = readProgram();
const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

const ROUTE: TableEntry = {
  table: 'Ingress.routes',
  match: { dst: { kind: 'lpm', value: 0x0a000000n, prefixBits: 8 } },
  action: 'Ingress.forward',
  params: { to: 3n, mac: 0x0200_0000_0001n },
  idleTimeoutMs: 1500,
};
const ACL: TableEntry = {
  table: 'Ingress.acl',
  match: {
    dst: { kind: 'ternary', value: 0x100n, mask: 0x1f0n },
    flag: { kind: 'exact', value: 0n },
  },
  priority: 10,
  action: 'Ingress.drop',
  params: {},
};

test('an entry with a prefix and an idle timeout is encoded by ids and canonical octets', (t) => {
  t.deepEqual(encodeUpdate(PROGRAM, { kind: 'insert', entry: ROUTE }), {
    ok: true,
    value: {
      type: 'INSERT',
      entity: {
        tableEntry: {
          tableId: 33554434,
          match: [{ fieldId: 1, lpm: { value: octets(10, 0, 0, 0), prefixLen: 8 } }],
          priority: 0,
          action: {
            action: {
              actionId: 16777217,
              params: [
                { paramId: 1, value: octets(3) },
                { paramId: 2, value: octets(2, 0, 0, 0, 0, 1) },
              ],
            },
          },
          idleTimeoutNs: '1500000000',
        },
      },
    },
  });
});

test('a ternary entry has its priority; what it does not look at is left out', (t) => {
  t.deepEqual(encodeUpdate(PROGRAM, { kind: 'modify', entry: ACL }), {
    ok: true,
    value: {
      type: 'MODIFY',
      entity: {
        tableEntry: {
          tableId: 33554435,
          match: [
            { fieldId: 1, ternary: { value: octets(1, 0), mask: octets(1, 0xf0) } },
            { fieldId: 3, exact: { value: octets(0) } },
          ],
          priority: 10,
          action: { action: { actionId: 16777218, params: [] } },
        },
      },
    },
  });
});

test('a mask or prefix of no bits is left out, as one that is not given', (t) => {
  const flag: FieldMatch = { kind: 'exact', value: 1n };
  const dst: FieldMatch = { kind: 'ternary', value: 0n, mask: 0n };
  const src: FieldMatch = { kind: 'lpm', value: 0n, prefixBits: 0 };
  const entry: TableEntry = { ...ACL, match: { flag, dst, src } };
  t.like(encodeUpdate(PROGRAM, { kind: 'insert', entry }), {
    value: { entity: { tableEntry: { match: [{ fieldId: 3, exact: { value: octets(1) } }] } } },
  });
});

test('an entry is deleted by its key alone', (t) => {
  const { table, match } = ROUTE;
  t.deepEqual(encodeUpdate(PROGRAM, { kind: 'delete', entry: { table, match } }), {
    ok: true,
    value: {
      type: 'DELETE',
      entity: {
        tableEntry: {
          tableId: 33554434,
          match: [{ fieldId: 1, lpm: { value: octets(10, 0, 0, 0), prefixLen: 8 } }],
          priority: 0,
        },
      },
    },
  });
});

test('the cell of a counter is written by its place', (t) => {
  const reading = { packets: 2, octets: 3000 };
  const update: Update = { kind: 'count', counter: 'Ingress.seen', index: 7, reading };
  t.deepEqual(encodeUpdate(PROGRAM, update), {
    ok: true,
    value: {
      type: 'MODIFY',
      entity: {
        counterEntry: {
          counterId: 301989889,
          index: { index: '7' },
          data: { byteCount: '3000', packetCount: '2' },
        },
      },
    },
  });
});

const insert = (entry: TableEntry): Update => ({ kind: 'insert', entry });
const acl = (dst: FieldMatch): Update => insert({ ...ACL, match: { ...ACL.match, dst } });
const route = (dst: FieldMatch): Update => insert({ ...ROUTE, match: { dst } });
const count = (index: number, packets: number): Update => ({
  kind: 'count',
  counter: 'Ingress.seen',
  index,
  reading: { packets, octets: 0 },
});

const REFUSED: readonly (readonly [Update, string])[] = [
  [insert({ ...ROUTE, table: 'routes' }), 'no table is named routes'],
  [
    insert({ ...ROUTE, match: { source: { kind: 'exact', value: 1n } } }),
    'table Ingress.routes: no field is named source',
  ],
  [insert({ ...ACL, match: {} }), 'table Ingress.acl, field flag: missing'],
  [route({ kind: 'exact', value: 1n }), 'table Ingress.routes, field dst: is lpm, not exact'],
  [
    route({ kind: 'lpm', value: 1n << 32n, prefixBits: 32 }),
    'table Ingress.routes, field dst: 0x100000000 is not a number of 32 bits',
  ],
  [
    route({ kind: 'lpm', value: -1n, prefixBits: 32 }),
    'table Ingress.routes, field dst: -0x1 is not a number of 32 bits',
  ],
  [
    route({ kind: 'lpm', value: 0n, prefixBits: 33 }),
    'table Ingress.routes, field dst: a prefix of 33 bits, of 32',
  ],
  [
    route({ kind: 'lpm', value: 0x0a000001n, prefixBits: 31 }),
    'table Ingress.routes, field dst: 0xa000001 has bits outside of its prefix',
  ],
  [
    acl({ kind: 'ternary', value: 3n, mask: 2n }),
    'table Ingress.acl, field dst: 0x3 has bits outside of its mask',
  ],
  [
    acl({ kind: 'ternary', value: 0n, mask: 0x200n }),
    'table Ingress.acl, field dst: the mask 0x200 is not a number of 9 bits',
  ],
  [
    insert({ ...ROUTE, priority: 1 }),
    'table Ingress.routes: has no ternary field, and so no priorities',
  ],
  [insert({ ...ACL, priority: 0 }), 'table Ingress.acl: priority 0, expected 1 to 2147483647'],
  [
    insert({ table: ACL.table, match: ACL.match, action: ACL.action, params: {} }),
    'table Ingress.acl: an entry needs a priority',
  ],
  [
    insert({ ...ROUTE, action: 'NoAction', params: {} }),
    'table Ingress.routes: its entries have no action NoAction',
  ],
  [insert({ ...ROUTE, params: { to: 3n } }), 'action Ingress.forward, parameter mac: missing'],
  [insert({ ...ACL, params: { to: 3n } }), 'action Ingress.drop: no parameter is named to'],
  [
    insert({ ...ROUTE, params: { to: 512n, mac: 0n } }),
    'action Ingress.forward, parameter to: 0x200 is not a number of 9 bits',
  ],
  [
    insert({ ...ACL, idleTimeoutMs: 5 }),
    'table Ingress.acl: an idle timeout of 5 ms, where entries do not age',
  ],
  [
    insert({ ...ROUTE, idleTimeoutMs: 0.5 }),
    'table Ingress.routes: an idle timeout of 0.5 ms, expected a whole number, 1 or more',
  ],
  [count(8, 0), 'counter Ingress.seen: no cell 8 of 8'],
  [count(0, -1), 'counter Ingress.seen: -1 packets, 0 octets'],
];

test('what does not fit P4Info is refused by name', (t) => {
  for (const [update, error] of REFUSED) {
    t.deepEqual(encodeUpdate(PROGRAM, update), { ok: false, error });
  }
});

test('octets of a number are the fewest, and any octets are a number', (t) => {
  t.deepEqual(bytestringOf(0n), octets(0));
  t.deepEqual(bytestringOf(0xffn), octets(0xff));
  t.deepEqual(bytestringOf(0x1ffn), octets(1, 0xff));
  t.is(numberOf(octets()), 0n);
  t.is(numberOf(octets(0, 0, 1, 0)), 256n);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (any) => {
      // Hexadecimal is the independent way.
      const hex = `0x0${[...any].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`;
      return numberOf(any) === BigInt(hex) && numberOf(bytestringOf(BigInt(hex))) === BigInt(hex);
    }),
    runs(500),
  );
});

const bitsOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const ACTIONS: fc.Arbitrary<Pick<TableEntry, 'action' | 'params'>> = fc.oneof(
  fc.constant({ action: 'Ingress.drop', params: {} }),
  fc
    .record({ to: bitsOf(9), mac: bitsOf(48) })
    .map((params) => ({ action: 'Ingress.forward', params })),
);
const exact = (bits: number): fc.Arbitrary<FieldMatch> =>
  bitsOf(bits).map((value) => ({ kind: 'exact', value }));
const lpm: fc.Arbitrary<FieldMatch> = fc
  .tuple(bitsOf(32), fc.integer({ min: 1, max: 32 }))
  .map(([value, prefixBits]) => {
    const rest = BigInt(32 - prefixBits);
    return { kind: 'lpm', value: (value >> rest) << rest, prefixBits };
  });
const ternary: fc.Arbitrary<FieldMatch> = fc
  .tuple(bitsOf(9), bitsOf(9))
  .filter(([, mask]) => mask !== 0n)
  .map(([value, mask]) => ({ kind: 'ternary', value: value & mask, mask }));

const ENTRIES: fc.Arbitrary<TableEntry> = ACTIONS.chain((does) =>
  fc
    .oneof(
      fc.record({
        table: fc.constant('Ingress.flows'),
        match: fc.record({ src: exact(128), port: exact(16) }),
      }),
      fc.record(
        {
          table: fc.constant('Ingress.routes'),
          match: fc.record({ dst: lpm }, { requiredKeys: [] }),
          idleTimeoutMs: fc.integer({ min: 1, max: 1e9 }),
        },
        { requiredKeys: ['table', 'match'] },
      ),
      fc.record({
        table: fc.constant('Ingress.acl'),
        match: fc.record({ dst: ternary, src: lpm, flag: exact(1) }, { requiredKeys: ['flag'] }),
        priority: fc.integer({ min: 1, max: 0x7fffffff }),
      }),
    )
    .map((key) => ({ ...key, ...does })),
);

/** A message as a switch gives it back: each value with leading zeros, as some switches do. */
function answerOf(update: ReturnType<typeof encodeUpdate>, zeros: number): ReadEntryMessage {
  if (!update.ok) throw new Error(update.error);
  const { entity } = update.value;
  if (!('tableEntry' in entity)) throw new Error('a counter');
  const pad = (value: Uint8Array): Uint8Array =>
    Uint8Array.from([...Array<number>(zeros).fill(0), ...value]);
  const { tableId, match, priority, action, idleTimeoutNs } = entity.tableEntry;
  return {
    tableId,
    priority,
    match: match.map(({ fieldId, exact: same, lpm: prefix, ternary: bits }) => ({
      fieldId,
      exact: same && { value: pad(same.value) },
      lpm: prefix && { ...prefix, value: pad(prefix.value) },
      ternary: bits && { value: pad(bits.value), mask: pad(bits.mask) },
    })),
    action: action ?? null,
    idleTimeoutNs: idleTimeoutNs ?? '0',
    counterData: null,
    timeSinceLastHit: null,
  };
}

test('an entry comes back as it was written, whatever zeros the switch puts before its values', (t) => {
  fc.assert(
    fc.property(ENTRIES, fc.integer({ min: 0, max: 2 }), (entry, zeros) => {
      const message = answerOf(encodeUpdate(PROGRAM, { kind: 'insert', entry }), zeros);
      t.deepEqual(decodeEntry(PROGRAM, message), { ok: true, value: { entry } });
    }),
    runs(500),
  );
});

test('counters and times come with an entry that has them', (t) => {
  const message = answerOf(encodeUpdate(PROGRAM, { kind: 'insert', entry: ROUTE }), 0);
  const read = decodeEntry(PROGRAM, {
    ...message,
    counterData: { byteCount: '1500', packetCount: '1' },
    timeSinceLastHit: { elapsedNs: '2500000' },
  });
  const counter = { packets: 1, octets: 1500 };
  t.deepEqual(read, { ok: true, value: { entry: ROUTE, counter, idleMs: 2.5 } });
});

test('an answer that does not fit P4Info is refused by name', (t) => {
  const message = answerOf(encodeUpdate(PROGRAM, { kind: 'insert', entry: ROUTE }), 0);
  const lpm33 = { fieldId: 1, lpm: { value: octets(0), prefixLen: 33 } };
  const cases: readonly (readonly [Partial<ReadEntryMessage>, string])[] = [
    [{ tableId: 5 }, 'no table has the id 5'],
    [{ match: [{ fieldId: 9 }] }, 'table Ingress.routes: no field has the id 9'],
    [{ match: [{ fieldId: 1 }] }, 'table Ingress.routes, field dst: is not lpm'],
    [{ match: [lpm33] }, 'table Ingress.routes, field dst: a prefix of 33 bits, of 32'],
    [{ action: null }, 'table Ingress.routes: an entry without an action'],
    [
      { action: { action: { actionId: 16777219, params: [] } } },
      'table Ingress.routes: its entries have no action with the id 16777219',
    ],
    [
      { action: { action: { actionId: 16777217, params: [{ paramId: 1, value: octets(2, 0) }] } } },
      'action Ingress.forward, parameter to: 0x200 is not a number of 9 bits',
    ],
    [
      { action: { action: { actionId: 16777217, params: [] } } },
      'action Ingress.forward, parameter to: missing',
    ],
  ];
  for (const [change, error] of cases) {
    t.deepEqual(decodeEntry(PROGRAM, { ...message, ...change }), { ok: false, error });
  }
});
