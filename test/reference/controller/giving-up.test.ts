/** Where there is no way on and none back, the controller resets the client with what it holds. */
import test from 'ava';
import { DEFAULTS } from '../../../reference/controller/state.ts';
import { CONTROLLER } from '../../../reference/handoff/message.ts';
import { NO_KEEPS } from '../../../reference/policy/keep.ts';
import { committing, EMPTY_SNAPSHOT, hear, KEY, offering, said } from './bed.ts';

type Tell = ReturnType<typeof offering>['tell'];

/** Lets time pass until the phase changes; the kinds of what is done last. */
function giveUp(tell: Tell, phase: () => string | undefined): readonly string[] {
  for (let tries = 0; tries <= 2 * DEFAULTS.triesMax; tries += 1) {
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

/** A controller whose b1 has been asked to give its connection to b2, and does not do so in time. */
function leftAlone() {
  const { tell, phase, epoch, lastEpoch } = committing();
  hear(tell, { kind: 'committed', key: KEY, epoch });
  const request = { method: 'GET', path: '/b', host: 'example.net', cookie: '' };
  hear(tell, { kind: 'move', key: KEY, epoch, ask: 1, request, served: [] });
  const moved = lastEpoch();
  tell({ kind: 'replied', key: KEY, epoch: moved });
  // First it is not b2 that gets it, then not the controller either.
  giveUp(tell, phase);
  const transfer = { snapshot: EMPTY_SNAPSHOT, residual: new Uint8Array(), keeps: NO_KEEPS };
  const offer = { kind: 'offer', key: KEY, epoch: moved, instance: 0, transfer } as const;
  return { tell, phase, lastEpoch, offer };
}

test('what a backend holds when all is given up is called back, to tell the client', (t) => {
  const { tell, phase, lastEpoch, offer } = leftAlone();
  t.is(phase(), 'deleting');
  const asked = tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
  t.is(phase(), 'recalling');
  t.like(
    asked.find(({ kind }) => kind === 'send'),
    { to: 'b1', message: { kind: 'export', to: CONTROLLER, epoch: offer.epoch } },
  );
  const kinds = hear(tell, offer).map(({ kind }) => kind);
  t.deepEqual(
    kinds.filter((kind) => kind !== 'timer'),
    ['send', 'import', 'thaw', 'abort'],
  );
  t.is(phase(), undefined);
});

test('an offer that comes while the rule is still there waits for its end', (t) => {
  const { tell, phase, lastEpoch, offer } = leftAlone();
  t.deepEqual(said(hear(tell, offer)), ['release']);
  t.is(phase(), 'deleting');
  const told = tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
  t.true(told.some(({ kind }) => kind === 'abort'));
  t.is(phase(), undefined);
});

test('a backend that holds it and says nothing is not asked for ever', (t) => {
  const { tell, phase, lastEpoch } = leftAlone();
  tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
  for (let tries = 0; tries < DEFAULTS.triesMax; tries += 1) tell({ kind: 'timeout', key: KEY });
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
