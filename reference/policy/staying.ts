/** Who looks at no key: a connection that is somewhere stays there. */
import type { Scheduler } from './scheduler.ts';

/** Chooses by `scheduler` for what has no server yet. */
export function createStaying(scheduler: Scheduler): Scheduler {
  return {
    ...scheduler,
    choose: (choice) => choice.present ?? scheduler.choose(choice),
  };
}
