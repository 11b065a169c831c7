/** What becomes of the messages about a story's clients, and when each is sent and arrives. */
import type { ConnectionKey } from '../../../reference/rules/rule.ts';
import type { Fates } from '../../../reference/sim/network/fate.ts';
import { NS } from '../../../reference/sim/network/timeline.ts';
import type { MessageName, Mishap, Moment, ToldMessage } from '../../driver/system.ts';
import { fateOf } from '../sim/messages.ts';
import { toldOf, type Forgery } from '../sim/stranger.ts';

/** What a story wants of the relay. */
export interface Censorship {
  readonly mishaps: readonly Mishap[];
  /** What becomes of the other messages. */
  readonly weather: Fates;
  readonly isOurs: (key: ConnectionKey) => boolean;
  readonly nowMs: () => number;
  readonly onMoment: (moment: Moment) => void;
}

/** The relay while a story is played. */
export interface Censor {
  readonly told: readonly ToldMessage[];
  /** Messages that are late, and have not arrived. */
  readonly pending: () => number;
}

/** A message of the story on its way. */
export interface Passing {
  readonly message: MessageName;
  readonly from: string;
  readonly to: string;
}

/** Lets a message pass as the story says. */
export type Pass = (passing: Passing, deliver: () => void) => void;

/** What the relay has to do with a censor. */
export interface Censoring {
  readonly censor: Censor;
  readonly pass: Pass;
  /** A stranger has spoken. */
  readonly note: (forgery: Forgery) => void;
}

/** A censor for one story. */
export function createCensor(story: Censorship): Censoring {
  const told: ToldMessage[] = [];
  const counts = new Map<string, number>();
  const struck = story.mishaps.filter((each) => each.kind === 'message');
  let late = 0;

  function tell({ message, from, to }: Passing, what: Moment['what']): number {
    const name = `${message} ${what}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    told.push({ message, what, from, to, atMs: story.nowMs() });
    story.onMoment({ message, nth, what });
    return nth;
  }

  function pass(passing: Passing, deliver: () => void): void {
    const nth = tell(passing, 'sent');
    const mishap = struck.find(
      (each) =>
        each.message === passing.message &&
        (each.nth ?? nth) === nth &&
        (each.to === undefined || each.to === passing.to),
    );
    const arrive = (): void => {
      deliver();
      tell(passing, 'arrived');
    };
    for (const delayNs of mishap === undefined ? story.weather() : fateOf(mishap)) {
      if (delayNs < NS.ms) {
        arrive();
        continue;
      }
      late += 1;
      setTimeout(() => {
        late -= 1;
        arrive();
      }, delayNs / NS.ms);
    }
  }

  return {
    censor: { told, pending: () => late },
    pass,
    note: (forgery) => void told.push(toldOf(forgery, story.nowMs())),
  };
}
