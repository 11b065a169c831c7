/** The hash of a flow's key, held against its published check value and a slow oracle. */
import test from 'ava';
import fc from 'fast-check';
import { crc64, rowsOf, type FlowKey } from '../../../../hardware/netfpga/driver/hash.ts';
import { runs } from '../../../runs.ts';
import { flowKey, slowRows } from './flow-keys.ts';

test('the CRC of the nine digits is the check value of CRC-64/ECMA-182', (t) => {
  const digits = Array.from({ length: 9 }, (_, at) => [0x31 + at, 8] as const);
  t.deepEqual(crc64(digits), [0x6c40df5f, 0x0b497347]);
});

test('the rows of a flow are those that the description says', (t) => {
  fc.assert(
    fc.property(flowKey, fc.integer({ min: 4, max: 18 }), (key, flowsLog2) => {
      const expected = slowRows(key, flowsLog2).join(' ');
      const found = rowsOf(key, flowsLog2).join(' ');
      if (expected !== found) throw new Error(`${found}, not ${expected}`);
    }),
    runs(500),
  );
  t.pass();
});

test('each bit of a key changes its hash', (t) => {
  const key: FlowKey = { hosts: false, src: 0, dst: 0, srcPort: 0, dstPort: 0 };
  const keys: FlowKey[] = [key, { ...key, hosts: true }];
  for (let bit = 0; bit < 32; bit += 1) {
    const word = (1 << bit) >>> 0;
    keys.push({ ...key, src: word }, { ...key, dst: word });
    if (bit < 16) keys.push({ ...key, srcPort: word }, { ...key, dstPort: word });
  }
  t.is(new Set(keys.map((each) => rowsOf(each, 18).join(' '))).size, 98);
});
