/**
 * The whole reference Prism in virtual time as a URL switch: controllers, agents and a switch
 * between clients and servers of the test bed. With its parts in this folder it is the judge's door.
 *
 *   client 1 … 100    s1 … s4      Each is at a port of the Prism's switch. All that is sent to the
 *         └── switch ───┘          gateway's MAC address comes to the controllers, unless a rule
 *                │                 says that a server has the connection.
 *           controllers            10.1.0.254, 10.2.0.254 and the virtual addresses
 */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import type { ControllerConfig } from '../../../reference/controller/state.ts';
import type { Site } from '../../../reference/policy/site.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { createRandom, drawBelow } from '../../../reference/sim/network/random.ts';
import { act, lay, open, start } from '../../../reference/sim/network/world.ts';
import { createSwitchProcess } from '../../../reference/sim/prism/switch-process.ts';
import { createSwitch } from '../../../reference/switch/switch.ts';
import { SERVERS } from '../../driver/balancer.ts';
import type {
  Balancer,
  BalancerObservation,
  BalancerStory,
  Served,
  ServerName,
  Setup,
} from '../../driver/balancer.ts';
import { NotSupported } from '../../driver/device.ts';
import { SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import {
  clientsAt,
  createStage,
  playOn,
  setupsOf,
  startHost,
  type Stage,
} from '../virtual-bed/stage.ts';
import { createControllers, type Controllers } from './controllers.ts';
import { helloWith, type OtherChoices } from './hello.ts';
import { learnBefore } from './learned.ts';
import { createServerProcess, type ServerProcess } from './server.ts';
import { servingAll } from './sharing.ts';
import { siteOf } from './site.ts';
import { isAt, tenantsOf } from './tenant.ts';

const SWITCH = 'switch';
const CONTROLLER = 'controller';
const CONTROLLER_PORT = 0;

/** Puts something around a part: `switch`, `controller`, or a server. */
export type Wrap = (part: string, process: Process) => Process;

/** What makes of the reference another URL switch. */
export interface UrlSwitchAlteration extends OtherChoices {
  /** Called for each story, so that what it remembers is of that story alone. */
  readonly wrap?: (story: BalancerStory) => Wrap;
  /** What is done to its configuration. */
  readonly setup?: (setup: Setup) => Setup;
  readonly site?: (site: Site) => Site;
  readonly controller?: Partial<ControllerConfig>;
}

/** Who does what a story asks for. */
interface People {
  readonly controllers: Controllers;
  readonly servers: ReadonlyMap<ServerName, ServerProcess>;
}

/** Puts switch, controllers, servers and clients on the stage. */
function people(stage: Stage, alteration: UrlSwitchAlteration): People {
  const { wrap, site = (told): Site => told, controller: settings = {} } = alteration;
  const { world, story, hosts, served, random } = stage;
  const around = wrap?.(story) ?? ((_, process): Process => process);
  const tenants = tenantsOf(setupsOf(story));
  const neighbours = hosts.map(({ address, mac }): [Ipv4Address, MacAddress] => [address, mac]);
  const ports = [CONTROLLER_PORT, ...hosts.map(({ port }) => port)];
  const switchState = createSwitch({ ports, lock: 'drop' });
  start(world, SWITCH, around(SWITCH, servingAll(createSwitchProcess(switchState))));
  const source = createRandom(story.seed, CONTROLLER);
  const draw = (limit: number): number => drawBelow(source, limit);
  const controllers = createControllers(tenants, {
    neighbours,
    random,
    draw,
    siteOf: (service) => site(siteOf(service)),
    settings,
  });
  for (const { tenant, state } of controllers.tenants) {
    learnBefore(
      state,
      story.visitors.filter(({ service }) => isAt(tenant, service)),
    );
  }
  lay(world, { name: SWITCH, port: CONTROLLER_PORT }, { name: CONTROLLER, port: 0 });
  open(world, CONTROLLER, SWITCH);
  for (const host of hosts) {
    const { name, port } = host;
    lay(world, { name: SWITCH, port }, { name, port: 0 });
    if (name.startsWith('client')) startHost(stage, host, clientsAt(stage, host));
  }
  const onServed = (each: Served): unknown => served.push(each);
  const servers = new Map(
    SERVER_HOSTS.map((self) => [
      self.name,
      createServerProcess({ self, tenants, neighbours, random, onServed }),
    ]),
  );
  for (const [name, process] of servers) {
    start(world, name, around(name, process));
    open(world, CONTROLLER, name);
    for (const other of SERVERS) if (name < other) open(world, name, other);
  }
  start(world, CONTROLLER, around(CONTROLLER, controllers.process));
  return { controllers, servers };
}

function configure(
  { world }: Stage,
  { configure: tell, process }: Controllers,
  { services, access }: Setup,
): string | undefined {
  if (services.some(({ mode }) => mode !== 'http')) throw new NotSupported('packets');
  if (access.length > 0) throw new NotSupported('ACL');
  const fault = tell(services);
  act(world, CONTROLLER, (nowNs) => process.step({ kind: 'tick' }, nowNs));
  return fault;
}

function play(story: BalancerStory, alteration: UrlSwitchAlteration): BalancerObservation {
  const { setup: misread = (told: Setup): Setup => told } = alteration;
  const stage = createStage(story);
  const { controllers, servers } = people(stage, alteration);
  return playOn(stage, {
    configure: (setup) => configure(stage, controllers, misread(setup)),
    serverState: (server, state) =>
      act(stage.world, server, (nowNs) => servers.get(server)?.become(state, nowNs) ?? []),
  });
}

/** Opens the reference Prism as a URL switch in virtual time, or one that is altered. */
export function openUrlSwitchSim(alteration: UrlSwitchAlteration = {}): Balancer {
  const hello = helloWith(alteration);
  return {
    hello: async () => hello,
    play: async (story) => play(story, alteration),
    close: async () => undefined,
  };
}
