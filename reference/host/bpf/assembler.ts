/**
 * eBPF instructions as values, and the octets that the kernel loads. RFC 9669.
 *
 *    ┌────────┬─────────┬──────────────┬───────────────────┐
 *    │ opcode │ src dst │    offset    │     immediate     │   8 octets, little-endian
 *    └────────┴─────────┴──────────────┴───────────────────┘
 *
 * A program is a list of lines: instructions, and labels that jumps name. Only what our programs
 * use is here, for little-endian hosts.
 */

/** A register: `r0` result, `r1` … `r5` arguments, `r6` … `r9` kept over calls, `fp` stack. */
export type Register = 'r0' | 'r1' | 'r2' | 'r3' | 'r4' | 'r5' | 'r6' | 'r7' | 'r8' | 'r9' | 'fp';

/** A register, or a constant −2^31 … 2^31 − 1. */
export type Operand = Register | number;

/** Octets of a word in memory. */
export type Size = 1 | 2 | 4 | 8;

/** What a jump asks; all comparisons are unsigned, `&` asks for a common bit. */
export type Comparison = '==' | '!=' | '>' | '>=' | '<' | '<=' | '&';

/** One instruction (`words` is 2 for a 64-bit constant), or a label. */
export type Line =
  | { readonly kind: 'label'; readonly name: string }
  | {
      readonly kind: 'instruction';
      readonly opcode: number;
      readonly to: Register;
      /** A register, or the number that stands in its place. */
      readonly from: Register | number;
      /** A number, or the label that is jumped to. */
      readonly offset: number | string;
      readonly immediate: number;
      /** The immediate of the second word; undefined where there is only one. */
      readonly high: number | undefined;
      /** For people. */
      readonly text: string;
    };

const REGISTERS: readonly Register[] = [
  ...(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'fp'] as const),
];
const ALU = { '+=': 0x00, '|=': 0x40, '&=': 0x50, '<<=': 0x60, '>>=': 0x70, '^=': 0xa0, '=': 0xb0 };
const COMPARE: Readonly<Record<Comparison, number>> = {
  '==': 0x10,
  '>': 0x20,
  '>=': 0x30,
  '&': 0x40,
  '!=': 0x50,
  '<': 0xa0,
  '<=': 0xb0,
};
const SIZE: Readonly<Record<Size, number>> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
const CLASS = {
  load: 0x61,
  storeConstant: 0x62,
  store: 0x63,
  alu32: 0x04,
  jump: 0x05,
  alu64: 0x07,
};
const FROM_REGISTER = 0x08;
const TO_BIG_ENDIAN = 0xdc;
const ATOMIC_ADD = 0xdb;
const LOAD_CONSTANT_64 = 0x18;
const CALL = 0x85;
const EXIT = 0x95;
const PSEUDO_MAP = 1;
const PSEUDO_MAP_VALUE = 2;
const WORD_OCTETS = 8;

type Parts = Partial<Extract<Line, { readonly kind: 'instruction' }>>;

function instruction(opcode: number, text: string, parts: Parts = {}): Line {
  const nothing = { to: 'r0', from: 'r0', offset: 0, immediate: 0, high: undefined } as const;
  return { kind: 'instruction', ...nothing, ...parts, opcode, text };
}

function source(operand: Operand): { readonly bit: number; readonly parts: Parts } {
  return typeof operand === 'number'
    ? { bit: 0, parts: { immediate: operand } }
    : { bit: FROM_REGISTER, parts: { from: operand } };
}

function place(base: Register, at: number): string {
  return `[${base}${at < 0 ? ' − ' : ' + '}${Math.abs(at)}]`;
}

/** Where a jump may lead. */
export function label(name: string): Line {
  return { kind: 'label', name };
}

/** Arithmetic on all 64 bits; `compute('r1', '=', 5)`. */
export function compute(to: Register, operation: keyof typeof ALU, operand: Operand): Line {
  const { bit, parts } = source(operand);
  const text = `${to} ${operation} ${operand}`;
  return instruction(CLASS.alu64 | ALU[operation] | bit, text, { ...parts, to });
}

/** Arithmetic on the low 32 bits; the high ones become 0. */
export function compute32(to: Register, operation: keyof typeof ALU, operand: Operand): Line {
  const { bit, parts } = source(operand);
  const text = `${to} ${operation} ${operand}  (32 bits)`;
  return instruction(CLASS.alu32 | ALU[operation] | bit, text, { ...parts, to });
}

/** Turns the low `size` octets round, between network and host order; the others become 0. */
export function swap(to: Register, size: 2 | 4): Line {
  return instruction(TO_BIG_ENDIAN, `${to} = swap${size}(${to})`, { to, immediate: size * 8 });
}

/** Reads `size` octets at `base + at`. */
export function load(to: Register, size: Size, base: Register, at: number): Line {
  const text = `${to} = u${size * 8} ${place(base, at)}`;
  return instruction(CLASS.load | SIZE[size], text, { to, from: base, offset: at });
}

/** Writes `size` octets at `base + at`. */
export function store(base: Register, at: number, size: Size, value: Operand): Line {
  const { parts } = source(value);
  const opcode = typeof value === 'number' ? CLASS.storeConstant : CLASS.store;
  const text = `u${size * 8} ${place(base, at)} = ${value}`;
  return instruction(opcode | SIZE[size], text, { ...parts, to: base, offset: at });
}

/** Adds to the 64-bit word at `base + at` in one step, whatever other processors do. */
export function addAtomic(base: Register, at: number, from: Register): Line {
  const text = `u64 ${place(base, at)} += ${from}  (atomic)`;
  return instruction(ATOMIC_ADD, text, { to: base, from, offset: at });
}

/** Jumps to a label. */
export function jump(to: string): Line {
  return instruction(CLASS.jump, `goto ${to}`, { offset: to });
}

/** Jumps to a label if the comparison of 64 bits holds; a constant is extended with its sign. */
export function jumpIf(left: Register, how: Comparison, right: Operand, to: string): Line {
  const { bit, parts } = source(right);
  const opcode = CLASS.jump | COMPARE[how] | bit;
  return instruction(opcode, `if ${left} ${how} ${right} goto ${to}`, {
    ...parts,
    to: left,
    offset: to,
  });
}

/** The map behind a descriptor, for a helper. */
export function loadMap(to: Register, fd: number, name: string): Line {
  const parts = { to, from: PSEUDO_MAP, immediate: fd, high: 0 };
  return instruction(LOAD_CONSTANT_64, `${to} = map ${name}`, parts);
}

/** The address of octet `at` of an array map's only value. */
export function loadMapValue(to: Register, fd: number, name: string, at: number): Line {
  const parts = { to, from: PSEUDO_MAP_VALUE, immediate: fd, high: at };
  return instruction(LOAD_CONSTANT_64, `${to} = value of ${name} + ${at}`, parts);
}

/** Calls a helper of the kernel by its number in linux/bpf.h. */
export function call(helper: number, name: string): Line {
  return instruction(CALL, `call ${name}`, { immediate: helper });
}

/** Ends the program; the result is in `r0`. */
export function exit(): Line {
  return instruction(EXIT, 'exit');
}

/** Lines whose labels no others can name: each begins with `scope`. */
export function scoped(scope: string, lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => {
    if (line.kind === 'label') return label(scope + line.name);
    const { offset } = line;
    return typeof offset === 'number' ? line : { ...line, offset: scope + offset };
  });
}

function wordsOf(line: Line): number {
  if (line.kind === 'label') return 0;
  return line.high === undefined ? 1 : 2;
}

/** Index of the word at which each label stands; throws RangeError where a name stands twice. */
function locate(lines: readonly Line[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let index = 0;
  for (const line of lines) {
    if (line.kind === 'label') {
      if (places.has(line.name)) throw new RangeError(`two labels ${line.name}`);
      places.set(line.name, index);
    }
    index += wordsOf(line);
  }
  return places;
}

function registerNumber(register: Register | number): number {
  return typeof register === 'number' ? register : REGISTERS.indexOf(register);
}

/** The octets of a program; throws RangeError where a label is missing or stands twice. */
export function assemble(lines: readonly Line[]): Uint8Array {
  const places = locate(lines);
  const octets = new Uint8Array(lines.reduce((sum, line) => sum + wordsOf(line), 0) * WORD_OCTETS);
  const view = new DataView(octets.buffer);
  let index = 0;
  for (const line of lines) {
    if (line.kind === 'label') continue;
    const at = index * WORD_OCTETS;
    view.setUint8(at, line.opcode);
    view.setUint8(at + 1, (registerNumber(line.from) << 4) | registerNumber(line.to));
    view.setInt16(at + 2, offsetOf(line.offset, index, places), true);
    view.setInt32(at + 4, line.immediate, true);
    if (line.high !== undefined) view.setInt32(at + 12, line.high, true);
    index += wordsOf(line);
  }
  return octets;
}

function offsetOf(
  offset: number | string,
  index: number,
  places: ReadonlyMap<string, number>,
): number {
  if (typeof offset === 'number') return offset;
  const target = places.get(offset);
  if (target === undefined) throw new RangeError(`no label ${offset}`);
  return target - index - 1;
}

/** The program for people: numbered as the verifier numbers its lines. */
export function list(lines: readonly Line[]): string {
  let index = 0;
  const texts = lines.map((line) => {
    if (line.kind === 'label') return `${line.name}:`;
    const text = `${String(index).padStart(5)}  ${line.text}`;
    index += wordsOf(line);
    return text;
  });
  return `${texts.join('\n')}\n`;
}
