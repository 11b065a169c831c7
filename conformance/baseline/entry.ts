/**
 * A baseline: failures that are known, each bound to one device, one issue and one last day.
 *
 *   entries:
 *     - fingerprint: PRISM-SEQ-04 client-to-owner tcp.options.sack
 *       device: tcprewrite
 *       versions: ~4.4.3
 *       issue: https://example.org/issues/17
 *       expires: 2027-01-31
 *       note: SACK edges are left as they are
 */
import type { Result } from 'scapy-ts';
import semver from 'semver';
import { z } from 'zod';
import { requirementOf } from '../catalogue/catalogue.ts';
import { parseYaml } from '../document/yaml.ts';
import type { Hello } from '../driver/device.ts';
import { formatFingerprint, parseFingerprint, type Fingerprint } from '../run/fingerprint.ts';

/** One known failure. */
export interface BaselineEntry {
  readonly fingerprint: Fingerprint;
  /** The device's name, as it introduces itself. */
  readonly device: string;
  /** A semver range, or the very text of a version that is no semver. */
  readonly versions: string;
  /** The address where the failure is dealt with. */
  readonly issue: string;
  /** The last day on which the failure is excused, `YYYY-MM-DD`. */
  readonly expires: string;
  readonly note?: string | undefined;
}

/** Who is judged, as far as a baseline asks. */
export type Version = Pick<Hello, 'name' | 'version'>;

const MAX_ENTRIES = 10_000;

const label = z.string().regex(/^\P{C}{1,200}$/u, 'expected 1 to 200 printable characters');

const fingerprint = z.string().transform((text, context): Fingerprint => {
  const parsed = parseFingerprint(text);
  if (!parsed.ok) {
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  }
  const { requirement } = parsed.value;
  if (requirementOf(requirement) === undefined) {
    context.addIssue({ code: 'custom', message: `unknown requirement: ${requirement}` });
    return z.NEVER;
  }
  return parsed.value;
});

/** Where an issue is, and until when it is excused; both are asked for on the command line too. */
export const ISSUE: z.ZodType<string> = z
  .url({ protocol: /^https?$/u, message: 'expected the address of an issue, https://…' })
  .regex(/^[\x21-\x7e]{1,500}$/u, 'expected an address without spaces');
/** A day of the calendar, `YYYY-MM-DD`. */
export const DAY: z.ZodType<string> = z.iso.date('expected a day, YYYY-MM-DD');

const SCHEMA: z.ZodType<{ readonly entries: readonly BaselineEntry[] }> = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        fingerprint,
        device: label,
        versions: label,
        issue: ISSUE,
        expires: DAY,
        note: z.string().optional(),
      }),
    )
    .max(MAX_ENTRIES),
});

/** The JSON Schema of a baseline file, for editors. */
export function baselineJsonSchema(): unknown {
  return z.toJSONSchema(SCHEMA, { io: 'input' });
}

/** Reads the text of a baseline file; the error is one line that says where and what is wrong. */
export function parseBaseline(
  text: string,
  path: string,
): Result<readonly BaselineEntry[], string> {
  const parsed = parseYaml(text, path, { schema: SCHEMA, name: 'baseline' });
  return parsed.ok ? { ok: true, value: parsed.value.entries } : parsed;
}

/** Whether `entry` speaks of this device in this version. */
export function concerns(entry: BaselineEntry, { name, version }: Version): boolean {
  if (entry.device !== name) return false;
  if (entry.versions === version) return true;
  // A version such as `4.4` is no semver: what range it is in would be a guess.
  return (
    semver.valid(version) !== null &&
    semver.satisfies(version, entry.versions, { includePrerelease: true })
  );
}

/** Whether `entry` excuses nothing any more on the day `today`, `YYYY-MM-DD`. */
export function hasExpired({ expires }: BaselineEntry, today: string): boolean {
  return today > expires;
}

/** What an entry is told by: its fingerprint, device and versions. */
export function formatEntry({ fingerprint: known, device, versions }: BaselineEntry): string {
  return `${formatFingerprint(known)}, ${device} ${versions}`;
}
