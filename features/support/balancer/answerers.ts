/** Who answered whom, whether the switch has read the requests or not. */
import { answerersOf } from '../../../conformance/balancer/http-answers.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import type { ClientOutcome } from '../../../conformance/driver/system.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import type { BalancerWorld, Draft } from './world.ts';

/** When a visitor comes, after the story began. */
export function comesAtMs({ lines: [first] }: Draft): number {
  return first?.cue.kind === 'after' ? first.cue.ms : 0;
}

/** The visitors in the order in which they come. */
export function inOrder({ visitors }: BalancerWorld): readonly Draft[] {
  if (visitors.length === 0) throw new Error('nobody has come');
  return visitors.toSorted((a, b) => comesAtMs(a) - comesAtMs(b));
}

/** Who comes in a time, its end not included. */
export function comingBetween(
  world: BalancerWorld,
  fromMs: number,
  toMs: number,
): readonly Draft[] {
  const found = inOrder(world).filter((each) => {
    return comesAtMs(each) >= fromMs && comesAtMs(each) < toMs;
  });
  if (found.length > 0) return found;
  throw new Error(`nobody comes between ${fromMs} and ${toMs} ms`);
}

/**
 * For each connection of a visitor the server that answered all that was asked on it.
 *
 * Fails where one was not answered, or not by one server.
 */
export async function serversOfVisitor(
  world: BalancerWorld,
  draft: Draft,
): Promise<readonly ServerName[]> {
  const outcomes = (await world.seen()).visitors[world.visitors.indexOf(draft)] ?? [];
  return draft.asked.map((asks, nth) => {
    const outcome = outcomes[nth];
    const found = outcome === undefined ? [] : answerersOf(outcome, asks);
    const names = new Set(asks.map((_, place) => found[place]));
    const [name] = names;
    if (names.size === 1 && name !== undefined) return name;
    const who = `client ${draft.client}:${draft.port}, which came after ${comesAtMs(draft)} ms`;
    const observed = [...names].map((each) => each ?? 'no whole answer').join(' and ');
    throw new Failure({ expected: `one server for ${who}`, observed: observed || 'nobody' });
  });
}

/** The server of the first connection of a visitor. */
export async function serverOfVisitor(world: BalancerWorld, draft: Draft): Promise<ServerName> {
  const [name] = await serversOfVisitor(world, draft);
  if (name === undefined) throw new Error('a visitor has no connection');
  return name;
}

/** Of all who come, in order, who answered them. */
export async function serversInOrder(
  world: BalancerWorld,
  drafts: readonly Draft[] = inOrder(world),
): Promise<readonly ServerName[]> {
  return Promise.all(drafts.map((draft) => serverOfVisitor(world, draft)));
}

/** Whether all that was asked on the first connection of a visitor was answered, by one server. */
export function isAnswered({ asked }: Draft, outcome: ClientOutcome): boolean {
  const [asks = []] = asked;
  const names = answerersOf(outcome, asks);
  return names.length === asks.length && names.every((name) => name !== undefined);
}
