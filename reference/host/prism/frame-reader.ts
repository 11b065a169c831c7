/**
 * Messages in a stream of octets, each with its length before it.
 *
 *   ┌─ length 4 ─┬─ message ─┬─ length 4 ─┬─ …
 */

const LENGTH_OCTETS = 4;

/** Cuts a stream into messages. */
export interface FrameReader {
  push(octets: Uint8Array): void;
  /** The next message, if it is there and has at most `limit` octets. */
  next(limit: number): Uint8Array | 'incomplete' | 'too-long';
}

/** A reader at the beginning of a stream. */
export function createFrameReader(): FrameReader {
  let parts: Uint8Array[] = [];
  let held = 0;
  let awaited: number | undefined;

  /** The next `count` octets, if they are there. */
  function take(count: number): Buffer | undefined {
    if (held < count) return undefined;
    const whole = Buffer.concat(parts);
    parts = [whole.subarray(count)];
    held -= count;
    return whole.subarray(0, count);
  }

  return {
    push(octets) {
      parts.push(octets);
      held += octets.length;
    },
    next(limit) {
      awaited ??= take(LENGTH_OCTETS)?.readUInt32BE();
      if (awaited === undefined) return 'incomplete';
      if (awaited > limit) return 'too-long';
      const message = take(awaited);
      if (message === undefined) return 'incomplete';
      awaited = undefined;
      return message;
    },
  };
}

/** A message with its length before it. */
export function emitFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(LENGTH_OCTETS + message.length);
  frame.writeUInt32BE(message.length);
  frame.set(message, LENGTH_OCTETS);
  return frame;
}
