import test from 'ava';
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
} from './v1model.ts';

const standard = (name: string): Json => field('standard_metadata', name);
const drop = call('mark_to_drop', { type: 'header', value: 'standard_metadata' });

/** Says what ingress and egress see; `in` and `out` are what they do besides. */
function seeing(name: string, ingress: readonly Json[], egress: readonly Json[] = []): Parts {
  return {
    types: {
      s_t: [
        ['ingress', 48],
        ['egress', 48],
      ],
      h_t: [['a', 8]],
    },
    headers: { s: 's_t', h: 'h_t', g: 'h_t' },
    states: [state('start', [extract('h')])],
    order: ['s', 'h', 'g'],
    actions: [
      action(
        0,
        'in',
        [],
        [
          call('add_header', { type: 'header', value: 's' }),
          set('s', 'ingress', standard(name)),
          set('standard_metadata', 'egress_spec', hex(7)),
          ...ingress,
        ],
      ),
      action(1, 'out', [], [set('s', 'egress', standard(name)), ...egress]),
    ],
    ingress: { init_table: 't', tables: [always('t', 'in', 0)] },
    egress: { init_table: 'u', tables: [always('u', 'out', 1)] },
  };
}

/** What ingress and egress saw, in hexadecimal without leading zeros. */
function seen(name: string): readonly [string, string] {
  const [sent = ''] = through(start(seeing(name, [])), 'aabbcc', 3, 0x1234_5678_9abc);
  const digits = sent.slice(3);
  return [digits.slice(0, 12).replace(/^0+/u, ''), digits.slice(12, 24).replace(/^0+/u, '')];
}

test('standard metadata is what simple_switch says of a packet', (t) => {
  t.deepEqual(seen('ingress_port'), ['3', '3']);
  t.deepEqual(seen('egress_port'), ['', '7']);
  t.deepEqual(seen('egress_spec'), ['', ''], '512 of 9 bits, so that it is not the port to drop');
  t.deepEqual(seen('packet_length'), ['3', 'f'], 'with the header that ingress has added');
  t.deepEqual(seen('instance_type'), ['', '']);
  t.deepEqual(seen('ingress_global_timestamp'), ['123456789abc', '123456789abc']);
  t.deepEqual(seen('egress_global_timestamp'), ['', '123456789abc']);
  t.deepEqual(seen('enq_timestamp'), ['', '56789abc']);
  t.deepEqual(seen('deq_timedelta'), ['', '']);
});

test('a packet that is marked to drop does not leave, in ingress or in egress', (t) => {
  t.deepEqual(through(start(seeing('priority', [drop])), 'aa'), []);
  t.deepEqual(through(start(seeing('priority', [], [drop])), 'aa'), []);
  const undone = seeing('priority', [drop, set('standard_metadata', 'egress_spec', hex(4))]);
  t.deepEqual(through(start(undone), 'aa'), [`4: ${'0'.repeat(24)}aa`]);
});

const FLOOD = set('standard_metadata', 'mcast_grp', hex(1));
const GROUPS = {
  1: [
    { port: 5, rid: 1 },
    { port: 6, rid: 2 },
    { port: 5, rid: 3 },
  ],
};

test('a group sends a copy to each of its ports, and each goes its own way through egress', (t) => {
  const parts = seeing(
    'egress_rid',
    [FLOOD],
    [
      set('h', 'a', op('+', field('h', 'a'), standard('egress_rid'))),
      set('g', 'a', op('+', field('g', 'a'), hex(1))),
    ],
  );
  const rid = (value: number): string => value.toString(16).padStart(12, '0');
  t.deepEqual(through(start(parts, { groups: GROUPS }), '10ff'), [
    `5: ${rid(0)}${rid(1)}11ff`,
    `6: ${rid(0)}${rid(2)}12ff`,
    `5: ${rid(0)}${rid(3)}13ff`,
  ]);
  t.deepEqual(through(start(parts), '10ff'), [], 'a group without members');
  const type = seeing('instance_type', [FLOOD]);
  const [first] = through(start(type, { groups: GROUPS }), '10');
  t.is(first, `5: ${rid(0)}${rid(5)}10`, 'PKT_INSTANCE_TYPE_REPLICATION');
});

test('to mark a packet to drop takes it out of its group, and a group goes before the port', (t) => {
  const dropped = start(seeing('priority', [FLOOD, drop]), { groups: GROUPS });
  t.deepEqual(through(dropped, 'aa'), []);
  const flooded = start(seeing('priority', [drop, FLOOD]), { groups: GROUPS });
  t.is(through(flooded, 'aa').length, 3);
});

test('a copy that egress drops is missing alone', (t) => {
  const parts = seeing('priority', [FLOOD]);
  const device = start(
    {
      ...parts,
      actions: [...(parts.actions ?? []), action(2, 'drop', [], [drop])],
      egress: {
        init_table: 'c',
        tables: [always('d', 'drop', 2)],
        conditionals: [
          {
            name: 'c',
            id: 0,
            expression: op('==', standard('egress_port'), hex(6)),
            true_next: 'd',
            false_next: null,
          },
        ],
      },
    },
    { groups: GROUPS },
  );
  t.deepEqual(
    through(device, 'aa').map((sent) => sent.slice(0, 1)),
    ['5', '5'],
  );
});

test('a packet knows nothing of the one before', (t) => {
  const device = start(
    seeing('priority', [
      set('g', 'a', op('+', field('g', 'a'), hex(1))),
      set('h', 'a', field('g', 'a')),
    ]),
  );
  const once = through(device, 'aa');
  t.deepEqual(once, [`7: ${'0'.repeat(24)}01`]);
  t.deepEqual(through(device, 'aa'), once);
});

test('an action may be called without a table', (t) => {
  const parts = seeing('priority', []);
  const device = start({
    ...parts,
    ingress: {
      init_table: 'call',
      action_calls: [{ name: 'call', id: 0, action_id: 0, next_node: 'again' }],
      tables: [always('again', 'out', 1)],
    },
  });
  t.deepEqual(through(device, 'aa'), [`7: ${'0'.repeat(24)}aa`]);
});

test('a packet of a priority that has no queue is lost', (t) => {
  const urgent = seeing('priority', [set('standard_metadata', 'priority', hex(1))]);
  t.deepEqual(through(start(urgent), 'aa'), []);
});

test('a program without the metadata of simple_switch is refused', (t) => {
  const text = JSON.stringify(v1model(seeing('priority', [])));
  t.is(
    refusal(JSON.parse(text.replace('["egress_spec",', '["other",'))),
    'action in, primitive 2 (assign): header standard_metadata has no field "egress_spec"',
  );
});
