/**
 * What a run has opened, of each kind of target one at a time.
 *
 * It may have started processes and made files, so whoever ends the run ends all of it.
 */

/** The place of one kind of target. */
export interface Opened<Session> {
  /** Makes `session` the one in progress. */
  keep(session: Session): Session;
  /** The session in progress, if there is one. */
  current(): Session | undefined;
  /** Ends the session in progress, if there is one. */
  close(): Promise<void>;
}

const closings: (() => Promise<void>)[] = [];

/** A place for sessions of one kind, which `end` ends. */
export function createOpened<Session>(end: (session: Session) => Promise<void>): Opened<Session> {
  let current: Session | undefined;
  async function close(): Promise<void> {
    const ended = current;
    current = undefined;
    if (ended !== undefined) await end(ended);
  }
  closings.push(close);
  return {
    keep(session): Session {
      current = session;
      return session;
    },
    current: () => current,
    close,
  };
}

/** Ends all that was opened, of whatever kind. */
export async function closeOpened(): Promise<void> {
  for (const close of closings) await close();
}
