/**
 * A whole Prism in one file, JSON or YAML, which each of its processes reads.
 *
 *   { "keyFile": "key", "virtual": "10.0.0.1:80",
 *     "controller": { "mac": "02:00:00:00:00:01" },
 *     "switch": { "channel": "/run/prism/switch", "devices": { "to-client": [], "to-b1": [] } },
 *     "backends": [{ "name": "b1", "owner": "10.0.0.21:8080", "mac": "02:00:00:00:00:21",
 *                    "channel": "/run/prism/b1" }],
 *     "policy": [{ "backends": ["b1"] }] }
 *
 * The policy is a list of routes, or a whole site: `site-schema.ts`.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseIpv4, parseIpv6, parseMac, type MacAddress } from 'scapy-ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { DEFAULTS as AGENT_DEFAULTS, type AgentConfig } from '../../backend/state.ts';
import {
  DEFAULTS as CONTROLLER_DEFAULTS,
  type Backend,
  type ControllerOptions,
} from '../../controller/state.ts';
import type { Seal } from '../../handoff/codec.ts';
import { formatSiteFault, siteFault } from '../../policy/site-fault.ts';
import { completeCheck, findCheckFaults } from '../../health/check.ts';
import type { Target } from '../../health/target.ts';
import type { Endpoint } from '../../rules/rule.ts';
import { formatEndpointAddress } from '../socket-address.ts';
import type { BackendOptions } from './agent.ts';
import type { ChannelAddress } from './channel.ts';
import type { ServerAt } from './checks.ts';
import { sealOf } from './seal.ts';
import { SWITCH } from './rule-switch.ts';
import { readPolicy, type PlannedSite } from './site-schema.ts';

/** The switches that there are. */
export const SWITCH_KINDS = ['bpf', 'ring'] as const;

/** One of the switches that there are. */
export type SwitchKind = (typeof SWITCH_KINDS)[number];

/** A Prism as it is planned. */
export interface Plan {
  /** Where it was read. */
  readonly file: string;
  readonly virtual: Endpoint;
  readonly config: ControllerOptions;
  readonly agent: Partial<AgentConfig>;
  /** The servers that the controller checks. */
  readonly checks: readonly Target<ServerAt>[];
  /** What the switch is made of: a program at the tc hook, or packet rings. */
  readonly kind: SwitchKind;
  /** Most rules at a time. */
  readonly capacity: number;
  /** How long a rule may be locked, in milliseconds. */
  readonly lockLeaseMs: number;
  /** The devices of the switch, and the stations behind each. */
  readonly devices: ReadonlyMap<string, readonly MacAddress[]>;
  /** Where the switch and the agents listen. */
  readonly channels: ReadonlyMap<string, ChannelAddress>;
  readonly seal: Seal;
}

const ENDPOINT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+)):(?<port>\d{1,5})$/u;
const PORT_MAX = 65_535;

/** The endpoint in `192.0.2.1:80` or `[2001:db8::1]:80`; undefined where it is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const { v4, v6, port = '' } = ENDPOINT.exec(text)?.groups ?? {};
  const address = v6 === undefined ? parseIpv4(v4 ?? '') : parseIpv6(v6);
  const number = Number(port);
  if (!address.ok || number < 1 || number > PORT_MAX) return undefined;
  return { address: address.value, port: number };
}

/** Where `text` says that a process listens: a path, or `host:port`. */
export function parseChannel(text: string): ChannelAddress | undefined {
  if (text.startsWith('/')) return { path: text };
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/u.exec(text) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Text that `read` understands. */
function texts<T>(read: (text: string) => T | undefined, what: string): z.ZodType<T> {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue(`${JSON.stringify(text)} is not ${what}`);
    return z.NEVER;
  });
}

const endpoint = texts(parseEndpoint, 'an address with a port');
const channel = texts(parseChannel, 'a path or a host with a port');
const hardware = texts((text) => {
  const read = parseMac(text);
  return read.ok ? read.value : undefined;
}, 'a MAC address');
/** Some of the numbers of a configuration, by their names in the code. */
function numbersOf(defaults: object): z.ZodType<Readonly<Record<string, number>>> {
  const name = z.string().refine((text) => text in defaults, 'no such setting');
  return z.record(name, z.number().nonnegative()).default({});
}

const schema = z.strictObject({
  keyFile: z.string(),
  virtual: endpoint,
  controller: z.strictObject({ mac: hardware, settings: numbersOf(CONTROLLER_DEFAULTS) }),
  agent: numbersOf(AGENT_DEFAULTS),
  switch: z.strictObject({
    channel,
    kind: z.enum(SWITCH_KINDS).default('bpf'),
    devices: z.record(z.string(), z.array(hardware)),
    capacity: z.int().min(1).max(1_000_000).default(16_384),
    lockLeaseMs: z.int().min(1).max(3_600_000).default(10_000),
  }),
  backends: z.array(
    z
      .strictObject({
        name: z.string().min(1),
        owner: endpoint,
        mac: hardware,
        /** Left out where no agent is: such a backend is only passed requests. */
        channel: channel.optional(),
        /** Without an agent: whether connections are spliced to its server. */
        splice: z.boolean().default(false),
      })
      .refine(({ channel: at, splice }) => at === undefined || !splice, {
        error: 'a backend with a channel is not spliced',
        path: ['splice'],
      }),
  ),
  policy: z.unknown().transform(readPolicy),
});

/** What `attachPrism` needs for the backend `name`; throws Error where the plan has none. */
export function backendOf({ config, agent, channels, seal }: Plan, name: string): BackendOptions {
  const owner = config.backends.find((backend) => backend.name === name)?.owner;
  if (owner === undefined) throw new Error(`the plan has no backend ${JSON.stringify(name)}`);
  return { name, owner, channels, seal, config: agent };
}

/** The servers of pools with a check, each where it is; throws Error where a check cannot be. */
function targetsOf(
  { site, checks }: PlannedSite,
  backends: readonly { readonly name: string; readonly owner: Endpoint }[],
): readonly Target<ServerAt>[] {
  return site.pools.flatMap((pool) => {
    const options = checks.get(pool.name);
    if (options === undefined) return [];
    const check = completeCheck(options, 'nat');
    const [fault] = findCheckFaults(check, 'nat');
    if (fault !== undefined) throw new Error(`pool ${pool.name}: ${fault.field}: ${fault.need}`);
    const isOf = (name: string): boolean => pool.servers.some((server) => server.name === name);
    return backends
      .filter(({ name }) => isOf(name))
      .map(({ name, owner }): Target<ServerAt> => {
        const way = { host: formatEndpointAddress(owner), port: check.port ?? owner.port };
        return { service: pool.name, server: name, way, check };
      });
  });
}

/** Reads a plan; throws Error that says what is wrong where. */
export function readPlan(file: string): Plan {
  const read = schema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  const { keyFile, virtual, controller, agent, backends, policy, ...rest } = read.data;
  const fault = siteFault(policy.site, new Set(backends.map(({ name }) => name)));
  if (fault !== undefined) throw new Error(`${file}: policy: ${formatSiteFault(fault)}`);
  const channels = new Map([[SWITCH, rest.switch.channel]]);
  for (const { name, channel: at } of backends) if (at !== undefined) channels.set(name, at);
  const targets = targetsOf(policy, backends);
  return {
    file,
    checks: targets,
    virtual,
    config: {
      ...controller.settings,
      mac: controller.mac,
      site: policy.site,
      backends: backends.map(({ name, owner, mac, channel: at, splice }): Backend => {
        const hasAgent = at !== undefined;
        return { name, owner: { ...owner, mac }, hasAgent, isSpliced: splice };
      }),
    },
    agent,
    kind: rest.switch.kind,
    capacity: rest.switch.capacity,
    lockLeaseMs: rest.switch.lockLeaseMs,
    devices: new Map(Object.entries(rest.switch.devices)),
    channels,
    seal: sealOf(readFileSync(resolve(dirname(file), keyFile))),
  };
}
