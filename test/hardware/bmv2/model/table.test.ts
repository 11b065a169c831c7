import test from 'ava';
import fc from 'fast-check';
import { readEntries, write } from '../../../../hardware/bmv2/model/control.ts';
import { createSwitch, reset } from '../../../../hardware/bmv2/model/switch.ts';
import { runs } from '../../../runs.ts';
import {
  accepted,
  entry,
  exact,
  flows,
  insert,
  key,
  lpm,
  matching,
  packet,
  portOf,
  ternary,
} from './flows.ts';
import {
  action,
  load,
  refusal,
  set,
  start,
  table,
  through,
  v1model,
  hex,
  type Json,
} from './v1model.ts';

test('an exact entry matches its whole key and nothing else', (t) => {
  const device = start(
    matching({ key: [key('a', 'exact'), key('d', 'exact'), key('c', 'exact')] }),
  );
  const d = 1n << 127n;
  accepted(t, device, entry({ 'hdr.a': exact(7n), 'hdr.c': exact(3n), 'hdr.d': exact(d) }, 5n));
  t.is(portOf(device, packet(7, 0, 3, d)), 5);
  t.is(portOf(device, packet(7, 0, 3, d | 1n)), 99);
  t.is(portOf(device, packet(7, 0, 2, d)), 99);
  t.is(portOf(device, packet(6, 0, 3, d)), 99);
  t.is(portOf(device, packet(7).slice(0, 21)), 99, 'fields of a header that is not there are 0');
});

test('the longest prefix counts, after exact fields wherever they stand in the key', (t) => {
  const device = start(matching({ match_type: 'lpm', key: [key('a', 'lpm'), key('c', 'exact')] }));
  accepted(
    t,
    device,
    entry({ 'hdr.a': lpm(0x0a00_0000n, 8), 'hdr.c': exact(1n) }, 1n),
    entry({ 'hdr.a': lpm(0x0a01_0000n, 16), 'hdr.c': exact(1n) }, 2n),
    entry({ 'hdr.a': lpm(0x0a01_0203n, 32), 'hdr.c': exact(1n) }, 3n),
    entry({ 'hdr.c': exact(2n) }, 4n),
  );
  t.is(portOf(device, packet(0x0a02_0000, 0, 1)), 1);
  t.is(portOf(device, packet(0x0a01_0000, 0, 1)), 2);
  t.is(portOf(device, packet(0x0a01_0203, 0, 1)), 3);
  t.is(portOf(device, packet(0x0b01_0203, 0, 1)), 99);
  t.is(portOf(device, packet(0x0a01_0203, 0, 2)), 4);
});

test('a prefix of a field that is no whole octets counts from the filled field, as in BMv2', (t) => {
  const device = start(matching({ match_type: 'lpm', key: [key('b', 'lpm')] }));
  accepted(t, device, entry({ 'hdr.b': lpm(0xa00n, 8) }, 1n));
  t.is(portOf(device, packet(0, 0xaff)), 1, '8 bits of 0x0a00 are 4 bits of the field');
  t.is(portOf(device, packet(0, 0xbff)), 99);
  const status = write(device, insert(entry({ 'hdr.b': lpm(0xab0n, 8) }, 1n)), 0);
  t.like(status, { ok: false, code: 'INVALID_ARGUMENT' });
});

test('of ternary entries the highest priority counts, of equal ones the first', (t) => {
  const device = start(
    matching({
      match_type: 'ternary',
      key: [key('a', 'ternary'), key('b', 'lpm'), key('c', 'exact')],
    }),
  );
  const c = exact(0n);
  accepted(
    t,
    device,
    entry({ 'hdr.a': ternary(0x10n, 0xf0n), 'hdr.c': c }, 1n, { priority: 10 }),
    entry({ 'hdr.a': ternary(0x01n, 0x0fn), 'hdr.c': c }, 2n, { priority: 20 }),
    entry({ 'hdr.a': ternary(0x100n, 0x100n), 'hdr.c': c }, 3n, { priority: 20 }),
    entry({ 'hdr.c': c }, 4n, { priority: 1 }),
  );
  t.is(portOf(device, packet(0x12)), 1);
  t.is(portOf(device, packet(0x11)), 2);
  t.is(portOf(device, packet(0x101)), 2);
  t.is(portOf(device, packet(0x100)), 3);
  t.is(portOf(device, packet(0x22)), 4);
  t.is(portOf(device, packet(0x22, 0, 1)), 99);
  // The handle that is free again is the lowest, so the new entry is before its equals.
  const low = {
    table: 'flows',
    match: { 'hdr.a': ternary(0x10n, 0xf0n), 'hdr.c': c },
    priority: 10,
  };
  t.deepEqual(write(device, { kind: 'delete', entry: low }, 0), { ok: true });
  accepted(t, device, entry({ 'hdr.a': ternary(0x1n, 0x1n), 'hdr.c': c }, 5n, { priority: 20 }));
  t.is(portOf(device, packet(0x11)), 5);
});

test('a static mask of the program counts for packets and for entries', (t) => {
  const device = start(matching({ key: [key('a', 'exact', { mask: '0x000000ff' })] }));
  accepted(t, device, entry({ 'hdr.a': exact(0x1205n) }, 1n));
  t.is(portOf(device, packet(0xffff_ff05)), 1);
  t.is(portOf(device, packet(0x1206)), 99);
});

test('prefixes match as a search through all entries does', (t) => {
  const one = fc.record({
    value: fc.bigInt(0n, 0xffn).map((v) => v << 24n),
    prefixBits: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 20 }),
      fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 20 }),
      (raw, values) => {
        const device = start(matching({ match_type: 'lpm', key: [key('a', 'lpm')] }));
        const all = new Map<string, { value: bigint; bits: number; port: number }>();
        for (const { value, prefixBits: bits } of raw) {
          const cut = (value >> BigInt(32 - bits)) << BigInt(32 - bits);
          const id = `${cut}/${bits}`;
          const status = write(
            device,
            insert(entry({ 'hdr.a': lpm(cut, bits) }, BigInt(all.size))),
            0,
          );
          t.is(status.ok, !all.has(id));
          if (!all.has(id)) all.set(id, { value: cut, bits, port: all.size });
        }
        for (const value of values) {
          const address = BigInt(value) << 24n;
          const [best] = [...all.values()]
            .filter((p) => address >> BigInt(32 - p.bits) === p.value >> BigInt(32 - p.bits))
            .toSorted((x, y) => y.bits - x.bits);
          t.is(portOf(device, packet(value * 2 ** 24)), best?.port ?? 99);
        }
      },
    ),
    runs(100),
  );
});

test('ternary entries match as a search through all of them does', (t) => {
  const one = fc.record({
    value: fc.bigInt(0n, 15n),
    mask: fc.bigInt(1n, 15n),
    priority: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (raw) => {
      const device = start(matching({ match_type: 'ternary', key: [key('a', 'ternary')] }));
      const all: { value: bigint; mask: bigint; priority: number; port: number }[] = [];
      for (const { value, mask, priority } of raw) {
        const cut = value & mask;
        const fresh = entry({ 'hdr.a': ternary(cut, mask) }, BigInt(all.length), { priority });
        const isThere = all.some(
          (x) => x.value === cut && x.mask === mask && x.priority === priority,
        );
        t.is(write(device, insert(fresh), 0).ok, !isThere);
        if (!isThere) all.push({ value: cut, mask, priority, port: all.length });
      }
      for (let a = 0; a < 16; a += 1) {
        let best: (typeof all)[number] | undefined;
        for (const x of all) {
          if ((BigInt(a) & x.mask) !== x.value) continue;
          if (best === undefined || x.priority > best.priority) best = x;
        }
        t.is(portOf(device, packet(a)), best?.port ?? 99);
      }
    }),
    runs(100),
  );
});

const constant = (matchKey: readonly Json[], data: string, priority = 1): Json => ({
  match_key: matchKey,
  action_entry: { action_id: 0, action_data: [data] },
  priority,
});

test('entries of the program are there from the start, and stay', (t) => {
  const device = start(
    matching({
      match_type: 'ternary',
      max_size: 2,
      key: [key('a', 'ternary')],
      entries: [
        constant([{ match_type: 'ternary', key: '0x00000010', mask: '0x000000f0' }], '0x03', 2),
        constant([{ match_type: 'ternary', key: '0x00000001', mask: '0x0000000f' }], '0x04', 1),
      ],
    }),
  );
  t.is(portOf(device, packet(0x10)), 3);
  t.is(portOf(device, packet(0x11)), 4, 'in the JSON the lower priority counts');
  const mine = entry({ 'hdr.a': ternary(1n, 1n) }, 1n, { priority: 9 });
  t.like(write(device, insert(mine), 0), { ok: false, code: 'UNKNOWN' });
  const first = entry({ 'hdr.a': ternary(0x10n, 0xf0n) }, 3n, { priority: 0x7fff_fffd });
  t.deepEqual(readEntries(device, 'flows')?.[1], first);
  t.like(write(device, { kind: 'delete', entry: first }, 0), { ok: false, code: 'UNKNOWN' });
  t.like(write(device, { kind: 'modify', entry: first }, 0), { ok: false, code: 'UNKNOWN' });
  reset(device);
  t.is(portOf(device, packet(0x10)), 3);
});

test('a hit and a miss may go on to two nodes, and so may two actions', (t) => {
  const mark = (id: number, name: string, value: number): Json =>
    action(id, name, [], [set('h', 'b', hex(value))]);
  const parts = matching({});
  const keyed = { key: [key('a', 'exact')] };
  const then = (name: string, actionName: string, id: number): Json =>
    table(
      name,
      { [actionName]: id },
      {
        default_entry: {
          action_id: id,
          action_const: true,
          action_data: [],
          action_entry_const: true,
        },
      },
    );
  const nodes = [then('hit', 'one', 2), then('miss', 'two', 3)];
  const actions = [...(parts.actions ?? []), mark(2, 'one', 0x111), mark(3, 'two', 0x222)];
  const byHit = start({
    ...parts,
    actions,
    ingress: {
      init_table: 'flows',
      tables: [flows({ ...keyed, next_tables: { __HIT__: 'hit', __MISS__: 'miss' } }), ...nodes],
    },
  });
  accepted(t, byHit, entry({ 'hdr.a': exact(7n) }, 5n));
  const rest = '0'.repeat(32);
  t.deepEqual(through(byHit, `00000007 0000 ${rest}`), [`5: 000000071110${rest}`]);
  t.deepEqual(through(byHit, `00000008 0000 ${rest}`), [`99: 000000082220${rest}`]);
  const byAction = start({
    ...parts,
    actions,
    ingress: {
      init_table: 'flows',
      tables: [flows({ ...keyed, next_tables: { forward: 'miss', away: 'hit' } }), ...nodes],
    },
  });
  accepted(t, byAction, entry({ 'hdr.a': exact(7n) }, 5n));
  t.deepEqual(through(byAction, `00000007 0000 ${rest}`), [`5: 000000072220${rest}`]);
  t.deepEqual(through(byAction, `00000008 0000 ${rest}`), [`99: 000000081110${rest}`]);
});

test('a table that the model has not is refused with its place', (t) => {
  const refused = (more: Json): string => refusal(v1model(matching(more)));
  const cases: readonly (readonly [Json, string])[] = [
    [{ match_type: 'range', key: [key('a', 'range')] }, 'match type "range" is not in this model'],
    [{ key: [key('a', 'valid')] }, 'match type "valid" is not in this model'],
    [{ type: 'indirect' }, 'type "indirect" is not in this model'],
    [{ direct_meters: 'm' }, 'a direct meter is not in this model'],
    [{ match_type: 'lpm', key: [key('a', 'lpm'), key('b', 'lpm')] }, 'has two lpm fields'],
    [{ match_type: 'exact', key: [key('a', 'lpm')] }, 'a table of type exact with a lpm field'],
    [{ action_ids: [7] }, 'no action has the name or id 7'],
    [{ next_tables: { forward: 'x', away: null } }, 'no node has the name or id x'],
    [{ next_tables: { forward: null } }, '"next_tables" lacks away'],
    [{ default_entry: { action_id: 0, action_data: [] } }, 'action forward has 1 parameters'],
    [
      { default_entry: { action_id: 0, action_data: ['0x200'] } },
      'parameter port is no number of 9 bits',
    ],
  ];
  for (const [more, message] of cases) t.is(refused(more), `ingress table flows: ${message}`);
  t.is(
    refused({ next_tables: { forward: 'flows', away: null } }),
    'ingress: a loop of nodes is not in this model',
  );
});

test('a switch has entries of its own', (t) => {
  const program = load(matching({ key: [key('a', 'exact')] }));
  const [one, other] = [createSwitch(program), createSwitch(program)];
  accepted(t, one, entry({ 'hdr.a': exact(1n) }, 5n));
  t.is(portOf(one, packet(1)), 5);
  t.is(portOf(other, packet(1)), 99);
});
