/**
 * Messages as octets: CBOR (RFC 8949), sealed with a key that both ends share.
 *
 *   0            2         3                            35
 *   ┌────────────┬─────────┬────────────────────────────┬────────┐
 *   │ 'P'  'H'   │ version │ HMAC-SHA-256, RFC 2104     │ CBOR … │    the HMAC is over version and CBOR
 *   └────────────┴─────────┴────────────────────────────┴────────┘
 *
 * A stranger's message is told by its seal before any of it is read. One that is sent again by
 * someone who overheard it has no effect that it did not have: every message may be said twice.
 */
import { decode, encode } from 'cborg';
import type { Result } from 'scapy-ts';
import { encodeKey } from '../control/wire.ts';
import { message as schema } from './schema.ts';
import type { Message } from './message.ts';

/**
 * The seal of octets under a key that both ends share: 32 octets, which nobody without the key can
 * find. HMAC-SHA-256 where there are strangers; a shell has it from its platform.
 */
export type Seal = (octets: Uint8Array) => Uint8Array;

/** Why octets are no message; `detail` is a sentence for people. */
export interface HandoffError {
  readonly kind: 'length' | 'version' | 'seal' | 'content';
  readonly detail: string;
}

/** The version that is spoken here. */
export const HANDOFF_VERSION: number = 1;
/** Longest message in octets: the greatest queues that a kernel gives away, and some more. */
export const MESSAGE_OCTETS_MAX: number = 16 * 1024 * 1024;

const MAGIC = [0x50, 0x48] as const; // 'PH'
const SEAL_AT = 3;
const CONTENT_AT = SEAL_AT + 32;

/** A message for whoever has the same `seal`; throws RangeError if it is longer than the maximum. */
export function sealMessage(said: Message, seal: Seal): Uint8Array {
  const content = encode(
    'key' in said ? { ...said, key: Uint8Array.from(encodeKey(said.key)) } : said,
    { ignoreUndefinedProperties: true },
  );
  const octets = new Uint8Array(CONTENT_AT + content.length);
  if (octets.length > MESSAGE_OCTETS_MAX) {
    throw new RangeError(`a message of ${octets.length} octets: at most ${MESSAGE_OCTETS_MAX}`);
  }
  octets.set([...MAGIC, HANDOFF_VERSION]);
  octets.set(content, CONTENT_AT);
  octets.set(seal(sealed(octets)), SEAL_AT);
  return octets;
}

/** The message that somebody with the same `seal` sealed. Never throws, whatever the octets. */
export function openMessage(octets: Uint8Array, seal: Seal): Result<Message, HandoffError> {
  if (octets.length < CONTENT_AT || octets.length > MESSAGE_OCTETS_MAX) {
    const detail = `${octets.length} octets: ${CONTENT_AT} … ${MESSAGE_OCTETS_MAX} are a message`;
    return { ok: false, error: { kind: 'length', detail } };
  }
  const [first, second, version] = octets;
  if (first !== MAGIC[0] || second !== MAGIC[1] || version !== HANDOFF_VERSION) {
    const detail = `begins with ${first} ${second} ${version}, not ${MAGIC.join(' ')} ${HANDOFF_VERSION}`;
    return { ok: false, error: { kind: 'version', detail } };
  }
  if (!isSame(seal(sealed(octets)), octets.subarray(SEAL_AT, CONTENT_AT))) {
    const detail = 'sealed with another key, or changed on the way';
    return { ok: false, error: { kind: 'seal', detail } };
  }
  return readContent(octets.subarray(CONTENT_AT));
}

function readContent(content: Uint8Array): Result<Message, HandoffError> {
  let value: unknown;
  try {
    value = decode(content, { rejectDuplicateMapKeys: true, allowIndefinite: false });
  } catch (error) {
    return { ok: false, error: { kind: 'content', detail: String(error) } };
  }
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
  return { ok: false, error: { kind: 'content', detail } };
}

/** What the seal is over: the version and the content. */
function sealed(octets: Uint8Array): Uint8Array {
  // A copy: the `slice` of a Buffer would be the octets themselves.
  const whole = new Uint8Array(1 + octets.length - CONTENT_AT);
  whole[0] = octets[SEAL_AT - 1] ?? 0;
  whole.set(octets.subarray(CONTENT_AT), 1);
  return whole;
}

/** Compares in a time that does not depend on where they differ. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, octet, at) => difference | (octet ^ (b[at] ?? 0)), 0) === 0;
}
