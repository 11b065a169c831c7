/**
 * A controller's connections to the servers of backends, one for each client that is proxied.
 *
 *   open ─▶ in use ── close, reusable ─▶ idle ── open ─▶ in use
 *                                         └── a second ─▶ closed
 */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { ConnectionEvent, ControllerEffect } from '../../controller/event.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { formatEndpointAddress } from '../socket-address.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import type { Sockets } from './sockets.ts';

/** What a controller does with them. */
export type UpstreamEffect = Extract<ControllerEffect, { readonly kind: `upstream-${string}` }>;

/** The connections to servers. */
export interface Upstreams {
  perform(effect: UpstreamEffect): void;
  close(): void;
}

interface Upstream {
  readonly backend: string;
  readonly socket: Socket;
  readonly outlet: Outlet;
  /** Whose it is now. */
  client: ConnectionKey | undefined;
}

/** How long a server may take to close its side after this one. */
const LEAVE_MS = 5000;
/** Shorter than servers keep an idle connection: one that they close may just be taken here. */
const IDLE_MS = 1000;
/** Most idle connections to one backend. */
const IDLE_MAX = 64;

/** No connections yet; `servers` says where the server of each backend listens. */
export function createUpstreams(
  servers: ReadonlyMap<string, Endpoint>,
  clients: Sockets,
  tell: (event: ConnectionEvent) => void,
): Upstreams {
  const used = new Map<string, Upstream>();
  const idle = new Map<string, Set<Upstream>>();

  function open(key: ConnectionKey, backend: string): void {
    const [spare] = idle.get(backend) ?? [];
    const server = servers.get(backend);
    if (spare !== undefined) {
      idle.get(backend)?.delete(spare);
      spare.socket.setTimeout(0);
      assign(spare, key);
      tell({ kind: 'upstream-opened', key });
    } else if (server === undefined) tell({ kind: 'upstream-failed', key });
    else assign(dial(backend, server), key);
  }

  function assign(upstream: Upstream, key: ConnectionKey): void {
    upstream.client = key;
    used.set(keyText(key), upstream);
  }

  function dial(backend: string, server: Endpoint): Upstream {
    const host = formatEndpointAddress(server);
    const socket = connect({ host, port: server.port, allowHalfOpen: true, noDelay: true });
    const upstream: Upstream = { backend, socket, outlet: createOutlet(socket), client: undefined };
    const toClient = (make: (key: ConnectionKey) => ConnectionEvent): void => {
      if (upstream.client !== undefined) tell(make(upstream.client));
      else discard(upstream);
    };
    socket.on('connect', () => toClient((key) => ({ kind: 'upstream-opened', key })));
    socket.on('data', (octets) => {
      toClient((key) => ({ kind: 'upstream-received', key, octets }));
      slowDown(upstream);
    });
    socket.on('end', () => toClient((key) => ({ kind: 'upstream-finished', key })));
    socket.on('error', () => toClient((key) => ({ kind: 'upstream-failed', key })));
    socket.on('timeout', () => discard(upstream));
    return upstream;
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
    clients.hold(key, true);
    outlet.whenReady(() => clients.hold(key, false));
  }

  /** Its client has no use for it any more. */
  function leave(upstream: Upstream, isReusable: boolean): void {
    const { backend, socket } = upstream;
    upstream.client = undefined;
    const spares = idle.get(backend) ?? new Set();
    idle.set(backend, spares);
    if (isReusable && spares.size < IDLE_MAX && !socket.readableEnded) {
      spares.add(upstream);
      socket.setTimeout(IDLE_MS);
    } else {
      socket.end();
      socket.setTimeout(LEAVE_MS);
    }
    socket.resume();
  }

  return {
    perform(effect) {
      const { kind, key } = effect;
      const upstream = used.get(keyText(key));
      if (kind === 'upstream-open') open(key, effect.backend);
      else if (upstream === undefined) return;
      else if (kind === 'upstream-write') write(upstream, key, effect.octets);
      else if (kind === 'upstream-finish') upstream.outlet.end();
      else {
        used.delete(keyText(key));
        if (kind === 'upstream-close') leave(upstream, effect.isReusable);
        else {
          upstream.client = undefined;
          upstream.socket.destroy();
        }
      }
    },
    close() {
      const spares = [...idle.values()].flatMap((each) => [...each]);
      for (const { socket } of [...used.values(), ...spares]) socket.destroy();
      used.clear();
    },
  };
}
