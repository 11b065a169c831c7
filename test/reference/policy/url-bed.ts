/** Streams of a client through the reader of requests and a URL switch. */
import { parseFields } from '../../../reference/http/fields.ts';
import type { RequestHead } from '../../../reference/http/request-head.ts';
import { createRequestState, frameRequests } from '../../../reference/http/request.ts';
import { parseTarget } from '../../../reference/http/target.ts';
import {
  createUrlSwitch,
  type PoolChoice,
  type UrlDeclaration,
} from '../../../reference/policy/url-switch.ts';

/** What comes of a head: a pool, `none` without one, or 400. */
export function outcomeOf(choose: PoolChoice, head: RequestHead): string {
  const choice = choose(head);
  return choice.ok ? (choice.value ?? 'none') : '400';
}

/** What comes of the octets of a client, in pieces; `waits` when there is no whole request. */
export function outcomesOf(declaration: UrlDeclaration, pieces: readonly Uint8Array[]): string {
  const state = createRequestState();
  const choose = createUrlSwitch(declaration)();
  const outcomes = pieces
    .flatMap((piece) => frameRequests(state, piece))
    .flatMap((event) => {
      if (event.kind === 'head') return [outcomeOf(choose, event.head)];
      return event.kind === 'reject' ? [`${event.status}`] : [];
    });
  return outcomes.length === 0 ? 'waits' : outcomes.join(',');
}

/** The head of a request in which field and target may name two hosts. */
export function headOf(text: string): RequestHead {
  const [lines = ''] = text.split('\r\n\r\n');
  const [first = '', ...more] = lines.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const parts = parseTarget(method, target);
  const fields = parseFields(more, 0, 0);
  if (parts === undefined || !fields.ok) throw new Error(text);
  const { form, path, host } = parts;
  return {
    method,
    target,
    form,
    path,
    version: '1.1',
    fields: fields.value,
    host,
    framing: { kind: 'none' },
    keepAlive: true,
    expectContinue: false,
    upgrade: false,
  };
}
