/** What may be in the JSON members of a bundle: the verdict, and both sequences. */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { listOf } from '../document/wire.ts';
import type { MemberName, Members } from './archive.ts';
import { BUNDLE_FORMAT, type Bundle, type BundledVerdict } from './bundle.ts';
import { direction, MAX_LIST, MAX_TEXT, sequenceSchema } from './sequence-schema.ts';

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

const decoder = new TextDecoder('utf-8', { fatal: true });
/** The largest member that is read as JSON. */
const MAX_JSON_OCTETS = 16 << 20;
/** How much of a complaint is told; it may quote what a stranger wrote. */
const MAX_COMPLAINT = 300;

function read<T>(members: Members, name: MemberName, schema: z.ZodType<T>): Result<T, string> {
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
