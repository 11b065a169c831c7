/**
 * What a scenario has played, handed from its hook to whoever runs the scenarios.
 *
 * Cucumber loads the hooks itself, so this one place connects both; it holds one story.
 */
import type { BalancerObservation, BalancerStory } from '../driver/balancer.ts';
import type { Observation, Story } from '../driver/system.ts';

/** Who stories are told to. */
export type StoryKind = 'system' | 'balancer';

interface PlayedOn<Kind extends StoryKind, Told, Seen> {
  readonly kind: Kind;
  readonly story: Told;
  /** Of a property: which of its stories it is, for a replay. */
  readonly path?: string;
  readonly observation: Seen;
}

/** A story that a whole Prism has played, and what came of it. */
export type PlayedSystem = PlayedOn<'system', Story, Observation>;
/** The same of a server switch. */
export type PlayedBalancer = PlayedOn<'balancer', BalancerStory, BalancerObservation>;
/** A story that was played, to whomever it was told. */
export type Played = PlayedSystem | PlayedBalancer;

let kept: Played | undefined;

/** Keeps what the scenario that has just ended has played. */
export function keepPlayed(played: Played | undefined): void {
  kept = played;
}

/** What was kept last, once. */
export function takePlayed(): Played | undefined {
  const taken = kept;
  kept = undefined;
  return taken;
}
