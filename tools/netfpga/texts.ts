/** What becomes of the description of the registers: Verilog, C, TypeScript and a page. */
import type { Bits, Description, Field, Register, RowField, Table, Value } from './description.ts';
import { wordsOf } from './description.ts';

const ORIGIN = 'Written by tools/netfpga.ts from registers.yaml: do not edit.';
const NAME_COLUMNS = 38;

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

function define(name: string, value: string | number): string {
  return ['`define', name.padEnd(NAME_COLUMNS), value].join(' ');
}

/** `7:0`, or the number of one bit; `offset` is where the word begins in its row. */
function range({ low, count }: Bits, offset = 0): string {
  const first = low + offset;
  return count === 1 ? `${first}` : `${first + count - 1}:${first}`;
}

function verilogValues(prefix: string, values: readonly Value[], bits: number): readonly string[] {
  return values.map(({ name, value }) => define(`PRISM_${prefix}_${name}`, `${bits}'d${value}`));
}

function verilogRegister(register: Register): readonly string[] {
  const { name, offset, count, reset, fields, values } = register;
  return [
    define(`PRISM_REG_${name}`, `12'h${hex(offset, 3)}`),
    ...(count === 1 ? [] : [define(`PRISM_REG_${name}_COUNT`, count)]),
    ...(reset === 0 ? [] : [define(`PRISM_INITIAL_${name}`, `32'h${hex(reset, 8)}`)]),
    ...fields.map((field) => define(`PRISM_${name}_${field.name}`, range(field.bits))),
    ...verilogValues(name, values, 32),
  ];
}

function verilogTable(table: Table): readonly string[] {
  const { name, number, fields } = table;
  return [
    '',
    define(`PRISM_TABLE_${name}`, `4'd${number}`),
    define(`PRISM_${name}_WORDS`, wordsOf(table)),
    ...fields.flatMap((field) => [
      define(`PRISM_${name}_${field.name}`, range(field.bits, 32 * field.word)),
      ...verilogValues(field.name, field.values, field.bits.count),
    ]),
  ];
}

/** The file that the RTL includes: macros, for a parameter that is not used would be a warning. */
export function verilogText({ hash, registers, tables }: Description): string {
  return [
    `// ${ORIGIN}`,
    '// A register is a byte offset. A field is a bit or a range of bits of its register; a field of a',
    '// table is a range of the whole row {data15, ..., data1, data0}.',
    '',
    '`ifndef PRISM_REGISTERS_VH',
    '`define PRISM_REGISTERS_VH',
    '',
    define('PRISM_HASH_POLYNOMIAL', `64'h${hash.polynomial.slice(2)}`),
    define('PRISM_HASH_KEY_BITS', hash.keyBits),
    define('PRISM_HASH_WAY_STRIDE', hash.wayStride),
    '',
    ...registers.flatMap(verilogRegister),
    ...tables.flatMap(verilogTable),
    '',
    '`endif',
    '',
  ].join('\n');
}

function cDefine(name: string, value: number, digits: number): string {
  return `#define ${name.padEnd(NAME_COLUMNS)} 0x${hex(value, digits)}`;
}

function cRegister({ name, offset, reset, fields }: Register): readonly string[] {
  const prefix = `PRISM_CORE_${name}`;
  return [
    cDefine(`${prefix}_OFFSET`, offset, 3),
    cDefine(`${prefix}_DEFAULT`, reset, 8),
    ...fields.map(({ name: each, bits }) =>
      cDefine(`${prefix}_${each}_MASK`, (2 ** bits.count - 1) * 2 ** bits.low, 8),
    ),
  ];
}

/** Macros for programs in C that read the registers of a card. */
export function headerText({ bases, registers, tables }: Description): string {
  return [
    `/* ${ORIGIN} */`,
    '#ifndef PRISM_REGISTERS_H',
    '#define PRISM_REGISTERS_H',
    '',
    ...Object.entries(bases).map(([card, base]) => cDefine(`PRISM_CORE_BASE_${card}`, base, 8)),
    '',
    ...registers.flatMap(cRegister),
    '',
    ...tables.map(({ name, number }) => cDefine(`PRISM_CORE_TABLE_${name}`, number, 1)),
    '',
    '#endif',
    '',
  ].join('\n');
}

/** A comment of as many lines as it needs. */
function comment(text: string): string {
  const lines = text.match(/.{1,88}(?: |$)/gu) ?? [text];
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return `/** ${only} */`;
  return ['/**', ...lines.map((line) => ` * ${line.trimEnd()}`), ' */'].join('\n');
}

function property(name: string, text: string, value: string): string {
  return `${comment(text)}\n${name}: ${value},`;
}

function fieldObject({ bits: { low, count }, ...rest }: Field | RowField): string {
  const word = 'word' in rest ? `word: ${rest.word}, ` : '';
  return `{ ${word}low: ${low}, bits: ${count} }`;
}

function fieldsObject(fields: readonly (Field | RowField)[]): string {
  return `{ ${fields.map((each) => property(each.name, each.text, fieldObject(each))).join('\n')} }`;
}

function constant(text: string, name: string, value: string): string {
  return `${comment(text)}\nexport const ${name} = ${value} as const;\n`;
}

function valueConstants({ registers, tables }: Description): readonly string[] {
  const fields = [...registers, ...tables.flatMap((table) => table.fields)];
  return fields
    .filter(({ values }) => values.length > 0)
    .map(({ name, values }) => {
      const lines = values.map((each) => property(each.name, each.text, `${each.value}`));
      return constant(`What ${name} may be.`, name, `{ ${lines.join('\n')} }`);
    });
}

/** Constants for the driver; to be formatted. */
export function typescriptText(description: Description): string {
  const { bases, hash, registers, tables } = description;
  const withFields = registers.filter(({ fields }) => fields.length > 0);
  const lines = {
    bases: Object.entries(bases).map(([card, base]) => `${card}: 0x${hex(base, 8)},`),
    registers: registers.map(({ name, text, offset, access }) =>
      property(name, `${access}. ${text}`, `0x${hex(offset, 2)}`),
    ),
    fields: withFields.map(({ name, text, fields }) => property(name, text, fieldsObject(fields))),
    tables: tables.map((table) => {
      const { name, text, number, fields } = table;
      const words = wordsOf(table);
      return property(
        name,
        text,
        `{ number: ${number}, words: ${words}, fields: ${fieldsObject(fields)} }`,
      );
    }),
    initial: registers
      .filter(({ reset }) => reset !== 0)
      .map(({ name, reset }) => `${name}: 0x${hex(reset, 8)},`),
  };
  return [
    '/**',
    ' * The registers and tables of `prism_core`.',
    ' *',
    ` * ${ORIGIN}`,
    ' */',
    '',
    constant('Where the core is on a card, in octets.', 'BASES', `{ ${lines.bases.join('\n')} }`),
    constant('Offsets in octets.', 'REGISTERS', `{ ${lines.registers.join('\n')} }`),
    constant(
      'What registers hold at first, unless 0.',
      'INITIAL',
      `{ ${lines.initial.join('\n')} }`,
    ),
    constant('Parts of registers.', 'FIELDS', `{ ${lines.fields.join('\n')} }`),
    constant('Tables, and the parts of their rows.', 'TABLES', `{ ${lines.tables.join('\n')} }`),
    ...valueConstants(description),
    constant(
      `${hash.name}. ${hash.text}`,
      'HASH',
      `{ polynomial: ${hash.polynomial}n, keyBits: ${hash.keyBits}, ways: ${hash.ways}, wayStride: ${hash.wayStride} }`,
    ),
  ].join('\n');
}

function valuesNote(values: readonly Value[]): string {
  return values.map(({ name, value, text }) => ` ${value} ${name}: ${text}`).join('');
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A page for people; to be formatted. */
export function pageText({ hash, registers, tables }: Description): string {
  return [
    `<!-- ${ORIGIN} -->`,
    '# Registers and tables of the Prism core',
    'RO is read only, WO write only, RW both, ROC read only and cleared by the read.',
    '## Registers',
    [
      row('offset', 'name', 'access', 'at first', 'what'),
      row('---', '---', '---', '---', '---'),
      ...registers.flatMap(({ name, offset, access, reset, count, text, fields, values }) => [
        row(
          `0x${hex(offset, 2)}`,
          count === 1 ? name : `${name}0 … ${count - 1}`,
          access,
          reset === 0 ? '0' : `0x${hex(reset, 0)}`,
          text + valuesNote(values),
        ),
        ...fields.map((each) => row('', `[${range(each.bits)}] ${each.name}`, '', '', each.text)),
      ]),
    ].join('\n'),
    ...tables.flatMap(({ name, number, text, fields }) => [
      `## Table ${number}: ${name}`,
      text,
      [
        row('word', 'bits', 'name', 'what'),
        row('---', '---', '---', '---'),
        ...fields.map((each) =>
          row(each.word, range(each.bits), each.name, each.text + valuesNote(each.values)),
        ),
      ].join('\n'),
    ]),
    `## Hash`,
    `${hash.name}, polynomial ${hash.polynomial}. ${hash.text}`,
  ].join('\n\n');
}
