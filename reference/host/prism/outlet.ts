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
  /** What is behind `current`: nothing of it will be written here, and nobody waits any more. */
  takeRest(): readonly Uint8Array[];
}

const NOTHING = new Uint8Array();
/** Whoever fills the outlet waits while more octets than these do. */
const READY_OCTETS = 256 * 1024;

/** An outlet of a socket to which nobody else writes. */
export function createOutlet(socket: Socket): Outlet {
  const queue: Uint8Array[] = [];
  const listeners: (() => void)[] = [];
  let current: Uint8Array = NOTHING;
  let queued = 0;
  let isEnding = false;

  function pump(): void {
    if (current.length > 0) return;
    const next = queue.shift();
    if (next === undefined) {
      if (isEnding) socket.end();
      return;
    }
    current = next;
    queued -= next.length;
    socket.write(next, onWritten);
  }

  function onWritten(error?: Error | null): void {
    current = NOTHING;
    if (error) return;
    pump();
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
      pump();
    },
    end() {
      isEnding = true;
      pump();
    },
    whenReady(done) {
      if (queued + current.length > READY_OCTETS) listeners.push(done);
      else done();
    },
    takeRest() {
      queued = 0;
      for (const done of listeners.splice(0)) done();
      return queue.splice(0);
    },
  };
}
