/** What a message does not carry of the JSON that it was made of. */
import { z } from 'zod';

/** Said to people and to controllers, not to switches. */
const ASIDES: ReadonlySet<string> = new Set([
  'doc',
  'annotationLocations',
  'structuredAnnotations',
]);

const record = z.record(z.string(), z.unknown());
const list = z.array(z.unknown());

/**
 * The path of the first value of `json` that `carried` has not, or undefined.
 *
 * Numbers and their decimal strings are alike, as they are in proto3's JSON.
 */
export function lostPath(json: unknown, carried: unknown, path = ''): string | undefined {
  const parts = list.safeParse(json).data ?? record.safeParse(json).data;
  if (parts === undefined) return String(json) === String(carried) ? undefined : path;
  const kept = list.safeParse(carried).data ?? record.safeParse(carried).data;
  if (kept === undefined) return path;
  const keptParts = new Map(Object.entries(kept));
  for (const [name, part] of Object.entries(parts)) {
    if (ASIDES.has(name)) continue;
    const lost = lostPath(part, keptParts.get(name), path === '' ? name : `${path}.${name}`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}
