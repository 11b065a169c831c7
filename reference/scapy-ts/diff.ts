/** What two packets differ in, field by field. */
import { HEADERS } from './layers/headers.ts';
import { valueOf, type Field } from './layers/table.ts';
import type { Layer, LayerKind, Packet } from './layer.ts';

/** One field in which two packets differ. */
export interface FieldDifference {
  /** Index of the layer in both packets. */
  readonly index: number;
  readonly layer: LayerKind;
  /** The field's name, or `kind` where the layers themselves are different or one is absent. */
  readonly field: string;
  /** Values for people; of octets, from the first that differs on. */
  readonly before: string;
  readonly after: string;
}

const ABSENT = 'absent';
const SHOWN_OCTETS = 16;

/** The fields in which `after` differs from `before`; layers are compared by their places. */
export function diff(before: Packet, after: Packet): readonly FieldDifference[] {
  const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  return places.flatMap((index) => diffLayers(index, before[index], after[index]));
}

/** `2 tcp.seq: 1 -> 2`: one line for each difference, the layer's index in front. */
export function formatDiff(differences: readonly FieldDifference[]): string {
  return differences
    .map(
      ({ index, layer, field, before, after }) =>
        `${index} ${layer}.${field}: ${before} -> ${after}`,
    )
    .join('\n');
}

function diffLayers(
  index: number,
  before: Layer | undefined,
  after: Layer | undefined,
): readonly FieldDifference[] {
  const kind = before?.kind ?? after?.kind;
  if (kind === undefined) return [];
  if (before === undefined || after === undefined || before.kind !== after.kind) {
    const names = { before: before?.kind ?? ABSENT, after: after?.kind ?? ABSENT };
    return [{ index, layer: kind, field: 'kind', ...names }];
  }
  const differences: FieldDifference[] = [];
  const fields: Readonly<Record<string, Field<unknown>>> = HEADERS[kind].fields;
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined) continue;
    const [was, is] = [valueOf(before, name, field), valueOf(after, name, field)];
    if (same(was, is)) continue;
    const texts = octetTexts(was, is) ?? { before: shown(field, was), after: shown(field, is) };
    differences.push({ index, layer: kind, field: name, ...texts });
  }
  return differences;
}

/** A value for people. */
function shown(field: Field<unknown>, value: unknown): string {
  return value === 'computed' ? value : field.show(value);
}

/** Of two strings of octets, what stands from the first difference on. */
function octetTexts(
  before: unknown,
  after: unknown,
): Pick<FieldDifference, 'before' | 'after'> | undefined {
  if (!(before instanceof Uint8Array) || !(after instanceof Uint8Array)) return undefined;
  const found = before.findIndex((octet, index) => octet !== after[index]);
  const at = found < 0 ? before.length : found;
  return { before: octetText(before, at), after: octetText(after, at) };
}

function octetText(octets: Uint8Array, at: number): string {
  const end = Math.min(octets.length, at + SHOWN_OCTETS);
  const hex = Array.from(octets.subarray(at, end), (o) => o.toString(16).padStart(2, '0'));
  const text = `${octets.length} octets, from ${at}: ${hex.join(' ') || 'none'}`;
  return end < octets.length ? `${text} …` : text;
}

/** Equality by value, of what fields hold: numbers, octets, and lists of options. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return sameOctets(a, b);
  const left = Object.entries<unknown>({ ...a });
  const right = new Map<string, unknown>(Object.entries<unknown>({ ...b }));
  return left.length === right.size && left.every(([name, value]) => same(value, right.get(name)));
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
