/** Addresses: RFC 4291 section 2.2, RFC 5952 section 4, strict dotted decimal. */
import test from 'ava';
import fc from 'fast-check';

import { runs } from '../../../test/runs.ts';
import { formatIpv4, formatIpv6, formatMac, ipv4Address, ipv6Address, mac } from '../index.ts';
import { formatAddressError, parseIpv4, parseIpv6, parseMac } from '../index.ts';
import { ipv4FromNumber, ipv6FromBigInt, macFromNumber } from '../index.ts';
import * as arbitrary from './arbitrary-fields.ts';

const IPV6: readonly (readonly [text: string, value: bigint, canonical: string])[] = [
  // RFC 4291 section 2.2.
  [
    '2001:DB8:0:0:8:800:200C:417A',
    0x2001_0db8_0000_0000_0008_0800_200c_417an,
    '2001:db8::8:800:200c:417a',
  ],
  ['FF01:0:0:0:0:0:0:101', 0xff01_0000_0000_0000_0000_0000_0000_0101n, 'ff01::101'],
  ['0:0:0:0:0:0:0:1', 1n, '::1'],
  ['::', 0n, '::'],
  ['::13.1.68.3', 0x0d01_4403n, '::d01:4403'],
  ['::FFFF:129.144.52.38', 0xffff_8190_3426n, '::ffff:129.144.52.38'],
  // RFC 5952 section 4.2.2: one group of zeros stays; 4.2.3: the longest run, the first of two.
  ['2001:db8::1:1:1:1:1', 0x2001_0db8_0000_0001_0001_0001_0001_0001n, '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', 0x2001_0000_0000_0001_0000_0000_0000_0001n, '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', 0x2001_0db8_0000_0000_0001_0000_0000_0001n, '2001:db8::1:0:0:1'],
  ['1::', 1n << 112n, '1::'],
  ['1:2:3:4:5:6:7::', 0x0001_0002_0003_0004_0005_0006_0007_0000n, '1:2:3:4:5:6:7:0'],
];

for (const [text, value, canonical] of IPV6) {
  test(`IPv6 ${text} is ${canonical}`, (t) => {
    t.deepEqual(parseIpv6(text), { ok: true, value: ipv6FromBigInt(value) });
    t.is(formatIpv6(ipv6FromBigInt(value)), canonical);
  });
}

const NO_IPV6: readonly string[] = [
  '',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '12345::',
  'g::',
  '::%eth0',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '1.2.3.4::',
  '::1.2.3',
  '::1.2.3.4:5',
  ' ::1',
  '::1 ',
  '1:',
  ':1',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::01.2.3.4',
];
const NO_IPV4: readonly string[] = [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '010.1.1.1',
  '256.1.1.1',
  '1.2.3.-4',
  '1.2.3.4 ',
  '0x1.2.3.4',
  '1..2.3',
  '1.2.3.4e1',
  '١.2.3.4',
  '1.2.3.+4',
  '16909060',
];
const NO_MAC: readonly string[] = [
  '',
  '02:00:00:00:00',
  '02:00:00:00:00:01:02',
  '2:0:0:0:0:1',
  '02:00:00:00:00:0g',
  '020000000001',
  '02-00-00-00-00:01',
  '02:00:00:00:00:01 ',
];

test('a text that is no address is refused with a value, and a literal of it throws', (t) => {
  for (const text of NO_IPV6) t.false(parseIpv6(text).ok, text);
  for (const text of NO_IPV4) t.false(parseIpv4(text).ok, text);
  for (const text of NO_MAC) t.false(parseMac(text).ok, text);
  t.throws(() => ipv6Address('::g'), { instanceOf: TypeError, message: /"::g" is not an IPv6/ });
  t.throws(() => ipv4Address('010.1.1.1'), { instanceOf: TypeError, message: /an IPv4 address/ });
  t.throws(() => mac('x'), { instanceOf: TypeError, message: /an Ethernet address/ });
  const refused = parseIpv4('300.0.0.1');
  t.is(refused.ok ? '' : formatAddressError(refused.error), '"300.0.0.1" is not an IPv4 address');
});

test('a number outside the range is no address', (t) => {
  for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) {
    t.throws(() => ipv4FromNumber(value), { instanceOf: RangeError });
  }
  for (const value of [-1, 2 ** 48, 0.5, Number.NaN]) {
    t.throws(() => macFromNumber(value), { instanceOf: RangeError });
  }
  for (const value of [-1n, 1n << 128n]) {
    t.throws(() => ipv6FromBigInt(value), { instanceOf: RangeError });
  }
  t.is(ipv4FromNumber(0xffff_ffff), ipv4Address('255.255.255.255'));
  t.is(macFromNumber(0xffff_ffff_ffff), mac('FF-FF-FF-FF-FF-FF'));
});

test('the first octet of the text is the highest', (t) => {
  t.is(mac('02:00:00:00:00:01'), macFromNumber(0x0200_0000_0001));
  t.is(ipv4Address('192.0.2.1'), ipv4FromNumber(0xc000_0201));
  t.is(formatMac(macFromNumber(0x0a0b_0c0d_0e0f)), '0a:0b:0c:0d:0e:0f');
  t.is(formatIpv4(ipv4FromNumber(0xc000_0201)), '192.0.2.1');
});

test('reading what was written gives the same address', (t) => {
  const macs = fc.property(arbitrary.macAddress, (a) => mac(formatMac(a)) === a);
  const ipv4s = fc.property(arbitrary.ipv4Address, (a) => ipv4Address(formatIpv4(a)) === a);
  const ipv6s = fc.property(arbitrary.ipv6Address, (a) => ipv6Address(formatIpv6(a)) === a);
  t.notThrows(() => fc.assert(macs, runs(1000)));
  t.notThrows(() => fc.assert(ipv4s, runs(1000)));
  t.notThrows(() => fc.assert(ipv6s, runs(1000)));
});
