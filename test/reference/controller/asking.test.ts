/** An agent asks about what it may not keep: it serves what it is told to, and nothing else. */
import test from 'ava';
import type { AgentEffect } from '../../../reference/backend/event.ts';
import { createAgent } from '../../../reference/backend/state.ts';
import { step } from '../../../reference/backend/step.ts';
import { CONTROLLER, type ConnectionMessage } from '../../../reference/handoff/message.ts';
import type { Without } from '../../../reference/owner/act.ts';
import { NO_KEEPS } from '../../../reference/policy/keep.ts';
import { EMPTY_SNAPSHOT, KEY, requestOf, said } from './bed.ts';

const ANSWER = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

/** An agent that owns a connection, and keeps nothing; it has three requests. */
function asking() {
  const agent = createAgent({ name: 'b1', instance: 7 });
  const hears = (message: Without<ConnectionMessage, 'key' | 'epoch'>): readonly AgentEffect[] =>
    step(agent, { kind: 'message', from: CONTROLLER, message: { ...message, key: KEY, epoch: 1 } });
  const residual = new Uint8Array([...requestOf('/a'), ...requestOf('/b'), ...requestOf('/c')]);
  const transfer = { snapshot: EMPTY_SNAPSHOT, residual, keeps: NO_KEEPS };
  hears({ kind: 'offer', instance: 7, transfer });
  step(agent, { kind: 'imported', key: KEY });
  const begun = hears({ kind: 'commit', instance: 7 });
  const tell = (kind: 'timeout' | 'served'): readonly AgentEffect[] =>
    step(agent, kind === 'served' ? { kind, key: KEY, octets: ANSWER } : { kind, key: KEY });
  return { hears, tell, begun };
}

/** The request that effects ask about, with the number of the question. */
function askedIn(effects: readonly AgentEffect[]): string | undefined {
  for (const each of effects) {
    if (each.kind === 'send' && each.message.kind === 'move') {
      return `${each.message.ask} ${each.message.request.path}`;
    }
  }
  return undefined;
}

/** What goes to the server. */
function writtenIn(effects: readonly AgentEffect[]): string {
  const octets = effects.flatMap((each) => (each.kind === 'server-write' ? [...each.octets] : []));
  return String.fromCodePoint(...octets)
    .split(' ', 2)
    .join(' ');
}

test('the request that a connection comes with is served, the next are asked about until they may be', (t) => {
  const { begun, tell, hears } = asking();
  t.is(writtenIn(begun), 'GET /a');
  t.is(askedIn(tell('served')), '1 /b');
  t.is(askedIn(tell('timeout')), '1 /b');
  t.is(writtenIn(hears({ kind: 'serve', ask: 1 })), 'GET /b');
  t.is(askedIn(tell('served')), '2 /c');
  t.is(writtenIn(hears({ kind: 'serve', ask: 2 })), 'GET /c');
});

test('an answer that comes twice is not one to the next question', (t) => {
  const { tell, hears } = asking();
  tell('served');
  hears({ kind: 'serve', ask: 1 });
  t.deepEqual(hears({ kind: 'serve', ask: 1 }), [], 'it is being served');
  tell('served');
  t.deepEqual(hears({ kind: 'serve', ask: 1 }), []);
  t.is(writtenIn(hears({ kind: 'serve', ask: 2 })), 'GET /c');
});

test('an owner that is dismissed resets its client and says so, as often as it is told', (t) => {
  const { hears } = asking();
  const effects = hears({ kind: 'dismiss' });
  t.true(effects.some(({ kind }) => kind === 'abort'));
  t.deepEqual(said(effects), ['closed']);
  const again = hears({ kind: 'dismiss' });
  t.deepEqual(said(again), ['closed']);
  t.false(again.some(({ kind }) => kind === 'abort'));
  hears({ kind: 'noted' });
  t.deepEqual(said(hears({ kind: 'dismiss' })), ['closed'], 'it is not known any more');
});
