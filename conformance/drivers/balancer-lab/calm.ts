/** When nothing more will come of a story in real time. */

/** When something last was, in milliseconds of the story. */
export interface Calm {
  /** Something that the story has happen. */
  readonly happened: number;
  /** A client heard something. */
  readonly heard: number;
  /** A client said or heard something, and anybody did. */
  readonly client: number;
  readonly anybody: number;
}

/** How far the clients are. */
export interface Progress {
  /** Scripts and connections are at their ends. */
  readonly areDone: boolean;
  /** Scripts are, and nobody does anything more by itself. */
  readonly areOver: boolean;
}

/** When all connections have ended, no client must have heard anything for so long. */
const CALM_MS = 300;
/** Where a client has left its connection open, nobody must have heard anything for so long. */
const SILENCE_MS = 2000;
/** When no client has heard anything for so long, three SYNs among others were in vain. */
const VAIN_MS = 8000;

/** Whether nothing more will come, as far as can be known; nobody waits for a time to come. */
export function isStill(nowMs: number, last: Calm, { areDone, areOver }: Progress): boolean {
  const sinceMs = (...times: readonly number[]): number =>
    nowMs - Math.max(last.happened, ...times);
  if (areDone && sinceMs(last.client) > CALM_MS) return true;
  if (areOver && sinceMs(last.anybody) > SILENCE_MS) return true;
  return sinceMs(last.heard) > VAIN_MS;
}
