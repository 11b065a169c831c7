/** Checksums that are verified after the parser and updated before the deparser. */
import { assign } from './assignment.ts';
import { type Data, wide } from './data.ts';
import { compileBool, compileField } from './expression.ts';
import { isValid } from './header.ts';
import { findField, type Layout } from './layout.ts';
import type { Packet, Step } from './packet.ts';
import type { ChecksumJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';

/** A checksum of a program. */
export interface Checksum {
  /** Writes the checksum, where its condition holds. */
  readonly update: Step | undefined;
  /** Whether the packet's checksum is right, or is no affair of this one. */
  readonly verify: ((packet: Packet) => boolean) | undefined;
}

/** Compiles a checksum. */
export function compileChecksum(
  json: ChecksumJson,
  calculations: ReadonlyMap<string, Data>,
  layout: Layout,
): Checksum {
  const where = `checksum ${json.name}`;
  if (json.type !== 'generic') unknownTo(where, `type "${json.type}"`);
  const value = need(calculations, json.calculation ?? '', where, 'calculation');
  const { header } = findField(layout, ...json.target, where);
  const found = compileField(layout, json.target, where);
  const target = found.target ?? refuse(where, 'expected a field to store to');
  const applies =
    (json.if_cond ?? null) === null
      ? (): boolean => true
      : compileBool(json.if_cond, { layout, params: [], where });
  const step = assign(target, value);
  const [computed, present] = [wide(value), wide(found)];
  return {
    update: json.update
      ? (p): void => {
          if (applies(p)) step(p);
        }
      : undefined,
    verify: json.verify
      ? (p): boolean => !isValid(p, header) || !applies(p) || computed(p) === present(p)
      : undefined,
  };
}
