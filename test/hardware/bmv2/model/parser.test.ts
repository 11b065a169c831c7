import test from 'ava';
import fc from 'fast-check';
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
  load,
  octets,
  op,
  type Parts,
  refusal,
  set,
  start,
  state,
  through,
  v1model,
} from './v1model.ts';

const ACCEPT = { type: 'default', value: null, mask: null, next_state: null };
const toState = (value: string, next: string | null, mask: string | null = null): Json => ({
  type: 'hexstr',
  value,
  mask,
  next_state: next,
});
const otherwise = (next: string | null): Json => ({ ...ACCEPT, next_state: next });

/** Sends everything out of port 2, with the parser's error in front. */
function parsing(parts: Parts): Parts {
  return {
    ...parts,
    types: { error_t: [['code', 8]], ...parts.types },
    headers: { error: 'error_t', ...parts.headers },
    order: ['error', ...(parts.order ?? [])],
    actions: [
      action(
        0,
        'act',
        [],
        [
          call('add_header', { type: 'header', value: 'error' }),
          set('error', 'code', field('standard_metadata', 'parser_error')),
          set('standard_metadata', 'egress_spec', hex(2)),
        ],
      ),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0)] },
  };
}

test('a select takes the first case that matches, by masks, on fields filled to octets', (t) => {
  const device = start(
    parsing({
      types: {
        h_t: [
          ['x', 12],
          ['y', 2],
          ['z', 2],
        ],
        n_t: [['v', 8]],
      },
      headers: { h: 'h_t', one: 'n_t', two: 'n_t', three: 'n_t' },
      states: [
        state(
          'start',
          [extract('h')],
          [field('h', 'x'), field('h', 'y')],
          [
            toState('0x0aba03', 'first'),
            toState('0x0a0001', 'second', '0x0f0001'),
            toState('0x0abf02', 'third', '0x0ff0ff'),
            otherwise(null),
          ],
        ),
        state('first', [extract('one'), call('set', field('one', 'v'), hex(1))]),
        state('second', [extract('two'), call('set', field('two', 'v'), hex(2))]),
        state('third', [extract('three'), call('set', field('three', 'v'), hex(3))]),
      ],
      order: ['h', 'one', 'two', 'three'],
    }),
  );
  t.deepEqual(through(device, 'abac 00ff'), ['2: 00abac01ff'], 'x 0xaba, y 3');
  t.deepEqual(through(device, 'abbc 00ff'), ['2: 00abbc02ff'], 'x begins with a, y is odd');
  t.deepEqual(through(device, 'ab88 00ff'), ['2: 00ab8803ff'], 'x begins with ab, y is 2');
  t.deepEqual(through(device, 'ab84 00ff'), ['2: 00ab8402ff'], 'y 1');
  t.deepEqual(through(device, 'ab80 00ff'), ['2: 00ab8000ff'], 'y 0');
});

test('a wide key is compared in all its bits', (t) => {
  const device = start(
    parsing({
      types: {
        h_t: [
          ['a', 64],
          ['b', 8],
        ],
        n_t: [['v', 8]],
      },
      headers: { h: 'h_t', n: 'n_t' },
      states: [
        state(
          'start',
          [extract('h')],
          [field('h', 'a'), field('h', 'b')],
          [toState('0x800000000000000105', 'hit', '0xffffffffffffffff0f'), otherwise(null)],
        ),
        state('hit', [extract('n'), call('set', field('n', 'v'), hex(0xee))]),
      ],
      order: ['h', 'n'],
    }),
  );
  t.deepEqual(through(device, '8000000000000001 f5 00'), ['2: 008000000000000001f5ee']);
  t.deepEqual(through(device, '0000000000000001 f5 00'), ['2: 000000000000000001f500']);
});

const STACK: Parts = parsing({
  types: {
    label_t: [
      ['value', 7],
      ['last', 1],
    ],
    meta_m: [
      ['at', 64],
      ['last', 8],
    ],
  },
  headers: { l0: 'label_t', l1: 'label_t', l2: 'label_t', meta: 'meta_m' },
  stacks: { labels: ['l0', 'l1', 'l2'] },
  states: [
    state(
      'start',
      [call('extract', { type: 'stack', value: 'labels' })],
      [{ type: 'stack_field', value: ['labels', 'last'] }],
      [toState('0x01', null), otherwise('start')],
    ),
  ],
  order: ['l0', 'l1', 'l2'],
});

test('a stack is filled one by one, and overflows into an error', (t) => {
  const device = start(STACK);
  t.deepEqual(through(device, '03 ffff'), ['2: 0003ffff']);
  t.deepEqual(through(device, '02 04 07 ff'), ['2: 00020407ff']);
  t.deepEqual(through(device, '02 04 06 08 09'), ['2: 030204060809'], 'StackOutOfBounds');
  t.deepEqual(through(device, '02 04'), ['2: 010204'], 'PacketTooShort');
});

test('a header that is cut is no header, and its octets are payload', (t) => {
  const device = start(
    parsing({
      types: { h_t: [['a', 16]], g_t: [['b', 24]] },
      headers: { h: 'h_t', g: 'g_t' },
      states: [state('start', [extract('h'), extract('g')])],
      order: ['g', 'h'],
    }),
  );
  t.deepEqual(through(device, 'aaaa bbbbbb cc'), ['2: 00bbbbbbaaaacc']);
  t.deepEqual(through(device, 'aaaa bbbb'), ['2: 01aaaabbbb']);
  t.deepEqual(through(device, 'aa'), ['2: 01aa']);
  t.deepEqual(through(device, ''), ['2: 01']);
});

const VARBIT: Parts = parsing({
  types: {
    h_t: [
      ['length', 32],
      ['rest', '*'],
      ['end', 8],
    ],
  },
  maxOctets: { h_t: 8 },
  headers: { h: 'h_t', first: 'first_t' },
  states: [
    state('start', [
      extract('first'),
      call(
        'extract_VL',
        { type: 'regular', value: 'h' },
        {
          type: 'expression',
          value: op('<<', field('first', 'octets'), hex(3)),
        },
      ),
    ]),
  ],
  order: ['first', 'h'],
});

test('a varbit is as long as the parser says, up to its greatest length', (t) => {
  const device = start({ ...VARBIT, types: { first_t: [['octets', 8]], ...VARBIT.types } });
  t.deepEqual(through(device, '02 00000000 eeee ff 99'), ['2: 000200000000eeeeff99']);
  t.deepEqual(through(device, '00 00000000 ff 99'), ['2: 000000000000ff99']);
  t.deepEqual(through(device, '03 00000000 eeeeee ff'), ['2: 000300000000eeeeeeff'], '8 of 8');
  t.deepEqual(through(device, '02 00000000 eeee'), ['2: 010200000000eeee'], 'PacketTooShort');
  t.deepEqual(
    through(device, '04 00000000 eeeeeeee ff'),
    ['2: 040400000000eeeeeeeeff'],
    'HeaderTooShort: 9 octets of 8',
  );
});

test('a varbit of no whole octets is an invalid argument', (t) => {
  const [first, ...more] = [
    extract('first'),
    call(
      'extract_VL',
      { type: 'regular', value: 'h' },
      { type: 'expression', value: field('first', 'octets') },
    ),
  ];
  const device = start({
    ...VARBIT,
    types: { first_t: [['octets', 8]], ...VARBIT.types },
    states: [state('start', [first ?? {}, ...more])],
  });
  t.deepEqual(through(device, '08 00000000 ee ff'), ['2: 000800000000eeff']);
  t.deepEqual(through(device, '07 00000000 ee ff'), ['2: 060700000000eeff']);
});

test('a lookahead consumes nothing, and is an error where it is not there', (t) => {
  const device = start(
    parsing({
      types: {
        h_t: [
          ['a', 12],
          ['b', 4],
        ],
      },
      headers: { h: 'h_t', g: 'h_t' },
      states: [
        state('start', [
          call('set', field('g', 'a'), { type: 'lookahead', value: [4, 8] }),
          call('set', field('g', 'b'), { type: 'lookahead', value: [0, 16] }),
          extract('h'),
          call('set', field('h', 'a'), field('g', 'a')),
          call('set', field('h', 'b'), field('g', 'b')),
        ]),
      ],
      order: ['h'],
    }),
  );
  t.deepEqual(through(device, '1234 ff'), ['2: 000234ff'], 'a is 0x23, b the last bits of 0x1234');
  t.deepEqual(through(device, '12'), ['2: 0112']);
});

test('a lookahead that is not there ends the parser, and stores nothing', (t) => {
  const device = start(
    parsing({
      types: { h_t: [['a', 8]] },
      headers: { h: 'h_t' },
      states: [
        state('start', [
          extract('h'),
          call('set', field('h', 'a'), { type: 'lookahead', value: [0, 16] }),
        ]),
      ],
      order: ['h'],
    }),
  );
  t.deepEqual(through(device, '12 3456'), ['2: 00563456']);
  t.deepEqual(through(device, '12 34'), ['2: 011234']);
});

test('a transition on a lookahead sees zeros behind the end', (t) => {
  const device = start(
    parsing({
      types: { h_t: [['a', 8]] },
      headers: { h: 'h_t' },
      states: [
        state(
          'start',
          [],
          [{ type: 'lookahead', value: [0, 16] }],
          [toState('0x1200', 'one'), otherwise(null)],
        ),
        state('one', [extract('h'), call('set', field('h', 'a'), hex(0xaa))]),
      ],
      order: ['h'],
    }),
  );
  t.deepEqual(through(device, '1200'), ['2: 00aa00']);
  t.deepEqual(through(device, '12'), ['2: 00aa']);
  t.deepEqual(through(device, '1201'), ['2: 001201']);
});

test('advance and shift drop octets, verify gives the error that it names', (t) => {
  const device = start(
    parsing({
      types: { h_t: [['a', 8]] },
      headers: { h: 'h_t' },
      states: [
        state('start', [
          extract('h'),
          call('advance', field('h', 'a')),
          call('shift', 1),
          call('verify', op('!=', field('h', 'a'), hex(16)), hex(9)),
        ]),
      ],
      order: ['h'],
    }),
  );
  t.deepEqual(through(device, '08 aa bb cc'), ['2: 0008cc']);
  t.deepEqual(through(device, '00 aa bb cc'), ['2: 0000bbcc']);
  t.deepEqual(through(device, '10 aa bb cc dd'), ['2: 0910dd'], 'what was dropped stays so');
  t.deepEqual(through(device, '09 aa bb cc'), ['2: 0609aabbcc'], 'ParserInvalidArgument');
  t.deepEqual(through(device, '18 aa bb'), ['2: 0118aabb'], 'PacketTooShort');
});

test('a parser that goes round for ever ends with the error ParserTimeout', (t) => {
  const device = start(parsing({ states: [state('start', [], [], [otherwise('start')])] }));
  t.deepEqual(through(device, 'aa'), ['2: 05aa']);
});

test('core errors that a program does not number follow its greatest', (t) => {
  const device = start({
    ...parsing({
      types: { h_t: [['a', 8]] },
      headers: { h: 'h_t' },
      states: [state('start', [extract('h')])],
    }),
    errors: [
      ['Mine', 7],
      ['NoError', 3],
    ],
  });
  t.deepEqual(through(device, ''), ['2: 08'], 'PacketTooShort');
  t.deepEqual(through(device, 'ff00'), ['2: 0300'], 'NoError; the header is not sent');
});

test('what a parser needs and the model has not is refused with its place', (t) => {
  const h: Parts = { types: { h_t: [['a', 8]] }, headers: { h: 'h_t' } };
  const refused = (...states: readonly Json[]): string => refusal(v1model({ ...h, states }));
  t.is(
    refused(
      state(
        'start',
        [extract('h')],
        [field('h', 'a')],
        [{ type: 'parse_vset', value: 'pvs', mask: null, next_state: null }],
      ),
    ),
    'parser parser, state start: transition of type "parse_vset" is not in this model',
  );
  t.is(
    refused(state('start', [call('extract', { type: 'union_stack', value: ['u', 'h'] })])),
    'parser parser, state start, operation 0 (extract): extraction of type "union_stack" is not in this model',
  );
  t.is(
    refused(state('start', [call('frobnicate')])),
    'parser parser, state start, operation 0 (frobnicate): parser operation "frobnicate" is not in this model',
  );
  t.is(
    refused(state('start', [], [field('h', 'a')], [toState('0x0001', null)])),
    'parser parser, state start: transition value 0x0001 has not 1 octets',
  );
  t.is(
    refused(
      state(
        'start',
        [],
        Array.from({ length: 201 }, () => field('h', 'a')),
        [toState(`0x${'00'.repeat(201)}`, null)],
      ),
    ),
    'parser parser, state start: a key of more than 200 fields is not in this model',
  );
  t.is(
    refused(
      state('start', [call('set', field('h', 'a'), { type: 'lookahead', value: [2 ** 35, 8] })]),
    ),
    'parser parser, state start, operation 0 (set): a lookahead of 8 bits after 34359738368 is not in this model',
  );
  t.is(
    refused(state('start', [], [], [otherwise('nowhere')])),
    'parser parser, state start: no parser state has the name or id nowhere',
  );
});

/** Widths that fill whole octets. */
const layouts = fc
  .array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 })
  .map((widths) => {
    const rest = widths.reduce((a, b) => a + b, 0) % 8;
    return rest === 0 ? widths : [...widths, 8 - rest];
  });

test('a header of any layout leaves as it came', (t) => {
  fc.assert(
    fc.property(layouts, fc.uint8Array({ minLength: 160, maxLength: 200 }), (widths, packet) => {
      const size = widths.reduce((a, b) => a + b, 0) / 8;
      const device = createSwitch(
        load(
          parsing({
            types: { h_t: widths.map((width, index) => [`f${index}`, width] as const) },
            headers: { h: 'h_t' },
            states: [state('start', [extract('h')])],
            order: ['h'],
          }),
        ),
      );
      const [sent] = receive(device, { port: 1, octets: packet.slice(0, size + 3) }, 0);
      t.deepEqual(sent?.octets, Uint8Array.from([0, ...packet.slice(0, size + 3)]));
    }),
    runs(300),
  );
});

test('a field of a header stands where the widths before it say', (t) => {
  fc.assert(
    fc.property(
      layouts,
      fc.nat(),
      fc.uint8Array({ minLength: 160, maxLength: 200 }),
      (widths, pick, packet) => {
        const index = pick % widths.length;
        const width = widths[index] ?? 1;
        const bits = [...packet].map((octet) => octet.toString(2).padStart(8, '0')).join('');
        const from = widths.slice(0, index).reduce((a, b) => a + b, 0);
        const expected = BigInt(`0b${bits.slice(from, from + width)}`);
        const parts = parsing({
          types: {
            h_t: widths.map((each, at) => [`f${at}`, each] as const),
            r_t: [['value', 96]],
          },
          headers: { h: 'h_t', r: 'r_t' },
          states: [
            state('start', [
              extract('h'),
              call('set', field('r', 'value'), field('h', `f${index}`)),
            ]),
          ],
        });
        const device = createSwitch(
          load({
            ...parts,
            order: ['r'],
            actions: [
              action(
                0,
                'act',
                [],
                [
                  call('assign', field('h', `f${index}`), field('r', 'value')),
                  call('add_header', { type: 'header', value: 'r' }),
                  call('assign', field('r', 'value'), field('h', `f${index}`)),
                  set('standard_metadata', 'egress_spec', hex(2)),
                ],
              ),
            ],
          }),
        );
        const [sent] = receive(device, { port: 1, octets: packet }, 0);
        const digits = Buffer.from(sent?.octets.slice(0, 12) ?? octets('')).toString('hex');
        t.is(BigInt(`0x${digits}`), expected);
      },
    ),
    runs(300),
  );
});
