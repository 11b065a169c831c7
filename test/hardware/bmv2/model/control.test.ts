import test from 'ava';
import {
  idleEntries,
  readDirectCounter,
  readEntries,
  write,
} from '../../../../hardware/bmv2/model/control.ts';
import { reset } from '../../../../hardware/bmv2/model/switch.ts';
import type { Update } from '../../../../hardware/entry.ts';
import {
  accepted,
  entry,
  exact,
  insert,
  key,
  lpm,
  matching,
  packet,
  portOf,
  ternary,
} from './flows.ts';
import { start } from './v1model.ts';

test('what P4Runtime refuses is refused with its code, and changes nothing', (t) => {
  const device = start(
    matching({ match_type: 'ternary', max_size: 2, key: [key('a', 'ternary'), key('c', 'exact')] }),
  );
  const good = entry({ 'hdr.a': ternary(1n, 1n), 'hdr.c': exact(1n) }, 1n, { priority: 1 });
  const bad: readonly (readonly [Update, string])[] = [
    [insert({ ...good, table: 'nothing' }), 'there is no table nothing'],
    [insert({ ...good, table: 'toString' }), 'there is no table toString'],
    [insert({ ...good, action: 'fly' }), 'table flows has no action fly'],
    [insert({ ...good, params: {} }), 'parameter port is missing'],
    [insert({ ...good, params: { port: 512n } }), 'parameter port has 9 bits'],
    [insert({ ...good, params: { port: -1n } }), 'parameter port has 9 bits'],
    [insert({ ...good, params: { port: 1n, more: 1n } }), 'the action has no parameter more'],
    [insert({ ...good, match: { 'hdr.a': ternary(1n, 1n) } }), 'field hdr.c is missing'],
    [insert({ ...good, match: { ...good.match, x: exact(1n) } }), 'table flows has no field x'],
    [insert({ ...good, match: { ...good.match, 'hdr.c': exact(16n) } }), 'field hdr.c has 4 bits'],
    [
      insert({ ...good, match: { ...good.match, 'hdr.c': ternary(1n, 1n) } }),
      'field hdr.c is of kind exact',
    ],
    [
      insert({ ...good, match: { ...good.match, 'hdr.a': ternary(2n, 1n) } }),
      'field hdr.a: bits outside of the mask are set',
    ],
    [
      insert({ ...good, match: { ...good.match, 'hdr.a': ternary(0n, 0n) } }),
      'field hdr.a: leave out what matches all',
    ],
    [insert({ ...good, priority: 0 }), 'a priority is from 1 to 2147483647'],
    [insert({ ...good, idleTimeoutMs: 5 }), 'entries of flows do not age'],
  ];
  for (const [update, message] of bad) {
    t.deepEqual(write(device, update, 0), { ok: false, code: 'INVALID_ARGUMENT', message });
  }
  t.deepEqual(readEntries(device, 'flows'), []);
  t.like(write(device, { kind: 'delete', entry: good }, 0), { ok: false, code: 'NOT_FOUND' });
  t.like(write(device, { kind: 'modify', entry: good }, 0), { ok: false, code: 'NOT_FOUND' });
  accepted(t, device, good, { ...good, priority: 2 });
  t.like(write(device, insert(good), 0), { ok: false, code: 'ALREADY_EXISTS' });
  t.deepEqual(write(device, insert({ ...good, priority: 3 }), 0), {
    ok: false,
    code: 'UNKNOWN',
    message: 'table flows is full',
  });
  t.is(readEntries(device, 'nothing'), undefined);
});

test('an entry is read as it was written, replaced, and taken away', (t) => {
  const device = start(matching({ match_type: 'lpm', key: [key('a', 'lpm'), key('c', 'exact')] }));
  const first = entry({ 'hdr.a': lpm(0x0a00_0000n, 8), 'hdr.c': exact(1n) }, 1n);
  const second = entry({ 'hdr.c': exact(2n) }, 2n);
  accepted(t, device, first, second);
  t.deepEqual(readEntries(device, 'flows'), [first, second]);
  const away = { ...first, action: 'away', params: {} };
  t.deepEqual(write(device, { kind: 'modify', entry: away }, 0), { ok: true });
  t.is(portOf(device, packet(0x0a00_0000, 0, 1)), 99);
  t.deepEqual(write(device, { kind: 'delete', entry: second }, 0), { ok: true });
  t.deepEqual(readEntries(device, 'flows'), [away]);
  reset(device);
  t.deepEqual(readEntries(device, 'flows'), []);
});

test('a direct counter counts what its entry hits, in packets and octets as they came', (t) => {
  const device = start(matching({ with_counters: true, key: [key('a', 'exact')] }));
  const one = entry({ 'hdr.a': exact(1n) }, 5n);
  accepted(t, device, one, entry({ 'hdr.a': exact(2n) }, 6n));
  portOf(device, packet(1));
  portOf(device, Uint8Array.from([...packet(1), 1, 2, 3]));
  portOf(device, packet(3));
  t.deepEqual(readDirectCounter(device, one), { packets: 2, octets: 22 + 25 });
  t.is(readDirectCounter(device, entry({ 'hdr.a': exact(3n) }, 5n)), undefined);
});

test('an entry without traffic is idle after its time, and a hit begins it anew', (t) => {
  const device = start(matching({ support_timeout: true, key: [key('a', 'exact')] }));
  const ageing = entry({ 'hdr.a': exact(1n) }, 5n, { idleTimeoutMs: 10 });
  t.deepEqual(write(device, insert(ageing), 1000), { ok: true });
  t.deepEqual(write(device, insert(entry({ 'hdr.a': exact(2n) }, 5n)), 1000), { ok: true });
  t.deepEqual(idleEntries(device, 10_999), []);
  t.deepEqual(idleEntries(device, 11_000), [ageing]);
  portOf(device, packet(1), 9000);
  t.deepEqual(idleEntries(device, 18_999), []);
  t.deepEqual(idleEntries(device, 19_000), [ageing]);
});
