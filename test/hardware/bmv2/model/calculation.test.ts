import test from 'ava';
import fc from 'fast-check';
import { crc16, crc32, first64, sum16, xor16 } from '../../../../hardware/bmv2/model/hash.ts';
import { receive } from '../../../../hardware/bmv2/model/switch.ts';
import { runs } from '../../../runs.ts';
import {
  action,
  always,
  call,
  extract,
  field,
  hex,
  type Json,
  op,
  octets,
  type Parts,
  refusal,
  set,
  start,
  state,
  through,
  v1model,
} from './v1model.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'ascii'));

test('the algorithms give their published check values', (t) => {
  t.is(crc16(ascii('123456789')), 0xbb3d, 'CRC-16/ARC');
  t.is(crc32(ascii('123456789')), 0xcbf4_3926, 'CRC-32/ISO-HDLC');
  t.is(sum16(octets('0001 f203 f4f5 f6f7')), 0xffff - 0xddf2, 'RFC 1071 section 3');
  t.is(sum16(octets('01')), 0xfeff);
  t.is(sum16(octets('0000')), 0xffff);
  t.is(sum16(octets('ffff')), 0);
  t.is(xor16(octets('1234 00ff 80')), 0x92cb);
  t.is(first64(octets('0102')), 0x0102n);
  t.is(first64(octets('0102030405060708ff')), 0x0102_0304_0506_0708n);
  t.is(first64(octets('')), 0n);
});

/** The sum as RFC 1071 defines it, in integers without end. */
function sumByDefinition(bytes: Uint8Array): number {
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += BigInt((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0));
  }
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(~sum & 0xffffn);
}

/** Reads a header and hashes what `input` says of it into `r`, which alone is sent. */
function hashing(input: readonly Json[], algo: string, step?: Json): Parts {
  return {
    types: {
      h_t: [
        ['a', 4],
        ['b', 8],
        ['c', 20],
        ['d', 64],
      ],
      r_t: [['value', 64]],
    },
    headers: { h: 'h_t', g: 'h_t', r: 'r_t' },
    states: [state('start', [extract('h')])],
    order: ['r'],
    actions: [
      action(
        0,
        'act',
        [],
        [
          call('add_header', { type: 'header', value: 'r' }),
          step ??
            call(
              'modify_field_with_hash_based_offset',
              field('r', 'value'),
              hex(0),
              { type: 'calculation', value: 'c' },
              hex(1n << 40n),
            ),
          set('standard_metadata', 'egress_spec', hex(2)),
        ],
      ),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0)] },
    more: { calculations: [{ name: 'c', id: 0, algo, input }] },
  };
}

const result = (parts: Parts, text: string): string =>
  through(start(parts), text)[0]?.slice(3, 19) ?? '';

test('fields follow each other bit by bit, and the last octet is filled', (t) => {
  const a = field('h', 'a');
  const constant = { type: 'hexstr', value: '0x5', bitwidth: 4 };
  const packet = '1 23 45678 1122334455667788';
  t.is(result(hashing([a, field('h', 'b')], 'identity'), packet), '0000000000001230');
  t.is(result(hashing([a, constant, field('h', 'b')], 'identity'), packet), '0000000000001523');
  t.is(result(hashing([field('h', 'b'), a], 'xor16'), packet), '0000000000002310');
  t.is(result(hashing([field('g', 'b'), field('h', 'b')], 'identity'), packet), '0000000000000023');
  const all = { type: 'header', value: 'h' };
  t.is(result(hashing([all], 'crc32'), packet), `00000000${crcOf('12345678 1122334455667788')}`);
  const payload = { type: 'payload', value: null };
  const behind = hashing([payload, field('h', 'b'), a], 'identity');
  t.is(result(behind, `${packet} ff01`), '000000002310ff01', 'the payload comes last');
});

const crcOf = (text: string): string => crc32(octets(text)).toString(16).padStart(8, '0');

test('a hash is brought into its range: base + hash % size', (t) => {
  const step = (base: Json, size: Json): Json =>
    call(
      'modify_field_with_hash_based_offset',
      field('r', 'value'),
      base,
      { type: 'calculation', value: 'c' },
      size,
    );
  const input = [field('h', 'b'), field('h', 'a')];
  const packet = '1 23 45678 1122334455667788';
  const hashed = (base: Json, size: Json): string =>
    result(hashing(input, 'identity', step(base, size)), packet);
  t.is(
    hashed(hex(100), hex(1000)),
    BigInt(100 + (0x2310 % 1000))
      .toString(16)
      .padStart(16, '0'),
  );
  t.is(hashed(hex(7), hex(0)), '0000000000000007', 'a size of 0 counts as 1');
  t.is(hashed(field('h', 'd'), hex(1)), '1122334455667788');
  const narrow = result(hashing(input, 'crc16', step(hex(5), hex(1))), packet);
  t.is(narrow, '0000000000000005');
});

test('the checksum of fields is the sum of their bits by definition', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (packet) => {
      const input = [field('h', 'c'), field('h', 'd'), field('h', 'b')];
      const bits = [...packet].map((octet) => octet.toString(2).padStart(8, '0')).join('');
      const summed = bits.slice(12, 32) + bits.slice(32) + bits.slice(4, 12);
      const filled = Buffer.from(
        BigInt(`0b${summed.padEnd(96, '0')}`)
          .toString(16)
          .padStart(24, '0'),
        'hex',
      );
      const [sent] = receive(start(hashing(input, 'csum16')), { port: 1, octets: packet }, 0);
      t.is(Buffer.from(sent?.octets ?? []).readUInt16BE(6), sumByDefinition(filled));
    }),
    runs(200),
  );
});

/** An IPv4 header, whose checksum is verified, and updated when its `tos` is not 0. */
function ipv4(more: Json): Parts {
  const names = ['version', 'tos', 'length', 'id', 'offset', 'ttl', 'protocol', 'src', 'dst'];
  return {
    types: {
      ip_t: [
        ['version', 8],
        ['tos', 8],
        ['length', 16],
        ['id', 16],
        ['offset', 16],
        ['ttl', 8],
        ['protocol', 8],
        ['checksum', 16],
        ['src', 32],
        ['dst', 32],
      ],
    },
    headers: { ip: 'ip_t' },
    states: [state('start', [extract('ip')])],
    order: ['ip'],
    actions: [
      action(
        0,
        'act',
        [],
        [
          set('ip', 'ttl', op('-', field('ip', 'ttl'), hex(1))),
          set(
            'standard_metadata',
            'egress_spec',
            op('+', hex(2), field('standard_metadata', 'checksum_error')),
          ),
        ],
      ),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0)] },
    more: {
      calculations: [
        { name: 'c', id: 0, algo: 'csum16', input: names.map((name) => field('ip', name)) },
      ],
      checksums: [
        {
          name: 'k',
          id: 0,
          target: ['ip', 'checksum'],
          type: 'generic',
          calculation: 'c',
          ...more,
        },
      ],
    },
  };
}

test('a checksum is verified and made anew where its condition holds', (t) => {
  // The example of RFC 1071's users: 45 00 00 73 … has the checksum b861.
  const good = '45000073000040004011b861c0a80001c0a800c7';
  const bad = '45000073000040004011b862c0a80001c0a800c7';
  const unconditional = { verify: true, update: true, if_cond: { type: 'bool', value: true } };
  const device = start(ipv4(unconditional));
  t.deepEqual(through(device, good), ['2: 4500007300004000'.concat('3f11b961c0a80001c0a800c7')]);
  t.deepEqual(through(device, bad), ['3: 4500007300004000'.concat('3f11b961c0a80001c0a800c7')]);
  t.deepEqual(
    through(device, good.slice(0, 38)),
    [`2: ${good.slice(0, 38)}`],
    'no header, no checksum',
  );
  const isMarked = op('!=', field('ip', 'tos'), hex(0));
  const marked = start(ipv4({ verify: true, update: true, if_cond: isMarked }));
  t.deepEqual(through(marked, bad), ['2: 4500007300004000'.concat('3f11b862c0a80001c0a800c7')]);
  const updated = start(ipv4({ verify: false, update: true, if_cond: null }));
  t.deepEqual(through(updated, bad), ['2: 4500007300004000'.concat('3f11b961c0a80001c0a800c7')]);
  const verified = start(ipv4({ verify: true, update: false, if_cond: null }));
  t.deepEqual(through(verified, bad), ['3: 4500007300004000'.concat('3f11b862c0a80001c0a800c7')]);
});

test('an algorithm or input that the model has not is refused by name', (t) => {
  t.is(
    refusal(v1model(hashing([], 'crc32_custom'))),
    'calculation c: algorithm "crc32_custom" is not in this model',
  );
  t.is(
    refusal(v1model(hashing([{ type: 'expression', value: {} }], 'crc32'))),
    'calculation c: input of type "expression" is not in this model',
  );
  t.is(refusal(v1model(ipv4({ type: 'ipv4' }))), 'checksum k: type "ipv4" is not in this model');
});
