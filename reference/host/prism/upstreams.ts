/**
 * A controller's connections to the servers of backends, one for each client that is proxied.
 *
 *   open ─▶ in use ── close, reusable ─▶ idle ── open ─▶ in use
 *                                         └── a second ─▶ closed
 *
 *   bind ─▶ bound ── open ─▶ in use ◀── freeze, thaw ──▶ frozen ── yield ─▶ its client's
 *
 * One that was bound first is its client's own as the server sees it, so that it is not reused.
 */
import { Socket } from 'node:net';
import type { ConnectionEvent, ControllerEffect } from '../../controller/event.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { adoptConnection } from '../connection.ts';
import { closeExported, resumeExported, type Exported } from '../export.ts';
import { formatEndpointAddress } from '../socket-address.ts';
import { createBoundEnds, type BoundEnd } from './bound.ts';
import { freezeSocket } from './freeze.ts';
import { tapHandshake } from './handshake.ts';
import { sendWindow } from './nudge.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import type { Sockets } from './sockets.ts';
import { unlessGone } from './unless-gone.ts';

/** What a controller does with them. */
export type UpstreamEffect = Extract<ControllerEffect, { readonly kind: `upstream-${string}` }>;

/** The connections to servers. */
export interface Upstreams {
  perform(effect: UpstreamEffect): void;
  close(): void;
}

interface Upstream {
  readonly backend: string;
  readonly server: Endpoint;
  /** The server takes it for the client's. */
  readonly isBound: boolean;
  socket: Socket;
  outlet: Outlet;
  /** Whose it is now. */
  client: ConnectionKey | undefined;
  /** What the server said in its SYN. */
  timestamp: number | undefined;
  frozen: Exported | undefined;
  /** Octets that will come again after they were told, because the kernel still has them. */
  toldOctets: number;
}

/** How long a server may take to close its side after this one. */
const LEAVE_MS = 5000;
/** Shorter than servers keep an idle connection: one that they close may just be taken here. */
const IDLE_MS = 1000;
/** Most idle connections to one backend. */
const IDLE_MAX = 64;

const NOTHING = new Uint8Array();

/** No connections yet; `servers` says where the server of each backend listens. */
export function createUpstreams(
  servers: ReadonlyMap<string, Endpoint>,
  clients: Sockets,
  tell: (event: ConnectionEvent) => void,
): Upstreams {
  const used = new Map<string, Upstream>();
  const idle = new Map<string, Set<Upstream>>();
  const bound = createBoundEnds(clients);

  function open(key: ConnectionKey, backend: string): void {
    const server = servers.get(backend);
    const end = bound.take(key);
    const [spare] = idle.get(backend) ?? [];
    if (server === undefined) tell({ kind: 'upstream-failed', key });
    else if (end !== undefined || spare === undefined) assign(dial(backend, server, end), key);
    else {
      idle.get(backend)?.delete(spare);
      spare.socket.setTimeout(0);
      assign(spare, key);
      tell({ kind: 'upstream-opened', key });
    }
  }

  function assign(upstream: Upstream, key: ConnectionKey): void {
    upstream.client = key;
    used.set(keyText(key), upstream);
  }

  function dial(backend: string, server: Endpoint, end?: BoundEnd): Upstream {
    const target = { host: formatEndpointAddress(server), port: server.port };
    // Before the SYN leaves: its answer is what is listened for.
    const tap = end && tapHandshake(server, end.local);
    const socket = new Socket({ ...(end && { fd: end.fd }), allowHalfOpen: true });
    socket.connect(target);
    const upstream: Upstream = {
      backend,
      server,
      isBound: end !== undefined,
      socket,
      outlet: createOutlet(socket),
      client: undefined,
      timestamp: undefined,
      frozen: undefined,
      toldOctets: 0,
    };
    attach(upstream);
    socket.once('connect', () => {
      upstream.timestamp = tap?.take();
      toClient(upstream, (key) => ({ kind: 'upstream-opened', key }));
    });
    for (const event of ['connect', 'close']) socket.once(event, () => tap?.close());
    return upstream;
  }

  function toClient(upstream: Upstream, make: (key: ConnectionKey) => ConnectionEvent): void {
    if (upstream.client !== undefined) tell(make(upstream.client));
    else discard(upstream);
  }

  function attach(upstream: Upstream): void {
    const { socket } = upstream;
    socket.setNoDelay(true);
    socket.on('data', (octets: Uint8Array) => receive(upstream, octets));
    socket.on('end', () => toClient(upstream, (key) => ({ kind: 'upstream-finished', key })));
    socket.on('error', () => toClient(upstream, (key) => ({ kind: 'upstream-failed', key })));
    socket.on('timeout', () => discard(upstream));
  }

  function receive(upstream: Upstream, came: Uint8Array): void {
    const octets = came.subarray(upstream.toldOctets);
    upstream.toldOctets -= came.length - octets.length;
    if (octets.length === 0) return;
    toClient(upstream, (key) => ({ kind: 'upstream-received', key, octets }));
    slowDown(upstream);
  }

  function discard(upstream: Upstream): void {
    idle.get(upstream.backend)?.delete(upstream);
    upstream.socket.destroy();
  }

  /** Reads no more of a server than its client takes. */
  function slowDown({ client, socket }: Upstream): void {
    if (client === undefined) return;
    let isReady = false;
    clients.whenReady(client, () => {
      isReady = true;
      socket.resume();
    });
    if (!isReady) socket.pause();
  }

  function write({ outlet }: Upstream, key: ConnectionKey, octets: Uint8Array): void {
    outlet.write(octets);
    let isReady = false;
    outlet.whenReady(() => {
      isReady = true;
      clients.hold(key, false);
    });
    if (!isReady) clients.hold(key, true);
  }

  function freeze(upstream: Upstream, key: ConnectionKey): void {
    const { socket, outlet } = upstream;
    const outcome = freezeSocket(socket, outlet);
    const { unread } = outcome;
    if (unread.length > 0) tell({ kind: 'upstream-received', key, octets: unread });
    if (outcome.kind === 'frozen') {
      const timestampRecent = upstream.timestamp ?? 0;
      upstream.frozen = outcome.exported;
      upstream.toldOctets = outcome.keptOctets;
      const snapshot = { ...outcome.exported.snapshot, unread: NOTHING, timestampRecent };
      tell({ kind: 'upstream-frozen', key, snapshot });
    } else {
      if (outcome.fd !== undefined) readAgain(upstream, outcome.fd);
      tell({ kind: 'upstream-kept', key, reason: outcome.reason });
    }
  }

  function readAgain(upstream: Upstream, fd: number): void {
    upstream.socket = adoptConnection(fd);
    upstream.outlet = createOutlet(upstream.socket);
    attach(upstream);
  }

  function thaw(upstream: Upstream): void {
    const { frozen } = upstream;
    upstream.frozen = undefined;
    if (frozen === undefined) return;
    unlessGone(() => resumeExported(frozen));
    readAgain(upstream, frozen.fd);
  }

  function yieldTo({ frozen, server }: Upstream, key: ConnectionKey, windowOctets: number): void {
    if (frozen === undefined) return;
    unlessGone(() => {
      closeExported(frozen);
      sendWindow(key.client, server, frozen.snapshot, windowOctets);
    });
  }

  /** Its client has no use for it any more. */
  function leave(upstream: Upstream, isReusable: boolean): void {
    thaw(upstream);
    const { backend, socket } = upstream;
    upstream.client = undefined;
    const spares = idle.get(backend) ?? new Set();
    idle.set(backend, spares);
    const isGood = isReusable && !upstream.isBound && !socket.readableEnded;
    if (isGood && spares.size < IDLE_MAX) {
      spares.add(upstream);
      socket.setTimeout(IDLE_MS);
    } else {
      upstream.outlet.end();
      socket.setTimeout(LEAVE_MS);
    }
    socket.resume();
  }

  function abort(upstream: Upstream): void {
    const { frozen } = upstream;
    upstream.client = undefined;
    if (frozen !== undefined) unlessGone(() => closeExported(frozen));
    upstream.socket.destroy();
  }

  return {
    perform(effect) {
      const { kind, key } = effect;
      const name = keyText(key);
      const upstream = used.get(name);
      if (kind === 'upstream-bind') tell(bound.bind(key));
      else if (kind === 'upstream-open') open(key, effect.backend);
      else if (upstream === undefined) bound.drop(key);
      else if (kind === 'upstream-write') write(upstream, key, effect.octets);
      else if (kind === 'upstream-finish') upstream.outlet.end();
      else if (kind === 'upstream-freeze') freeze(upstream, key);
      else if (kind === 'upstream-thaw') thaw(upstream);
      else {
        used.delete(name);
        if (kind === 'upstream-close') leave(upstream, effect.isReusable);
        else if (kind === 'upstream-yield') yieldTo(upstream, key, effect.windowOctets);
        else abort(upstream);
      }
    },
    close() {
      const spares = [...idle.values()].flatMap((each) => [...each]);
      for (const upstream of [...used.values(), ...spares]) abort(upstream);
      bound.close();
      used.clear();
    },
  };
}
