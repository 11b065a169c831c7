/** Headers of a packet: read from octets, written to octets, copied, compared. */
import { readBits, readWide, writeBits, writeWide } from './bits.ts';
import type { Field, Header, Stack } from './layout.ts';
import type { Packet } from './packet.ts';

/** Whether a header is there; metadata always is. */
export function isValid(packet: Packet, { isMetadata, valid }: Header): boolean {
  return isMetadata || packet.numbers[valid.slot] === 1;
}

/** How many octets a header has now, varbit included. */
export function octetsOf(packet: Packet, { type, varbit }: Header): number {
  return varbit === undefined
    ? type.octets
    : type.octets + (packet.varbits[varbit.slot]?.length ?? 0);
}

/** Reads a header from octet `at` on, and makes it valid; its varbit gets `varbitOctets` octets. */
export function extractHeader(p: Packet, header: Header, at: number, varbitOctets: number): void {
  let bit = at * 8;
  for (const { store, slot, width } of header.fields) {
    if (store === 'number') p.numbers[slot] = readBits(p.octets, bit, width);
    else if (store === 'big') p.bigs[slot] = readWide(p.octets, bit, width);
    else {
      p.varbits[slot] = p.octets.slice(bit / 8, bit / 8 + varbitOctets);
      bit += varbitOctets * 8;
    }
    bit += width;
  }
  p.numbers[header.valid.slot] = 1;
}

/** How many bits a field has now. */
export function bitsOf(p: Packet, { store, slot, width }: Field): number {
  return store === 'varbit' ? (p.varbits[slot]?.length ?? 0) * 8 : width;
}

/** Writes a field at a bit where all bits are 0 yet. */
export function emitField(p: Packet, field: Field, octets: Uint8Array, bit: number): void {
  const { store, slot, width } = field;
  if (store === 'number') writeBits(octets, bit, width, p.numbers[slot] ?? 0);
  else if (store === 'big') writeWide(octets, bit, width, p.bigs[slot] ?? 0n);
  else {
    for (const [index, octet] of (p.varbits[slot] ?? []).entries()) {
      writeBits(octets, bit + index * 8, 8, octet);
    }
  }
}

/** Writes a header, valid or not, at a bit where all bits are 0 yet. */
export function emitHeader(p: Packet, header: Header, octets: Uint8Array, from: number): void {
  let bit = from;
  for (const field of header.fields) {
    emitField(p, field, octets, bit);
    bit += bitsOf(p, field);
  }
}

/** All fields become 0; a varbit keeps its length. */
export function clearHeader({ numbers, bigs, varbits }: Packet, header: Header): void {
  for (const { store, slot } of header.fields) {
    if (store === 'number') numbers[slot] = 0;
    else if (store === 'big') bigs[slot] = 0n;
    else varbits[slot] = new Uint8Array(varbits[slot]?.length ?? 0);
  }
}

/** Copies a header of the same type: an invalid one makes the other invalid and touches no field. */
export function copyHeader(p: Packet, to: Header, from: Header): void {
  if (!isValid(p, from)) {
    p.numbers[to.valid.slot] = 0;
    return;
  }
  p.numbers[to.valid.slot] = 1;
  for (const [index, { store, slot }] of from.fields.entries()) {
    const target = to.fields[index]?.slot ?? 0;
    if (store === 'number') p.numbers[target] = p.numbers[slot] ?? 0;
    else if (store === 'big') p.bigs[target] = p.bigs[slot] ?? 0n;
    else p.varbits[target] = p.varbits[slot] ?? new Uint8Array();
  }
}

function swap<T>(items: { [index: number]: T }, a: number, b: number): void {
  const [left, right] = [items[a], items[b]];
  if (left === undefined || right === undefined) return;
  items[a] = right;
  items[b] = left;
}

function swapHeaders({ numbers, bigs, varbits }: Packet, a: Header, b: Header): void {
  swap(numbers, a.valid.slot, b.valid.slot);
  for (const [index, { store, slot }] of a.fields.entries()) {
    const other = b.fields[index]?.slot ?? 0;
    if (store === 'number') swap(numbers, slot, other);
    else if (store === 'big') swap(bigs, slot, other);
    else swap(varbits, slot, other);
  }
}

/** Whether both are valid and all their fields are equal; they are of one type. */
export function headersAreEqual(p: Packet, a: Header, b: Header): boolean {
  if (!isValid(p, a) || !isValid(p, b)) return false;
  return a.fields.every(({ store, slot }, index) => {
    const other = b.fields[index]?.slot ?? 0;
    return store === 'number'
      ? p.numbers[slot] === p.numbers[other]
      : p.bigs[slot] === p.bigs[other];
  });
}

function invalidate(p: Packet, headers: readonly Header[]): void {
  for (const { valid } of headers) p.numbers[valid.slot] = 0;
}

/** Moves the headers of a stack back by `by`; those in front become invalid. P4_16 section 8.18. */
export function pushFront(p: Packet, { headers, next }: Stack, by: number): void {
  p.numbers[next] = Math.min(headers.length, (p.numbers[next] ?? 0) + by);
  for (let i = headers.length - 1; i >= by; i -= 1) {
    const [to, from] = [headers[i], headers[i - by]];
    if (to !== undefined && from !== undefined) swapHeaders(p, to, from);
  }
  invalidate(p, headers.slice(0, by));
}

/** Moves the headers of a stack to the front by `by`; those behind become invalid. */
export function popFront(p: Packet, { headers, next }: Stack, by: number): void {
  p.numbers[next] = Math.max(0, (p.numbers[next] ?? 0) - by);
  for (let i = 0; i < headers.length - by; i += 1) {
    const [to, from] = [headers[i], headers[i + by]];
    if (to !== undefined && from !== undefined) swapHeaders(p, to, from);
  }
  invalidate(p, headers.slice(Math.max(0, headers.length - by)));
}
