/**
 * The reference server switch in virtual time as a target: its clients, its servers, and the
 * Ethernet between them. Together with its parts in this folder it is the judge's door to it.
 */
import { act, lay, start } from '../../../reference/sim/network/world.ts';
import type { Capability } from '../../catalogue/capability.ts';
import type {
  Balancer,
  BalancerHello,
  BalancerObservation,
  BalancerProfile,
  BalancerStory,
  ServerName,
} from '../../driver/balancer.ts';
import { balancerHello, REFERENCE_CHOICES, REFERENCE_CLAIMS } from '../virtual-bed/hello.ts';
import { SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import {
  clientsAt,
  createStage,
  playOn,
  setupsOf,
  startHost,
  type Stage,
} from '../virtual-bed/stage.ts';
import { createEthernet } from './ethernet.ts';
import { createServerProcess, type ServerProcess } from './server.ts';
import { createSwitches, type SwitchAlteration } from './switches.ts';

const ETHERNET = 'ethernet';

/** What makes of the reference another server switch. */
export interface BalancerAlteration extends SwitchAlteration {
  /** What it declares in another way than the reference. */
  readonly choices?: Partial<BalancerProfile>;
  /** What it declares that it can do; all when left out. */
  readonly claims?: readonly Capability[];
}

function helloWith({ choices, claims = REFERENCE_CLAIMS }: BalancerAlteration): BalancerHello {
  return balancerHello({
    name: 'balancer-sim',
    vendor: 'prismspec',
    version: '1',
    claims,
    clock: 'virtual',
    choices: { ...REFERENCE_CHOICES, ...choices },
  });
}

/** Puts servers and clients on the stage; the servers, by their names. */
function people(stage: Stage): ReadonlyMap<ServerName, ServerProcess> {
  const { world, story, hosts, served, random } = stage;
  start(world, ETHERNET, createEthernet(hosts));
  const services = setupsOf(story).flatMap((each) => each.services);
  const clients = hosts.filter(({ name }) => name.startsWith('client'));
  const servers = new Map(
    SERVER_HOSTS.map((self): [ServerName, ServerProcess] => {
      const { name: server } = self;
      const onServed = served.push.bind(served);
      const place = { self, server, onServed, clients, services, random };
      return [server, createServerProcess(place)];
    }),
  );
  for (const host of hosts) {
    const { name, port } = host;
    const server = SERVER_HOSTS.find((each) => each.name === name);
    const process = server === undefined ? undefined : servers.get(server.name);
    lay(world, { name, port: 0 }, { name: ETHERNET, port });
    startHost(stage, host, process ?? clientsAt(stage, host));
  }
  return servers;
}

function play(story: BalancerStory, alteration: BalancerAlteration): BalancerObservation {
  const stage = createStage(story);
  const switches = createSwitches(stage, alteration, ETHERNET, REFERENCE_CHOICES.halfOpenMax);
  const servers = people(stage);
  return playOn(stage, {
    ...switches,
    serverState(name, state): void {
      act(stage.world, name, (nowNs) => servers.get(name)?.become(state, nowNs) ?? []);
    },
  });
}

/** Opens the reference server switch in virtual time, or one that is altered. */
export function openBalancerSim(alteration: BalancerAlteration = {}): Balancer {
  const hello = helloWith(alteration);
  return {
    hello: async () => hello,
    play: async (story) => play(story, alteration),
    close: async () => undefined,
  };
}
