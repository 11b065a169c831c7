import test from 'ava';
import type { Command, Reply } from '../../../reference/control/command.ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { TOMBSTONES_MAX } from '../../../reference/switch/state.ts';
import type { Bed } from '../bed.ts';
import { BACKEND, createBed, HANDOFF, KEY, OTHER, ownerOf, withDeltas } from '../bed.ts';

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

test('PRISM-RULE-05 ADD on a different existing rule fails, and the old one stays', (t) => {
  const bed = createBed();
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 })), 'ok');
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 2 })), 'ok');
  for (const different of [
    { ...HANDOFF, locked: true },
    { ...HANDOFF, owner: ownerOf(OTHER) },
    { ...HANDOFF, owner: { ...ownerOf(BACKEND), port: 1 } },
    { ...HANDOFF, owner: { ...ownerOf(BACKEND), mac: OTHER.mac } },
    withDeltas({ clientSeq: 1 }),
    withDeltas({ ownerSeq: 1 }),
    withDeltas({ clientTimestamp: 1 }),
    withDeltas({ ownerTimestamp: 1 }),
    withDeltas({ clientWindow: { in: 1, out: 0 } }),
    withDeltas({ ownerWindow: { in: 0, out: 1 } }),
  ]) {
    t.is(error(bed.tell({ op: 'add', rule: different, epoch: 3 })), 'exists');
  }
  t.deepEqual(rules(bed), [HANDOFF]);
});

test('PRISM-RULE-06 LOCK, UNLOCK and CHOWN on unknown keys fail; DELETE succeeds', (t) => {
  const bed = createBed();
  const chown = { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 9 } as const;
  t.is(error(bed.tell({ op: 'lock', key: KEY, epoch: 9 })), 'unknown');
  t.is(error(bed.tell({ op: 'unlock', key: KEY, epoch: 9 })), 'unknown');
  t.is(error(bed.tell(chown)), 'unknown');
  t.deepEqual(rules(bed), []);
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 })), 'ok');
  t.is(error(bed.tell({ op: 'delete', key: keyOf(7), epoch: 1 })), 'ok');
  t.deepEqual(rules(bed), [HANDOFF]);
});

test('PRISM-RULE-08 a repeated CHOWN with unlock leaves the rule active', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
  const chown = { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 } as const;
  for (let times = 0; times < 3; times += 1) {
    t.is(error(bed.tell(chown)), 'ok');
    t.deepEqual(rules(bed), [{ ...HANDOFF, owner: ownerOf(OTHER) }]);
  }
});

test('CHOWN without unlock leaves the lock, without deltas the deltas, as they are', (t) => {
  const bed = createBed();
  const splice = withDeltas({ clientSeq: 5 });
  bed.tell({ op: 'add', rule: splice, epoch: 1 });
  const chown = { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: false } as const;
  bed.tell({ ...chown, epoch: 2 });
  t.deepEqual(rules(bed), [{ ...splice, owner: ownerOf(OTHER) }]);
  bed.tell({ op: 'lock', key: KEY, epoch: 3 });
  bed.tell({ ...chown, deltas: HANDOFF.deltas, epoch: 4 });
  t.deepEqual(rules(bed), [{ ...HANDOFF, owner: ownerOf(OTHER), locked: true }]);
});

test('PRISM-RULE-09 a command older than the last accepted one has no effect', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 10 });
  const late: readonly Command[] = [
    { op: 'add', rule: HANDOFF, epoch: 9 },
    { op: 'lock', key: KEY, epoch: 9 },
    { op: 'unlock', key: KEY, epoch: 9 },
    { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 9 },
    { op: 'delete', key: KEY, epoch: 9 },
  ];
  for (const command of late) t.is(error(bed.tell(command)), 'stale', command.op);
  t.deepEqual(rules(bed), [HANDOFF]);
});

test('PRISM-RULE-09 every accepted command makes older ones stale, refused ones do not', (t) => {
  for (const command of [
    { op: 'add', rule: HANDOFF, epoch: 5 },
    { op: 'lock', key: KEY, epoch: 5 },
    { op: 'unlock', key: KEY, epoch: 5 },
    { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 5 },
  ] as const) {
    const bed = createBed();
    bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
    t.is(error(bed.tell(command)), 'ok');
    t.is(error(bed.tell({ op: 'lock', key: KEY, epoch: 4 })), 'stale', command.op);
  }
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  bed.tell({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 9 });
  t.is(error(bed.tell({ op: 'lock', key: KEY, epoch: 2 })), 'ok');
});

test('PRISM-RULE-09 a delayed ADD does not bring a deleted rule back', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  t.is(error(bed.tell({ op: 'delete', key: KEY, epoch: 3 })), 'ok');
  t.is(error(bed.tell({ op: 'delete', key: KEY, epoch: 3 })), 'ok');
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 2 })), 'stale');
  t.is(error(bed.tell({ op: 'delete', key: KEY, epoch: 2 })), 'stale');
  t.deepEqual(rules(bed), []);
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 4 })), 'ok');
});

test('PRISM-RULE-09 a DELETE that overtakes its ADD wins', (t) => {
  const bed = createBed();
  bed.tell({ op: 'delete', key: KEY, epoch: 2 });
  t.is(error(bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 })), 'stale');
});

test('epochs of deleted rules are forgotten, the oldest first, beyond a maximum', (t) => {
  const bed = createBed();
  for (let port = 1; port <= TOMBSTONES_MAX; port += 1) {
    bed.tell({ op: 'delete', key: keyOf(port), epoch: 9 });
  }
  bed.tell({ op: 'delete', key: keyOf(1), epoch: 9 });
  bed.tell({ op: 'delete', key: keyOf(TOMBSTONES_MAX + 1), epoch: 9 });
  const add = (port: number): string =>
    error(bed.tell({ op: 'add', rule: { ...HANDOFF, key: keyOf(port) }, epoch: 1 }));
  t.is(add(1), 'stale');
  t.is(add(3), 'stale');
  t.is(add(2), 'ok');
});

test('PRISM-RULE-21 a rule that is added again shows nothing of the old one', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: withDeltas({ clientSeq: 5 }), epoch: 1 });
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: false, epoch: 2 });
  bed.tell({ op: 'delete', key: KEY, epoch: 3 });
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 4 });
  const reply = bed.tell({ op: 'get' });
  const none = { packets: 0, octets: 0 };
  t.deepEqual(reply.ok ? reply.rules : [], [
    { rule: HANDOFF, epoch: 4, leaseLeftMs: undefined, fromClient: none, fromOwner: none },
  ]);
});

test('PRISM-RULE-16 a full table refuses ADD until a DELETE frees a place', (t) => {
  const bed = createBed({ capacity: 3 });
  const add = (port: number, epoch: number): string =>
    error(bed.tell({ op: 'add', rule: { ...HANDOFF, key: keyOf(port) }, epoch }));
  for (const port of [1, 2, 3]) t.is(add(port, 1), 'ok');
  t.is(add(4, 1), 'full');
  t.is(add(3, 1), 'ok');
  t.is(rules(bed).length, 3);
  bed.tell({ op: 'delete', key: keyOf(2), epoch: 2 });
  t.is(add(4, 2), 'ok');
});

test('PRISM-RULE-17 the default capacity is 1024 rules', (t) => {
  const bed = createBed();
  for (let port = 1; port <= 1024; port += 1) {
    t.is(error(bed.tell({ op: 'add', rule: { ...HANDOFF, key: keyOf(port) }, epoch: 1 })), 'ok');
  }
  t.is(error(bed.tell({ op: 'add', rule: { ...HANDOFF, key: keyOf(1025) }, epoch: 1 })), 'full');
});
