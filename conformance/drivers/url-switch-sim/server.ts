/** A server of the test bed: the site, and for each service an agent of its own before it. */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import { createAgent } from '../../../reference/backend/step.ts';
import { createHostProcess, drive } from '../../../reference/sim/host-process.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createBackendProcess } from '../../../reference/sim/prism/backend-process.ts';
import { checkSum } from '../../../reference/sim/prism/prism.ts';
import { createHost, type HostEvent, type HostState } from '../../../reference/sim/tcp/host.ts';
import type { Served, ServerState } from '../../driver/balancer.ts';
import { BALANCER_MAC, type ServerHost } from '../virtual-bed/hosts.ts';
import { createProgram, type Program } from '../virtual-bed/program.ts';
import { createShared, type Sharer } from './sharing.ts';
import { endsOf, hasConnection, type FrameEnds, type Tenant } from './tenant.ts';

/** Who else is in the world of a server. */
export interface ServerPlace {
  readonly self: ServerHost;
  readonly tenants: readonly Tenant[];
  readonly neighbours: readonly (readonly [Ipv4Address, MacAddress])[];
  readonly random: () => number;
  readonly onServed: (served: Served) => void;
}

/** A server, whose programs may change. */
export interface ServerProcess extends Process {
  readonly become: (state: ServerState, nowNs: number) => readonly ProcessEffect[];
}

/** What serves one tenant: a program, and the agent beside it, which lives and dies with it. */
interface Backend extends Sharer<FrameEnds> {
  become: (state: ServerState, nowNs: number) => readonly ProcessEffect[];
}

interface Life {
  readonly host: HostState;
  readonly process: Process;
  readonly program: Program;
}

function createSelf({ self, neighbours, random }: ServerPlace): HostState {
  const { mac, address } = self;
  return createHost({ mac, addresses: [address], neighbours, gateway: BALANCER_MAC, random });
}

function begin(place: ServerPlace, tenant: Tenant, instance: number): Life {
  const { name, address } = place.self;
  const host = createSelf(place);
  const program = createProgram(name, place.onServed);
  const process = createBackendProcess({
    host,
    state: createAgent({ name, instance }),
    endpoint: { address, port: tenant.serverPort },
    owned: { address, port: tenant.ownedPort },
    origin: program,
    seal: checkSum,
  });
  return { host, process, program };
}

/** The frames by which all connections of a host that is no more are reset. */
function resetAll(host: HostState, nowNs: number): readonly ProcessEffect[] {
  const aborts = [...host.connections.keys()].map((id): HostEvent => ({ kind: 'abort', id }));
  return drive(host, [{ kind: 'tick', nowNs }, ...aborts], () => []).map((octets) => {
    return { kind: 'frame', port: 0, octets };
  });
}

function createBackend(place: ServerPlace, tenant: Tenant): Backend {
  const others = place.tenants.filter((each) => each !== tenant).map(({ source }) => source);
  let instance = 1;
  let life = begin(place, tenant, instance);
  const backend: Backend = {
    process: life.process,
    takes(ends) {
      if (backend.process === undefined || ends === undefined) return false;
      const isOthers = others.some((source) => source === ends.remote.address);
      const isListening = ends.local.port === tenant.serverPort && !isOthers;
      return hasConnection(life.host, ends) || isListening;
    },
    become(state, nowNs) {
      if (state === 'dead') {
        backend.process = undefined;
        return resetAll(life.host, nowNs);
      }
      if (backend.process === undefined) {
        instance += 1;
        life = begin(place, tenant, instance);
        backend.process = life.process;
      }
      life.program.become(state, nowNs);
      return [];
    },
  };
  return backend;
}

/** The process of a server, which works. */
export function createServerProcess(place: ServerPlace): ServerProcess {
  const nobody = createHostProcess(createSelf(place), (): readonly HostEvent[] => []);
  const backends = place.tenants.map((tenant) => createBackend(place, tenant));
  return {
    ...createShared([...backends, { process: nobody, takes: () => true }], endsOf),
    become: (state, nowNs) => backends.flatMap((each) => each.become(state, nowNs)),
  };
}
