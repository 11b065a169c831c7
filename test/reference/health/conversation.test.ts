/** What a probe says, and what answers to it come to. */
import test from 'ava';
import fc from 'fast-check';
import type { Probe } from '../../../reference/health/check.ts';
import { createConversation } from '../../../reference/health/conversation.ts';
import { runs } from '../../runs.ts';
import { cut, octetsOf } from '../http/bed.ts';

const PROBE: Probe = { kind: 'http', path: '/hc?a', statuses: [{ first: 200, last: 299 }] };

/** The first outcome of an answer in pieces that end at `ends`. */
function outcomeOf(text: string, ends: readonly number[] = []): string {
  const { hear } = createConversation(PROBE, 'a');
  for (const piece of cut(octetsOf(text), ends)) {
    const outcome = hear(piece);
    if (outcome?.kind === 'answered') return `${outcome.status}`;
    if (outcome !== undefined) return outcome.kind;
  }
  return 'none yet';
}

test('a probe asks for its path, of the host that it says or else of the server’s', (t) => {
  const asked = (probe: Probe): string =>
    new TextDecoder().decode(createConversation(probe, '192.0.2.1').request);
  t.is(asked(PROBE), 'GET /hc?a HTTP/1.1\r\nHost: 192.0.2.1\r\nConnection: close\r\n\r\n');
  t.true(asked({ ...PROBE, host: 'b' }).includes('\r\nHost: b\r\n'));
  t.is(createConversation({ kind: 'connect' }, 'a').request, undefined);
});

test('the final status is the answer, and what is no HTTP is none', (t) => {
  t.is(outcomeOf('HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n'), '500');
  t.is(outcomeOf('SSH-2.0-x\r\n\r\n'), 'refused');
  t.is(outcomeOf('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n'), 'none yet');
});

test('however an answer is cut, its status is the same', (t) => {
  const texts = fc.constantFrom(
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx', '200'],
    ['HTTP/1.1 100 \r\n\r\nHTTP/1.1 404 No\r\n\r\n', '404'],
    ['HTTP/1.1 2x0 OK\r\n\r\n', 'refused'],
  );
  fc.assert(
    fc.property(texts, fc.array(fc.nat(60)), ([text = '', outcome = ''], ends) => {
      t.is(outcomeOf(text, ends), outcome);
    }),
    runs(300),
  );
});
