/** Requests as scenarios write them out, and what a switch declares about reading them. */
import { answersIn } from '../../../conformance/balancer/http-answers.ts';
import { lettersOf, type HttpAnswer } from '../../../conformance/balancer/http-reading.ts';
import { destinationOf, type Destination } from '../../../conformance/balancer/http-routing.ts';
import type { BalancerObservation } from '../../../conformance/driver/balancer.ts';
import { DriverFault } from '../../../conformance/driver/device.ts';
import type { HttpProfile } from '../../../conformance/driver/http-profile.ts';
import type { ClientOutcome } from '../../../conformance/driver/system.ts';
import type { Ask } from '../../../conformance/system/request.ts';
import type { BalancerWorld, Draft } from './world.ts';

/** What the switch declares; who claims HTTP and declares nothing of it cannot be judged. */
export function httpChoices({ hello }: Pick<BalancerWorld, 'hello'>): HttpProfile {
  const { http } = hello.choices;
  if (http === undefined) throw new DriverFault('profile', 'the choices of HTTP are not declared');
  return http;
}

/** Every character of a text as the octet of its number. */
function octetsIn(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/**
 * A request that is written out, its lines parted by commas; `content` follows the empty line.
 *
 *   GET /a/10 HTTP/1.1, Host: site.test
 */
export function writtenAsk(words: string, content = ''): Ask {
  const lines = words.split(', ');
  const [method = '', target = ''] = (lines[0] ?? '').split(' ');
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  const ask = { method, target, cookie: undefined, content: octetsIn(content), expects: false };
  const octets = octetsIn(head + content);
  return { ...ask, octets, contentAt: head.length, host: hostIn(head) ?? '' };
}

/** The Host field of a head. */
function hostIn(head: string): string | undefined {
  return /\r\nHost:[ \t]*(?<host>[^\r]*?)[ \t]*\r\n/iu.exec(head)?.groups?.['host'];
}

/** Where a request belongs, by the routes of its service and by what the switch declares. */
export function destinationFor(
  world: BalancerWorld,
  { service }: Pick<Draft, 'service'>,
  { target, octets, contentAt }: Ask,
): Destination {
  const host = hostIn(lettersOf(octets.subarray(0, contentAt)));
  return destinationOf({ target, host }, service, httpChoices(world));
}

/** The connections of a visitor, each with what was asked on it. */
export function connectionsOf(
  world: BalancerWorld,
  seen: BalancerObservation,
  draft: Draft,
): readonly { readonly outcome: ClientOutcome | undefined; readonly asks: readonly Ask[] }[] {
  const outcomes = seen.visitors[world.visitors.indexOf(draft)] ?? [];
  return draft.asked.map((asks, nth) => ({ outcome: outcomes[nth], asks }));
}

/** All answers that the last visitor of a client got. */
export function answersOf(
  world: BalancerWorld,
  seen: BalancerObservation,
  client: number,
): readonly HttpAnswer[] {
  return connectionsOf(world, seen, world.visitor(client)).flatMap(({ outcome, asks }) =>
    outcome === undefined ? [] : answersIn(outcome, asks),
  );
}

/** Whoever is in these words, as a line for people. */
export function nameOf({ client, port }: Pick<Draft, 'client' | 'port'>): string {
  return `client ${client}:${port}`;
}
