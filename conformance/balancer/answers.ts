/** What came of requests: which server answered, and whether the answers are whole. */
import type { ServerName } from '../driver/balancer.ts';
import type { ClientOutcome } from '../driver/system.ts';
import type { Ask } from '../system/request.ts';
import { concat } from '../traffic/octets.ts';
import { answerTo } from '../traffic/site.ts';
import type { Fault } from './unchanged.ts';

const SHOWN = 60;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

/** The one of `servers` that gave all answers of a connection, each whole and nothing else. */
export function answererOf(
  { received }: ClientOutcome,
  asks: readonly Ask[],
  servers: readonly ServerName[],
): ServerName | undefined {
  return servers.find((name) =>
    isSame(received, concat(...asks.map(({ method, target }) => answerTo(name, method, target)))),
  );
}

/** A connection was answered by one server, and was not reset. */
export function answerFault(
  outcome: ClientOutcome | undefined,
  asks: readonly Ask[],
  servers: readonly ServerName[],
): Fault {
  if (outcome === undefined) return { expected: 'a connection', observed: 'it was never begun' };
  const { received, end } = outcome;
  if (end !== 'reset' && answererOf(outcome, asks, servers) !== undefined) return undefined;
  const shown = new TextDecoder('latin1').decode(received.subarray(0, SHOWN));
  const count = `${received.length} octets, ${JSON.stringify(shown)}, and the end: ${end}`;
  return { expected: `${asks.length} whole answers of ${servers.join(' or ')}`, observed: count };
}
