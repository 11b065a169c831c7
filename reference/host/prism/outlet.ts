/**
 * What is written to a connection, one write at a time, so that it is known at any moment which
 * octets the kernel has not taken: they can move with the connection.
 */
import type { Socket } from 'node:net';

/** The writing side of a socket. */
export interface Outlet {
  /** Octets that were given to `write` and have not been taken. */
  readonly waiting: number;
  /** The write that may be in the middle. */
  readonly current: Uint8Array;
  write(octets: Uint8Array): void;
  /** FIN after all that was written. */
  end(): void;
  /** Calls `done` when few octets wait; at once if few do. */
  whenReady(done: () => void): void;
  /** Calls `done` when nothing waits; at once if nothing does, and never once the rest was taken. */
  whenWritten(done: () => void): void;
  /** What is behind `current`: nothing of it will be written here, and nobody waits any more. */
  takeRest(): readonly Uint8Array[];
}

const NOTHING = new Uint8Array();
/** A head and the content behind it leave in one segment, if they are no longer than this together. */
const JOINED_OCTETS_MAX = 64 * 1024;
/** Whoever fills the outlet waits while more octets than these do. */
const READY_OCTETS = 256 * 1024;

/** An outlet of a socket to which nobody else writes. */
export function createOutlet(socket: Socket): Outlet {
  const queue: Uint8Array[] = [];
  const listeners: (() => void)[] = [];
  const followers: (() => void)[] = [];
  let current: Uint8Array = NOTHING;
  let queued = 0;
  let isEnding = false;
  let isDue = false;

  /** What is written in one turn of the event loop is still to come. */
  function pumpSoon(): void {
    if (isDue || current.length > 0) return;
    isDue = true;
    process.nextTick(() => {
      isDue = false;
      pump();
    });
  }

  function pump(): void {
    if (current.length > 0) return;
    if (queue.length === 0) {
      if (isEnding) socket.end();
      return;
    }
    current = takeSome(queue);
    queued -= current.length;
    socket.write(current, onWritten);
  }

  function onWritten(error?: Error | null): void {
    current = NOTHING;
    if (error) return;
    pump();
    if (queued + current.length === 0) for (const done of followers.splice(0)) done();
    if (queued + current.length > READY_OCTETS) return;
    for (const done of listeners.splice(0)) done();
  }

  return {
    get waiting() {
      return queued + current.length;
    },
    get current() {
      return current;
    },
    write(octets) {
      if (octets.length === 0) return;
      queue.push(octets);
      queued += octets.length;
      pumpSoon();
    },
    end() {
      isEnding = true;
      pumpSoon();
    },
    whenReady(done) {
      if (queued + current.length > READY_OCTETS) listeners.push(done);
      else done();
    },
    whenWritten(done) {
      if (queued + current.length > 0) followers.push(done);
      else done();
    },
    takeRest() {
      queued = 0;
      followers.length = 0;
      isEnding = false;
      for (const done of listeners.splice(0)) done();
      return queue.splice(0);
    },
  };
}

/** Takes the first part, and what fits behind it. */
function takeSome(queue: Uint8Array[]): Uint8Array {
  let octets = 0;
  const end = queue.findIndex(({ length }, at) => {
    octets += length;
    return at > 0 && octets > JOINED_OCTETS_MAX;
  });
  const some = queue.splice(0, end < 0 ? queue.length : end);
  const [only] = some;
  return some.length === 1 && only !== undefined ? only : Buffer.concat(some);
}
