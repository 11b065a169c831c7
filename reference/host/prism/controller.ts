/**
 * The controller as a process: it listens at the virtual endpoint, and commands a switch.
 *
 *   clients ═══ sockets ┐               ┌ rules ──── switch
 *                       ├─ controller ──┤
 *   servers ═ upstreams ┘               └ messages ─ agents
 */
import { randomInt } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Change, ControllerEffect, ControllerEvent } from '../../controller/event.ts';
import { isKnown, type ControllerOptions as Settings } from '../../controller/state.ts';
import { createController, step } from '../../controller/step.ts';
import type { Seal } from '../../handoff/codec.ts';
import { CONTROLLER } from '../../handoff/message.ts';
import type { Target } from '../../health/target.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { descriptorOf, openListener } from '../connection.ts';
import { endOf } from '../socket.ts';
import type { ChannelAddress } from './channel.ts';
import { startChecks, type ServerAt } from './checks.ts';
import { saveHandshakes } from './handshake.ts';
import { createMessenger } from './messenger.ts';
import { createMeter, type Metrics } from './metrics.ts';
import { askHere, askThere, SWITCH, type DataPath } from './rule-switch.ts';
import { createLoop, createStation, type OnNote } from './station.ts';
import { createUpstreams } from './upstreams.ts';

/** What a controller is started with. */
export interface ControllerOptions {
  readonly config: Settings;
  /** Where clients connect; an address of this namespace. */
  readonly virtual: Endpoint;
  /** Where the server of each backend listens, for what is passed on. */
  readonly servers: ReadonlyMap<string, Endpoint>;
  /** Where agents listen, and the switch if it is another process. */
  readonly channels: ReadonlyMap<string, ChannelAddress>;
  /** A switch in this process. */
  readonly dataPath?: DataPath;
  readonly seal: Seal;
  /** Servers that are checked; the service of each is a pool of the site. */
  readonly checks?: readonly Target<ServerAt>[];
  readonly onNote?: OnNote;
  /** Hears what was wrong with a change, or undefined. */
  readonly onConfigured?: (fault: string | undefined) => void;
}

/** A controller that runs. */
export interface RunningController {
  metrics(): Metrics;
  /** Gives it another site, and what is checked of it; what came of it is heard. */
  configure(change: Change, targets: readonly Target<ServerAt>[]): void;
  /** Ends it as a crash would: clients that are not handed off are lost. */
  close(): void;
}

const HEARTBEAT_MS = 200;

/** Epochs of a later life are above all of this one: it does not send a million commands a second. */
function firstEpoch(): number {
  return Date.now() * 1000;
}

/** Starts a controller. Throws SyscallError where it cannot listen. */
export function startController(options: ControllerOptions): RunningController {
  const { virtual, servers, channels, dataPath, seal, onNote, onConfigured } = options;
  const state = createController(
    { firstEpoch: firstEpoch(), timeOriginMs: performance.timeOrigin, ...options.config },
    (limit) => randomInt(limit),
  );
  const meter = createMeter();
  const tell = createLoop(stepAndLook, perform);
  const messenger = createMessenger({ name: CONTROLLER, peers: channels, seal, onMessage });
  const { send } = messenger;
  const station = createStation({ seal, send, localOf: (key) => key.virtual, tell, onNote });
  const upstreams = createUpstreams(servers, station.sockets, tell);
  const remote = askThere(seal, (octets) => send(SWITCH, octets));
  const ask = dataPath === undefined ? remote.ask : askHere(dataPath);
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
  const listening = openListener(virtual);
  saveHandshakes(listening);
  listener.listen({ fd: listening });
  const heart = setInterval(() => tell({ kind: 'heartbeat' }), HEARTBEAT_MS);
  tell({ kind: 'heartbeat' });
  const checks = startChecks((report) => tell({ kind: 'health', ...report }));
  checks.configure(options.checks ?? []);

  function stepAndLook(event: ControllerEvent): readonly ControllerEffect[] {
    if (event.kind === 'received') meter.fromClients += event.octets.length;
    const effects = step(state, event, performance.now());
    const key = keyOf(event);
    if (key !== undefined) {
      const name = keyText(key);
      meter.look(name, state.connections.get(name), performance.now());
    }
    return effects;
  }

  function perform(effect: ControllerEffect): void {
    switch (effect.kind) {
      case 'command': {
        const { key, command } = effect;
        ask(command, (reply) => {
          const error = reply.ok ? undefined : reply.error;
          tell({ kind: 'replied', key, epoch: command.epoch, error });
        });
        break;
      }
      case 'list':
        ask({ op: 'get' }, (reply) => {
          if (reply.ok) tell({ kind: 'listed', rules: reply.rules });
        });
        break;
      case 'configured':
        onConfigured?.(effect.fault);
        break;
      case 'upstream-bind':
      case 'upstream-open':
      case 'upstream-freeze':
      case 'upstream-thaw':
      case 'upstream-yield':
      case 'upstream-write':
      case 'upstream-finish':
      case 'upstream-close':
      case 'upstream-abort':
        upstreams.perform(effect);
        break;
      default:
        if (effect.kind === 'write') meter.toClients += effect.octets.length;
        station.perform(effect);
    }
  }

  function onMessage(from: string, octets: Uint8Array): void {
    if (from === SWITCH) remote.onReply(octets);
    else station.onOctets(from, octets);
  }

  function accept(socket: Socket): void {
    const key = keyOfSocket(socket);
    if (key === undefined) {
      socket.destroy();
      return;
    }
    const isSigned = station.sockets.adopt(key, socket);
    tell({ kind: 'opened', key, isSigned });
  }

  return {
    metrics: () => {
      const { connections, pulses, config } = state;
      const present = [...pulses].filter(
        ([name, { missed }]) => isKnown(state, name) && missed < config.missedMax,
      );
      return meter.read({
        connections: connections.size,
        present: present.map(([name]) => name),
      });
    },
    configure(change, targets) {
      tell({ kind: 'configure', ...change });
      checks.configure(targets);
    },
    close() {
      clearInterval(heart);
      checks.close();
      listener.close();
      upstreams.close();
      station.close();
      messenger.close();
    },
  };
}

function keyOf(event: ControllerEvent): ConnectionKey | undefined {
  if (event.kind === 'message') return 'key' in event.message ? event.message.key : undefined;
  return 'key' in event ? event.key : undefined;
}

/** Undefined where the client is already gone. */
function keyOfSocket(socket: Socket): ConnectionKey | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined || socket.remoteAddress === undefined) return undefined;
  const [virtual, client] = [endOf(fd, 'getsockname'), endOf(fd, 'getpeername')];
  return virtual && client && { virtual, client };
}
