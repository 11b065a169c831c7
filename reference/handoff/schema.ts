/** The shape of each message, with a limit for everything that has a length. */
import { z } from 'zod';
import { createReader } from '../control/reader.ts';
import { readKey } from '../control/wire.ts';
import type { RequestBrief } from '../policy/brief.ts';
import { KEEPS_MAX, type Keep, type Keeps } from '../policy/keep.ts';
import type { UrlProfile } from '../policy/url-profile.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import { seqNum, type SeqNum } from '../tcp/seq-num.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { SERVED_MAX, type Message, type Transfer } from './message.ts';

/** Longest text of a message: a field of a request head. */
const TEXT_MAX = 65_536;

const word = z.int().min(0).max(0xffffffff);
const epoch = z.int().min(0);
const shift = z.int().min(0).max(14);
const text = z.string().max(TEXT_MAX);
const name = z.string().min(1).max(255);
const octets = z.instanceof(Uint8Array);

const position = word.transform((value): SeqNum => seqNum(value));

const key = octets.transform((raw, context): ConnectionKey => {
  const reader = createReader(raw);
  const read = readKey(reader);
  if (reader.isWhole()) return read;
  context.addIssue('expected two endpoints');
  return z.NEVER;
});

const snapshot: z.ZodType<TcpSnapshot> = z.strictObject({
  sendUnacknowledged: position,
  sent: octets,
  unsent: octets,
  receiveNext: position,
  unread: octets,
  negotiated: z.strictObject({
    peerMss: z.int().min(1).max(0xffff),
    windowScale: z.strictObject({ peer: shift, own: shift }).optional(),
    sackPermitted: z.boolean(),
    timestamps: z.boolean(),
  }),
  windows: z.strictObject({
    send: word,
    sendMax: word,
    sendUpdate: position,
    receive: word,
    receiveUpdate: position,
  }),
  timestampNow: word,
  timestampRecent: word,
});

const keep: z.ZodType<Keep> = z.strictObject({
  host: text.optional(),
  prefix: text.optional(),
  suffix: text.optional(),
  substring: text.optional(),
  cookie: text.optional(),
  keep: z.boolean(),
});
/** How URLs are read, as it is told to a backend. */
export const urlProfile: z.ZodType<UrlProfile> = z.strictObject({
  escapes: z.enum(['raw', 'rfc3986', 'decode']),
  dots: z.enum(['keep', 'remove', 'remove-or-refuse']),
  slashes: z.enum(['keep', 'merge']),
  query: z.enum(['ignored', 'matched']),
  port: z.enum(['compared', 'ignored', 'unless-default']),
  defaultPort: z.int().min(0).max(0xffff),
  finalDot: z.enum(['compared', 'ignored']),
  absolute: z.enum(['target', 'field', 'same']),
  asterisk: z.enum(['match', 'refuse']),
});
const keeps: z.ZodType<Keeps> = z.strictObject({
  profile: urlProfile,
  routes: z.array(keep).max(KEEPS_MAX),
});

const transfer: z.ZodType<Transfer> = z.strictObject({ snapshot, residual: octets, keeps });

const request: z.ZodType<RequestBrief> = z.strictObject({
  method: text,
  path: text,
  host: text,
  port: z.int().min(0).max(0xffff).optional(),
  field: text.optional(),
  cookie: text,
});

const served = z
  .array(
    z.strictObject({
      method: text,
      host: text,
      path: text,
      octets: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    }),
  )
  .max(SERVED_MAX);

const about = { key, epoch };

/** Any message, as it stands in CBOR. */
export const message: z.ZodType<Message> = z.discriminatedUnion('kind', [
  z.strictObject({ ...about, kind: z.literal('offer'), instance: word, transfer }),
  z.strictObject({
    ...about,
    kind: z.enum(['committed', 'cancel', 'release', 'check', 'stay', 'dismiss', 'noted']),
  }),
  z.strictObject({ ...about, kind: z.enum(['imported', 'commit']), instance: word }),
  z.strictObject({ ...about, kind: z.enum(['refused', 'kept']), reason: text }),
  z.strictObject({ ...about, kind: z.literal('move'), ask: word, request, served }),
  z.strictObject({ ...about, kind: z.literal('serve'), ask: word }),
  z.strictObject({ ...about, kind: z.literal('export'), to: name, instance: word, keeps }),
  z.strictObject({
    ...about,
    kind: z.literal('closed'),
    how: z.enum(['finished', 'reset']),
    served,
  }),
  z.strictObject({ kind: z.literal('ping'), count: word }),
  z.strictObject({ kind: z.literal('pong'), count: word, instance: word }),
]);
