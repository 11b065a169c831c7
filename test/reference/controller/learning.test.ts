/** Lengths of responses: what the controller learns, from whom, and what it does with it. */
import test from 'ava';
import type { AgentEffect } from '../../../reference/backend/event.ts';
import { createAgent } from '../../../reference/backend/state.ts';
import { step as stepAgent } from '../../../reference/backend/step.ts';
import { CONTROLLER, type ConnectionMessage } from '../../../reference/handoff/message.ts';
import { siteOf } from '../../../reference/policy/site.ts';
import { RAW_URLS } from '../../../reference/policy/url-profile.ts';
import {
  committing,
  EMPTY_SNAPSHOT,
  hear,
  KEY,
  listening,
  offering,
  passOn,
  REQUEST,
  requestOf,
  said,
} from './bed.ts';

const GET_B = { method: 'GET', path: '/b', host: 'example.net', cookie: '' };
/** What is not known is taken for large. */
const CONFIG = { handOffFromOctets: 1000, unknownOctets: 5000 };
/** All is small. */
const ROW = { handOffFromOctets: 1000, handOffFromRequests: 3 };

test('a request for something small comes back to be passed on, something large moves on', (t) => {
  for (const [octets, to] of [
    [999, CONTROLLER],
    [1000, 'b2'],
  ] as const) {
    const { tell, epoch, lastEpoch } = committing(CONFIG);
    hear(tell, { kind: 'committed', key: KEY, epoch });
    const served = [{ method: 'GET', path: '/b', host: 'example.net', octets }];
    hear(tell, { kind: 'move', key: KEY, epoch, ask: 1, request: GET_B, served });
    const locked = tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
    const sent = locked.find((effect) => effect.kind === 'send');
    t.like(sent, { to: 'b1', message: { kind: 'export', to } });
  }
});

test('HEAD and GET of one path have lengths of their own', (t) => {
  const { tell, epoch, lastEpoch } = committing(CONFIG);
  hear(tell, { kind: 'committed', key: KEY, epoch });
  const served = [{ method: 'HEAD', path: '/b', host: 'example.net', octets: 90 }];
  hear(tell, { kind: 'move', key: KEY, epoch, ask: 1, request: GET_B, served });
  const locked = tell({ kind: 'replied', key: KEY, epoch: lastEpoch() });
  const sent = locked.find((effect) => effect.kind === 'send');
  t.like(sent, { message: { kind: 'export', to: 'b2' } });
});

test('a connection that has come to one backend again and again is handed to it', (t) => {
  const { tell, phase, epochOf } = listening(ROW);
  for (const path of ['/a', '/a', '/a/other']) {
    t.is(passOn(tell, path), 'b1');
    t.is(phase(), 'reading');
  }
  const effects = tell({ kind: 'received', key: KEY, octets: requestOf('/a') });
  t.like(
    effects.find(({ kind }) => kind === 'command'),
    { command: { epoch: epochOf() } },
  );
  t.is(phase(), 'migrating');
});

test('requests for another backend begin a new row', (t) => {
  const { tell, phase } = listening(ROW);
  for (const path of ['/a', '/a', '/b', '/a', '/a', '/b', '/b', '/b']) {
    t.is(passOn(tell, path), path === '/a' ? 'b1' : 'b2');
  }
  tell({ kind: 'received', key: KEY, octets: requestOf('/b') });
  t.is(phase(), 'migrating');
});

test('the backend of the last request gets the next, where the route names it', (t) => {
  const site = siteOf([{ backends: ['b1', 'b2'] }]);
  const { tell } = listening({ ...ROW, site });
  const [first, second] = [passOn(tell, '/a'), passOn(tell, '/a')];
  t.is(second, first);
});

test('what a connection that ends has served is learned too', (t) => {
  const { tell, epoch } = committing(CONFIG);
  hear(tell, { kind: 'committed', key: KEY, epoch });
  const served = [{ method: 'GET', path: '/a', host: 'example.net', octets: 60 }];
  hear(tell, { kind: 'closed', key: KEY, epoch, how: 'finished', served });
  tell({ kind: 'opened', key: KEY });
  const effects = tell({ kind: 'received', key: KEY, octets: REQUEST });
  t.true(effects.some(({ kind }) => kind === 'upstream-open'));
});

test('what a backend will not import is passed on to it', (t) => {
  const { tell, phase, epoch, epochOf } = offering();
  hear(tell, { kind: 'refused', key: KEY, epoch, reason: 'there is such a connection' });
  tell({ kind: 'imported', key: KEY });
  const effects = tell({ kind: 'replied', key: KEY, epoch: epochOf() });
  t.is(phase(), 'proxying');
  t.true(effects.some((effect) => effect.kind === 'upstream-open' && effect.backend === 'b1'));
});

test('PRISM-SEQ-17 a connection that is signed is passed on, however large the answer is', (t) => {
  for (const isSigned of [false, true]) {
    const { tell, phase } = listening();
    tell({ kind: 'opened', key: KEY, isSigned });
    tell({ kind: 'received', key: KEY, octets: REQUEST });
    t.is(phase(), isSigned ? 'proxying' : 'migrating');
  }
});

test('an agent tells how long its answers were, with the next move and with the end', (t) => {
  const agent = createAgent({ name: 'b1', instance: 7 });
  const about = { key: KEY, epoch: 1 };
  const hears = (message: ConnectionMessage): readonly AgentEffect[] =>
    stepAgent(agent, { kind: 'message', from: CONTROLLER, message });
  const keeps = { profile: RAW_URLS, routes: [{ prefix: '/a', keep: true }] };
  const two = new Uint8Array([...REQUEST, ...REQUEST]);
  hears({
    kind: 'offer',
    ...about,
    instance: 7,
    transfer: { snapshot: EMPTY_SNAPSHOT, residual: two, keeps },
  });
  stepAgent(agent, { kind: 'imported', key: KEY });
  hears({ kind: 'commit', ...about, instance: 7 });
  const octets = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde');
  stepAgent(agent, { kind: 'served', key: KEY, octets });
  stepAgent(agent, { kind: 'served', key: KEY, octets });
  const ended = stepAgent(agent, { kind: 'ended', key: KEY });
  t.deepEqual(said(ended), ['closed']);
  t.like(
    ended.find(({ kind }) => kind === 'send'),
    {
      message: {
        served: [{ method: 'GET', host: 'example.net', path: '/a', octets: octets.length }],
      },
    },
  );
});
