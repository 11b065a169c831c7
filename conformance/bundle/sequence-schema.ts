/**
 * What a sequence may be in a bundle, checked before anything is made of it.
 *
 * A bundle comes from a stranger: every list has a limit, every frame a size, every address a form.
 */
import { z } from 'zod';
import { deltas, endpoint, listOf, octetsUpTo, owner } from '../document/wire.ts';
import { PORT_ROLES, type Command } from '../driver/device.ts';
import { ASPECTS, type Finding } from '../observe/aspect.ts';
import type { Expectation } from '../observe/delivery.ts';
import type { Direction } from '../observe/translate.ts';
import type { Judgement, Operation, RecordedStimulus, Sequence } from './sequence.ts';

/** Largest frame: an IP packet of 65,535 octets behind an Ethernet header and tags. */
const MAX_FRAME_OCTETS = 65_600;
const MAX_OPERATIONS = 100_000;
const MAX_FRAMES = 100_000;
/** Longest list of small things. */
export const MAX_LIST = 1000;
/** Longest text. */
export const MAX_TEXT = 10_000;
/** Longest clock advance: far above the idle times that devices declare. */
const MAX_SECONDS = 1e9;

const role = z.enum(PORT_ROLES);
const text = z.string().max(MAX_TEXT);
/** Which way a frame travels through a rule. */
export const direction: z.ZodType<Direction> = z.enum(['client-to-owner', 'owner-to-client']);

const frame = octetsUpTo(MAX_FRAME_OCTETS);

/** A rule may be in the place of its key: it has one. */
const key = z.object({ client: endpoint, virtual: endpoint });
const rule = z.strictObject({
  client: endpoint,
  virtual: endpoint,
  owner,
  deltas,
  locked: z.boolean(),
});
const epoch = z.int().min(0);

const command: z.ZodType<Command> = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), rule, epoch }),
  z.strictObject({ op: z.enum(['lock', 'unlock', 'delete']), key, epoch }),
  z.strictObject({ op: z.literal('chown'), key, owner, deltas, unlock: z.boolean(), epoch }),
]);

const reply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), error: text, detail: text }),
]);

const leeway = z.strictObject({
  ttl: z.enum(['unchanged', 'decrement']),
  corruptTcp: z.boolean().exactOptional(),
  corruptIpv4: z.boolean().exactOptional(),
  zeroEcho: z.boolean().exactOptional(),
  bridged: z.boolean().exactOptional(),
});

const expectation: z.ZodType<Expectation> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nothing') }),
  z.strictObject({
    kind: z.literal('frame'),
    at: role,
    frame,
    leeway,
    optional: z.boolean().exactOptional(),
    direction: direction.exactOptional(),
  }),
]);

const stimulus: z.ZodType<RecordedStimulus> = z.strictObject({
  role,
  frame,
  expectation,
  judged: z.boolean().exactOptional(),
  alternatives: listOf(expectation, 8).exactOptional(),
  unchangedAt: listOf(role, PORT_ROLES.length).exactOptional(),
  mayDrop: z.boolean().exactOptional(),
});

const observation = z.strictObject({
  outputs: listOf(z.strictObject({ role, frame }), MAX_FRAMES),
  notices: listOf(
    z.strictObject({ kind: z.literal('expired'), key, reason: z.enum(['idle', 'lease']) }),
    MAX_LIST,
  ),
  proof: z.enum(['sentinel', 'barrier', 'bound', 'none']),
});

const operation: z.ZodType<Operation> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('command'), command, reply }),
  z.strictObject({ kind: z.literal('inject'), stimuli: listOf(stimulus, MAX_FRAMES) }),
  z.strictObject({ kind: z.literal('advance'), seconds: z.number().min(0).max(MAX_SECONDS) }),
  z.strictObject({ kind: z.literal('observe'), observation }),
]);

const judgement: z.ZodType<Judgement> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('delivery'),
    scope: z.union([z.enum(['everything', 'musts']), listOf(z.enum(ASPECTS), ASPECTS.length)]),
  }),
  z.strictObject({ kind: z.enum(['unchanged', 'untouched', 'recorded']) }),
]);

const finding: z.ZodType<Finding> = z.strictObject({
  aspect: z.enum(ASPECTS),
  field: text,
  expected: text,
  observed: text,
  direction: direction.exactOptional(),
});

/** The content of `original.json` and `shrunk.json`. */
export const sequenceSchema: z.ZodType<Sequence> = z.strictObject({
  complete: z.boolean(),
  judgement,
  findings: listOf(finding, MAX_LIST),
  operations: listOf(operation, MAX_OPERATIONS),
});
