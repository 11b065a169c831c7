/** Storing: a value is truncated to the width of the field that it goes to. */
import { type Data, truncate, truncated, truncatedWide } from './data.ts';
import { compileData, type Scope } from './expression.ts';
import { pair, typed } from './json-tree.ts';
import { type Field, findField } from './layout.ts';
import type { Target } from './data.ts';
import type { Packet, Step } from './packet.ts';
import { refuse } from './refusal.ts';

/** The place that a parameter names. */
export function compileTarget(json: unknown, scope: Scope): Target {
  const { target } = compileData(json, scope);
  return target ?? refuse(scope.where, 'expected a field to store to');
}

/** Stores a value. */
export function assign(target: Target, value: Data): Step {
  const { field, index, header } = target;
  const { width, slot } = field;
  if (field.store === 'big') {
    const read = truncatedWide(value, width);
    if (header === undefined) return (p) => void (p.bigs[slot] = read(p));
    return (p) => void (p.bigs[header(p).fields[index]?.slot ?? 0] = read(p));
  }
  const read = truncated(value, width);
  if (header === undefined) return (p) => void (p.numbers[slot] = read(p));
  return (p) => void (p.numbers[header(p).fields[index]?.slot ?? 0] = read(p));
}

/** Stores a number that is not negative, as the switch itself does. */
export function store(packet: Packet, { store: kind, slot, width }: Field, value: number): void {
  if (kind === 'number') packet.numbers[slot] = truncate(value, width);
  else packet.bigs[slot] = BigInt.asUintN(width, BigInt(value));
}

/** The varbit that a parameter names. */
export function compileVarbit(json: unknown, { layout, where }: Scope): Field {
  const { type, value } = typed(json, where);
  if (type !== 'field') return refuse(where, 'expected a varbit');
  const { field } = findField(layout, ...pair(value, where), where);
  return field.store === 'varbit' ? field : refuse(where, `${field.name} is no varbit`);
}
