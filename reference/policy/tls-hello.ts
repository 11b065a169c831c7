/**
 * The session ID of a TLS ClientHello or ServerHello, by which a session resumes at its server.
 *
 *   record     type(1) = 22   version(2)   length(2)   fragment
 *   handshake  type(1) = 1 or 2   length(3)   legacy_version(2)   random(32)
 *              legacy_session_id<0..32>   …   extensions<0..2^16-1>
 *
 * RFC 5246 sections 6.2.1 and 7.4.1. In TLS 1.3 the field names no session: a client fills it with
 * random octets or with the ID of an older session, and the server echoes it (RFC 8446 sections
 * 4.1.2, 4.1.3 and appendix D.4). So an ID is worth learning only from a ServerHello that is not of
 * TLS 1.3, and affinity by session ID is not supported for TLS 1.3.
 */
import type { Result } from 'scapy-ts';

/** What of a hello tells the session. */
export interface TlsHello {
  readonly from: 'client' | 'server';
  /** 0 to 32 octets. */
  readonly sessionId: Uint8Array;
  /** Whether TLS 1.3 is offered by the client, or chosen by the server. */
  readonly tls13: boolean;
}

/**
 * Why there is no hello: it is not whole yet, it is none, it is longer than is read, or it is
 * wrong.
 */
export type TlsHelloFault =
  | { readonly kind: 'more'; readonly need: number; readonly have: number }
  | { readonly kind: 'not-a-hello'; readonly at: number }
  | { readonly kind: 'too-long'; readonly octets: number }
  | { readonly kind: 'malformed'; readonly field: string };

/** The longest hello that is read, in octets. */
export const HELLO_MAX = 16_384;

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
const VERSION_MAJOR = 3;
const SESSION_ID_MAX = 32;
const SUPPORTED_VERSIONS = 43;
const TLS13 = 0x0304;

/** Reads the hello at the beginning of a stream. Never throws, whatever the octets. */
export function parseTlsHello(octets: Uint8Array): Result<TlsHello, TlsHelloFault> {
  const gathered = gather(octets);
  if (!gathered.ok) return gathered;
  const from = gathered.value[0] === CLIENT_HELLO ? 'client' : 'server';
  return parseBody(from, createCursor(gathered.value.subarray(HANDSHAKE_HEADER)));
}

/** The first handshake message, which may lie in several records. */
function gather(octets: Uint8Array): Result<Uint8Array, TlsHelloFault> {
  const message = new Uint8Array(HELLO_MAX);
  let have = 0;
  for (let at = 0; ;) {
    const wrong = headerFault(octets, at);
    if (wrong !== undefined) return fault(wrong);
    const body = at + RECORD_HEADER;
    const end = body + uint16(octets, body - 2);
    const fragment = octets.subarray(body, Math.min(end, body + HELLO_MAX - have));
    message.set(fragment, have);
    have += fragment.length;
    const whole = have < HANDSHAKE_HEADER ? HANDSHAKE_HEADER : wholeLength(message);
    if (have > 0 && message[0] !== CLIENT_HELLO && message[0] !== SERVER_HELLO) {
      return fault({ kind: 'not-a-hello', at: RECORD_HEADER });
    }
    if (whole > HELLO_MAX) return fault({ kind: 'too-long', octets: whole });
    if (have >= HANDSHAKE_HEADER && have >= whole) {
      return { ok: true, value: message.subarray(0, whole) };
    }
    if (octets.length < end) {
      const need = Math.min(end, octets.length + whole - have);
      return fault({ kind: 'more', need, have: octets.length });
    }
    at = end;
  }
}

/** What is wrong with the header of a record, which may be there in part. */
function headerFault(octets: Uint8Array, at: number): TlsHelloFault | undefined {
  const type = octets[at] ?? HANDSHAKE_RECORD;
  const major = octets[at + 1] ?? VERSION_MAJOR;
  if (type !== HANDSHAKE_RECORD) return { kind: 'not-a-hello', at };
  if (major !== VERSION_MAJOR) return { kind: 'not-a-hello', at: at + 1 };
  const end = at + RECORD_HEADER;
  if (octets.length < end) return { kind: 'more', need: end, have: octets.length };
  return uint16(octets, at + 3) === 0 ? { kind: 'malformed', field: 'record length' } : undefined;
}

function wholeLength(message: Uint8Array): number {
  return HANDSHAKE_HEADER + (message[1] ?? 0) * 65_536 + uint16(message, 2);
}

function parseBody(from: TlsHello['from'], cursor: Cursor): Result<TlsHello, TlsHelloFault> {
  cursor.take(2 + 32);
  const sessionId = cursor.vector(1);
  if (sessionId === undefined || sessionId.length > SESSION_ID_MAX) {
    return fault({ kind: 'malformed', field: 'session ID' });
  }
  if (skipCiphers(from, cursor) === undefined) {
    return fault({ kind: 'malformed', field: 'cipher suites' });
  }
  const versions = versionsOf(from, cursor);
  if (versions === undefined) return fault({ kind: 'malformed', field: 'extensions' });
  return { ok: true, value: { from, sessionId, tls13: versions.includes(TLS13) } };
}

/** Cipher suites and compression methods, of which a server names one each. */
function skipCiphers(from: TlsHello['from'], cursor: Cursor): Uint8Array | undefined {
  if (from === 'server') return cursor.take(2 + 1);
  cursor.vector(2);
  return cursor.vector(1);
}

/** The versions in supported_versions; none without it, undefined when the extensions are wrong. */
function versionsOf(from: TlsHello['from'], cursor: Cursor): readonly number[] | undefined {
  if (cursor.isAtEnd()) return [];
  const block = cursor.vector(2);
  if (block === undefined || !cursor.isAtEnd()) return undefined;
  const extensions = createCursor(block);
  let versions: readonly number[] = [];
  while (!extensions.isAtEnd()) {
    const type = extensions.take(2);
    const body = extensions.vector(2);
    if (type === undefined || body === undefined) return undefined;
    if (uint16(type, 0) !== SUPPORTED_VERSIONS) continue;
    const list = from === 'client' ? createCursor(body).vector(1) : body;
    if (list === undefined || list.length % 2 !== 0) return undefined;
    versions = Array.from({ length: list.length >> 1 }, (_, index) => uint16(list, 2 * index));
  }
  return versions;
}

interface Cursor {
  /** The next octets; undefined when there are not so many, and then there are none any more. */
  take(length: number): Uint8Array | undefined;
  /** Octets after their number, which has 1 or 2 octets itself. */
  vector(lengthOctets: 1 | 2): Uint8Array | undefined;
  isAtEnd(): boolean;
}

function createCursor(octets: Uint8Array): Cursor {
  let at = 0;
  function take(length: number): Uint8Array | undefined {
    const from = at;
    at = Math.min(octets.length + 1, at + length);
    return at > octets.length ? undefined : octets.subarray(from, at);
  }
  return {
    take,
    vector(lengthOctets): Uint8Array | undefined {
      const length = take(lengthOctets);
      if (length === undefined) return undefined;
      return take(lengthOctets === 1 ? (length[0] ?? 0) : uint16(length, 0));
    },
    isAtEnd: () => at === octets.length,
  };
}

function uint16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

function fault(error: TlsHelloFault): Result<never, TlsHelloFault> {
  return { ok: false, error };
}
