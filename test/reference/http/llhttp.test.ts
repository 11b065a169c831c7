import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { RejectReason } from '../../../reference/http/reject.ts';
import {
  createRequestState,
  finishRequests,
  frameRequests,
} from '../../../reference/http/request.ts';
import {
  createResponseState,
  expectResponse,
  finishResponses,
  frameResponses,
} from '../../../reference/http/response.ts';
import { octetsOf } from './bed.ts';
import { REJECTED } from './cases.ts';
import type { Filled } from './corpus.ts';
import { filled, REQUESTS, RESPONSES } from './corpus.ts';
import { openRequestOracle, openResponseOracle } from './llhttp.ts';

/** What is found in a text: the messages that are complete, and the rule that is broken. */
interface Found {
  readonly messages: readonly string[];
  readonly reason: RejectReason | undefined;
}

/** Rules that llhttp does not hold requests to, and why they are held here. */
const STRICTER_REQUESTS: Partial<Record<RejectReason, string>> = {
  'bare-lf': 'before a request line llhttp skips LF; another reader may not',
  'bare-cr': 'before a request line llhttp skips CR; another reader may not',
  'empty-line': 'llhttp skips any number of them; section 2.2 asks for one',
  'request-line': 'llhttp takes several spaces, and HTTP/0.9',
  version: 'llhttp reads 0.9 and 2.0 as if they were 1.1',
  target: 'llhttp leaves forms and hosts to the application',
  'host-invalid': 'llhttp leaves hosts to the application',
  'host-repeated': 'node takes the first; another reader may take the last',
  'coding-unknown': 'llhttp leaves codings before chunked to the application',
  'coding-invalid': 'llhttp takes an empty list member',
  'coding-version': 'section 6.1 calls the framing faulty; an HTTP/1.0 reader sees no chunks',
  'connect-content': 'llhttp takes the content for the tunnel',
  'chunk-extension': 'llhttp takes an extension without a name',
  'trailer-field': 'llhttp leaves trailers to the application',
};

/** The same for responses. */
const STRICTER_RESPONSES: Partial<Record<RejectReason, string>> = {
  'bare-lf': 'before a status line llhttp skips LF; section 2.2 lets only servers skip a line',
  'bare-cr': 'before a status line llhttp skips CR',
  'empty-line': 'llhttp skips any number of them',
  'control-octet': 'llhttp takes control characters in a reason',
  'coding-invalid': 'llhttp takes any text for a coding that is not chunked',
  'not-requested': 'node closes without a word when more than the response has come',
};

/** Where llhttp objects and RFC 9112 does not, by template and filling. */
const LAXER: readonly { readonly why: string; readonly fits: (filled: Filled) => boolean }[] = [
  {
    why: 'llhttp has a list of methods; RFC 9110 section 9.1 has tokens',
    fits: ({ template, filling }) =>
      /^(?:@G|GE@T|GET@)|abcde@G/.test(template) && ['!', '#', '0', 'A'].includes(filling),
  },
  {
    why: 'OWS is SP and HTAB, RFC 9110 section 5.6.3; llhttp knows SP only',
    fits: ({ template, filling }) => /: (?:5|2|chunked)@/.test(template) && filling === '\t',
  },
  {
    why: 'BWS before "=", RFC 9112 section 7.1.1',
    fits: ({ template, filling }) => template.includes(';a@=') && /^[ \t]$/.test(filling),
  },
];

/** What of two readings is not the same: a rule or a reason that explains it, or nothing does. */
function explain(
  ours: Found,
  theirs: { readonly messages: readonly string[]; readonly isRejected: boolean },
  stricter: Partial<Record<RejectReason, string>>,
  given: Filled,
): string | undefined {
  const isSame = String(ours.messages) === String(theirs.messages);
  if (isSame && theirs.isRejected === (ours.reason !== undefined)) return undefined;
  if (ours.reason !== undefined) {
    const isPrefix = ours.messages.every((each, index) => each === theirs.messages[index]);
    if (isPrefix && stricter[ours.reason] !== undefined) return ours.reason;
  } else if (theirs.isRejected) {
    const lax = LAXER.find(({ fits }) => fits(given));
    if (lax !== undefined) return lax.why;
  }
  const found = `ours ${JSON.stringify(ours)}, llhttp ${JSON.stringify(theirs)}`;
  throw new Error(`${JSON.stringify(given.text)}: ${found}`);
}

function readRequests(text: string): Found {
  const state = createRequestState();
  const messages: string[] = [];
  let current = '';
  for (const event of [...frameRequests(state, octetsOf(text)), ...finishRequests(state)]) {
    if (event.kind === 'head') current = `${event.head.method} ${event.head.target}`;
    else if (event.kind === 'end') messages.push(current);
    else if (event.kind === 'reject') return { messages, reason: event.reason };
  }
  return { messages, reason: undefined };
}

function readResponse(method: string, text: string): Found {
  const state = createResponseState();
  expectResponse(state, { method, upgrade: false });
  const messages: string[] = [];
  for (const event of [...frameResponses(state, octetsOf(text)), ...finishResponses(state)]) {
    if (event.kind === 'head') messages.push(String(event.head.status));
    else if (event.kind === 'reject') return { messages, reason: event.reason };
  }
  return { messages, reason: undefined };
}

/** No difference is listed that is none. */
function assertUsed(
  t: ExecutionContext,
  used: ReadonlySet<string>,
  listed: Partial<Record<RejectReason, string>>,
): void {
  t.deepEqual(
    Object.keys(listed).filter((reason) => !used.has(reason)),
    [],
  );
}

test('PRISM-CTRL-06 what is taken as requests, llhttp takes as the same requests', async (t) => {
  const oracle = await openRequestOracle();
  const rejected = REJECTED.map(({ text }) => ({ template: text, filling: '', text }));
  const corpus = [...filled(REQUESTS), ...rejected];
  t.true(corpus.length >= 1000);
  const used = new Set<string>();
  for (const each of corpus) {
    const { requests, isRejected } = await oracle.read(octetsOf(each.text));
    const theirs = { messages: requests, isRejected };
    used.add(explain(readRequests(each.text), theirs, STRICTER_REQUESTS, each) ?? '');
  }
  oracle.close();
  assertUsed(t, used, STRICTER_REQUESTS);
  t.true(LAXER.every(({ why }) => used.has(why)));
});

test('what is taken as a response, llhttp takes as the same response', async (t) => {
  const oracle = await openResponseOracle();
  const used = new Set<string>();
  for (const method of ['GET', 'HEAD']) {
    for (const each of filled(RESPONSES)) {
      const { statuses, isRejected } = await oracle.read(method, octetsOf(each.text));
      const ours = readResponse(method, each.text);
      // A client of node does not tell of a response that fails after its head.
      const messages = isRejected ? ours.messages : statuses.map(String);
      used.add(explain(ours, { messages, isRejected }, STRICTER_RESPONSES, each) ?? '');
    }
  }
  oracle.close();
  assertUsed(t, used, STRICTER_RESPONSES);
});
