import test from 'ava';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../reference/http/limits.ts';
import type { MessageEvent, MessageState } from '../../../reference/http/message.ts';
import {
  createRequestState,
  frameRequests,
  settleTunnel,
} from '../../../reference/http/request.ts';
import {
  createResponseState,
  expectResponse,
  frameResponses,
} from '../../../reference/http/response.ts';
import { runs } from '../../runs.ts';
import { cuts, requestStream, response } from './arbitrary.ts';
import { brief, cut, octetsOf } from './bed.ts';

/** What becomes of octets on a bad way. */
const edits = fc.array(
  fc.record({
    at: fc.nat(250),
    kind: fc.constantFrom('set', 'insert', 'delete', 'repeat'),
    text: fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', ':', ',', ';', '\0', '0', '\x7f', '\xff'),
      fc.constantFrom(
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        'HTTP/1.1',
        '\r\n\r\n',
      ),
    ),
  }),
  { maxLength: 6 },
);

type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

function edited(text: string, changes: Edits): string {
  return changes.reduce((sum, { at, kind, text: inserted }) => {
    const place = at % (sum.length + 1);
    const [before, after] = [sum.slice(0, place), sum.slice(place)];
    if (kind === 'set') return before + inserted + after.slice(inserted.length);
    if (kind === 'insert') return before + inserted + after;
    return kind === 'delete' ? before + after.slice(3) : before + after.slice(0, 20) + after;
  }, text);
}

/** Every octet that was taken is in one event or kept; nothing goes back. */
function assertSound<Head>(
  state: MessageState,
  pieces: readonly Uint8Array[],
  frame: (octets: Uint8Array) => readonly MessageEvent<Head>[],
): void {
  let told = 0;
  for (const piece of pieces) {
    const before = state.received;
    for (const event of frame(piece)) {
      const start = event.kind === 'head' || event.kind === 'body' ? event.start : event.at;
      if (event.kind === 'reject' ? start < told : start !== told) throw new Error(brief(event));
      if (event.kind === 'head' || event.kind === 'body') told = event.end;
    }
    const taken = state.received - before;
    if (taken < 0 || taken > piece.length) throw new Error(`${taken} of ${piece.length} taken`);
    if (state.phase !== 'rejected' && told !== state.received - state.section.length) {
      throw new Error(`${told} told, ${state.received} taken, ${state.section.length} kept`);
    }
    if (state.section.kept.length > DEFAULT_LIMITS.headOctets + 2) throw new Error('too much kept');
  }
}

test('whatever comes, requests are framed without a gap, a throw or a hang', (t) => {
  fc.assert(
    fc.property(requestStream, edits, cuts, fc.boolean(), (text, changes, at, isTunnel) => {
      const octets = octetsOf(edited(text, changes));
      const state = createRequestState();
      assertSound(
        state,
        cut(
          octets,
          at.map((each) => each.at),
        ),
        (piece) => {
          return [...settleTunnel(state, isTunnel), ...frameRequests(state, piece)];
        },
      );
      t.pass();
    }),
    runs(5000),
  );
});

test('whatever comes, responses are framed without a gap, a throw or a hang', (t) => {
  const methods = fc.array(fc.constantFrom('GET', 'HEAD', 'CONNECT'), { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(response, { maxLength: 3 }),
      edits,
      cuts,
      methods,
      (sent, changes, at, asked) => {
        const text = sent.map(({ head, body }) => head + body).join('');
        const state = createResponseState();
        for (const method of asked) expectResponse(state, { method, upgrade: method === 'GET' });
        const pieces = cut(
          octetsOf(edited(text, changes)),
          at.map((each) => each.at),
        );
        assertSound(state, pieces, (piece) => frameResponses(state, piece));
        t.pass();
      },
    ),
    runs(3000),
  );
});

test('octets of any kind', (t) => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const state = createRequestState();
      assertSound(state, [first, second], (piece) => frameRequests(state, piece));
      t.pass();
    }),
    runs(1000),
  );
});
