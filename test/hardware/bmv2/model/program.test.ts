import test from 'ava';
import fc from 'fast-check';
import { loadProgram } from '../../../../hardware/bmv2/model/program.ts';
import { createSwitch, receive } from '../../../../hardware/bmv2/model/switch.ts';
import { runs } from '../../../runs.ts';
import {
  action,
  always,
  call,
  extract,
  field,
  hex,
  type Json,
  op,
  refusal,
  set,
  state,
  table,
  v1model,
  wrapped,
} from './v1model.ts';

/** A program with a bit of everything, to be spoilt. */
const WHOLE: Json = v1model({
  types: {
    h_t: [
      ['a', 8],
      ['b', 72],
    ],
    v_t: [['rest', '*']],
    meta_m: [['x', 32]],
  },
  maxOctets: { v_t: 16 },
  headers: { h: 'h_t', s0: 'h_t', s1: 'h_t', v: 'v_t', meta: 'meta_m' },
  stacks: { s: ['s0', 's1'] },
  states: [
    state(
      'start',
      [extract('h'), call('set', field('meta', 'x'), hex(3))],
      [field('h', 'a')],
      [
        { type: 'hexstr', value: '0x01', mask: '0x0f', next_state: 'more' },
        { type: 'default', value: null, mask: null, next_state: 'last' },
      ],
    ),
    state(
      'more',
      [
        call('extract', { type: 'stack', value: 's' }),
        call('verify', op('!=', field('h', 'a'), hex(2)), hex(1)),
      ],
      [],
      [{ type: 'default', value: null, mask: null, next_state: 'last' }],
    ),
    state('last', [
      call(
        'extract_VL',
        { type: 'regular', value: 'v' },
        wrapped(op('<<', field('h', 'a'), hex(3))),
      ),
    ]),
  ],
  order: ['h', 's0', 's1', 'v'],
  actions: [
    action(
      0,
      'forward',
      [['port', 9]],
      [
        call('_jump_if_zero', wrapped(field('h', 'a')), hex(2)),
        call('push', { type: 'header_stack', value: 's' }, hex(1)),
        set('standard_metadata', 'egress_spec', { type: 'runtime_data', value: 0 }),
      ],
    ),
    action(1, 'drop', [], [call('mark_to_drop', { type: 'header', value: 'standard_metadata' })]),
    action(
      2,
      'note',
      [],
      [
        call('register_write', { type: 'register_array', value: 'r' }, hex(0), field('h', 'b')),
        call('count', { type: 'counter_array', value: 'n' }, field('h', 'a')),
      ],
    ),
  ],
  ingress: {
    init_table: 'c',
    tables: [
      table(
        't',
        { forward: 0, drop: 1 },
        {
          match_type: 'ternary',
          key: [{ match_type: 'ternary', target: ['h', 'a'], mask: null }],
          entries: [
            {
              match_key: [{ match_type: 'ternary', key: '0x01', mask: '0x01' }],
              action_entry: { action_id: 0, action_data: ['0x3'] },
              priority: 1,
            },
          ],
          default_entry: { action_id: 0, action_data: ['0x2'] },
        },
      ),
      always('n', 'note', 2, 't'),
    ],
    conditionals: [
      {
        name: 'c',
        expression: op('and', op('d2b', null, field('h', '$valid$')), {
          type: 'bool',
          value: true,
        }),
        true_next: 'n',
        false_next: 't',
      },
    ],
  },
  more: {
    register_arrays: [{ name: 'r', id: 0, size: 1, bitwidth: 72 }],
    counter_arrays: [{ name: 'n', id: 0, size: 256, is_direct: false }],
    calculations: [{ name: 'k', id: 0, algo: 'csum16', input: [field('h', 'b')] }],
    checksums: [
      {
        name: 'k',
        type: 'generic',
        target: ['h', 'b'],
        calculation: 'k',
        if_cond: { type: 'bool', value: true },
      },
    ],
  },
});

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** How many places there are below a value. */
function places(value: unknown): number {
  if (!isTree(value)) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + places(inner), 1);
}

/** The same with something else at one place. */
function spoilt(value: unknown, at: number, spoil: (old: unknown) => unknown): unknown {
  if (at === 0) return spoil(value);
  if (!isTree(value)) return value;
  let rest = at - 1;
  const entries = Object.entries(value).map(([name, inner]) => {
    const size = places(inner);
    const mine = rest >= 0 && rest < size ? spoilt(inner, rest, spoil) : inner;
    rest -= size;
    return [name, mine] as const;
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

const anything = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    -1,
    1.5,
    0,
    1e9,
    2 ** 40,
    NaN,
    '',
    '0x',
    '-0x1',
    '0xfff',
    '*',
  ),
  fc.constantFrom(
    'start',
    'more',
    'h',
    's',
    't',
    'n',
    'c',
    'forward',
    'field',
    'header',
    'toString',
  ),
  fc.constantFrom('__proto__', 'lpm', 'range', 'default', 'expression', 'header_stack', 'assign'),
  fc.constant([]),
  fc.constant({}),
  fc.nat({ max: 300 }),
  fc.string(),
);

test('the whole of it loads', (t) => {
  t.is(refusal(WHOLE), 'loaded');
});

test('whatever is wrong with the JSON, it is refused in words or it runs', (t) => {
  const size = places(WHOLE);
  const packets = [[], [1], [1, ...Array(30).fill(7)], [18, ...Array(40).fill(255)]];
  let refused = 0;
  let loaded = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: size - 1 }),
      anything,
      fc.nat({ max: size - 1 }),
      (at, instead, again) => {
        const once = spoilt(WHOLE, at, () => instead);
        for (const json of [once, spoilt(once, again % places(once), () => instead)]) {
          const result = loadProgram(json);
          if (!result.ok) {
            refused += 1;
            t.true(result.error.length > 3, result.error);
            continue;
          }
          loaded += 1;
          const device = createSwitch(result.value);
          for (const packet of packets) {
            try {
              receive(device, { port: 1, octets: Uint8Array.from(packet) }, 0);
            } catch (error) {
              t.regex(String(error), /^Error: BMv2 would abort: /u);
            }
          }
        }
      },
    ),
    runs(3000),
  );
  t.true(refused > loaded / 4 && loaded > 0, `${refused} refused, ${loaded} loaded`);
});

test('a field may say by a number that it is not signed, as p4c does of booleans', (t) => {
  const text = JSON.stringify(WHOLE);
  t.is(refusal(JSON.parse(text.replace('["a",8,false]', '["a",8,0]'))), 'loaded');
});

test('what is not a program at all is refused', (t) => {
  for (const json of [null, undefined, 5, 'x', [], {}]) t.not(refusal(json), 'loaded');
});

test('what the model has not at all is refused by its name', (t) => {
  const cases: readonly (readonly [Json, string])[] = [
    [{ header_unions: [{ name: 'u' }] }, 'program: header union u is not in this model'],
    [{ meter_arrays: [{ name: 'm' }] }, 'program: meter array m is not in this model'],
    [{ extern_instances: [{ name: 'e' }] }, 'program: extern instance e is not in this model'],
    [{ deparsers: [] }, 'program: expected one deparser of the name "deparser"'],
    [{ pipelines: [] }, 'program: expected one pipeline of the name "ingress"'],
  ];
  for (const [more, message] of cases) t.is(refusal({ ...WHOLE, ...more }), message);
  const types = (fields: unknown, more: Json = {}): string =>
    refusal({ ...WHOLE, header_types: [{ name: 'x', id: 0, fields, ...more }] });
  t.is(types([['f', 8, true]]), 'header type x: signed field "f" is not in this model');
  t.is(types([['f', 8, 1]]), 'header type x: signed field "f" is not in this model');
  t.is(types([['f', 8, false, true]]), 'header type x: saturating field "f" is not in this model');
  t.is(types([['f', 7]]), 'header type x: has 7 bits, which are no whole octets');
  t.is(types([['f', '*']]), 'header type x: has a varbit and no "max_length"');
  t.is(
    types(
      [
        ['a', 4],
        ['f', '*'],
        ['b', 4],
      ],
      { max_length: 9 },
    ),
    'header type x: varbit "f" that begins within an octet is not in this model',
  );
  t.is(
    types([['f', '*']], { max_length: 9, length_exp: {} }),
    'header type x: a length expression ("length_exp") is not in this model',
  );
});
