/** The reference server switch as a process, and its configuration from a setup of the suite. */
import { ipv4Address } from 'scapy-ts';
import type { Prefix } from '../../../reference/balancer/access.ts';
import { createBalancer, step, type Effect } from '../../../reference/balancer/balancer.ts';
import type { BalancerOptions, Server, Service } from '../../../reference/balancer/config.ts';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import type { ServerName, Setup, VirtualService } from '../../driver/balancer.ts';
import { NotSupported } from '../../driver/device.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, SERVER_HOSTS } from './bed.ts';

/** The reference on the network, with one port. */
export interface ReferenceProcess extends Process {
  /** Gives it another configuration; the fault is undefined if it took it. */
  readonly configure: (
    options: BalancerOptions,
    nowNs: number,
  ) => { readonly fault: string | undefined; readonly effects: readonly ProcessEffect[] };
}

const PORT = 0;

function policyOf({ choosing }: VirtualService): PolicyDeclaration {
  if (choosing === 'round-robin') return { policy: 'round-robin' };
  if (choosing !== 'source-hash') throw new NotSupported('another choosing');
  return { policy: 'source-hash', placement: { kind: 'modulo', hash: 'crc32' } };
}

function serverOf(name: ServerName, port: number): Server {
  const host = SERVER_HOSTS.find((each) => each.name === name);
  if (host === undefined) throw new Error(`there is no server ${name}`);
  const { address, mac } = host;
  return { name, address, mac, port, weight: 1, isDrained: false };
}

function serviceOf(service: VirtualService): Service {
  const { name, address, port, mode, serverPort = port } = service;
  if (mode === 'http') throw new NotSupported('HTTP');
  return {
    name,
    address: ipv4Address(address),
    protocol: 'tcp',
    ports: { first: port, last: port },
    mode,
    servers: service.servers.map((each) => serverOf(each, serverPort)),
    policy: policyOf(service),
    departed: 'reset',
  };
}

function prefixOf(text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  return { address: ipv4Address(address), length: Number(length) };
}

/** How the reference is told what a setup says; it has room for `halfOpen` half-open connections. */
export function optionsOf({ services, access }: Setup, halfOpen: number): BalancerOptions {
  return {
    ports: [PORT],
    mac: BALANCER_MAC,
    addresses: BALANCER_ADDRESSES,
    services: services.map(serviceOf),
    access: {
      rules: access.map(({ action, source }) => ({ action, source: prefixOf(source) })),
      otherwise: 'permit',
      established: 'keep',
    },
    limits: {
      connections: 2 * halfOpen,
      halfOpen,
      stations: 1024,
      datagrams: 1024,
      answersPerSecond: 1000,
      frameOctets: 1514,
    },
  };
}

function emissionsOf(effects: readonly Effect[]): readonly ProcessEffect[] {
  return effects.flatMap((effect) =>
    effect.kind === 'emit' ? [{ kind: 'frame', port: effect.port, octets: effect.octets }] : [],
  );
}

/** The reference without services, active from the beginning. */
export function createReference(draw: (limit: number) => number): ReferenceProcess {
  const state = createBalancer({ ports: [PORT], mac: BALANCER_MAC, services: [] }, draw);
  step(state, { kind: 'role', isActive: true });
  const tick = (nowNs: number): readonly Effect[] =>
    step(state, { kind: 'tick', nowNs: BigInt(Math.round(nowNs)) });
  return {
    // What is due is found when the next frame comes.
    nextAtNs: () => undefined,
    step(event, nowNs) {
      const before = tick(nowNs);
      if (event.kind !== 'frame') return emissionsOf(before);
      const { octets } = event;
      return emissionsOf([...before, ...step(state, { kind: 'frame', port: PORT, octets })]);
    },
    configure(options, nowNs) {
      const effects = [...tick(nowNs), ...step(state, { kind: 'configure', options })];
      const refused = effects.find((effect) => effect.kind === 'refused');
      return { fault: refused?.fault, effects: emissionsOf(effects) };
    },
  };
}
