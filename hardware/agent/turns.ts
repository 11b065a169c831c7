/** Does one thing after the other: what is asked for begins when all that was asked for before has ended. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

/** A queue of its own; what fails does not keep what follows. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  };
}
