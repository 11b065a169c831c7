/** A whole document: its fields, what each may be, and the plan that they are. */
import { z } from 'zod';
import { completeConfig, type BalancerOptions, type Server, type Service } from '../config.ts';
import type { CheckOptions } from '../../health/check.ts';
import type { Checks } from '../../health/target.ts';
import { policy } from './policy-schema.ts';
import {
  address,
  choice,
  expecting,
  hardware,
  listOf,
  ports,
  prefix,
  record,
  statuses,
  text,
  truth,
  whole,
} from './value.ts';

/** A server switch as a document has it. */
export interface SwitchPlan {
  readonly options: BalancerOptions;
  /** By the names of services. */
  readonly checks: Checks;
}

const probe = z.discriminatedUnion(
  'kind',
  [
    record('a probe', { kind: z.literal('connect') }),
    record('a probe', {
      kind: z.literal('http'),
      path: text,
      host: text.exactOptional(),
      statuses: listOf(statuses),
    }),
  ],
  { error: expecting('a probe such as { kind: connect }', ['connect', 'http']) },
);

/** A check with its options; whether their numbers can be is another question. */
export const check: z.ZodType<CheckOptions> = record(
  'a check such as { probe: { kind: connect } }',
  {
    probe,
    port: whole(1, 0xffff).exactOptional(),
    at: choice('server', 'virtual').exactOptional(),
    intervalMs: whole(1).exactOptional(),
    jitterMs: whole(0).exactOptional(),
    timeoutMs: whole(1).exactOptional(),
    fall: whole(1).exactOptional(),
    rise: whole(1).exactOptional(),
    trafficFall: whole(1).exactOptional(),
  },
);

const server = record('a server with name, address and mac', {
  name: text,
  address,
  mac: hardware,
  port: whole(1, 0xffff).exactOptional(),
  weight: whole(0, 256).exactOptional(),
  drained: truth.exactOptional(),
});

const service = record('a service with name, address, ports, mode, policy and servers', {
  name: text,
  address,
  protocol: choice('tcp', 'udp').exactOptional(),
  ports,
  mode: choice('nat', 'dsr', 'ipip'),
  departed: choice('keep', 'reset').exactOptional(),
  policy,
  check: check.exactOptional(),
  servers: listOf(server),
});

const access = record('rules and what holds otherwise', {
  otherwise: choice('permit', 'deny'),
  established: choice('keep', 'apply'),
  rules: listOf(
    record('a rule such as { action: deny, source: 192.0.2.0/24 }', {
      action: choice('permit', 'deny'),
      source: prefix.exactOptional(),
      sourcePorts: ports.exactOptional(),
      destination: prefix.exactOptional(),
      destinationPorts: ports.exactOptional(),
      protocol: choice('tcp', 'udp', 'icmp').exactOptional(),
    }),
  ),
});

const timer = whole(1).exactOptional();
const limit = whole(1).exactOptional();

const INTERVAL = 'a multiple of 10 from 10 to 40950';

const document = record('a configuration with ports, mac and services', {
  ports: listOf(whole(0)),
  mac: hardware,
  addresses: listOf(address).exactOptional(),
  services: listOf(service),
  access: access.exactOptional(),
  strays: choice('drop', 'reset', 'hash').exactOptional(),
  refusal: choice('drop', 'reset').exactOptional(),
  ipOptions: choice('forward', 'drop').exactOptional(),
  fragments: choice('follow', 'drop').exactOptional(),
  others: choice('bridge', 'drop').exactOptional(),
  hops: z.literal([0, 1], { error: '0 or 1' }).exactOptional(),
  tunnelMtu: whole(88, 0xffff).exactOptional(),
  timers: record('timers', {
    opening: timer,
    established: timer,
    closing: timer,
    talking: timer,
  }).exactOptional(),
  limits: record('limits', {
    connections: limit,
    halfOpen: limit,
    stations: limit,
    datagrams: limit,
    answersPerSecond: limit,
    frameOctets: whole(60, 65_549).exactOptional(),
  }).exactOptional(),
  redundancy: record('how it is elected', {
    group: whole(1, 255),
    priority: whole(1, 254),
    intervalMs: z
      .int({ error: INTERVAL })
      .min(10, { error: INTERVAL })
      .max(40_950, { error: INTERVAL })
      .multipleOf(10, { error: INTERVAL }),
    source: address,
    preempts: truth,
  }).exactOptional(),
});

/** A document, and the plan that it is; whether that can be is another question. */
export const planSchema: z.ZodType<SwitchPlan> = document.transform(planOf);

function planOf(said: z.output<typeof document>): SwitchPlan {
  const { services, timers, limits, ...rest } = said;
  const usual = completeConfig({ ports: [], mac: said.mac, services: [] });
  return {
    options: {
      ...rest,
      services: services.map(serviceOf),
      ...(timers === undefined ? {} : { timers: { ...usual.timers, ...timers } }),
      ...(limits === undefined ? {} : { limits: { ...usual.limits, ...limits } }),
    },
    checks: new Map(
      services.flatMap(({ name, check: found }): readonly (readonly [string, CheckOptions])[] =>
        found === undefined ? [] : [[name, found]],
      ),
    ),
  };
}

function serviceOf(said: z.output<typeof service>): Service {
  const { name, address: virtual, ports: range, mode, servers, protocol = 'tcp' } = said;
  const { policy: declared, departed = 'keep' } = said;
  const fields = { name, address: virtual, protocol, ports: range, mode, departed };
  return { ...fields, policy: declared, servers: servers.map(serverOf) };
}

function serverOf({
  port,
  weight = 1,
  drained: isDrained = false,
  ...rest
}: z.output<typeof server>): Server {
  return { ...rest, port, weight, isDrained };
}
