/**
 * The agent of a backend as a process, whatever its server is.
 *
 *   client ══ socket ══ agent ── server side ── server
 */
import type { AgentEffect, AgentEvent, ConnectionEvent } from '../../backend/event.ts';
import type { AgentConfig } from '../../backend/state.ts';
import { createAgent, step } from '../../backend/step.ts';
import type { Seal } from '../../handoff/codec.ts';
import type { Endpoint } from '../../rules/rule.ts';
import type { ChannelAddress } from './channel.ts';
import { createMessenger } from './messenger.ts';
import type { Sockets } from './sockets.ts';
import { createLoop, createStation, type OnNote } from './station.ts';

/** How a server becomes a backend. */
export interface BackendOptions {
  readonly name: string;
  /** Its end of the connections that are handed to it: an address of this namespace. */
  readonly owner: Endpoint;
  /** Where the agents of all backends listen, this one's too. */
  readonly channels: ReadonlyMap<string, ChannelAddress>;
  readonly seal: Seal;
  readonly config?: Partial<AgentConfig>;
  readonly onNote?: OnNote;
}

/** A server that is a backend. */
export interface AttachedServer {
  /** Connections that are here. */
  readonly connections: number;
  /** Ends them without a word, and is a backend no longer. */
  close(): void;
}

/** What an agent does with its server. */
export type ServerEffect = Extract<AgentEffect, { readonly kind: `server-${string}` }>;

/** A server as the agent uses it. */
export interface ServerSide {
  perform(effect: ServerEffect): void;
  close(): void;
}

/** What the side of a server needs of the agent. */
export interface AgentSide {
  readonly tell: (event: ConnectionEvent) => void;
  readonly sockets: Sockets;
}

/** Tenths of a second since then: a greater number after each start, and one of 32 bits. */
const FIRST_INSTANCE = Date.UTC(2025, 0, 1) / 100;

/** Starts the agent of the server that `makeServer` makes. */
export function startAgent(
  options: BackendOptions,
  makeServer: (agent: AgentSide) => ServerSide,
): AttachedServer {
  const { name, owner, channels, seal, onNote } = options;
  const instance = Math.floor(Date.now() / 100 - FIRST_INSTANCE);
  const state = createAgent({ name, instance, ...options.config });
  const tell = createLoop((event: AgentEvent) => step(state, event), perform);
  const messenger = createMessenger({
    name,
    listen: channels.get(name),
    peers: channels,
    seal,
    onMessage: (from, octets) => station.onOctets(from, octets),
  });
  const { send } = messenger;
  const station = createStation({ seal, send, localOf: () => owner, tell, onNote });
  const server = makeServer({ tell, sockets: station.sockets });

  function perform(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'server-open':
      case 'server-write':
      case 'server-finish':
      case 'server-abort':
        server.perform(effect);
        break;
      default:
        station.perform(effect);
    }
  }

  return {
    get connections() {
      return station.sockets.count;
    },
    close() {
      station.close();
      messenger.close();
      server.close();
    },
  };
}
