import test from 'ava';
import { parseIpv4, parseIpv6 } from 'scapy-ts';
import { createNginxAddressHash, createNginxHash } from '../../../reference/policy/nginx-hash.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { choiceOf, letterOf, poolOf, serversOf, turnsOf } from './bed.ts';
import { KEYS, URLS } from './peers.ts';

const ADDRESSES: readonly Uint8Array[] = [
  '10.0.0.1',
  '10.0.1.1',
  '10.0.2.1',
  '10.1.0.200',
  '192.168.7.9',
  '192.168.8.9',
  '172.16.5.4',
  '203.0.113.77',
  '198.51.100.1',
  '8.8.8.8',
  '1.1.1.1',
  '255.255.255.254',
  '2001:db8::1',
  '2001:db8::2',
  'fe80::1',
  '2001:db8:ffff:1234:5678:9abc:def0:1',
].map(addressOctets);

function addressOctets(text: string): Uint8Array {
  const address = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (!address.ok) throw new Error(text);
  const octets = text.includes(':') ? 16 : 4;
  return Uint8Array.from({ length: octets }, (_, at) =>
    Number(BigInt.asUintN(8, BigInt(address.value) >> BigInt(8 * (octets - 1 - at)))),
  );
}

test('URL-12 nginx: `hash $request_uri`', (t) => {
  t.is(serversOf(createNginxHash(poolOf(1, 1, 1)), URLS), 'ccbcbbaacabcaabcaaaaccba');
});

test('URL-12 nginx: `hash $request_uri` with weights 5, 1, 2', (t) => {
  t.is(serversOf(createNginxHash(poolOf(5, 1, 2)), URLS), 'aaaacccaaccccaaaabacabaa');
});

test('URL-12 nginx: `hash $request_uri` when the second server is down', (t) => {
  const scheduler = createNginxHash(poolOf(1, 1, 1, 1));
  const servers = URLS.map((key) => letterOf(scheduler.choose(choiceOf({ key, out: [1] }))));
  t.is(servers.join(''), 'dcadcddadccdcaadcdcdaaaa');
});

test('URL-12 nginx: `hash $http_x_key`, and turns where there is no such field', (t) => {
  const scheduler = createNginxHash(poolOf(1, 1, 1));
  t.is(serversOf(scheduler, KEYS), 'caccbbabb');
  t.is(turnsOf(scheduler, 6), 'abcabc');
});

test('nginx: `ip_hash`', (t) => {
  t.is(serversOf(createNginxAddressHash(poolOf(1, 1, 1)), ADDRESSES), 'abccbcbaacaacaab');
});

test('nginx: `ip_hash` with weights 1, 2, 3', (t) => {
  t.is(serversOf(createNginxAddressHash(poolOf(1, 2, 3)), ADDRESSES), 'cccbcccaacacbccb');
});

test('nginx: `ip_hash` when the first server is down', (t) => {
  const scheduler = createNginxAddressHash(poolOf(1, 1, 1, 1));
  const servers = ADDRESSES.map((key) => letterOf(scheduler.choose(choiceOf({ key, out: [0] }))));
  t.is(servers.join(''), 'bcdcdbcdbdcddbdd');
});

test('addresses of one /24 have one server', (t) => {
  const scheduler = createNginxAddressHash(poolOf(1, 1, 1, 1, 1));
  const servers = Array.from({ length: 256 }, (_, last) =>
    scheduler.choose(choiceOf({ key: Uint8Array.of(198, 51, 100, last) })),
  );
  t.is(new Set(servers).size, 1);
});

test('when nobody is found in 21 tries the key takes its turn', (t) => {
  const pool = poolOf(...Array.from({ length: 60 }, () => 256), 1, 1);
  const out = [...Array(60).keys()];
  const key = octetsOf('/a');
  const scheduler = createNginxHash(pool);
  const places = Array.from({ length: 4 }, () => scheduler.choose(choiceOf({ key, out })));
  t.deepEqual(places, [60, 61, 60, 61]);
});
