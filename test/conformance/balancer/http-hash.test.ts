/** The judge's hash functions, against check values that are published and what products did. */
import test from 'ava';
import { hashedPart, hashedServer } from '../../../conformance/balancer/http-hash.ts';
import { SERVERS } from '../../../conformance/driver/balancer.ts';
import { crc32, djb2, sdbm } from '../../../reference/policy/hash.ts';

for (const servers of [SERVERS, ['s3', 's1', 's2'], ['s4', 's2']] as const) {
  test(`one of ${servers.length} servers follows from the hash of what is declared`, (t) => {
    const count = servers.length;
    for (let nth = 0; nth < 100; nth += 1) {
      const target = `/a/10/${nth}?x=${nth * 7}`;
      for (const urlHashInput of ['path', 'path-and-query'] as const) {
        const part = urlHashInput === 'path' ? `/a/10/${nth}` : target;
        t.is(hashedPart(target, { urlHashInput }), part);
        const octets = new TextEncoder().encode(part);
        const by = (urlHash: 'sdbm' | 'djb2' | 'crc32' | 'crc32-high'): string | undefined =>
          hashedServer(target, servers, { urlHashInput, urlHash });
        t.is(by('sdbm'), servers[sdbm(octets) % count]);
        t.is(by('djb2'), servers[djb2(octets) % count]);
        t.is(by('crc32'), servers[crc32(octets) % count]);
        t.is(by('crc32-high'), servers[((crc32(octets) >>> 16) & 0x7fff) % count]);
      }
    }
  });
}

test('the check value of CRC-32 is that of its catalogue', (t) => {
  // CRC-32/ISO-HDLC of "123456789" is 0xCBF43926, 2 modulo 4.
  const choices = { urlHashInput: 'path', urlHash: 'crc32' } as const;
  t.is(hashedServer('123456789', SERVERS, choices), 's3');
  t.is(hashedServer('123456789', ['s1', 's2', 's3'], choices), SERVERS[0xcbf43926 % 3]);
});

test('a function of the own is not computed', (t) => {
  t.is(hashedServer('/a', SERVERS, { urlHashInput: 'path', urlHash: 'own' }), undefined);
});
