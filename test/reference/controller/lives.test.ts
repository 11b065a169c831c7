/** A backend that starts anew has nothing of what it had: no commit is for its next life. */
import test from 'ava';
import type { AgentEffect } from '../../../reference/backend/event.ts';
import { createAgent } from '../../../reference/backend/state.ts';
import { step as stepAgent } from '../../../reference/backend/step.ts';
import { CONTROLLER, type Message } from '../../../reference/handoff/message.ts';
import { NO_KEEPS } from '../../../reference/policy/keep.ts';
import { committing, EMPTY_SNAPSHOT, hear, KEY, REQUEST, said } from './bed.ts';

test('a commit names the life that has imported', (t) => {
  const { tell } = committing();
  const again = tell({ kind: 'timeout', key: KEY });
  t.like(
    again.find(({ kind }) => kind === 'send'),
    { to: 'b1', message: { kind: 'commit', instance: 7 } },
  );
});

test('what a later life imports again is not committed: the earlier one may have served', (t) => {
  const { tell, phase, epoch } = committing();
  const effects = hear(tell, { kind: 'imported', key: KEY, epoch, instance: 8 });
  t.false(said(effects).includes('commit'));
  t.is(phase(), 'deleting');
});

test('an owner that starts anew has lost its connections, however that is heard', (t) => {
  for (const kind of ['pong', 'imported'] as const) {
    const { tell, phase, epoch } = committing();
    hear(tell, { kind: 'committed', key: KEY, epoch });
    t.is(phase(), 'away');
    const message: Message =
      kind === 'pong' ? { kind, count: 2, instance: 8 } : { kind, key: KEY, epoch, instance: 8 };
    t.false(said(hear(tell, message)).includes('commit'), kind);
    t.is(phase(), 'deleting', kind);
  }
});

test('what an earlier life has said and comes late changes nothing', (t) => {
  const { tell, phase, epoch } = committing();
  t.deepEqual(hear(tell, { kind: 'imported', key: KEY, epoch, instance: 6 }), []);
  t.deepEqual(hear(tell, { kind: 'pong', count: 0, instance: 6 }), []);
  t.is(phase(), 'migrating');
});

test('an owner that asks for the next one has been committed, whether it said so or not', (t) => {
  const { tell, phase, epoch } = committing();
  const request = { method: 'GET', path: '/c', host: 'example.net', cookie: '' };
  const effects = hear(tell, { kind: 'move', key: KEY, epoch, ask: 1, request, served: [] });
  t.is(phase(), 'away');
  t.deepEqual(said(effects), ['stay'], 'there is no other backend');
});

test('a commit that was refused is not said again: nobody has the connection', (t) => {
  const { tell, phase, epoch } = committing();
  hear(tell, { kind: 'refused', key: KEY, epoch, reason: 'there is no such connection' });
  t.is(phase(), 'deleting');
});

test('an agent takes no offer, and no commit, of another life', (t) => {
  const agent = createAgent({ name: 'b1', instance: 8 });
  const transfer = { snapshot: EMPTY_SNAPSHOT, residual: REQUEST, keeps: NO_KEEPS };
  const about = { key: KEY, epoch: 1 };
  const hears = (message: Message): readonly AgentEffect[] =>
    stepAgent(agent, { kind: 'message', from: CONTROLLER, message });
  t.deepEqual(hears({ kind: 'offer', ...about, instance: 7, transfer }), [], 'of an earlier life');
  hears({ kind: 'offer', ...about, instance: 8, transfer });
  stepAgent(agent, { kind: 'imported', key: KEY });
  const refused = hears({ kind: 'commit', ...about, instance: 7 });
  t.deepEqual(said(refused), ['refused']);
  t.false(refused.some(({ kind }) => kind === 'server-open'));
  t.true(said(hears({ kind: 'commit', ...about, instance: 8 })).includes('committed'));
});
