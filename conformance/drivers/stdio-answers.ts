/**
 * What a device may answer to each call of `prism-dut/1`, checked before anything is made of it.
 *
 * Addresses may be written in any way that their RFC allows; they come out as the suite writes
 * them. Lists are checked one by one up to the first fault, so that a long wrong one costs nothing.
 */
import { z } from 'zod';
import { BASE64, deltas, endpoint, listOf, owner, port, word } from '../document/wire.ts';
import { NO_DELTAS } from '../driver/deltas.ts';
import {
  PORT_ROLES,
  type Collected,
  type Hello,
  type Notice,
  type PortFrame,
  type Profile,
  type Reply,
  type RuleStatus,
} from '../driver/device.ts';

/** Largest frame: an IP packet of 65,535 octets behind an Ethernet header. */
const MAX_FRAME_OCTETS = 65_549;
const MAX_FRAMES = 1 << 18;
const MAX_RULES = 1 << 20;
const MAX_NAMES = 256;
/** How much of a complaint is told; it may quote what the device wrote. */
const MAX_COMPLAINT = 200;

const count = z.int().min(0);
/** Text that a report prints. */
const label = z.string().regex(/^\P{C}{1,100}$/u, 'expected 1 to 100 printable characters');

/** The choices of a device, each of them optional. */
export const profileSchema: z.ZodType<Partial<Profile>> = z.strictObject({
  lock: z.enum(['drop', 'hold', 'punt']).exactOptional(),
  ttl: z.enum(['unchanged', 'decrement']).exactOptional(),
  capacity: z.int().min(1).max(1_000_000).exactOptional(),
  holdFrames: z.int().min(0).max(1_000_000).exactOptional(),
  idleSeconds: z.number().min(0).max(1e7).exactOptional(),
  leaseMs: z.number().min(0).max(1e9).exactOptional(),
  delta: word.min(1).optional(),
  settleMs: z.int().min(0).max(60_000).optional(),
});

/** What a device does that declares nothing else. */
export const DEFAULT_PROFILE: Profile = {
  lock: 'drop',
  ttl: 'unchanged',
  capacity: 1,
  holdFrames: 0,
  idleSeconds: 0,
  leaseMs: 0,
};

/** The numbers of a device's ports, each another. */
export const portsSchema: z.ZodType<Hello['ports']> = z
  .partialRecord(z.enum(PORT_ROLES), port)
  .refine(
    (ports) => new Set(Object.values(ports)).size === Object.keys(ports).length,
    'expected a number of its own for each port',
  );

const frame = z.string().transform((text, context): Uint8Array => {
  const octets = Buffer.from(text, 'base64');
  if (!BASE64.test(text) || text.length % 4 !== 0) context.addIssue('expected base64');
  else if (octets.length > MAX_FRAME_OCTETS) {
    context.addIssue(`expected at most ${MAX_FRAME_OCTETS} octets, have ${octets.length}`);
  }
  return octets;
});

const status = z.strictObject({
  rule: z.strictObject({
    client: endpoint,
    virtual: endpoint,
    owner,
    deltas: deltas.default(NO_DELTAS),
    locked: z.boolean(),
  }),
  epoch: count,
  leaseMs: z.number().min(0).exactOptional(),
  clientFrames: count,
  ownerFrames: count,
});

const portFrame: z.ZodType<PortFrame> = z.strictObject({ port, frame });
const notice: z.ZodType<Notice> = z.strictObject({
  kind: z.literal('expired'),
  key: z.strictObject({ client: endpoint, virtual: endpoint }),
  reason: z.enum(['idle', 'lease']),
});

/** A device's introduction as it is on the wire: capabilities are any words. */
export interface HelloAnswer extends Omit<Hello, 'capabilities' | 'profile'> {
  readonly capabilities: readonly string[];
  readonly profile: Partial<Profile>;
}

/** What `collect` gives: with `more`, there is more to be collected at once. */
export interface CollectAnswer extends Collected {
  readonly more: boolean;
}

/** The schema of each answer; a call that is not here answers anything. */
export const ANSWERS: {
  readonly hello: z.ZodType<HelloAnswer>;
  readonly reply: z.ZodType<Reply>;
  readonly rules: z.ZodType<{ readonly rules: readonly RuleStatus[] }>;
  readonly collect: z.ZodType<CollectAnswer>;
  readonly counters: z.ZodType<{ readonly captureLoss: number }>;
  readonly frame: z.ZodType<{ readonly frame: Uint8Array }>;
  readonly nothing: z.ZodType;
} = {
  hello: z.strictObject({
    protocol: z.literal('prism-dut/1'),
    name: label,
    vendor: label.default('unknown'),
    version: label.default('unknown'),
    ports: portsSchema,
    mtu: z.int().min(68).max(0xffff),
    capabilities: z.array(z.string().max(100)).max(MAX_NAMES),
    profile: profileSchema.default({}),
    barrier: z.enum(['in-order', 'rpc', 'none']),
    clock: z.enum(['real', 'virtual']),
  }),
  reply: z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true) }),
    z.strictObject({
      ok: z.literal(false),
      error: z.string().max(100),
      detail: z.string().max(1000).default(''),
    }),
  ]),
  rules: z.strictObject({ rules: listOf(status, MAX_RULES) }),
  collect: z.strictObject({
    frames: listOf(portFrame, MAX_FRAMES),
    notices: listOf(notice, MAX_RULES).default([]),
    more: z.boolean().default(false),
  }),
  counters: z.strictObject({ captureLoss: count }),
  frame: z.strictObject({ frame }),
  nothing: z.unknown(),
};

/** The first thing that is wrong in an answer: where, and what was expected. */
export function complaint(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = ['result', ...(issue?.path ?? [])].join('.');
  return `${path}: ${issue?.message ?? 'invalid'}`.slice(0, MAX_COMPLAINT);
}
