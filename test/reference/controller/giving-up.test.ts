/** Where there is no way on and none back, the controller resets the client with what it holds. */
import test from 'ava';
import { DEFAULTS } from '../../../reference/controller/state.ts';
import { committing, EMPTY_SNAPSHOT, hear, KEY, offering } from './bed.ts';

type Tell = ReturnType<typeof offering>['tell'];

/** Lets time pass until the phase changes; the kinds of what is done last. */
function giveUp(tell: Tell, phase: () => string | undefined): readonly string[] {
  for (let tries = 0; tries <= DEFAULTS.triesMax; tries += 1) {
    const effects = tell({ kind: 'timeout', key: KEY });
    if (phase() !== 'migrating') return effects.map(({ kind }) => kind);
  }
  throw new Error('it is still migrating');
}

test('no reply to chown: the rule goes first, then the client is told', (t) => {
  const { tell, phase, epoch, epochOf } = offering();
  hear(tell, { kind: 'imported', key: KEY, epoch, instance: 7 });
  const given = giveUp(tell, phase);
  t.is(phase(), 'deleting');
  t.false(given.includes('import') || given.includes('abort'), 'the lock would be in the way');
  const told = tell({ kind: 'replied', key: KEY, epoch: epochOf() });
  t.deepEqual(
    told.filter(({ kind }) => kind !== 'timer'),
    [
      { kind: 'import', key: KEY, snapshot: EMPTY_SNAPSHOT },
      { kind: 'thaw', key: KEY },
      { kind: 'abort', key: KEY },
    ],
  );
  t.is(phase(), undefined);
});

test('no reply to the delete either: the client is told all the same', (t) => {
  const { tell, phase } = committing();
  giveUp(tell, phase);
  const last = Array.from({ length: DEFAULTS.triesMax }, () => tell({ kind: 'timeout', key: KEY }));
  t.true(last.at(-1)?.some(({ kind }) => kind === 'abort'));
  t.is(phase(), undefined);
});

test('an owner elsewhere that is lost has left nothing to reset the client with', (t) => {
  const { tell, phase, epoch, lastEpoch } = committing();
  hear(tell, { kind: 'committed', key: KEY, epoch });
  hear(tell, { kind: 'pong', count: 2, instance: 8 });
  t.is(phase(), 'deleting');
  const told = tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
  t.deepEqual(
    told.map(({ kind }) => kind),
    ['timer'],
  );
});
