import test from 'ava';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { keyOf, type KeySubject } from '../../../reference/policy/key.ts';
import { lettersOf, octetsOf } from '../../../reference/policy/octets.ts';
import { SESSION } from './declarations.ts';

const SUBJECT: KeySubject = {
  source: Uint8Array.of(10, 0, 0, 1),
  connection: Uint8Array.of(10, 0, 0, 1, 156, 64, 10, 0, 0, 2, 0, 80, 6),
  request: { path: '/caf\u00e9?a=/b?c', cookie: 'XSRV=1; SRV=b' },
  tlsSession: Uint8Array.of(1, 2, 3),
};
const PLACEMENT = { kind: 'modulo', hash: 'crc32' } as const;
const KEYS: readonly (readonly [PolicyDeclaration, string, string])[] = [
  [{ policy: 'source-hash', placement: PLACEMENT }, '\n\0\0\u0001', '\n\0\0\u0001'],
  [{ policy: 'source-affinity', ...SESSION }, '\n\0\0\u0001', '\n\0\0\u0001'],
  [
    { policy: 'connection-hash', placement: PLACEMENT },
    lettersOf(SUBJECT.connection),
    lettersOf(SUBJECT.connection),
  ],
  [{ policy: 'url-hash', input: 'path', placement: PLACEMENT }, '/caf\u00e9', ''],
  [{ policy: 'url-hash', input: 'path-and-query', placement: PLACEMENT }, '/caf\u00e9?a=/b?c', ''],
  [{ policy: 'lard', input: 'path', replicated: false, targets: 9 }, '/caf\u00e9', ''],
  [{ policy: 'cookie-hash', cookie: 'SRV', placement: PLACEMENT }, 'b', ''],
  [{ policy: 'cookie-insert', cookie: 'SRV', ...SESSION }, 'b', ''],
  [{ policy: 'cookie-learn', cookie: 'SID', ...SESSION }, '', ''],
  [{ policy: 'tls-session', ...SESSION }, '\u0001\u0002\u0003', ''],
  [{ policy: 'round-robin' }, '', ''],
];

for (const [declaration, key, keyOfSyn] of KEYS) {
  const title =
    'input' in declaration ? `${declaration.policy}, ${declaration.input}` : declaration.policy;
  test(`the key of ${title}${'cookie' in declaration ? `, ${declaration.cookie}` : ''}`, (t) => {
    const { source, connection } = SUBJECT;
    t.is(lettersOf(keyOf(declaration, SUBJECT)), key);
    t.is(lettersOf(keyOf(declaration, { source, connection })), keyOfSyn);
  });
}

test('a text of octets and its octets are the same', (t) => {
  const octets = Uint8Array.from({ length: 256 }, (_, index) => index);
  t.deepEqual(octetsOf(lettersOf(octets)), octets);
});
