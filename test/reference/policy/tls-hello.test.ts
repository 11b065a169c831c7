import { constants } from 'node:crypto';
import { duplexPair, type Duplex } from 'node:stream';
import { connect, createServer, type ConnectionOptions } from 'node:tls';

import test from 'ava';
import fc from 'fast-check';
import { HELLO_MAX, parseTlsHello, type TlsHello } from '../../../reference/policy/tls-hello.ts';
import { runs } from '../../runs.ts';

/** A vector: its octets after their number in `lengthOctets` octets. */
function vector(lengthOctets: number, octets: readonly number[]): readonly number[] {
  const length = Array.from(
    { length: lengthOctets },
    (_, at) => (octets.length >>> (8 * (lengthOctets - 1 - at))) & 0xff,
  );
  return [...length, ...octets];
}

const RANDOM = Array.from({ length: 32 }, (_, index) => index);
const SUPPORTED_VERSIONS = [0, 43];
const SERVER_NAME = [0, 0, ...vector(2, [1, 2, 3])];

interface Written {
  readonly type?: number;
  readonly sessionId?: readonly number[];
  readonly extensions?: readonly number[] | undefined;
  /** What follows the session ID. */
  readonly rest?: readonly number[];
}

/** A handshake message as RFC 5246 section 7.4.1.2 writes it. */
function helloMessage({ type = 1, sessionId = [], extensions, rest }: Written): readonly number[] {
  const middle = type === 1 ? [...vector(2, [0, 47]), ...vector(1, [0])] : [0, 47, 0];
  return [
    type,
    ...vector(3, [
      3,
      3,
      ...RANDOM,
      ...vector(1, sessionId),
      ...(rest ?? middle),
      ...(extensions === undefined ? [] : vector(2, extensions)),
    ]),
  ];
}

/** A message in records of so many octets at most. */
function records(message: readonly number[], most = 16_384): Uint8Array {
  const octets: number[] = [];
  for (let at = 0; at < message.length; at += most) {
    octets.push(22, 3, 1, ...vector(2, message.slice(at, at + most)));
  }
  return Uint8Array.from(octets);
}

function helloOf(octets: Uint8Array): TlsHello | undefined {
  const hello = parseTlsHello(octets);
  return hello.ok ? hello.value : undefined;
}

function faultOf(octets: Uint8Array): string {
  const hello = parseTlsHello(octets);
  return hello.ok ? 'none' : hello.error.kind;
}

test('SES-8 the session ID is read, however the hello lies in records', (t) => {
  const sessionId = fc.array(fc.nat(255), { maxLength: 32 });
  fc.assert(
    fc.property(
      sessionId,
      fc.constantFrom(1, 2),
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      (id, type, most, extended) => {
        const extensions = extended ? SERVER_NAME : undefined;
        t.deepEqual(helloOf(records(helloMessage({ type, sessionId: id, extensions }), most)), {
          from: type === 1 ? 'client' : 'server',
          sessionId: Uint8Array.from(id),
          tls13: false,
        });
      },
    ),
    runs(200),
  );
});

test('SES-8 TLS 1.3 is seen where it is offered and where it is chosen', (t) => {
  const offer = (...versions: readonly number[]): readonly number[] => [
    ...SERVER_NAME,
    ...SUPPORTED_VERSIONS,
    ...vector(2, vector(1, versions)),
  ];
  const choice = (...version: readonly number[]): readonly number[] => [
    ...SUPPORTED_VERSIONS,
    ...vector(2, version),
  ];
  const tls13 = (written: Written): boolean | undefined =>
    helloOf(records(helloMessage(written)))?.tls13;
  t.true(tls13({ extensions: offer(3, 3, 3, 4) }));
  t.false(tls13({ extensions: offer(3, 3, 4, 3) }));
  t.true(tls13({ type: 2, extensions: choice(3, 4) }));
  t.false(tls13({ type: 2, extensions: choice(3, 3) }));
});

test('of any part of a hello more is wanted, and never more than the whole', (t) => {
  const whole = records(helloMessage({ sessionId: [1, 2, 3], extensions: SERVER_NAME }), 20);
  for (let length = 0; length < whole.length; length += 1) {
    const part = parseTlsHello(whole.subarray(0, length));
    const error = part.ok ? undefined : part.error;
    const need = error?.kind === 'more' && error.have === length ? error.need : 0;
    t.true(need > length && need <= whole.length, `${length}`);
  }
  t.true(parseTlsHello(Uint8Array.of(...whole, 1, 2, 3)).ok);
  // A record may go on after the hello: what follows is not waited for.
  const message = helloMessage({});
  const longer = records([...message, 11, 0, 0, 0]);
  const part = parseTlsHello(longer.subarray(0, 20));
  t.deepEqual(part, { ok: false, error: { kind: 'more', need: 5 + message.length, have: 20 } });
  t.true(parseTlsHello(longer.subarray(0, 5 + message.length)).ok);
});

test('what is no hello is said to be none', (t) => {
  t.is(faultOf(Uint8Array.from(Buffer.from('GET / HTTP/1.1\r\n'))), 'not-a-hello');
  t.is(faultOf(Uint8Array.of(22, 2, 0)), 'not-a-hello');
  t.is(faultOf(records(helloMessage({ type: 11 }))), 'not-a-hello');
  // SSL 2.0, which began otherwise.
  t.is(faultOf(Uint8Array.of(0x80, 0x2e, 1, 3, 1)), 'not-a-hello');
});

test('a hello that is longer than is read is refused as soon as it says so', (t) => {
  t.is(faultOf(Uint8Array.of(22, 3, 1, 0, 4, 1, 1, 0, 0)), 'too-long');
  t.is(faultOf(Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0x3f, 0xfd)), 'too-long');
  t.is(faultOf(Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0x3f, 0xfc)), 'more');
  const extensions = [
    0,
    21,
    ...vector(
      2,
      Array.from({ length: HELLO_MAX - 60 }, () => 0),
    ),
  ];
  const message = helloMessage({ extensions });
  t.true(message.length <= HELLO_MAX && message.length > HELLO_MAX - 20);
  t.is(faultOf(records(message)), 'none');
});

test('a hello that is wrong inside is malformed', (t) => {
  const inside = (written: Written): string => faultOf(records(helloMessage(written)));
  t.is(inside({ sessionId: Array.from({ length: 33 }, () => 1) }), 'malformed');
  t.is(inside({ rest: [0, 9] }), 'malformed');
  t.is(inside({ type: 2, rest: [0, 9] }), 'malformed');
  t.is(inside({ extensions: [0, 1, 0] }), 'malformed');
  t.is(inside({ extensions: [...SUPPORTED_VERSIONS, ...vector(2, [4, 3, 4])] }), 'malformed');
  t.is(inside({ extensions: [...SUPPORTED_VERSIONS, ...vector(2, [3, 3, 4, 3])] }), 'malformed');
  t.is(inside({ rest: [...vector(2, [0, 47]), ...vector(1, [0]), 0, 0, 0] }), 'malformed');
  t.is(faultOf(records([1, ...vector(3, [3, 3])])), 'malformed');
  t.is(faultOf(Uint8Array.of(22, 3, 1, 0, 0)), 'malformed');
});

test('nothing makes the reader throw', (t) => {
  const whole = records(helloMessage({ sessionId: [1], extensions: SERVER_NAME }));
  const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 6 }), fc.nat(whole.length), (edits, length) => {
      const octets = whole.slice(0, length);
      for (const [at, octet] of edits) if (at < length) octets[at] = octet;
      t.notThrows(() => parseTlsHello(octets));
    }),
    runs(1000),
  );
});

/** What each of two ends of OpenSSL sent first. */
interface Handshake {
  readonly client: TlsHello | undefined;
  readonly server: TlsHello | undefined;
  readonly session: Buffer | undefined;
}

function heard(stream: Duplex): readonly number[] {
  const octets: number[] = [];
  stream.on('data', (chunk: Uint8Array) => octets.push(...chunk));
  return octets;
}

/**
 * A handshake of OpenSSL with itself, by a key that both know, so that no certificate is needed.
 */
async function handshake(options: ConnectionOptions): Promise<Handshake> {
  const [near, far] = duplexPair();
  const [fromServer, fromClient] = [heard(near), heard(far)];
  const psk = Buffer.alloc(16, 7);
  const common = { ciphers: 'PSK-AES128-CBC-SHA', secureOptions: constants.SSL_OP_NO_TICKET };
  const server = createServer({ ...common, maxVersion: 'TLSv1.2', pskCallback: () => psk });
  server.emit('connection', far);
  const client = connect({
    ...common,
    maxVersion: 'TLSv1.2',
    socket: near,
    pskCallback: () => ({ psk, identity: 'prism' }),
    checkServerIdentity: () => undefined,
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    client.once('secureConnect', resolve).once('error', reject);
    server.once('tlsClientError', reject);
  });
  const session = client.getSession();
  client.destroy();
  far.destroy();
  return {
    client: helloOf(Uint8Array.from(fromClient)),
    server: helloOf(Uint8Array.from(fromServer)),
    session,
  };
}

test('SES-8 OpenSSL: the client resumes with the ID that the server gave', async (t) => {
  const first = await handshake({});
  t.is(first.client?.sessionId.length, 0);
  t.is(first.server?.sessionId.length, 32);
  t.deepEqual([first.client?.tls13, first.server?.tls13], [false, false]);
  const again = await handshake({ session: first.session });
  t.deepEqual(again.client?.sessionId, first.server?.sessionId);
});

test('SES-8 OpenSSL: who offers TLS 1.3 says so, with an ID that no server gave', async (t) => {
  const { client, server } = await handshake({ maxVersion: 'TLSv1.3' });
  t.is(client?.tls13, true);
  t.is(client?.sessionId.length, 32);
  t.is(server?.tls13, false);
});
