/** What may be in the JSON members of a bundle: the verdict, and both sequences, or the story. */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { listOf } from '../document/wire.ts';
import type { Members, StoryMembers } from './archive.ts';
import { balancerStorySchema } from './balancer-schema.ts';
import { BUNDLE_FORMAT, type Bundle, type BundledVerdict } from './bundle.ts';
import { direction, MAX_LIST, MAX_TEXT, sequenceSchema } from './sequence-schema.ts';
import type { BundledStory, StoryBundle } from './story.ts';

const label = z.string().max(200);
const text = z.string().max(MAX_TEXT);
const id = z.string().regex(/^PRISM-[A-Z]+-\d\d$/u, 'expected an id such as PRISM-SEQ-04');

const verdict: z.ZodType<BundledVerdict> = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  suite: label,
  scenario: z.strictObject({
    uri: z.string().max(MAX_LIST),
    line: z.int().min(1),
    name: z.string().max(MAX_LIST),
    step: z.string().max(MAX_LIST).exactOptional(),
  }),
  requirements: listOf(id, MAX_LIST),
  level: z.enum(['MUST', 'SHOULD', 'MAY']),
  verdict: label,
  fingerprint: z.strictObject({
    requirement: id,
    field: z.string().min(1).max(MAX_LIST),
    direction: direction.exactOptional(),
  }),
  expected: text.exactOptional(),
  observed: text.exactOptional(),
  seed: z.int().min(0),
  effort: z.number().min(0).max(MAX_LIST),
  target: z.strictObject({
    name: z.string().max(MAX_LIST),
    text: z
      .string()
      .max(1 << 20)
      .exactOptional(),
  }),
  hello: z.looseObject({ name: label, vendor: label, version: label }),
});

/** As fast-check writes it: which of its values, and how it was made smaller, step by step. */
const storyPath = z
  .string()
  .max(MAX_LIST)
  .regex(/^\d{1,5}(?::\d{1,5})*$/u, 'expected a path such as 3:0:1');

/** Who the story was told to; that of a whole Prism may leave it out. */
const storyKind = z.looseObject({ kind: z.enum(['system', 'balancer']).default('system') });

/** The story is compared and never played, and the rest is for people. */
const systemStory: z.ZodType<BundledStory> = z
  .object({ story: z.unknown(), path: storyPath.exactOptional() })
  .transform((told) => ({ kind: 'system', ...told }));

/** What came of the story is for people too. */
const balancerStory: z.ZodType<BundledStory> = z
  .strictObject({
    kind: z.literal('balancer'),
    path: storyPath.exactOptional(),
    story: balancerStorySchema,
    setups: z.unknown(),
    served: z.unknown(),
    visitors: z.unknown(),
    endMs: z.unknown(),
  })
  .transform(({ kind, path, story }) => ({
    kind,
    ...(path === undefined ? {} : { path }),
    story,
  }));

const decoder = new TextDecoder('utf-8', { fatal: true });
/** The largest member that is read as JSON. */
const MAX_JSON_OCTETS = 16 << 20;
/** How much of a complaint is told; it may quote what a stranger wrote. */
const MAX_COMPLAINT = 300;

function read<T, Name extends string>(
  members: Readonly<Record<Name, Uint8Array>>,
  name: Name,
  schema: z.ZodType<T>,
): Result<T, string> {
  const { length } = members[name];
  if (length > MAX_JSON_OCTETS) {
    return { ok: false, error: `${name}: ${length} octets, expected at most ${MAX_JSON_OCTETS}` };
  }
  let plain: unknown;
  try {
    plain = JSON.parse(decoder.decode(members[name]));
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return { ok: false, error: `${name}: not JSON: ${told}`.slice(0, MAX_COMPLAINT) };
  }
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).join('.');
  const error = `${name}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`;
  return { ok: false, error: error.slice(0, MAX_COMPLAINT) };
}

/** The bundle that `members` are; the error names member and path. */
export function readMembers(members: Members): Result<Bundle, string> {
  const told = read(members, 'verdict.json', verdict);
  if (!told.ok) return told;
  const original = read(members, 'original.json', sequenceSchema);
  if (!original.ok) return original;
  const shrunk = read(members, 'shrunk.json', sequenceSchema);
  if (!shrunk.ok) return shrunk;
  const bundle = { verdict: told.value, original: original.value, shrunk: shrunk.value };
  return { ok: true, value: bundle };
}

/** The same of a story. */
export function readStoryMembers(members: StoryMembers): Result<StoryBundle, string> {
  const told = read(members, 'verdict.json', verdict);
  if (!told.ok) return told;
  const of = read(members, 'story.json', storyKind);
  if (!of.ok) return of;
  const schema = of.value.kind === 'balancer' ? balancerStory : systemStory;
  const bundled = read(members, 'story.json', schema);
  if (!bundled.ok) return bundled;
  return { ok: true, value: { verdict: told.value, ...bundled.value } };
}
