/**
 * A whole Prism in virtual time: clients, a switch, a controller, backends.
 *
 *   client ─ 1 ┐            ┌ 10 ─ b1     frames: cables, each end of which may lose, double, delay
 *   …          ├─ switch ───┤  …
 *   client ─ n ┘     │      └ 1n ─ bn     messages: channels between controller and switch,
 *                    0 ─ controller       controller and each backend, and backend and backend
 */
import { ipv4Address, mac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import { createAgent } from '../../backend/step.ts';
import type { AgentConfig } from '../../backend/state.ts';
import { createController, type ControllerState } from '../../controller/step.ts';
import type { ControllerConfig } from '../../controller/state.ts';
import type { Site } from '../../policy/site.ts';
import type { ConnectionKey, Endpoint } from '../../rules/rule.ts';
import type { LockMode } from '../../switch/config.ts';
import { createSwitch, step as stepSwitch, type SwitchState } from '../../switch/switch.ts';
import type { Odds } from '../network/fate.ts';
import { createRandom, drawBelow, drawUint32 } from '../network/random.ts';
import { lay, open, start, type World } from '../network/world.ts';
import { createPeer, type Line, type Peer } from '../peer.ts';
import { createHost, type HostState } from '../tcp/host.ts';
import type { TcpSettings } from '../tcp/connection.ts';
import { createBackendProcess } from './backend-process.ts';
import { createControllerProcess } from './controller-process.ts';
import { createOrigin, type Execution, type Origin } from './origin.ts';
import { createSwitchProcess } from './switch-process.ts';

/** How a Prism is built. */
export interface PrismOptions {
  /** Over `b1` and `b2`. */
  readonly site: Site;
  readonly clients: number;
  readonly lock?: LockMode;
  /** What goes wrong on cables, and on channels. */
  readonly cables?: Odds;
  readonly channels?: Odds;
  readonly thinkNs?: number;
  readonly controller?: Partial<ControllerConfig>;
  readonly agent?: Partial<AgentConfig>;
  /** What one backend's agent has beside that, by name. */
  readonly agents?: Readonly<Record<string, Partial<AgentConfig>>>;
  /** Backends without an agent, to which connections are spliced, by name. */
  readonly spliced?: readonly string[];
  /** The server of a backend; the model's own when left out. */
  readonly origin?: (backend: string) => Origin;
}

/** A Prism that runs. */
export interface Prism {
  readonly world: World;
  readonly switchState: SwitchState;
  controller: ControllerState;
  readonly executions: Execution[];
  /** The timelines of all connections. */
  readonly notes: string[];
  /** Puts a client with its script on the network; number 0 … clients − 1. */
  connect(client: number, script: readonly Line[], settings?: Partial<TcpSettings>): Peer;
  startController(): void;
  startBackend(name: string): void;
}

const VIRTUAL: Endpoint = { address: ipv4Address('198.51.100.1'), port: 80 };
const CONTROLLER_ADDRESS = ipv4Address('10.0.0.1');
const BACKENDS = ['b1', 'b2'] as const;
const SERVER_PORT = 8080;
const CLIENT_PORT = 40_000;
const THINK_NS = 200_000;
const HEARTBEAT_NS = 200e6;

/** A seal that finds damage is enough where a stranger does not try to compute it. FNV-1a. */
export function checkSum(octets: Uint8Array): Uint8Array {
  let state = 0x811c9dc5;
  for (const octet of octets) state = Math.imul(state ^ octet, 0x01000193);
  const seal = new Uint8Array(32);
  new DataView(seal.buffer).setUint32(0, state >>> 0);
  return seal;
}

function macOf(port: number): MacAddress {
  return mac(`02:00:00:00:00:${port.toString(16).padStart(2, '0')}`);
}

function backendAddress(index: number): Ipv4Address {
  return ipv4Address(`10.0.0.${21 + index}`);
}

function clientAddress(index: number): Ipv4Address {
  return ipv4Address(`192.0.2.${10 + index}`);
}

/** Builds a Prism in `world` and starts all but the clients. */
export function buildPrism(world: World, options: PrismOptions): Prism {
  const clientPorts = Array.from({ length: options.clients }, (_, index) => 1 + index);
  const backendPorts = BACKENDS.map((_, index) => 100 + index);
  const neighbours: [Ipv4Address, MacAddress][] = [
    [CONTROLLER_ADDRESS, macOf(0)],
    ...clientPorts.map((port, index): [Ipv4Address, MacAddress] => [
      clientAddress(index),
      macOf(port),
    ]),
    ...backendPorts.map((port, index): [Ipv4Address, MacAddress] => [
      backendAddress(index),
      macOf(port),
    ]),
  ];
  const switchState = createSwitch({
    ports: [0, ...clientPorts, ...backendPorts],
    lock: options.lock ?? 'drop',
  });
  const executions: Execution[] = [];
  const notes: string[] = [];
  const onNote = (who: string) => (key: ConnectionKey, what: string, atNs: number) => {
    notes.push(`${(atNs / 1e6).toFixed(3)} ${who} ${key.client.port}: ${what}`);
  };
  let lives = 0;

  function hostAt(port: number, addresses: readonly Ipv4Address[]): HostState {
    const random = createRandom(world.seed, `host ${port} life ${lives}`);
    lives += 1;
    const gateway = macOf(0);
    return createHost({
      mac: macOf(port),
      addresses,
      neighbours: addresses.includes(CONTROLLER_ADDRESS)
        ? neighbours
        : [...neighbours, [ipv4Address('198.51.100.1'), macOf(0)]],
      gateway,
      random: () => drawUint32(random),
    });
  }

  const backends = BACKENDS.map((name, index) => {
    const endpoint = { address: backendAddress(index), port: SERVER_PORT };
    return { name, endpoint, port: backendPorts[index] ?? 0 };
  });

  const prism: Prism = {
    world,
    switchState,
    controller: newController(),
    executions,
    notes,
    connect(client, script, settings): Peer {
      const host = hostAt(1 + client, [clientAddress(client)]);
      const local = { address: clientAddress(client), port: CLIENT_PORT + client };
      const [first, ...more] = script;
      const lines =
        first?.play.kind === 'connect' && settings !== undefined
          ? [{ ...first, play: { ...first.play, settings } }, ...more]
          : script;
      const peer = createPeer(host, { local, remote: VIRTUAL }, lines);
      start(world, `client ${client}`, peer);
      return peer;
    },
    startController(): void {
      prism.controller = newController();
      const host = hostAt(0, [ipv4Address('198.51.100.1'), CONTROLLER_ADDRESS]);
      const seat = createControllerProcess({
        host,
        state: prism.controller,
        virtual: VIRTUAL,
        address: CONTROLLER_ADDRESS,
        servers: new Map(backends.map(({ name, endpoint }) => [name, endpoint])),
        seal: checkSum,
        heartbeatNs: HEARTBEAT_NS,
        onNote: onNote('controller'),
      });
      start(world, 'controller', seat);
    },
    startBackend(name): void {
      const backend = backends.find((each) => each.name === name);
      if (backend === undefined) throw new Error(`there is no backend ${name}`);
      const { endpoint, port } = backend;
      const host = hostAt(port, [backendAddress(backends.indexOf(backend))]);
      const thinkNs = options.thinkNs ?? THINK_NS;
      const seat = createBackendProcess({
        host,
        state: createAgent({ name, instance: lives, ...options.agent, ...options.agents?.[name] }),
        endpoint,
        origin:
          options.origin?.(name) ??
          createOrigin(name, thinkNs, (execution) => executions.push(execution)),
        seal: checkSum,
        onNote: onNote(name),
      });
      start(world, name, seat);
    },
  };

  function newController(): ControllerState {
    const lots = createRandom(world.seed, `lots of life ${lives}`);
    const config = {
      site: options.site,
      mac: macOf(0),
      backends: backends.map(({ name, endpoint, port }) => {
        const isSpliced = options.spliced?.includes(name) === true;
        return { name, owner: { ...endpoint, mac: macOf(port) }, hasAgent: !isSpliced, isSpliced };
      }),
      ...options.controller,
      // Above all that an earlier life can have used.
      firstEpoch: 1 + lives * 1_000_000,
    };
    return createController(config, (limit) => drawBelow(lots, limit));
  }

  start(world, 'switch', createSwitchProcess(switchState));
  const cable = options.cables === undefined ? {} : { odds: options.cables };
  const channel = options.channels === undefined ? {} : { odds: options.channels };
  lay(world, { name: 'switch', port: 0 }, { name: 'controller', port: 0 }, cable);
  for (const [index, port] of clientPorts.entries()) {
    lay(world, { name: 'switch', port }, { name: `client ${index}`, port: 0 }, cable);
  }
  open(world, 'controller', 'switch', channel);
  for (const { name, port } of backends) {
    lay(world, { name: 'switch', port }, { name, port: 0 }, cable);
    open(world, 'controller', name, channel);
  }
  open(world, 'b1', 'b2', channel);
  prism.startController();
  for (const { name } of backends) prism.startBackend(name);
  return prism;
}

/** How many rules the switch has, once leases that are over have ended. */
export function countRules({ switchState, world }: Prism): number {
  stepSwitch(switchState, { kind: 'tick', nowNs: BigInt(Math.round(world.nowNs)) });
  return switchState.rules.entries.size;
}
