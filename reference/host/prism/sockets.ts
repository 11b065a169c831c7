/**
 * The connections of clients as this kernel has them, by their keys.
 *
 *   accepted ──────────────▶ live ── export ─▶ snapshot
 *   snapshot ─ import ─▶ frozen ── thaw ─▶ live
 */
import type { Socket } from 'node:net';
import type { SocketEffect, SocketEvent } from '../../owner/socket.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import type { TcpSnapshot } from '../../tcp/snapshot.ts';
import { adoptConnection, descriptorOf, releaseConnection } from '../connection.ts';
import { closeExported, exportConnection, resumeExported, type ExportRefusal } from '../export.ts';
import { importConnection, probePeer, type ImportRefusal } from '../import.ts';
import { closeSilently } from '../repair.ts';
import { ask } from '../socket.ts';
import { takeGreeting, type Greeting } from './handshake.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { unlessGone } from './unless-gone.ts';

/** The connections of clients. */
export interface Sockets {
  /** A client has connected by itself; answers whether its SYN is signed. */
  adopt(key: ConnectionKey, socket: Socket): boolean;
  perform(effect: SocketEffect): void;
  /** Calls `done` when the client has taken most of what was written; at once if it is gone. */
  whenReady(key: ConnectionKey, done: () => void): void;
  /** Calls `done` when all that was to be written has been; at once if the connection is gone. */
  whenWritten(key: ConnectionKey, done: () => void): void;
  /** Reads no more of a client while what it said has nowhere to go. */
  hold(key: ConnectionKey, isHeld: boolean): void;
  /** The descriptor of a connection that may be written to. */
  descriptorOf(key: ConnectionKey): number | undefined;
  /** Of the connections that are here. */
  readonly count: number;
  /** Ends all of them without a word. */
  close(): void;
}

/** A connection that Node.js has. */
interface Live {
  readonly key: ConnectionKey;
  readonly socket: Socket;
  readonly outlet: Outlet;
  greeting?: Greeting;
  /** Both must be false for the client to be read. */
  isPaused: boolean;
  isHeld: boolean;
  isGone: boolean;
}

/** One that was imported and is silent. */
interface Frozen {
  readonly fd: number;
  readonly unsent: Uint8Array;
  isPaused: boolean;
}

/** Most octets of all queues together that move with a connection: they go into one message. */
const MOVED_OCTETS_MAX = 12 * 1024 * 1024;
/** How often the kernel is asked whether the client has acknowledged all. */
const ACKNOWLEDGED_POLL_MS = 50;
/** The same where a server waits for it. */
const SETTLE_POLL_MS = 1;
const SIOCOUTQ = 0x5411;

/** No connections yet; `localOf` says which end of one is here. */
export function createSockets(
  localOf: (key: ConnectionKey) => Endpoint,
  tell: (event: SocketEvent) => void,
): Sockets {
  const live = new Map<string, Live>();
  const frozen = new Map<string, Frozen>();

  function attach(key: ConnectionKey, socket: Socket, isPaused: boolean): Live {
    const outlet = createOutlet(socket);
    const entry: Live = { key, socket, outlet, isPaused, isHeld: false, isGone: false };
    live.set(keyText(key), entry);
    let isReset = false;
    socket.setNoDelay(true);
    socket.on('data', (octets) => {
      if (!entry.isGone) tell({ kind: 'received', key, octets });
    });
    socket.on('end', () => {
      if (!entry.isGone) tell({ kind: 'peer-finished', key });
    });
    socket.on('finish', () => watchAcknowledged(entry, ACKNOWLEDGED_POLL_MS));
    socket.on('error', () => (isReset = true));
    socket.on('close', () => {
      if (entry.isGone) return;
      forget(entry);
      tell({ kind: isReset ? 'reset' : 'ended', key });
    });
    readOrNot(entry);
    return entry;
  }

  /** It is no longer here, and nothing more is told of it. */
  function forget(entry: Live): void {
    entry.isGone = true;
    live.delete(keyText(entry.key));
    entry.outlet.takeRest();
  }

  /** Looks again and again, for as long as it takes the client. */
  function watchAcknowledged(entry: Live, everyMs: number): void {
    const fd = descriptorOf(entry.socket);
    if (entry.isGone || fd === undefined) return;
    const isAll = entry.outlet.waiting === 0 && ask(fd, SIOCOUTQ) === 0;
    if (isAll) tell({ kind: 'sent-all', key: entry.key });
    else setTimeout(() => watchAcknowledged(entry, everyMs), everyMs).unref();
  }

  function exportSocket(entry: Live): void {
    const { key, outlet, socket } = entry;
    const released = releaseConnection(socket, outlet.current);
    if (!released.ok) {
      tell({ kind: 'export-failed', key, reason: released.error.kind });
      return;
    }
    const { fd, drained, unwritten } = released.value;
    const waiting = Buffer.concat([unwritten, ...outlet.takeRest()]);
    forget(entry);
    const timestampRecent = entry.greeting?.timestamp ?? 0;
    const taken = exportConnection(fd, drained);
    if (taken.ok && octetsOf(taken.value.snapshot) + waiting.length <= MOVED_OCTETS_MAX) {
      const { snapshot } = taken.value;
      closeExported(taken.value);
      const unsent = Buffer.concat([snapshot.unsent, waiting]);
      tell({ kind: 'exported', key, snapshot: { ...snapshot, unsent, timestampRecent } });
      return;
    }
    if (taken.ok) unlessGone(() => resumeExported(taken.value));
    attach(key, adoptConnection(fd), entry.isPaused).outlet.write(waiting);
    const reason = taken.ok ? 'its queues are too long' : refusalText(taken.error);
    tell({ kind: 'export-failed', key, reason });
    if (drained.length > 0) tell({ kind: 'received', key, octets: drained });
  }

  function importSocket(key: ConnectionKey, snapshot: TcpSnapshot): void {
    const ends = { local: localOf(key), remote: key.client };
    const made = importConnection(ends, snapshot);
    if (made.ok) {
      frozen.set(keyText(key), { fd: made.value, unsent: snapshot.unsent, isPaused: false });
      tell({ kind: 'imported', key });
    } else tell({ kind: 'import-failed', key, reason: refusalText(made.error) });
  }

  function thaw(key: ConnectionKey): void {
    const name = keyText(key);
    const entry = frozen.get(name);
    if (entry === undefined) return;
    frozen.delete(name);
    unlessGone(() => probePeer(entry.fd));
    attach(key, adoptConnection(entry.fd), entry.isPaused).outlet.write(entry.unsent);
  }

  function drop(key: ConnectionKey): void {
    const name = keyText(key);
    const ice = frozen.get(name);
    frozen.delete(name);
    if (ice !== undefined) unlessGone(() => closeSilently(ice.fd));
    const entry = live.get(name);
    if (entry === undefined) return;
    const released = releaseConnection(entry.socket, entry.outlet.current);
    forget(entry);
    if (released.ok) unlessGone(() => closeSilently(released.value.fd));
  }

  function useLive(entry: Live, effect: SocketEffect): void {
    switch (effect.kind) {
      case 'write':
        entry.outlet.write(effect.octets);
        break;
      case 'finish':
        entry.outlet.end();
        break;
      case 'abort':
        forget(entry);
        entry.socket.resetAndDestroy();
        break;
      case 'pause':
      case 'resume':
        entry.isPaused = effect.kind === 'pause';
        readOrNot(entry);
        break;
      case 'settle':
        watchAcknowledged(entry, SETTLE_POLL_MS);
        break;
      case 'export':
        exportSocket(entry);
        break;
      default:
        break;
    }
  }

  return {
    get count() {
      return live.size + frozen.size;
    },
    adopt(key, socket) {
      const entry = attach(key, socket, false);
      entry.greeting = takeGreeting(socket);
      return entry.greeting.isSigned;
    },
    perform(effect) {
      const { key } = effect;
      if (effect.kind === 'import') importSocket(key, effect.snapshot);
      else if (effect.kind === 'thaw') thaw(key);
      else if (effect.kind === 'drop') drop(key);
      else {
        const entry = live.get(keyText(key));
        const ice = frozen.get(keyText(key));
        if (entry !== undefined) useLive(entry, effect);
        else if (ice !== undefined) ice.isPaused = effect.kind === 'pause';
      }
    },
    whenReady(key, done) {
      const entry = live.get(keyText(key));
      if (entry === undefined) done();
      else entry.outlet.whenReady(done);
    },
    whenWritten(key, done) {
      const entry = live.get(keyText(key));
      if (entry === undefined) done();
      else entry.outlet.whenWritten(done);
    },
    hold(key, isHeld) {
      const entry = live.get(keyText(key));
      if (entry === undefined || entry.isHeld === isHeld) return;
      entry.isHeld = isHeld;
      readOrNot(entry);
    },
    descriptorOf(key) {
      const entry = live.get(keyText(key));
      return entry && descriptorOf(entry.socket);
    },
    close() {
      for (const { key } of live.values()) drop(key);
      for (const { fd } of frozen.values()) unlessGone(() => closeSilently(fd));
      frozen.clear();
    },
  };
}

function readOrNot({ socket, isPaused, isHeld }: Live): void {
  if (isPaused || isHeld) socket.pause();
  else socket.resume();
}

function octetsOf({ sent, unsent, unread }: TcpSnapshot): number {
  return sent.length + unsent.length + unread.length;
}

function refusalText(refusal: ExportRefusal | ImportRefusal): string {
  return JSON.stringify(refusal);
}
