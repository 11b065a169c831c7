/** Primitives of externs: hashes, registers, counters. */
import { assign, compileTarget } from './assignment.ts';
import { NUMBER_BITS } from './bits.ts';
import { type ArrayOf, type Compiler, compileIndex, named } from './compiler.ts';
import { bigData, constantOf, type Data, numberData, truncated, truncatedWide } from './data.ts';
import { compileData } from './expression.ts';
import type { Packet } from './packet.ts';
import { count } from './resources.ts';

const UINT64 = 64;

/** `dst = base + hash % size`, in 64 bits; size 0 counts as 1. */
export const hashToRange: Compiler = ([to, base, calculation, size], context) => {
  const target = compileTarget(to, context);
  const hash = named(calculation, 'calculation', context.externs.calculations, context.where);
  const [least, range] = [compileData(base, context), compileData(size, context)];
  return assign(target, ranged(hash, least, range));
};

function ranged(hash: Data, base: Data, size: Data): Data {
  const [least, cells] = [constantOf(base), constantOf(size)];
  const isSmall = (value: bigint | undefined): value is bigint =>
    value !== undefined && value >= 0n && value <= 0xffff_ffffn;
  if (hash.kind === 'number' && isSmall(least) && isSmall(cells)) {
    const [from, modulus] = [Number(least), Number(cells) || 1];
    return numberData(least, least + BigInt(modulus) - 1n, (p) => from + (hash.read(p) % modulus));
  }
  const [h, b, s] = [hash, base, size].map((data) => truncatedWide(data, UINT64));
  if (h === undefined || b === undefined || s === undefined) return hash;
  const max = (1n << BigInt(UINT64)) - 1n;
  return bigData(0n, max, (p) => BigInt.asUintN(UINT64, (h(p) % (s(p) || 1n)) + b(p)));
}

/** A cell of a register, read at an index that is known to be inside. */
function cell({ index, width }: ArrayOf, at: (packet: Packet) => number): Data {
  const max = (1n << BigInt(width)) - 1n;
  return width > NUMBER_BITS
    ? bigData(0n, max, (p) => p.resources.wideRegisters[index]?.get(at(p)) ?? 0n)
    : numberData(0n, max, (p) => p.resources.registers[index]?.get(at(p)) ?? 0);
}

/** Reads a cell; outside of the register nothing is stored. */
export const readRegister: Compiler = ([to, json, where], context) => {
  const register = named(json, 'register_array', context.externs.registers, context.where);
  const at = compileIndex(where, context);
  const step = assign(compileTarget(to, context), cell(register, at));
  return (p) => {
    if (at(p) < register.size) step(p);
  };
};

/** Writes a cell, as wide as the register; outside of it nothing. */
export const writeRegister: Compiler = ([json, where, from], context) => {
  const { registers } = context.externs;
  const { index, size, width } = named(json, 'register_array', registers, context.where);
  const at = compileIndex(where, context);
  const value = compileData(from, context);
  if (width > NUMBER_BITS) {
    const read = truncatedWide(value, width);
    return (p) => {
      const cellIndex = at(p);
      if (cellIndex < size) p.resources.wideRegisters[index]?.set(cellIndex, read(p));
    };
  }
  const read = truncated(value, width);
  return (p) => {
    const cellIndex = at(p);
    if (cellIndex < size) p.resources.registers[index]?.set(cellIndex, read(p));
  };
};

/** Counts the packet as it came. */
export const countPacket: Compiler = ([json, where], context) => {
  const { index, size } = named(json, 'counter_array', context.externs.counters, context.where);
  const at = compileIndex(where, context);
  return (p) => {
    const cellIndex = at(p);
    const cells = p.resources.counters[index];
    if (cellIndex < size && cells !== undefined) count(cells, cellIndex, p.octets.length);
  };
};
