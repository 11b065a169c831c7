/**
 * A backend of a Prism: an HTTP server of Node.js answers the clients that are handed to it.
 *
 *   client ══ socket ══ agent ── facade ── http.Server
 *
 * The server listens as before, for requests that a controller passes on; of clients that were
 * handed over it sees connections that look like any other.
 */
import type { Server } from 'node:http';
import { keyText, type ConnectionKey } from '../../rules/rule.ts';
import { openFacade, type Facade } from '../facade.ts';
import { formatEndpointAddress } from '../socket-address.ts';
import {
  startAgent,
  type AgentSide,
  type AttachedServer,
  type BackendOptions,
  type ServerSide,
} from './agent.ts';

/** Makes `server` a backend. */
export function attachPrism(server: Server, options: BackendOptions): AttachedServer {
  return startAgent(options, (agent) => createHttpSide(server, agent));
}

/** Makes `server` a backend that listens at its own endpoint too; whoever closes it closes both. */
export function serveBackend(
  server: Server,
  options: BackendOptions,
): Pick<AttachedServer, 'close'> {
  server.listen({ host: formatEndpointAddress(options.owner), port: options.owner.port });
  const attached = attachPrism(server, options);
  return {
    close() {
      attached.close();
      server.close();
    },
  };
}

function createHttpSide(server: Server, { tell, sockets }: AgentSide): ServerSide {
  const facades = new Map<string, Facade>();

  function open(key: ConnectionKey): void {
    const name = keyText(key);
    const isOurs = (): boolean => facades.get(name) === facade;
    const facade: Facade = openFacade(
      { local: key.virtual, remote: key.client },
      {
        write(octets, done) {
          if (isOurs()) tell({ kind: 'served', key, octets });
          sockets.whenReady(key, done);
        },
        end() {
          if (isOurs()) tell({ kind: 'server-finished', key });
        },
      },
    );
    facades.set(name, facade);
    facade.stream.on('error', () => {});
    facade.stream.on('close', () => {
      if (!isOurs()) return;
      facades.delete(name);
      tell({ kind: 'server-failed', key });
    });
    server.emit('connection', facade.stream);
  }

  return {
    perform(effect) {
      const { kind, key } = effect;
      const facade = facades.get(keyText(key));
      if (kind === 'server-open') open(key);
      else if (kind === 'server-write') facade?.feed(effect.octets);
      else if (kind === 'server-finish') facade?.feedEnd();
      else {
        facades.delete(keyText(key));
        facade?.stream.destroy();
      }
    },
    close() {
      const all = [...facades.values()];
      facades.clear();
      for (const { stream } of all) stream.destroy();
    },
  };
}
