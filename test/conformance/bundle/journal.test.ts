/** The record of a scenario: everything while it is small, and the last of it when it is not. */
import test from 'ava';
import { createJournal } from '../../../conformance/bundle/journal.ts';
import { stimuliOf, type Operation } from '../../../conformance/bundle/sequence.ts';
import { SPLICE } from '../bed.ts';

const COMMAND: Operation = {
  kind: 'command',
  command: { op: 'lock', key: SPLICE, epoch: 1 },
  reply: { ok: true },
};

function injection(count: number, octets = 60): Operation {
  const stimuli = Array.from({ length: count }, (_, index) => {
    const frame = new Uint8Array(octets).fill(index & 0xff);
    return { role: 'client0', frame, expectation: { kind: 'nothing' } } as const;
  });
  return { kind: 'inject', stimuli };
}

test('what is small is kept whole and in order', (t) => {
  const journal = createJournal(true);
  const all: readonly Operation[] = [{ kind: 'reset' }, COMMAND, injection(3)];
  for (const operation of all) journal.record(operation);
  t.deepEqual(journal.recorded(), { operations: all, complete: true });
  t.is(journal.frames(), 3);
});

test('the oldest frames go first; the reset and the commands stay', (t) => {
  const journal = createJournal(true, { octets: 10_000, operations: 1000 });
  const last = injection(1);
  for (const operation of [{ kind: 'reset' } as const, COMMAND]) journal.record(operation);
  for (let turn = 0; turn < 500; turn += 1) journal.record(injection(1));
  journal.record(last);
  const { operations, complete } = journal.recorded();
  t.false(complete);
  t.deepEqual(operations.slice(0, 2), [{ kind: 'reset' }, COMMAND]);
  t.is(operations.at(-1), last);
  const octets = stimuliOf(operations).reduce((sum, { frame }) => sum + frame.length, 0);
  t.true(octets > 0 && octets <= 10_000);
  t.is(journal.frames(), 501);
});

test('of a batch that is too large by itself the last frames are kept', (t) => {
  const journal = createJournal(true, { octets: 10_000, operations: 1000 });
  journal.record(injection(1000));
  const { operations, complete } = journal.recorded();
  const stimuli = stimuliOf(operations);
  t.false(complete);
  t.true(stimuli.length > 0 && stimuli.length < 100);
  t.is(stimuli.at(-1)?.frame[0], 999 & 0xff);
});

test('one frame that is too large for all of it is not kept', (t) => {
  const journal = createJournal(true, { octets: 1000, operations: 10 });
  journal.record(injection(1, 5000));
  t.deepEqual(journal.recorded(), {
    operations: [{ kind: 'inject', stimuli: [] }],
    complete: false,
  });
});

test('the number of operations is limited, commands too', (t) => {
  const journal = createJournal(true, { octets: 10_000, operations: 100 });
  for (let turn = 0; turn < 1000; turn += 1) journal.record(COMMAND);
  const { operations, complete } = journal.recorded();
  t.false(complete);
  t.true(operations.length <= 100 && operations.length >= 50);
});

test('where no evidence is wanted, frames are only counted', (t) => {
  const journal = createJournal(false);
  journal.record(injection(7));
  t.is(journal.frames(), 7);
  t.deepEqual(journal.recorded().operations, []);
});

test('what was done and not recorded is said', (t) => {
  const journal = createJournal(true);
  journal.omit();
  t.false(journal.recorded().complete);
});
