import test from 'ava';
import { build, layer, parse } from 'scapy-ts';
import type { SwitchOptions } from '../../../reference/switch/config.ts';
import type { Bed, Emission } from '../bed.ts';
import {
  AT,
  BACKEND,
  CLIENT,
  createBed,
  emissions,
  HANDOFF,
  KEY,
  OTHER,
  ownerOf,
  segment,
  VIRTUAL,
  withDeltas,
  without,
} from '../bed.ts';
import { step } from '../../../reference/switch/switch.ts';

const LOCKED = { ...withDeltas({ clientSeq: 1000 }), locked: true };

function lockedBed(options: Partial<SwitchOptions> = {}): Bed {
  const bed = createBed(options);
  bed.tell({ op: 'add', rule: LOCKED, epoch: 1 });
  return bed;
}

function fromClient(seq: number): Uint8Array {
  return build(segment(CLIENT, VIRTUAL, { seq }));
}

/** The sequence numbers of what left, with the port. */
function seqs(out: readonly Emission[]): readonly string[] {
  return out.map(({ port, octets }) => `${port}: ${layer(parse(octets).layers, 'tcp')?.seq}`);
}

for (const lock of ['drop', 'hold', 'punt'] as const) {
  test(`PRISM-RULE-11 PRISM-RULE-12 lock by ${lock}: neither side reaches the other`, (t) => {
    const bed = lockedBed({ lock });
    const punted = lock === 'punt' ? [{ port: AT.punt, octets: fromClient(1) }] : [];
    t.deepEqual(bed.send(fromClient(1)), punted);
    t.deepEqual(bed.send(build(segment(BACKEND, CLIENT)), BACKEND), []);
    t.deepEqual(bed.send(build(segment(VIRTUAL, CLIENT)), VIRTUAL), []);
    t.is(bed.state.counters.dropped['not-owner'], 1);
    t.is(bed.state.counters.dropped.locked, lock === 'drop' ? 2 : 1);
  });
}

test('PRISM-RULE-07 locking and unlocking twice is locking and unlocking once', (t) => {
  const bed = lockedBed();
  bed.tell({ op: 'unlock', key: KEY, epoch: 2 });
  bed.tell({ op: 'unlock', key: KEY, epoch: 2 });
  t.deepEqual(seqs(bed.send(fromClient(1))), ['2: 1001']);
  bed.tell({ op: 'lock', key: KEY, epoch: 3 });
  bed.tell({ op: 'lock', key: KEY, epoch: 3 });
  t.deepEqual(bed.send(fromClient(1)), []);
});

test('PRISM-RULE-14 locking one connection affects no other', (t) => {
  const bed = lockedBed();
  const key = { ...KEY, client: { ...KEY.client, port: 40001 } };
  bed.tell({ op: 'add', rule: { ...HANDOFF, key }, epoch: 1 });
  t.is(bed.send(build(segment({ ...CLIENT, port: 40001 }, VIRTUAL)))[0]?.port, AT.backend);
});

test('PRISM-RULE-13 held frames leave in order, rewritten, before the reply and later ones', (t) => {
  const bed = lockedBed({ lock: 'hold' });
  for (const seq of [1, 2, 3]) bed.send(fromClient(seq));
  const command = { op: 'unlock', key: KEY, epoch: 2 } as const;
  const effects = step(bed.state, { kind: 'command', command });
  t.deepEqual(seqs(emissions(effects)), ['2: 1001', '2: 1002', '2: 1003']);
  t.is(effects.at(-1)?.kind, 'reply');
  t.deepEqual(seqs(bed.send(fromClient(4))), ['2: 1004']);
  t.deepEqual(emissions(step(bed.state, { kind: 'command', command })), []);
});

test('PRISM-RULE-10 PRISM-RULE-13 what is held goes to the owner that the unlock names', (t) => {
  const bed = lockedBed({ lock: 'hold' });
  bed.send(fromClient(1));
  const chown = { op: 'chown', key: KEY, owner: ownerOf(OTHER) } as const;
  const stay = { ...chown, unlock: false, epoch: 2 } as const;
  t.deepEqual(emissions(step(bed.state, { kind: 'command', command: stay })), []);
  const unlock = { ...chown, unlock: true, deltas: LOCKED.deltas, epoch: 3 } as const;
  const effects = step(bed.state, { kind: 'command', command: unlock });
  t.deepEqual(seqs(emissions(effects)), ['3: 1001']);
});

test('PRISM-RULE-13 more than can be held is dropped, the first are kept', (t) => {
  const bed = lockedBed({ lock: 'hold', holdFrames: 2 });
  for (const seq of [1, 2, 3, 4]) bed.send(fromClient(seq));
  t.is(bed.state.counters.dropped['hold-full'], 2);
  const command = { op: 'unlock', key: KEY, epoch: 2 } as const;
  const effects = step(bed.state, { kind: 'command', command });
  t.deepEqual(seqs(emissions(effects)), ['2: 1001', '2: 1002']);
});

test('what is held is dropped with its rule', (t) => {
  const bed = lockedBed({ lock: 'hold' });
  bed.send(fromClient(1));
  bed.tell({ op: 'delete', key: KEY, epoch: 2 });
  t.is(bed.state.counters.dropped.deleted, 1);
  bed.tell({ op: 'add', rule: LOCKED, epoch: 3 });
  const command = { op: 'unlock', key: KEY, epoch: 4 } as const;
  t.deepEqual(emissions(step(bed.state, { kind: 'command', command })), []);
});

test('a refused unlock sets nothing free', (t) => {
  const bed = lockedBed({ lock: 'hold' });
  bed.send(fromClient(1));
  bed.tell({ op: 'lock', key: KEY, epoch: 5 });
  const command = { op: 'unlock', key: KEY, epoch: 4 } as const;
  t.deepEqual(emissions(step(bed.state, { kind: 'command', command })), []);
  t.deepEqual(bed.send(fromClient(2)), []);
});

test('PRISM-RULE-23 a lock has a lease, which LOCK renews and GET reports', (t) => {
  const bed = lockedBed({ lockLeaseMs: 1000 });
  const left = (): number | undefined => {
    const reply = bed.tell({ op: 'get' });
    return reply.ok ? reply.rules[0]?.leaseLeftMs : -1;
  };
  t.is(left(), 1000);
  t.deepEqual(bed.wait(999), []);
  t.is(left(), 1);
  bed.tell({ op: 'lock', key: KEY, epoch: 2 });
  t.is(left(), 1000);
  t.deepEqual(bed.wait(999), []);
  t.deepEqual(bed.wait(1), ['lease']);
  t.is(bed.state.rules.entries.size, 0);
  t.deepEqual(bed.wait(5000), []);
  t.false(bed.tell({ op: 'add', rule: LOCKED, epoch: 1 }).ok);
});

test('PRISM-RULE-23 an unlocked rule has no lease', (t) => {
  const bed = lockedBed({ lockLeaseMs: 1000 });
  bed.tell({ op: 'unlock', key: KEY, epoch: 2 });
  t.deepEqual(bed.wait(5000), []);
  t.is(bed.state.rules.entries.size, 1);
});

test('PRISM-RULE-20 a rule lives 2 h 4 min after the last frame of either side', (t) => {
  const idleMs = (2 * 60 + 4) * 60 * 1000;
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  t.deepEqual(bed.wait(idleMs), []);
  bed.send(fromClient(1));
  t.deepEqual(bed.wait(idleMs), []);
  bed.send(build(segment(BACKEND, CLIENT)), BACKEND);
  t.deepEqual(bed.wait(idleMs), []);
  t.deepEqual(bed.wait(1), ['idle']);
  t.is(bed.state.rules.entries.size, 0);
});

test('PRISM-RULE-20 without AGE an idle rule stays', (t) => {
  const bed = createBed({ capabilities: without('AGE') });
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  t.deepEqual(bed.wait(1e9), []);
  t.is(bed.state.rules.entries.size, 1);
});
