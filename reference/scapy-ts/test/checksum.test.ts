/** The internet checksum: vectors of RFC 1071 and RFC 1624, and laws. */
import test from 'ava';
import fc from 'fast-check';

import { runs } from '../../../test/runs.ts';
import { checksum, ipv4Address, ipv6Address, pseudoHeaderSum, sumWords } from '../index.ts';
import { updateChecksum } from '../index.ts';
import * as arbitrary from './arbitrary-fields.ts';

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

test('RFC 1071 section 3: the sum of 0001 f203 f4f5 f6f7 is ddf2', (t) => {
  const octets = octetsOf('0001 f203 f4f5 f6f7');
  t.is(sumWords(octets, 0, 8), 0xddf2);
  t.is(checksum(octets, 0, 8), 0x220d);
});

test('RFC 1624 section 4: 5555 becomes 3285 under the checksum dd2f, which becomes 0000', (t) => {
  t.is(updateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
});

test('equal sums leave a checksum as it is, 0000 and ffff too', (t) => {
  for (const found of [0x0000, 0xffff, 0x1234]) t.is(updateChecksum(found, 0xabcd, 0xabcd), found);
});

test('an odd last octet counts as the high half of a word', (t) => {
  t.is(sumWords(octetsOf('0001 02'), 0, 3), 0x0201);
  t.is(sumWords(octetsOf('ff 0001 02 ff'), 1, 4), 0x0201);
});

test('a pseudo-header is the words of RFC 9293 and RFC 8200', (t) => {
  const v4 = { src: ipv4Address('192.0.2.1'), dst: ipv4Address('198.51.100.2') };
  // c000 + 0201 + c633 + 6402 + 0006 + 0014, folded.
  t.is(pseudoHeaderSum({ kind: 'ipv4', ...v4 }, 6, 20), 0xec51);
  const v6 = { src: ipv6Address('2001:db8::1'), dst: ipv6Address('ffff:ffff::2') };
  // 2001 + 0db8 + 0001 + ffff + ffff + 0002 + 0001 + 0000 + 003a, folded.
  t.is(pseudoHeaderSum({ kind: 'ipv6', ...v6 }, 58, 65_536), 0x2df7);
});

/** The sum by its definition, in whole numbers that cannot overflow. */
function definition(octets: Uint8Array, initial: number): number {
  let sum = BigInt(initial);
  for (let at = 0; at < octets.length; at += 2) {
    sum += BigInt((octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0));
  }
  while (sum > 0xffffn) sum = (sum >> 16n) + (sum & 0xffffn);
  return Number(sum);
}

test('the sum is the one of the definition, for any length and place', (t) => {
  const octets = fc.oneof(arbitrary.octets(64), arbitrary.octets(2000, 200));
  const law = fc.property(octets, fc.nat(9), fc.nat(0xffff), (x, from, initial) => {
    const at = Math.min(from, x.length);
    return sumWords(x, at, x.length, initial) === definition(x.subarray(at), initial);
  });
  t.notThrows(() => fc.assert(law, runs(2000)));
});

test('a sum of many octets of ff does not overflow', (t) => {
  for (const length of [32_766, 32_768, 32_770, 65_536, 200_001]) {
    const octets = new Uint8Array(length).fill(0xff);
    t.is(sumWords(octets, 0, length), definition(octets, 0), String(length));
  }
});

test('updating a checksum gives what summing up again gives', (t) => {
  const word = arbitrary.field(16);
  const law = fc.property(arbitrary.octets(60, 4), word, word, (x, high, low) => {
    const before = sumWords(x, 0, 4);
    const found = checksum(x, 0, x.length);
    x.set([high >> 8, high & 255, low >> 8, low & 255]);
    const rest = sumWords(x, 4, x.length);
    const updated = updateChecksum(found, before, sumWords(x, 0, 4));
    // Where nothing is left but zeros, the two forms of zero cannot be told apart.
    const same = updated === checksum(x, 0, x.length);
    return same || (rest === 0 && sumWords(x, 0, 4) === 0);
  });
  t.notThrows(() => fc.assert(law, runs(5000)));
});
