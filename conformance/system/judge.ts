/**
 * What is wrong with what came of a story, if anything: the first fault that is found, in words.
 *
 * Nothing here knows how a Prism works. Clients saw octets, servers wrote down what they carried
 * out, and the taps saw frames.
 */
import type {
  ClientOutcome,
  Execution,
  Observation,
  PolicyRoute,
  SystemHello,
} from '../driver/system.ts';
import type { Observed } from '../verdict/outcome.ts';
import { answersFor, backendsFor, CONTINUE, type Ask } from './request.ts';

/** A fault, or undefined where all is well. */
export type Fault = Observed | undefined;

/** What clients asked: by client, and of each by connection. */
export type Asked = readonly (readonly (readonly Ask[])[])[];

const decoder = new TextDecoder('latin1');
const SHOWN = 60;

function show(octets: Uint8Array, from: number): string {
  return from >= octets.length
    ? 'nothing more'
    : JSON.stringify(decoder.decode(octets.subarray(from, from + SHOWN)));
}

function isAt(octets: Uint8Array, from: number, part: Uint8Array): boolean {
  return part.every((octet, index) => octets[from + index] === octet);
}

/** How many of `asks` were answered, whole and in order, and how many octets that took. */
export function countAnswers(
  { received }: ClientOutcome,
  asks: readonly Ask[],
  policy: readonly PolicyRoute[],
): { readonly answers: number; readonly octets: number } {
  let octets = 0;
  for (const [answers, ask] of asks.entries()) {
    const start = isAt(received, octets, CONTINUE) ? octets + CONTINUE.length : octets;
    const found = answersFor(policy, ask).find((each) => isAt(received, start, each));
    if (found === undefined) return { answers, octets };
    octets = start + found.length;
  }
  return { answers: asks.length, octets };
}

/** All answers, each whole, in the order of the requests, and nothing else. */
export function answersFault(
  outcome: ClientOutcome,
  asks: readonly Ask[],
  policy: readonly PolicyRoute[],
): Fault {
  const { answers, octets } = countAnswers(outcome, asks, policy);
  const ask = asks[answers];
  if (ask === undefined) {
    if (octets === outcome.received.length) return undefined;
    return {
      expected: `${octets} octets, which are all the answers`,
      observed: `behind them ${show(outcome.received, octets)}`,
    };
  }
  const [whole] = answersFor(policy, ask);
  const same = whole?.findIndex((octet, at) => outcome.received[octets + at] !== octet) ?? 0;
  return {
    expected: `${ask.method} ${ask.target} answered with ${whole?.length ?? 0} octets`,
    observed: `after octet ${octets + same} ${show(outcome.received, octets + same)}; the connection is ${outcome.end}`,
  };
}

/** The same, or a prefix of the answers and a clean close. RFC 9112 section 9.6. */
export function prefixFault(
  outcome: ClientOutcome,
  asks: readonly Ask[],
  policy: readonly PolicyRoute[],
): Fault {
  const { answers, octets } = countAnswers(outcome, asks, policy);
  const isPrefix = answers > 0 && octets === outcome.received.length && outcome.end === 'finished';
  return isPrefix ? undefined : answersFault(outcome, asks, policy);
}

/**
 * Answers, then the beginning of one more or a status that says why there is none: all that a
 * client may see of a Prism of which parts have died.
 */
export function remnantFault(
  outcome: ClientOutcome,
  asks: readonly Ask[],
  policy: readonly PolicyRoute[],
): Fault {
  const { answers, octets } = countAnswers(outcome, asks, policy);
  const rest = outcome.received.subarray(octets);
  const ask = asks[answers];
  const isPart = (whole: Uint8Array): boolean =>
    rest.length <= whole.length && isAt(whole, 0, rest);
  if (rest.length === 0) return undefined;
  if (ask !== undefined && answersFor(policy, ask).some(isPart)) return undefined;
  if (ask !== undefined && /^HTTP\/1\.1 50[0234] /u.test(decoder.decode(rest))) return undefined;
  return {
    expected:
      ask === undefined ? 'no more than the answers' : `the answer to ${ask.target}, or 5xx`,
    observed: show(rest, 0),
  };
}

/** What the first fault among connections is; `judge` looks at one. */
export function anyConnection(
  { clients }: Observation,
  asked: Asked,
  judge: (outcome: ClientOutcome, asks: readonly Ask[]) => Fault,
): Fault {
  for (const [client, connections] of asked.entries()) {
    for (const [nth, asks] of connections.entries()) {
      const outcome = clients[client]?.[nth];
      const where = `client ${client + 1}, connection ${nth + 1}: `;
      if (outcome === undefined) {
        return { expected: `${where}a connection`, observed: 'it was never begun' };
      }
      const fault = judge(outcome, asks);
      if (fault !== undefined) return { ...fault, observed: where + fault.observed };
    }
  }
  return undefined;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && isAt(a, 0, b);
}

function contentFault(executions: readonly Execution[], all: readonly Ask[]): Fault {
  for (const { backend, method, target, content } of executions) {
    const ask = all.find((each) => each.method === method && each.target === target);
    if (ask === undefined) {
      return { expected: 'what clients asked for', observed: `${backend} executed ${target}` };
    }
    if (content !== undefined && !sameOctets(content, ask.content)) {
      const expected = `${method} ${target} with ${ask.content.length} octets of content`;
      return { expected, observed: `${backend} got ${content.length} octets, or others` };
    }
  }
  return undefined;
}

/** Each request executed once (`exactly`) or once at most, and only by a backend of the policy. */
export function executionFault(
  { executions }: Pick<Observation, 'executions'>,
  asked: Asked,
  policy: readonly PolicyRoute[],
  exactly: boolean,
): Fault {
  const all = asked.flat(2);
  for (const { method, target } of all) {
    const same = all.filter((each) => each.method === method && each.target === target);
    const done = executions.filter((each) => each.method === method && each.target === target);
    if (done.length > same.length || (exactly && done.length < same.length)) {
      const times = exactly ? `${same.length} times` : `${same.length} times at most`;
      const by = done.map(({ backend }) => backend).join(' and ') || 'nobody';
      return {
        expected: `${method} ${target} executed ${times}`,
        observed: `${done.length} times, by ${by}`,
      };
    }
    const able = same.flatMap((each) => backendsFor(policy, each));
    const wrong = done.find(({ backend }) => !able.includes(backend));
    if (wrong !== undefined) {
      const expected = `${method} ${target} executed by ${able.join(' or ')}`;
      return { expected, observed: `by ${wrong.backend}` };
    }
  }
  return undefined;
}

/** What servers got is what clients sent, to the octet. */
export function consumedFault({ executions }: Observation, asked: Asked): Fault {
  return contentFault(executions, asked.flat(2));
}

/** No rule is left behind. */
export function rulesFault({ rules, endMs }: Observation): Fault {
  if (rules === 0) return undefined;
  return { expected: 'no rule', observed: `${rules} after ${Math.round(endMs)} ms` };
}

/** The statuses of the responses of a connection, from what begins like one. */
export function statusesOf({ received }: ClientOutcome): readonly number[] {
  const text = decoder.decode(received);
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /gu)].map(([, status]) => Number(status));
}

/** A client that has not all its answers has an end, and had not to wait for it beyond the bound. */
export function waitFault(
  outcome: ClientOutcome,
  asks: readonly Ask[],
  policy: readonly PolicyRoute[],
  { bounds }: Pick<SystemHello, 'bounds'>,
): Fault {
  const { end, endMs, lastOctetMs = 0 } = outcome;
  if (countAnswers(outcome, asks, policy).answers === asks.length) return undefined;
  const hasEnded = end === 'finished' || end === 'reset';
  const waitedMs = Math.round(endMs - lastOctetMs);
  if (hasEnded && waitedMs <= bounds.answerMs) return undefined;
  return {
    expected: `an answer, FIN or RST after ${bounds.answerMs} ms at most`,
    observed: hasEnded ? `after ${waitedMs} ms` : `none in ${waitedMs} ms`,
  };
}

/** A client that waits has something by the bound: an answer, a close or a reset. */
export function boundFault(
  outcome: ClientOutcome,
  sinceMs: number,
  { bounds }: Pick<SystemHello, 'bounds'>,
): Fault {
  const { end, endMs, lastOctetMs } = outcome;
  const endedMs = end === 'open' || end === 'timeout' ? Infinity : endMs;
  const times = [endedMs, lastOctetMs ?? Infinity].filter((ms) => ms >= sinceMs);
  const heardMs = Math.min(...times);
  if (heardMs - sinceMs <= bounds.answerMs) return undefined;
  return {
    expected: `an answer, FIN or RST within ${bounds.answerMs} ms`,
    observed: heardMs === Infinity ? 'nothing' : `something after ${heardMs - sinceMs} ms`,
  };
}
