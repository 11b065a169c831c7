import test from 'ava';
import { ipv4Address, ipv6Address, mac } from 'scapy-ts';
import type { Reply } from '../../../reference/control/command.ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { CAPABILITIES } from '../../../reference/switch/config.ts';
import { createSwitch, step } from '../../../reference/switch/switch.ts';
import type { Bed } from '../bed.ts';
import { BACKEND, createBed, HANDOFF, KEY, OTHER, ownerOf, withDeltas, without } from '../bed.ts';

function error(reply: Reply): string {
  return reply.ok ? 'ok' : reply.error;
}

function rules(bed: Bed): readonly Rule[] {
  const reply = bed.tell({ op: 'get' });
  return reply.ok ? reply.rules.map(({ rule }) => rule) : [];
}

function keyOf(port: number): Rule['key'] {
  return { ...KEY, client: { ...KEY.client, port } };
}

const V6 = { address: ipv6Address('2001:db8::1'), port: 80 };
const IMPOSSIBLE: readonly (readonly [string, Rule])[] = [
  ['client port 0', { ...HANDOFF, key: keyOf(0) }],
  ['client port 65536', { ...HANDOFF, key: keyOf(65536) }],
  ['virtual port 0', { ...HANDOFF, key: { ...KEY, virtual: { ...KEY.virtual, port: 0 } } }],
  ['owner port 0', { ...HANDOFF, owner: { ...ownerOf(BACKEND), port: 0 } }],
  ['owner port 1.5', { ...HANDOFF, owner: { ...ownerOf(BACKEND), port: 1.5 } }],
  ['no MAC', { ...HANDOFF, owner: { ...ownerOf(BACKEND), mac: mac('00:00:00:00:00:00') } }],
  ['group MAC', { ...HANDOFF, owner: { ...ownerOf(BACKEND), mac: mac('01:00:5e:00:00:01') } }],
  ['owner is client', { ...HANDOFF, owner: { ...KEY.client, mac: BACKEND.mac } }],
  ['virtual is client', { ...HANDOFF, key: { ...KEY, virtual: KEY.client } }],
  ['IPv6 owner of IPv4', { ...HANDOFF, owner: { ...V6, mac: BACKEND.mac } }],
  ['IPv6 virtual of IPv4', { ...HANDOFF, key: { ...KEY, virtual: V6 } }],
  ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '224.0.0.1', '239.1.2.3', '255.255.255.255'].map(
    (text) =>
      [
        `owner ${text}`,
        { ...HANDOFF, owner: { ...ownerOf(BACKEND), address: ipv4Address(text) } },
      ] as const,
  ),
  ...['::', '::1', 'ff02::1'].map(
    (text) =>
      [
        `client ${text}`,
        {
          ...HANDOFF,
          key: { client: { address: ipv6Address(text), port: 1 }, virtual: V6 },
          owner: { address: ipv6Address('2001:db8::2'), port: 1, mac: BACKEND.mac },
        },
      ] as const,
  ),
  ['delta −1', withDeltas({ clientSeq: -1 })],
  ['delta 2^32', withDeltas({ ownerSeq: 2 ** 32 })],
  ['delta 0.5', withDeltas({ clientTimestamp: 0.5 })],
  ['delta NaN', withDeltas({ ownerTimestamp: Number.NaN })],
  ['shift 15', withDeltas({ clientWindow: { in: 0, out: 15 } })],
  ['shift 0.5', withDeltas({ clientWindow: { in: 0.5, out: 0 } })],
  ['shift −1', withDeltas({ ownerWindow: { in: -1, out: 0 } })],
];

for (const [name, rule] of IMPOSSIBLE) {
  test(`PRISM-SEC-03 a rule with ${name} is refused`, (t) => {
    const bed = createBed();
    t.is(error(bed.tell({ op: 'add', rule, epoch: 1 })), 'invalid');
    t.deepEqual(rules(bed), []);
  });
}

test('PRISM-SEC-03 a CHOWN to an impossible owner is refused, and the rule stays', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
  const owner = { ...ownerOf(OTHER), port: 0 };
  t.is(error(bed.tell({ op: 'chown', key: KEY, owner, unlock: true, epoch: 2 })), 'invalid');
  t.deepEqual(rules(bed), [{ ...HANDOFF, locked: true }]);
});

test('PRISM-SEC-03 a key that wraps into another has no effect', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: { ...HANDOFF, key: keyOf(80) }, epoch: 1 });
  const key = keyOf(80 + 65536);
  for (const op of ['lock', 'unlock', 'delete'] as const) {
    t.is(error(bed.tell({ op, key, epoch: 2 })), 'invalid');
  }
  t.deepEqual(rules(bed), [{ ...HANDOFF, key: keyOf(80) }]);
});

for (const [epoch, expected] of [
  [-1, 'stale'],
  [0.5, 'invalid'],
  [Number.NaN, 'invalid'],
  [2 ** 53, 'invalid'],
] as const) {
  test(`epoch ${epoch} is refused`, (t) => {
    t.is(error(createBed().tell({ op: 'add', rule: HANDOFF, epoch })), expected);
  });
}

test('a rule whose segments could be another’s is refused', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  const key = { ...KEY, virtual: { ...KEY.virtual, port: 81 } };
  t.is(error(bed.tell({ op: 'add', rule: { ...HANDOFF, key }, epoch: 1 })), 'conflict');
  const mirror = { client: { address: BACKEND.address, port: BACKEND.port }, virtual: KEY.client };
  const owner = ownerOf(OTHER);
  t.is(
    error(bed.tell({ op: 'add', rule: { ...HANDOFF, key: mirror, owner }, epoch: 1 })),
    'conflict',
  );
  t.is(error(bed.tell({ op: 'add', rule: { ...HANDOFF, key, owner }, epoch: 1 })), 'ok');
  const chown = { op: 'chown', key, owner: ownerOf(BACKEND), unlock: true, epoch: 2 } as const;
  t.is(error(bed.tell(chown)), 'conflict');
  t.deepEqual(rules(bed), [HANDOFF, { ...HANDOFF, key, owner }]);
});

for (const [capability, name, rule] of [
  ['SPLICE', 'clientSeq', withDeltas({ clientSeq: 1 })],
  ['SPLICE', 'ownerSeq', withDeltas({ ownerSeq: 1 })],
  ['TS', 'clientTimestamp', withDeltas({ clientTimestamp: 1 })],
  ['TS', 'ownerTimestamp', withDeltas({ ownerTimestamp: 1 })],
  ['WS', 'clientWindow', withDeltas({ clientWindow: { in: 1, out: 2 } })],
  ['WS', 'ownerWindow', withDeltas({ ownerWindow: { in: 2, out: 1 } })],
  [
    'V6',
    'IPv6 addresses',
    {
      ...HANDOFF,
      key: { client: { ...V6, port: 1 }, virtual: V6 },
      owner: { address: ipv6Address('2001:db8::2'), port: 1, mac: BACKEND.mac },
    },
  ],
] as const) {
  test(`without ${capability} a rule with ${name} is refused`, (t) => {
    t.is(error(createBed().tell({ op: 'add', rule, epoch: 1 })), 'ok');
    const bed = createBed({ capabilities: without(capability) });
    t.is(error(bed.tell({ op: 'add', rule, epoch: 1 })), 'unsupported');
    t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 })), 'ok');
    const { owner, deltas } = rule;
    const chown = { op: 'chown', key: KEY, owner, deltas, unlock: true, epoch: 2 } as const;
    t.not(error(bed.tell(chown)), 'ok');
  });
}

test('without WS equal shift counts are no rescaling', (t) => {
  const bed = createBed({ capabilities: new Set() });
  const rule = withDeltas({ clientWindow: { in: 7, out: 7 }, ownerWindow: { in: 2, out: 2 } });
  t.is(error(bed.tell({ op: 'add', rule, epoch: 1 })), 'ok');
});

test('a configuration that contradicts itself is refused', (t) => {
  const ports = [0, 1];
  const capabilities = new Set(CAPABILITIES);
  t.throws(() => createSwitch({ ports, lock: 'punt' }), { message: /puntPort/ });
  t.throws(() => createSwitch({ ports, puntPort: 1 }), { message: /two roles/ });
  t.throws(() => createSwitch({ ports, puntPort: 2, controlPort: 2 }));
  t.notThrows(() =>
    createSwitch({ ports, puntPort: 2, controlPort: 3, lock: 'punt', capabilities }),
  );
  t.deepEqual(step(createSwitch({ ports }), { kind: 'tick', nowNs: 5n }), []);
});
