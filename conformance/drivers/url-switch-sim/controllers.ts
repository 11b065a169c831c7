/**
 * The controllers' machine: one controller for each service, checks of the servers, and a host that
 * answers ARP and refuses the rest.
 */
import { ipv4Address, type Ipv4Address, type MacAddress } from 'scapy-ts';
import { createController } from '../../../reference/controller/step.ts';
import type { ControllerConfig, ControllerState } from '../../../reference/controller/state.ts';
import type { DrawBelow } from '../../../reference/policy/scheduler.ts';
import { formatSiteFault, siteFault } from '../../../reference/policy/site-fault.ts';
import type { Site } from '../../../reference/policy/site.ts';
import { createHostProcess, type HostProcess } from '../../../reference/sim/host-process.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import {
  createControllerProcess,
  type ControllerProcess,
} from '../../../reference/sim/prism/controller-process.ts';
import { checkSum } from '../../../reference/sim/prism/prism.ts';
import {
  createHost,
  step as stepHost,
  type HostEvent,
  type HostState,
} from '../../../reference/sim/tcp/host.ts';
import { endpointId } from '../../../reference/sim/tcp/state.ts';
import { SERVERS, type VirtualService } from '../../driver/balancer.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import { createChecker } from './checks.ts';
import { createShared, type Sharer } from './sharing.ts';
import { EMPTY_SITE } from './site.ts';
import { endsOf, hasConnection, isTenant, type FrameEnds, type Tenant } from './tenant.ts';

/** Who else is there, and what controllers' numbers and choices come of. */
export interface ControllersPlace {
  readonly neighbours: readonly (readonly [Ipv4Address, MacAddress])[];
  readonly random: () => number;
  readonly draw: DrawBelow;
  readonly siteOf: (service: VirtualService) => Site;
  /** What they are set up with in another way. */
  readonly settings: Partial<ControllerConfig>;
}

/** The controller of a service. */
export interface TenantController extends Sharer<FrameEnds> {
  readonly tenant: Tenant;
  readonly state: ControllerState;
  readonly process: ControllerProcess;
  /** From now on it takes connections, or takes none. */
  readonly listen: (isListening: boolean) => void;
}

/** The machine that all controllers are on. */
export interface Controllers {
  readonly process: Process;
  readonly tenants: readonly TenantController[];
  /** Answers what is wrong with the services; all or none are taken, in the next step. */
  readonly configure: (services: readonly VirtualService[]) => string | undefined;
}

/** Answers from so many octets on are handed off; shorter ones are passed on. */
export const HAND_OFF_OCTETS = 2000;
/** Seconds in which a client has to send a whole head. */
export const HEAD_SECONDS = 2;
/** A server's agent that says nothing for four heartbeats is lost. */
const HEARTBEAT_NS = 50e6;
const MISSED_MAX = 4;
const RETRY_MS = 20;
const LINGER_MS = 300;

function createTenantController(tenant: Tenant, place: ControllersPlace): TenantController {
  const { neighbours, random, draw, settings } = place;
  const { virtual, source, serverPort, ownedPort } = tenant;
  const hidden = [virtual.address, source];
  const host = createHost({ mac: BALANCER_MAC, addresses: [], hidden, neighbours, random });
  const backends = SERVER_HOSTS.map(({ name, address, mac }) => {
    return { name, owner: { address, port: ownedPort, mac }, hasAgent: true };
  });
  const config = {
    site: EMPTY_SITE,
    mac: BALANCER_MAC,
    backends,
    handOffFromOctets: HAND_OFF_OCTETS,
    headMs: HEAD_SECONDS * 1000,
    lingerMs: LINGER_MS,
    missedMax: MISSED_MAX,
    retryMs: RETRY_MS,
    ...settings,
  };
  const state = createController(config, draw);
  const process = createControllerProcess({
    host,
    state,
    virtual,
    address: source,
    servers: new Map(
      SERVER_HOSTS.map(({ name, address }) => [name, { address, port: serverPort }]),
    ),
    seal: checkSum,
    heartbeatNs: HEARTBEAT_NS,
  });
  const listen = (isListening: boolean): void => {
    stepHost(host, { kind: isListening ? 'listen' : 'unlisten', local: virtual });
  };
  listen(false);
  return { tenant, state, process, listen, takes: (ends) => isForTenant(tenant, host, ends) };
}

/** What is for one that takes no connections is for it only where it has that one. */
function isForTenant({ virtual, source }: Tenant, host: HostState, ends: FrameEnds): boolean {
  if (ends === undefined) return false;
  if (ends.local.address === source && hasConnection(host, ends)) return true;
  const isVirtual = endpointId(ends.local) === endpointId(virtual);
  return isVirtual && (host.listeners.size > 0 || hasConnection(host, ends));
}

/** A host with the switch's MAC address and addresses, which serves nothing. */
function createFront(
  virtual: readonly Ipv4Address[],
  { neighbours, random }: ControllersPlace,
): HostProcess {
  const addresses = [...new Set([...BALANCER_ADDRESSES, ...virtual])];
  const host = createHost({ mac: BALANCER_MAC, addresses, neighbours, random });
  return createHostProcess(host, (): readonly HostEvent[] => []);
}

/** What is wrong with services, the first thing that is; undefined where nothing is. */
function faultOf(
  services: readonly VirtualService[],
  siteOf: ControllersPlace['siteOf'],
): string | undefined {
  const endpoints = services.map(({ address, port }) => `${address}:${port}`);
  const twice = endpoints.find((each, nth) => endpoints.indexOf(each) !== nth);
  if (twice !== undefined) return `two services are at ${twice}`;
  for (const service of services) {
    const fault = siteFault(siteOf(service), new Set(SERVERS));
    if (fault !== undefined) return `${service.name}: ${formatSiteFault(fault)}`;
  }
  return undefined;
}

/** A controller for each tenant, none of which takes connections yet. */
export function createControllers(
  tenants: readonly Tenant[],
  place: ControllersPlace,
): Controllers {
  const { siteOf } = place;
  const controllers = tenants.map((each) => createTenantController(each, place));
  const front: Sharer<FrameEnds> = { process: createFront([], place), takes: () => true };
  const checker = createChecker(place.random, (nth, health) =>
    controllers[nth]?.process.give({ kind: 'health', ...health }),
  );
  return {
    // Who checks has its place behind the others: theirs are those of their tenants.
    process: createShared([...controllers, checker, front], endsOf),
    tenants: controllers,
    configure(services): string | undefined {
      const fault = faultOf(services, siteOf);
      if (fault !== undefined) return fault;
      const virtual = services.map(({ address }) => ipv4Address(address));
      front.process = createFront(virtual, place);
      const present = new Map<number, VirtualService>();
      for (const { tenant, process, listen } of controllers) {
        const service = services.find((each) => isTenant(tenant, each));
        listen(service !== undefined);
        // Of a service that is taken away, the connections go on as they are.
        if (service === undefined) continue;
        present.set(tenant.place, service);
        process.give({ kind: 'configure', site: siteOf(service) });
      }
      checker.configure(present);
      return undefined;
    },
  };
}
