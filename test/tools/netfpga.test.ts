/** The description of the core's registers: what may stand in it, and what is made of it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseDescription } from '../../tools/netfpga/description.ts';
import { headerText, verilogText } from '../../tools/netfpga/texts.ts';

const PATH = fileURLToPath(new URL('../../hardware/netfpga/registers.yaml', import.meta.url));

const GOOD = `core: prism_core
bases: { SUME: 0x44020000 }
hash: { name: CRC, polynomial: '0x42F0E1EBA9EA3693', keyBits: 97, ways: 4, wayStride: 16, text: Rows. }
registers:
  - { name: ID, offset: 0x00, access: RO, reset: 0x5052534D, text: Letters. }
  - name: ERROR
    offset: 0x3C
    access: ROC
    text: Errors.
    fields:
      - { name: RUNT, bits: '0', text: Short. }
      - { name: REST, bits: '31:1', text: The rest. }
  - { name: WORD, offset: 0x80, access: RW, count: 16, text: Words. }
tables:
  - name: FLOWS
    number: 2
    text: Flows.
    fields:
      - { name: SRC, word: 0, bits: '31:0', text: Source. }
      - name: ACTION
        word: 3
        bits: '3:2'
        text: Deed.
        values: [{ name: PUNT, value: 3, text: Punted. }]
`;

function described(text: string): ReturnType<typeof parseDescription> {
  return parseDescription(text, 'registers.yaml');
}

function errorOf(text: string): string {
  const read = described(text);
  return read.ok ? 'no error' : read.error;
}

/** What is defined, by name. */
function definitions(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^[`#]define (\S+)\s+(\S+)$/gmu);
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]));
}

test('a register is an offset, a field a range of it, a field of a row a range of the row', (t) => {
  const read = described(GOOD);
  if (!read.ok) return t.fail(read.error);
  const verilog = definitions(verilogText(read.value));
  t.is(verilog.get('PRISM_REG_ERROR'), "12'h03C");
  t.is(verilog.get('PRISM_INITIAL_ID'), "32'h5052534D");
  t.is(verilog.get('PRISM_ERROR_RUNT'), '0');
  t.is(verilog.get('PRISM_ERROR_REST'), '31:1');
  t.is(verilog.get('PRISM_REG_WORD_COUNT'), '16');
  t.is(verilog.get('PRISM_TABLE_FLOWS'), "4'd2");
  t.is(verilog.get('PRISM_FLOWS_ACTION'), '99:98');
  t.is(verilog.get('PRISM_FLOWS_WORDS'), '4');
  t.is(verilog.get('PRISM_ACTION_PUNT'), "2'd3");
  const header = definitions(headerText(read.value));
  t.is(header.get('PRISM_CORE_BASE_SUME'), '0x44020000');
  t.is(header.get('PRISM_CORE_ERROR_OFFSET'), '0x03C');
  t.is(header.get('PRISM_CORE_ID_DEFAULT'), '0x5052534D');
  return t.is(header.get('PRISM_CORE_ERROR_REST_MASK'), '0xFFFFFFFE');
});

for (const [what, from, to, wanted] of [
  ['two registers at one offset', '0x3C', '0xBC', /ERROR and WORD are both at 188|WORD and ERROR/u],
  ['an offset between words', '0x3C', '0x3D', /^registers\.yaml:7:13 registers\.1\.offset/u],
  ['two fields with a bit in common', "'31:1'", "'31:0'", /RUNT and REST|REST and RUNT/u],
  ['a field that leaves its word', "'31:1'", "'32:1'", /REST leaves its word/u],
  ['bits the wrong way round', "'31:1'", "'1:31'", /bits/u],
  ['an unknown access', 'access: ROC', 'access: ROW', /access/u],
  ['a name in small letters', 'name: RUNT', 'name: runt', /expected capitals/u],
  ['an unknown key', 'text: Short.', 'colour: red, text: Short.', /colour/u],
] as const) {
  test(`${what} is refused, with its place`, (t) => {
    t.true(GOOD.includes(from));
    t.regex(errorOf(GOOD.replace(from, to)), wanted);
    t.regex(errorOf(GOOD.replace(from, to)), /^registers\.yaml:\d+:\d+ /u);
  });
}

test('the project has a description of which the RTL is made', (t) => {
  const read = described(readFileSync(PATH, 'utf8'));
  if (!read.ok) return t.fail(read.error);
  const path = fileURLToPath(
    new URL('../../hardware/netfpga/rtl/prism_registers.vh', import.meta.url),
  );
  return t.is(verilogText(read.value), readFileSync(path, 'utf8'));
});
