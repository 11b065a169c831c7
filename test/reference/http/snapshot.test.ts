import test from 'ava';
import {
  createRequestState,
  exportRequestState,
  frameRequests,
  importRequestState,
} from '../../../reference/http/request.ts';
import {
  createResponseState,
  expectResponse,
  EXPECTED_MAX,
  exportResponseState,
  importResponseState,
} from '../../../reference/http/response.ts';
import type { MessageSnapshot } from '../../../reference/http/snapshot.ts';
import { brief, octetsOf } from './bed.ts';

/** The snapshot after some octets. */
function after(text: string): MessageSnapshot {
  const state = createRequestState();
  frameRequests(state, octetsOf(text));
  return exportRequestState(state);
}

const IDLE = after('');
const CONTENT = after('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');

test('a snapshot holds the octets of an unfinished head, and where they begin', (t) => {
  t.deepEqual(after('GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /x'), {
    at: 27,
    phase: 'head',
    remaining: 0,
    contentOctets: 0,
    extensionOctets: 0,
    keepAlive: true,
    tunnel: 'none',
    residual: octetsOf('\r\nGET /x'),
  });
});

test('a snapshot holds what a content lacks, and none of it', (t) => {
  t.like(CONTENT, { at: 49, phase: 'length', remaining: 3, residual: new Uint8Array() });
});

test('a snapshot holds how much of a chunked content has come', (t) => {
  const text = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nabc';
  t.like(after(text), {
    at: text.length,
    phase: 'chunk',
    remaining: 1,
    contentOctets: 4,
    extensionOctets: 4,
  });
});

test('what is exported does not change with the state', (t) => {
  const state = createRequestState();
  frameRequests(state, octetsOf('GET'));
  const snapshot = exportRequestState(state);
  frameRequests(state, octetsOf(' / HTTP/1.1\r\nHost: a\r\n\r\nPOST'));
  t.deepEqual(snapshot.residual, octetsOf('GET'));
  const responses = createResponseState();
  expectResponse(responses, { method: 'HEAD', upgrade: false });
  const { expected } = exportResponseState(responses);
  expectResponse(responses, { method: 'GET', upgrade: false });
  t.deepEqual(expected, [{ method: 'HEAD', upgrade: false }]);
});

test('an importer goes by its own limits', (t) => {
  const snapshot = after('GET / HTTP/1.1\r\nHost: a\r\n');
  const result = importRequestState(snapshot, { headOctets: 20 });
  t.deepEqual(result, { ok: false, error: { kind: 'snapshot', field: 'residual' } });
  t.true(importRequestState(snapshot, { headOctets: 27 }).ok);
});

for (const [field, snapshot] of [
  ['at', { ...IDLE, at: -1 }],
  ['at', { ...IDLE, at: 0.5 }],
  ['at', { ...IDLE, at: Number.MAX_SAFE_INTEGER, residual: octetsOf('G') }],
  ['remaining', { ...CONTENT, remaining: 0 }],
  ['remaining', { ...CONTENT, remaining: Number.NaN }],
  ['remaining', { ...CONTENT, phase: 'chunk-end', remaining: 3 }],
  ['contentOctets', { ...IDLE, contentOctets: Infinity }],
  ['extensionOctets', { ...IDLE, extensionOctets: -1 }],
  ['residual', { ...CONTENT, residual: octetsOf('a') }],
  ['residual', { ...IDLE, residual: octetsOf('GET / HTTP/1.1\r\nHost: a\r\n\r\n') }],
  ['residual', { ...IDLE, residual: octetsOf('GET\n') }],
  ['residual', { ...IDLE, phase: 'chunk-line', residual: octetsOf('0\r\n') }],
  ['residual', { ...IDLE, phase: 'rejected', residual: octetsOf('a') }],
] as const) {
  test(`a snapshot with an impossible ${field} is refused: ${JSON.stringify(snapshot)}`, (t) => {
    t.deepEqual(importRequestState(snapshot), { ok: false, error: { kind: 'snapshot', field } });
  });
}

for (const [field, value] of [
  ['phase', 'trailer'],
  ['tunnel', 'maybe'],
  ['keepAlive', 1],
] as const) {
  test(`a snapshot whose ${field} is none is refused`, (t) => {
    const snapshot: MessageSnapshot = JSON.parse(
      JSON.stringify({ ...IDLE, residual: [], [field]: value }),
    );
    t.deepEqual(importRequestState(snapshot), { ok: false, error: { kind: 'snapshot', field } });
  });
}

test('more requests than can wait are refused', (t) => {
  const asked = { method: 'GET', upgrade: false };
  const expected = Array.from({ length: EXPECTED_MAX + 1 }, () => asked);
  t.deepEqual(importResponseState({ ...IDLE, expected }), {
    ok: false,
    error: { kind: 'snapshot', field: 'expected' },
  });
  t.true(importResponseState({ ...IDLE, expected: expected.slice(1) }).ok);
});

test('a rejected direction stays rejected at another host', (t) => {
  const result = importRequestState(after('\n'));
  t.true(result.ok);
  if (result.ok) t.deepEqual(frameRequests(result.value, octetsOf('GET / ')).map(brief), []);
});
