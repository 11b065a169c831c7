/**
 * What came of requests that somebody between client and server has read: which server answered
 * each of them, and whether that is what the site answers.
 *
 * Status and content count, to the octet, and who says that it answered; the framing is the
 * switch's own, and so are fields that it adds.
 */
import { SERVERS, type ServerName } from '../driver/balancer.ts';
import type { ClientOutcome } from '../driver/system.ts';
import type { Ask } from '../system/request.ts';
import { answerTo } from '../traffic/site.ts';
import { fieldValues, readAnswers, type HttpAnswer } from './http-reading.ts';
import type { Fault } from './unchanged.ts';

/** A request, as far as its answer follows from it. */
export type Asked = Pick<Ask, 'method' | 'target'>;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

/** The server that says in the field of the site that it has answered. */
export function answererOf(answer: HttpAnswer): ServerName | undefined {
  const values = fieldValues(answer, 'x-backend');
  return SERVERS.find((name) => values.length === 1 && values[0] === name);
}

/** What is wrong with an answer that a server of the site is said to have given, in words. */
function wrongOf(answer: HttpAnswer, { method, target }: Asked): string | undefined {
  const name = answererOf(answer);
  if (name === undefined) return `status ${answer.status} of no server`;
  const received = answerTo(name, method, target);
  const [site] = readAnswers({ received, end: 'finished' }, [method]).answers;
  if (site === undefined) throw new Error(`the site does not answer ${target}`);
  if (answer.status !== site.status) return `status ${answer.status}`;
  if (!answer.isWhole) return `${answer.content.length} octets of ${site.content.length}`;
  if (isSame(answer.content, site.content)) return undefined;
  return `${answer.content.length} other octets of ${name}`;
}

/** What a client got for its requests on one connection, for as many as were answered. */
export function answersIn(
  outcome: Pick<ClientOutcome, 'received' | 'end'>,
  asks: readonly Asked[],
): readonly HttpAnswer[] {
  return readAnswers(
    outcome,
    asks.map(({ method }) => method),
  ).answers;
}

/** For each answer of a connection the server that gave it, whole and as the site has it. */
export function answerersOf(
  outcome: Pick<ClientOutcome, 'received' | 'end'>,
  asks: readonly Asked[],
): readonly (ServerName | undefined)[] {
  return answersIn(outcome, asks).map((answer, nth) => {
    const ask = asks[nth];
    return ask === undefined || wrongOf(answer, ask) !== undefined ? undefined : answererOf(answer);
  });
}

/**
 * Every request of a connection was answered, in order, whole, by one of the servers that
 * `serversFor` names for it, and there is nothing else.
 */
export function httpAnswersFault<T extends Asked>(
  outcome: Pick<ClientOutcome, 'received' | 'end'> | undefined,
  asks: readonly T[],
  serversFor: (ask: T, nth: number) => readonly ServerName[],
): Fault {
  if (outcome === undefined) return { expected: 'a connection', observed: 'it was never begun' };
  const { answers, fault } = readAnswers(
    outcome,
    asks.map(({ method }) => method),
  );
  for (const [nth, ask] of asks.entries()) {
    const servers = serversFor(ask, nth);
    const expected = `${ask.method} ${ask.target} answered by ${servers.join(' or ')}`;
    const answer = answers[nth];
    if (answer === undefined) {
      const instead = fault ?? `${answers.length} of ${asks.length} answers`;
      return { expected, observed: `${instead}; the connection is ${outcome.end}` };
    }
    const wrong = wrongOf(answer, ask);
    if (wrong !== undefined) return { expected, observed: wrong };
    const name = answererOf(answer);
    if (name === undefined || !servers.includes(name)) return { expected, observed: `by ${name}` };
  }
  if (fault === undefined) return undefined;
  return { expected: `${asks.length} answers and nothing else`, observed: fault };
}
