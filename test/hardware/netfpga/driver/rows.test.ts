/** The words of rows, worked out by hand from the description. */
import test from 'ava';
import { MAPPING } from '../../../../hardware/netfpga/driver/entries.ts';
import { flowRow, readUsage, ruleRow, usageRow } from '../../../../hardware/netfpga/driver/rows.ts';
import type { TableEntry } from '../../../../hardware/entry.ts';
import { HANDOFF, OTHER, VIRTUAL, ownerOf } from '../../../reference/bed.ts';

const CLIENT = 0xc000_020a; // 192.0.2.10
const OWNER = 0x0a00_0015; // 10.0.0.21
const SERVED = 0xc633_6401; // 198.51.100.1
const SPLICE = {
  ...HANDOFF,
  locked: true,
  deltas: {
    clientSeq: 0x8000_0001,
    ownerSeq: 0xffff_ffff,
    clientTimestamp: 3,
    ownerTimestamp: 4,
    clientWindow: { in: 7, out: 2 },
    ownerWindow: { in: 0, out: 14 },
  },
};

function entries(rule = HANDOFF, index = 5): readonly TableEntry[] {
  return MAPPING.entriesOf(rule, [ownerOf(OTHER)], { index, generation: 1 });
}

test('a rule leads its flows to one row, and bars those of others', (t) => {
  const rows = entries()
    .filter(({ table }) => table === 'flows')
    .map(flowRow);
  t.deepEqual(rows, [
    [CLIENT, SERVED, 0x9c40_0050, 0x0000_0501],
    [OWNER, CLIENT, 0x1f90_9c40, 0x0000_0505],
    [SERVED, CLIENT, 0x0050_9c40, 0x0000_0009],
    [OWNER + 1, CLIENT, 0x1f91_9c40, 0x0000_0009],
    [CLIENT, SERVED, 0, 0x0000_000f],
    [OWNER, CLIENT, 0, 0x0000_000f],
    [SERVED, CLIENT, 0, 0x0000_000f],
    [OWNER + 1, CLIENT, 0, 0x0000_000f],
  ]);
});

function wordsOf(rule = HANDOFF): readonly (readonly number[])[] {
  return entries(rule)
    .filter(({ table }) => table === 'rules')
    .map(ruleRow);
}

test('a rule is one row', (t) => {
  t.deepEqual(wordsOf(), [[1, OWNER, 0x1f90_0050, 0x0200, 3, SERVED, 0, 0, 0, 0]]);
  // Client's window 5 = 00101, owner's -14 = 10010; locked.
  const flags = (0b10010 << 9) | (0b00101 << 4) | 0b11;
  t.deepEqual(wordsOf(SPLICE), [
    [flags, OWNER, 0x1f90_0050, 0x0200, 3, SERVED, 0x8000_0001, 0xffff_ffff, 3, 4],
  ]);
});

test('an owner that is the virtual endpoint itself is marked as direct', (t) => {
  const owner = { ...ownerOf(OTHER), address: VIRTUAL.address, port: VIRTUAL.port };
  t.deepEqual(wordsOf({ ...HANDOFF, owner }), [
    [0b101, SERVED, 0x0050_0050, 0x0200, 4, SERVED, 0, 0, 0, 0],
  ]);
});

test('a number that its field cannot hold is not written into the next one', (t) => {
  const [first] = entries(HANDOFF, 2 ** 24);
  t.throws(() => first && flowRow(first), {
    instanceOf: RangeError,
    message: /^RULE: need 24 bits/u,
  });
});

test('48 bits of octets and 16 of seconds come back', (t) => {
  const usage = { packets: 0xffff_ffff, octets: 0xffff_8000_0001, stamp: 0xfffe };
  const row = [0xffff_ffff, 0x8000_0001, 0xfffe_ffff];
  t.deepEqual(usageRow(usage), row);
  t.deepEqual(readUsage(row), usage);
});
