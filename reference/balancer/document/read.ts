/** Documents of a server switch: one YAML text for all that it is told. */
import type { Result } from 'scapy-ts';
import type { DocumentFault } from './fault.ts';
import { objectionsTo } from './meaning.ts';
import { planSchema, type SwitchPlan } from './schema.ts';
import { objectionsOf } from './shape.ts';
import { readSource } from './source.ts';

/**
 * Reads a document: a plan that the balancer takes as it is, or all faults in their order.
 *
 * All of one kind: of a text that is not YAML no field is looked at, and what fields mean together
 * is looked at where each is as it may be. Never throws.
 */
export function readDocument(text: string): Result<SwitchPlan, readonly DocumentFault[]> {
  const source = readSource(text);
  if (!source.ok) return source;
  const { value, locate } = source.value;
  const read = planSchema.safeParse(value);
  const objections = read.success
    ? objectionsTo(read.data)
    : objectionsOf(read.error.issues, value);
  if (read.success && objections.length === 0) return { ok: true, value: read.data };
  const faults = objections.map(locate);
  return { ok: false, error: faults.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}
