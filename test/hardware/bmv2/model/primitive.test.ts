import test from 'ava';
import { readCounter, write } from '../../../../hardware/bmv2/model/control.ts';
import { reset } from '../../../../hardware/bmv2/model/switch.ts';
import {
  action,
  always,
  call,
  extract,
  field,
  hex,
  type Json,
  op,
  type Parts,
  refusal,
  set,
  start,
  state,
  through,
  v1model,
  wrapped,
} from './v1model.ts';

/** Reads header `h` and does the primitives; everything leaves on port 2. */
function doing(primitives: readonly Json[], more: Parts = {}): Parts {
  return {
    ...more,
    types: {
      h_t: [
        ['a', 8],
        ['b', 8],
        ['w', 64],
      ],
      ...more.types,
    },
    headers: { h: 'h_t', g: 'h_t', ...more.headers },
    states: more.states ?? [state('start', [extract('h')])],
    order: ['h', 'g', ...(more.order ?? [])],
    actions: [
      action(0, 'act', [], [set('standard_metadata', 'egress_spec', hex(2)), ...primitives]),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0)] },
  };
}

const header = (value: string): Json => ({ type: 'header', value });
const stack = (value: string): Json => ({ type: 'header_stack', value });
const W = '1122334455667788';

test('a header that is added is 0, one that is there already is left alone', (t) => {
  const device = start(
    doing([
      set('g', 'b', hex(9)),
      call('add_header', header('g')),
      call('add_header', header('h')),
      set('g', 'a', hex(0x1ff)),
    ]),
  );
  t.deepEqual(through(device, `0102${W}`), [`2: 0102${W}ff00${'00'.repeat(8)}`]);
});

test('what is stored is not negative', (t) => {
  const minus = op('-', hex(0), hex(1));
  const device = start(
    doing(
      [
        set('m', 'x', minus),
        set('m', 'y', minus),
        set('h', 'a', op('b2d', null, op('==', field('m', 'x'), hex(0xffff_ffff)))),
        set('h', 'b', op('b2d', null, op('==', field('m', 'y'), hex(0xff_ffff_ffff)))),
      ],
      {
        types: {
          m_m: [
            ['x', 32],
            ['y', 40],
          ],
        },
        headers: { m: 'm_m' },
      },
    ),
  );
  t.deepEqual(through(device, `0302${W}`), [`2: 0101${W}`]);
});

test('a header that is removed does not leave, and keeps its fields until it is added again', (t) => {
  const device = start(
    doing([
      call('remove_header', header('h')),
      call('add_header', header('g')),
      set('g', 'a', field('h', 'b')),
    ]),
  );
  t.deepEqual(through(device, `0102${W}ff`), [`2: 0200${'00'.repeat(8)}ff`]);
});

test('a copy of a header is valid if the original is', (t) => {
  const copied = start(
    doing([call('assign_header', header('g'), header('h')), set('g', 'a', hex(7))]),
  );
  t.deepEqual(through(copied, `0102${W}`), [`2: 0102${W}0702${W}`]);
  const emptied = start(doing([call('assign_header', header('h'), header('g'))]));
  t.deepEqual(through(emptied, `0102${W}ee`), ['2: ee']);
});

test('headers are equal when both are valid and all fields are the same', (t) => {
  const marked = (before: readonly Json[]): readonly string[] =>
    through(
      start(
        doing([
          ...before,
          set('h', 'b', op('b2d', null, op('==', header('h'), header('g')))),
          call('remove_header', header('g')),
        ]),
      ),
      `0102${W}`,
    );
  t.deepEqual(marked([]), [`2: 0100${W}`]);
  t.deepEqual(marked([call('assign_header', header('g'), header('h'))]), [`2: 0101${W}`]);
  t.deepEqual(marked([call('assign_header', header('g'), header('h')), set('g', 'w', hex(1))]), [
    `2: 0100${W}`,
  ]);
});

/** Three labels of one octet, all of them read. */
function stacked(primitives: readonly Json[], labels = 3): Parts {
  const more: Parts = {
    types: { label_t: [['v', 8]] },
    headers: {
      l0: 'label_t',
      l1: 'label_t',
      l2: 'label_t',
      k0: 'label_t',
      k1: 'label_t',
      k2: 'label_t',
    },
    stacks: { labels: ['l0', 'l1', 'l2'], copies: ['k0', 'k1', 'k2'] },
    states: [
      state('start', [
        extract('h'),
        ...Array.from({ length: labels }, () =>
          call('extract', { type: 'stack', value: 'labels' }),
        ),
      ]),
    ],
    order: ['l0', 'l1', 'l2', 'k0', 'k1', 'k2'],
  };
  return doing(primitives, more);
}

const H = `0102${W}`;

test('push makes room in front, pop closes the gap; what falls out is gone', (t) => {
  const run = (labels: number, text: string, ...primitives: readonly Json[]): readonly string[] =>
    through(start(stacked(primitives, labels)), `${H}${text}`);
  const [push, pop] = [call('push', stack('labels'), hex(1)), call('pop', stack('labels'), hex(1))];
  t.deepEqual(run(2, 'aabb', push), [`2: ${H}aabb`], 'the one in front is not valid yet');
  t.deepEqual(run(2, 'aabb', push, call('add_header', header('l0')), set('l0', 'v', hex(7))), [
    `2: ${H}07aabb`,
  ]);
  t.deepEqual(run(3, 'aabbcc', push), [`2: ${H}aabb`]);
  t.deepEqual(run(3, 'aabbcc', pop), [`2: ${H}bbcc`]);
  t.deepEqual(run(3, 'aabbcc', call('pop', stack('labels'), hex(5))), [`2: ${H}`]);
  t.deepEqual(run(3, 'aabbcc', call('push', stack('labels'), hex(5))), [`2: ${H}`]);
  t.deepEqual(run(3, 'aabbcc', pop, set('h', 'a', op('size_stack', null, stack('labels')))), [
    `2: 0202${W}bbcc`,
  ]);
  t.deepEqual(run(1, 'aa', set('h', 'a', op('last_stack_index', null, stack('labels')))), [
    `2: 0002${W}aa`,
  ]);
  t.deepEqual(run(0, '', set('h', 'w', op('last_stack_index', null, stack('labels')))), [
    `2: 0102${'ff'.repeat(8)}`,
  ]);
});

test('a stack is copied with all its headers', (t) => {
  const copy = call('assign_header_stack', stack('copies'), stack('labels'));
  const size = set('h', 'a', op('size_stack', null, stack('copies')));
  t.deepEqual(through(start(stacked([copy, size], 2)), `${H}aabb`), [`2: 0202${W}aabbaabb`]);
});

test('an element of a stack is found by a value of the packet', (t) => {
  const at = op('dereference_header_stack', stack('labels'), field('h', 'a'));
  const value = op('access_field', at, 0);
  const device = start(stacked([set('h', 'b', value), call('assign', wrapped(value), hex(0xee))]));
  t.deepEqual(through(device, `0202${W}aabbcc`), [`2: 02cc${W}aabbee`]);
  t.throws(() => through(device, `0302${W}aabbcc`), {
    message: /stack labels has no such element/u,
  });
});

test('jumps go over primitives', (t) => {
  const device = start(
    doing([
      call('_jump_if_zero', wrapped(field('h', 'a')), hex(4)),
      set('h', 'b', hex(0x11)),
      call('_jump', hex(5)),
      set('h', 'b', hex(0x22)),
      set('h', 'w', hex(1)),
    ]),
  );
  // Primitive 0 sets the port: 1 tests, 2 and 3 are the first branch, 4 the second, 5 is for both.
  t.deepEqual(through(device, `0102${W}`), [`2: 0111${'0'.repeat(15)}1`]);
  t.deepEqual(through(device, `0002${W}`), [`2: 0022${'0'.repeat(15)}1`]);
});

test('a jump back, or one that is computed, is refused', (t) => {
  const where = (index: number, name: string): string => `action act, primitive ${index} (${name})`;
  t.is(
    refusal(v1model(doing([call('_jump', hex(0))]))),
    `${where(1, '_jump')}: a jump back is not in this model`,
  );
  t.is(
    refusal(v1model(doing([call('_jump', wrapped(field('h', 'a')))]))),
    `${where(1, '_jump')}: a computed jump is not in this model`,
  );
});

const REGISTERS = {
  register_arrays: [
    { name: 'narrow', id: 0, size: 4, bitwidth: 12 },
    { name: 'wide', id: 1, size: 4, bitwidth: 60 },
  ],
  counter_arrays: [
    { name: 'direct', id: 0, is_direct: true, binding: 't' },
    { name: 'packets', id: 1, size: 4, is_direct: false },
  ],
};
const register = (value: string): Json => ({ type: 'register_array', value });

test('a register keeps what was written, as wide as it is, and nothing outside of it', (t) => {
  const device = start(
    doing(
      [
        call('register_read', field('g', 'w'), register('wide'), field('h', 'a')),
        call('register_read', field('g', 'b'), register('narrow'), field('h', 'a')),
        call('register_write', register('wide'), field('h', 'a'), field('h', 'w')),
        call('register_write', register('narrow'), field('h', 'a'), field('h', 'w')),
        call('assign', field('h', 'w'), field('g', 'w')),
        call('assign', field('h', 'b'), field('g', 'b')),
      ],
      { more: REGISTERS },
    ),
  );
  const zero = '0'.repeat(16);
  t.deepEqual(through(device, `0102${W}`), [`2: 0100${zero}`]);
  t.deepEqual(through(device, `0202${W}`), [`2: 0200${zero}`]);
  t.deepEqual(through(device, `0102${zero}`), ['2: 01880122334455667788'], '60 and 12 of 64 bits');
  t.deepEqual(through(device, `0102${W}`), [`2: 0100${zero}`]);
  t.deepEqual(through(device, `0402${W}`), [`2: 0400${zero}`], 'out of bounds: nothing is read');
  reset(device);
  t.deepEqual(through(device, `0202${W}`), [`2: 0200${zero}`]);
});

test('a counter counts packets and octets as they came', (t) => {
  const counters = { type: 'counter_array', value: 'packets' };
  const device = start(
    doing([call('count', counters, field('h', 'a')), call('remove_header', header('h'))], {
      more: REGISTERS,
    }),
  );
  for (const text of [`0302${W}`, `0302${W}ffff`, `0002${W}`, `0402${W}`]) through(device, text);
  t.deepEqual(readCounter(device, 'packets', 3), { packets: 2, octets: 22 });
  t.deepEqual(readCounter(device, 'packets', 0), { packets: 1, octets: 10 });
  t.deepEqual(readCounter(device, 'packets', 1), { packets: 0, octets: 0 });
  t.is(readCounter(device, 'packets', 4), undefined);
  t.is(readCounter(device, 'direct', 0), undefined);
  const reading = { packets: 9, octets: 99 };
  const update = { kind: 'count', counter: 'packets', index: 0, reading } as const;
  t.deepEqual(write(device, update, 0), { ok: true });
  t.deepEqual(readCounter(device, 'packets', 0), reading);
  t.like(write(device, { ...update, index: 4 }, 0), { ok: false, code: 'INVALID_ARGUMENT' });
  reset(device);
  t.deepEqual(readCounter(device, 'packets', 0), { packets: 0, octets: 0 });
});

test('a varbit is copied with its length', (t) => {
  const rest = { type: 'field', value: ['v', 'rest'] };
  const other = { type: 'field', value: ['u', 'rest'] };
  const device = start(
    doing(
      [
        call('add_header', header('u')),
        call('assign_VL', other, rest),
        call('remove_header', header('h')),
      ],
      {
        types: {
          v_t: [
            ['n', 8],
            ['rest', '*'],
          ],
        },
        maxOctets: { v_t: 9 },
        headers: { v: 'v_t', u: 'v_t' },
        states: [
          state('start', [
            extract('h'),
            call(
              'extract_VL',
              { type: 'regular', value: 'v' },
              wrapped(op('<<', field('h', 'a'), hex(3))),
            ),
          ]),
        ],
        order: ['v', 'u'],
      },
    ),
  );
  t.deepEqual(through(device, `0302${W} 99 aabbcc ff`), ['2: 99aabbcc00aabbccff']);
});

test('truncate cuts what leaves, the smallest length counts', (t) => {
  const device = start(doing([call('truncate', hex(12)), call('truncate', hex(20))]));
  t.deepEqual(through(device, `0102${W}aabbcc`), [`2: 0102${W}aabb`]);
  t.deepEqual(through(device, `0102${W}aa`), [`2: 0102${W}aa`]);
});

test('what is logged or assumed costs nothing, what is asserted wrongly ends BMv2', (t) => {
  const log = call(
    'log_msg',
    { type: 'string', value: 'x' },
    { type: 'parameters_vector', value: [] },
  );
  const device = start(
    doing([
      log,
      call('no_op'),
      call('assume', wrapped(op('b2d', null, { type: 'bool', value: true }))),
      call('assert', wrapped(op('b2d', null, op('==', field('h', 'a'), hex(1))))),
    ]),
  );
  t.deepEqual(through(device, `0102${W}`), [`2: 0102${W}`]);
  t.throws(() => through(device, `0202${W}`), {
    message: 'BMv2 would abort: what is asserted in action act, primitive 4 (assert) does not hold',
  });
});

test('exit ends the pipeline after the action that it stands in', (t) => {
  const device = start({
    ...doing([]),
    actions: [
      action(0, 'act', [], [call('exit'), set('standard_metadata', 'egress_spec', hex(2))]),
      action(1, 'late', [], [set('h', 'a', hex(0xff))]),
      action(2, 'egress', [], [set('h', 'b', hex(0xee))]),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0, 'u'), always('u', 'late', 1)] },
    egress: { init_table: 'v', tables: [always('v', 'egress', 2)] },
  });
  t.deepEqual(through(device, `0102${W}`), [`2: 01ee${W}`]);
});

test('a primitive that the model has not is refused by name', (t) => {
  for (const name of [
    'modify_field_rng_uniform',
    'clone_ingress_pkt_to_egress',
    'resubmit',
    'recirculate',
    'generate_digest',
    'execute_meter',
    'assign_union',
    'toString',
  ]) {
    t.is(
      refusal(v1model(doing([call(name)]))),
      `action act, primitive 1: primitive "${name}" is not in this model`,
    );
  }
  t.is(
    refusal(v1model(doing([call('assign', field('h', 'a'))]))),
    'action act, primitive 1 (assign): expected 2 parameters',
  );
  t.is(
    refusal(v1model(doing([call('assign', hex(1), hex(1))]))),
    'action act, primitive 1 (assign): expected a field to store to',
  );
  t.is(
    refusal(v1model(doing([set('h', '$valid$', hex(1))]))),
    'action act, primitive 1 (assign): expected a field to store to',
  );
});
