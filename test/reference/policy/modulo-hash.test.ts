import test from 'ava';
import type { HashName } from '../../../reference/policy/hash.ts';
import { keyOf } from '../../../reference/policy/key.ts';
import { createModuloHash } from '../../../reference/policy/modulo-hash.ts';
import { NO_OCTETS } from '../../../reference/policy/octets.ts';
import { poolOf, serversOf, turnsOf } from './bed.ts';
import { KEYS, URLS } from './peers.ts';

/** The URLs' keys as a switch takes them. */
function urlKeys(input: 'path' | 'path-and-query'): readonly Uint8Array[] {
  return URLS.map((path) =>
    keyOf(
      { policy: 'url-hash', input, placement: { kind: 'modulo', hash: 'sdbm' } },
      { source: NO_OCTETS, connection: NO_OCTETS, request: { path, cookie: '' } },
    ),
  );
}

/** HAProxy's `balance uri`, and `whole` for the query too, with `hash-type map-based`. */
const HAPROXY: readonly (readonly [
  HashName,
  'path' | 'path-and-query',
  readonly number[],
  string,
])[] = [
  ['sdbm', 'path', [1, 1, 1], 'caabccaabbbaabcabcbbbaab'],
  ['sdbm', 'path', [5, 1, 1], 'acabaaaaaaaaababaaccaaca'],
  ['sdbm', 'path-and-query', [1, 1, 1, 1], 'dccdabbbbacdabbcdadcdbba'],
  ['djb2', 'path', [1, 1, 1], 'cbbcacaabbcaababcacbabba'],
  ['djb2', 'path', [5, 1, 1], 'aaabaaaaaaabaaabaacacaaa'],
  ['djb2', 'path-and-query', [1, 1, 1, 1], 'adbcdaaacbbcdaabcdabcacd'],
  ['crc32', 'path', [1, 1, 1], 'bbaaabccbbacaccccccacbbb'],
  ['crc32', 'path', [5, 1, 1], 'cbbaabaaccbcaabaabaaaaca'],
  ['crc32', 'path-and-query', [1, 1, 1, 1], 'acacaacbdcacaacacabdbbca'],
];

for (const [hash, input, weights, servers] of HAPROXY) {
  test(`URL-12 ${hash} of the ${input} with weights ${weights.join(', ')} is HAProxy's`, (t) => {
    t.is(serversOf(createModuloHash(poolOf(...weights), hash), urlKeys(input)), servers);
  });
}

test('SES-6 the hash of a field is that of HAProxy (balance hdr)', (t) => {
  t.is(serversOf(createModuloHash(poolOf(1, 1, 1), 'sdbm'), KEYS), 'bcccabcca');
});

test('the hash of a source address is that of HAProxy (balance source)', (t) => {
  const addresses = [
    [127, 0, 0, 1],
    [127, 0, 0, 2],
    [127, 0, 0, 3],
    [127, 0, 0, 4],
    [127, 0, 0, 5],
    [127, 0, 0, 9],
    [127, 0, 0, 77],
    [127, 0, 0, 200],
    [127, 1, 2, 3],
    [127, 9, 9, 9],
    [127, 255, 0, 1],
    [127, 10, 20, 30],
  ].map((octets) => Uint8Array.from(octets));
  t.is(serversOf(createModuloHash(poolOf(1, 1, 1), 'xor32'), addresses), 'cabcabaabbcb');
});

test('what has no key takes its turn', (t) => {
  t.is(turnsOf(createModuloHash(poolOf(1, 1, 1), 'sdbm'), 6), 'abcabc');
});

test('POL-4 a server of weight 0 is as one that is not there', (t) => {
  t.is(
    serversOf(createModuloHash(poolOf(1, 1, 0), 'sdbm'), KEYS),
    serversOf(createModuloHash(poolOf(1, 1), 'sdbm'), KEYS),
  );
});
