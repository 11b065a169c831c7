/** The JSON report of a run, read back: by another version perhaps, and from anywhere. */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { parseFingerprint, type Fingerprint } from '../run/fingerprint.ts';
import { RUN_FORMAT } from './json.ts';

/** A requirement of a recorded run. */
export interface RecordedRequirement {
  readonly id: string;
  /** As `formatVerdict` writes it. */
  readonly verdict: string;
  readonly because?: string | undefined;
  readonly partial?: boolean | undefined;
  readonly fingerprints: readonly Fingerprint[];
}

/** A scenario of a recorded run. */
export interface RecordedScenario {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly requirements: readonly string[];
  readonly verdict: string;
  readonly fingerprint?: Fingerprint | undefined;
}

/** As much of the report of a run as is of use to a later command. */
export interface RecordedRun {
  readonly suite: string;
  readonly hello: { readonly name: string; readonly version: string };
  readonly settings: { readonly target: string; readonly seed: number };
  readonly exit: number;
  readonly requirements: readonly RecordedRequirement[];
  readonly cases: readonly RecordedScenario[];
}

/** What is printed again must not steer the terminal. */
const line = z.string().regex(/^\P{Cc}{0,2000}$/u, 'expected one line of text');
const id = z.string().regex(/^PRISM-[A-Z]+-\d\d$/u, 'expected the id of a requirement');
const verdict = line.regex(
  /^(?:pass|fail|inconclusive|not-applicable|known-failure|unexpected-pass)(?:\(.*\))?$/u,
  'expected a verdict',
);
const fingerprint = line.transform((text, context): Fingerprint => {
  const parsed = parseFingerprint(text);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});

const SCHEMA: z.ZodType<RecordedRun> = z.object({
  format: z.literal(RUN_FORMAT),
  suite: line,
  hello: z.object({ name: line, version: line }),
  settings: z.object({ target: line, seed: z.int() }),
  exit: z.int().min(0).max(255),
  requirements: z.array(
    z.object({
      id,
      verdict,
      because: id.optional(),
      partial: z.boolean().optional(),
      fingerprints: z.array(fingerprint),
    }),
  ),
  cases: z.array(
    z.object({
      name: line,
      uri: line,
      line: z.int(),
      requirements: z.array(id),
      verdict,
      fingerprint: fingerprint.optional(),
    }),
  ),
});

/** Reads `text`, the content of the file `path`; the error is one line that names file and field. */
export function parseRun(text: string, path: string): Result<RecordedRun, string> {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (error) {
    // The message of some versions quotes the text.
    const told = error instanceof Error ? error.message.replaceAll(/\p{Cc}/gu, ' ') : '';
    return { ok: false, error: `${path}: not JSON: ${told}` };
  }
  const parsed = SCHEMA.safeParse(plain);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  return { ok: false, error: `${path}: ${field === '' ? 'run' : field}: ${issue?.message ?? ''}` };
}
