/**
 * The last octets of one direction of a connection, to compare with what is sent again.
 *
 * The windows of all connections come from one pool, so that memory does not grow with their
 * number; a connection that gets none is not compared.
 */

/** Octets of the stream that one window holds; a power of two. */
const WINDOW_OCTETS = 65_536;
const MAX_WINDOWS = 512;
/** A window is taken from a connection that has been quiet for so many segments. */
const QUIET_SEGMENTS = 20_000;

/** Octets `low` … `high` − 1 of a stream, by sequence number. */
export interface StreamWindow {
  readonly octets: Uint8Array;
  low: number;
  high: number;
  holder: object | undefined;
  lastUsed: number;
}

/** Gives windows to connections. */
export interface WindowPool {
  /** The window of `holder`; undefined when all are in use. */
  readonly windowOf: (holder: { window: StreamWindow | undefined }) => StreamWindow | undefined;
}

/** An empty pool. */
export function createWindowPool(): WindowPool {
  const windows: StreamWindow[] = [];
  let clock = 0;
  let next = 0;

  function take(): StreamWindow | undefined {
    if (windows.length < MAX_WINDOWS) {
      const octets = new Uint8Array(WINDOW_OCTETS);
      const made = { octets, low: 0, high: 0, holder: undefined, lastUsed: 0 };
      windows.push(made);
      return made;
    }
    next = (next + 1) % MAX_WINDOWS;
    const window = windows[next];
    return window !== undefined && clock - window.lastUsed > QUIET_SEGMENTS ? window : undefined;
  }

  function windowOf(holder: { window: StreamWindow | undefined }): StreamWindow | undefined {
    clock += 1;
    const { window } = holder;
    if (window?.holder === holder) {
      window.lastUsed = clock;
      return window;
    }
    const taken = take();
    holder.window = taken;
    if (taken === undefined) return undefined;
    taken.holder = holder;
    taken.lastUsed = clock;
    taken.low = 0;
    taken.high = 0;
    return taken;
  }

  return { windowOf };
}

/** Copies octets to their place; the stream wraps around in the window. */
function copyIn(window: StreamWindow, seq: number, octets: Uint8Array): void {
  const at = seq & (WINDOW_OCTETS - 1);
  const first = Math.min(octets.length, WINDOW_OCTETS - at);
  window.octets.set(first === octets.length ? octets : octets.subarray(0, first), at);
  if (first < octets.length) window.octets.set(octets.subarray(first), 0);
}

/** What came of octets that were shown to a window. */
export interface Comparison {
  /** Octets that had been there before. */
  compared: number;
  /** Sequence number of the first one that differs from what was there. */
  differsAt: number | undefined;
}

/** Compares what was there before, and keeps what is new. */
export function showOctets(window: StreamWindow, seq: number, shown: Uint8Array): Comparison {
  const octets = shown.length > WINDOW_OCTETS ? shown.subarray(-WINDOW_OCTETS) : shown;
  const start = (seq + shown.length - octets.length) | 0;
  const end = (start + octets.length) | 0;
  const result: Comparison = { compared: 0, differsAt: undefined };
  const gap = (start - window.high) | 0;
  if (window.low === window.high || gap > 0 || gap < -WINDOW_OCTETS) {
    // Nothing is known, or something is missing between: begin anew, unless this is merely old.
    if (window.low !== window.high && gap < 0) return result;
    copyIn(window, start, octets);
    window.low = start;
    window.high = end;
    return result;
  }
  const from = Math.max(0, (window.low - start) | 0);
  const behind = Math.min(octets.length, (window.high - start) | 0);
  for (let at = from; at < behind; at += 1) {
    result.compared += 1;
    if (octets[at] === window.octets[(start + at) & (WINDOW_OCTETS - 1)]) continue;
    result.differsAt = (start + at) | 0;
    return result;
  }
  if (((end - window.high) | 0) > 0) {
    const known = (window.high - start) | 0;
    copyIn(window, window.high, known === 0 ? octets : octets.subarray(known));
    window.high = end;
    if (((window.high - window.low) | 0) > WINDOW_OCTETS) {
      window.low = (window.high - WINDOW_OCTETS) | 0;
    }
  }
  return result;
}
