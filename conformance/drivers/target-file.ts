/**
 * The file that describes a target: what may stand in it.
 *
 * Errors name file, line and column, and what was expected there.
 */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import {
  BALANCER_CAPABILITIES,
  PRISM_CAPABILITIES,
  type BalancerCapability,
  type Capability,
  type PrismCapability,
} from '../catalogue/capability.ts';
import { parseYaml } from '../document/yaml.ts';
import type { BalancerProfile } from '../driver/balancer.ts';
import type { PortRole, Profile } from '../driver/device.ts';
import { choicesSchema } from './balancer-choices.ts';
import type { ProgramTarget } from './balancer-lab/balancer-lab.ts';
import { AGENT_NAMES, type AgentName } from './p4/model.ts';
import { portsSchema, profileSchema } from './stdio-answers.ts';

/** The embedded reference, with all capabilities or only those named. */
export interface InProcessTarget {
  readonly driver: 'in-process';
  readonly claims?: readonly Capability[] | undefined;
  readonly profile?: { readonly lock?: Profile['lock'] | undefined } | undefined;
}

/** A command that turns one capture file into another. */
export interface PcapFilesTarget {
  readonly driver: 'pcap-files';
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  /** `{in}`, `{out}`, `{rules}` and `{port}` are replaced by paths and the ingress port. */
  readonly cmd: readonly string[];
  readonly ports: Partial<Readonly<Record<PortRole, number>>>;
  /** How the port that a frame leaves at is known. */
  readonly egress: 'destination-mac';
  readonly mtu: number;
  readonly timeoutMs: number;
  readonly claims: readonly Capability[];
  readonly profile?: Partial<Pick<Profile, 'ttl' | 'delta'>> | undefined;
}

/** A program that speaks `prism-dut/1` on its standard input and output. */
export interface StdioTarget {
  readonly driver: 'stdio';
  readonly cmd: readonly string[];
  /** How long the device may take for one answer. */
  readonly timeoutMs: number;
  /** What of the device's claims is to be judged; all when left out. */
  readonly claims?: readonly Capability[] | undefined;
  /** Choices that the device does not declare itself. */
  readonly profile?: Partial<Profile> | undefined;
}

/** The model of BMv2 in this process, with another program. */
export interface P4ModelTarget {
  readonly driver: 'p4-model';
  readonly name: string;
  /** A path: what p4c-bm2-ss made. */
  readonly program: string;
  readonly agent: AgentName;
  readonly claims?: readonly Capability[] | undefined;
}

/** BMv2's simple_switch_grpc, which is started and gets `prism.p4`. */
export interface Bmv2Target {
  readonly driver: 'bmv2';
  /** A path, or a name that is looked for on PATH. */
  readonly program: string;
  /** How long it may take to start, and for each answer. */
  readonly timeoutMs: number;
}

/** A P4 switch that runs already; it gets `prism.p4`. */
export interface P4RuntimeTarget {
  readonly driver: 'p4runtime';
  readonly name: string;
  readonly vendor: string;
  /** Where it speaks P4Runtime, as gRPC names addresses: `host:port`, `unix:path`. */
  readonly address: string;
  /** Where it takes and gives frames as BMv2 does. */
  readonly dataPlane: string;
  readonly deviceId: number;
  /** Of all controllers the one with the highest is primary. */
  readonly electionId: { readonly high: number; readonly low: number };
  /** `prism.p4` as compiled for it; as compiled for BMv2 when left out. */
  readonly json?: string | undefined;
  readonly p4info?: string | undefined;
  readonly timeoutMs: number;
}

/** A core in Verilog, simulated. */
export interface NetfpgaSimTarget {
  readonly driver: 'netfpga-sim';
  readonly name: string;
  /** The path of a folder of Verilog; this project's core when left out. */
  readonly rtl?: string | undefined;
  /** The binary logarithm of the rules that there is room for. */
  readonly rulesLog2?: number | undefined;
  readonly claims?: readonly Capability[] | undefined;
}

/** A program that is a server switch; `cmd` is started in the folder of the file. */
export interface BalancerProgramTarget extends ProgramTarget {
  readonly driver: 'balancer-program';
}

/** The reference server switch in virtual time, which may declare what it does not do. */
export interface BalancerSimTarget {
  readonly driver: 'balancer-sim';
  readonly claims?: readonly BalancerCapability[];
  readonly choices?: BalancerProfile;
}

/** A file's content that is about a server switch. */
export type BalancerTarget = BalancerProgramTarget | BalancerSimTarget;

/** A target file's content. */
export type Target =
  | InProcessTarget
  | PcapFilesTarget
  | StdioTarget
  | P4ModelTarget
  | Bmv2Target
  | P4RuntimeTarget
  | NetfpgaSimTarget
  | BalancerTarget;

const claims = z.array(z.enum(PRISM_CAPABILITIES));
/** The way to lock that needs a capability of its own, for each but `drop`. */
const LOCK_NEEDS: Readonly<Record<string, PrismCapability>> = { hold: 'HOLD', punt: 'PUNT' };

const cmd = z.array(z.string()).min(1);
const timeoutMs = z.int().min(1).max(600_000).default(10_000);

const SCHEMA: z.ZodType<Target> = z.discriminatedUnion('driver', [
  z
    .strictObject({
      driver: z.literal('in-process'),
      claims: claims.optional(),
      profile: z.strictObject({ lock: z.enum(['drop', 'hold', 'punt']).optional() }).optional(),
    })
    .check(({ value, issues }) => {
      const need = LOCK_NEEDS[value.profile?.lock ?? 'drop'];
      if (need === undefined || value.claims?.includes(need) !== false) return;
      const message = `expected drop, for claims are without ${need}`;
      issues.push({ code: 'custom', path: ['profile', 'lock'], input: value, message });
    }),
  z.strictObject({
    driver: z.literal('pcap-files'),
    name: z.string().min(1),
    vendor: z.string().default('unknown'),
    version: z.string().default('unknown'),
    cmd,
    ports: portsSchema,
    egress: z.literal('destination-mac'),
    mtu: z.int().min(68).max(65_535).default(1500),
    timeoutMs,
    claims,
    profile: z
      .strictObject({
        ttl: z.enum(['unchanged', 'decrement']).default('unchanged'),
        delta: z.int().min(1).max(0xffffffff).optional(),
      })
      .optional(),
  }),
  z.strictObject({
    driver: z.literal('stdio'),
    cmd,
    timeoutMs,
    claims: claims.optional(),
    profile: profileSchema.optional(),
  }),
  z.strictObject({
    driver: z.literal('p4-model'),
    name: z.string().min(1),
    program: z.string().min(1),
    agent: z.enum(AGENT_NAMES).default('prism'),
    claims: claims.optional(),
  }),
  z.strictObject({
    driver: z.literal('bmv2'),
    program: z.string().min(1).default('simple_switch_grpc'),
    timeoutMs,
  }),
  z.strictObject({
    driver: z.literal('p4runtime'),
    name: z.string().min(1),
    vendor: z.string().default('unknown'),
    address: z.string().min(1),
    dataPlane: z.string().min(1),
    deviceId: z.int().min(0).default(0),
    electionId: z
      .strictObject({ high: z.int().min(0).default(0), low: z.int().min(1) })
      .default({ high: 0, low: 1 }),
    json: z.string().min(1).optional(),
    p4info: z.string().min(1).optional(),
    timeoutMs,
  }),
  z.strictObject({
    driver: z.literal('netfpga-sim'),
    name: z.string().min(1),
    rtl: z.string().min(1).optional(),
    rulesLog2: z.int().min(4).max(15).optional(),
    claims: claims.optional(),
  }),
  z.strictObject({
    driver: z.literal('balancer-program'),
    name: z.string().min(1),
    vendor: z.string().default('unknown'),
    version: z.string().default('unknown'),
    cmd,
    needs: z.array(z.string().min(1)).default([]),
    claims: z.array(z.enum(BALANCER_CAPABILITIES)),
    choices: choicesSchema,
    timeoutMs,
  }),
  z.strictObject({
    driver: z.literal('balancer-sim'),
    claims: z.array(z.enum(BALANCER_CAPABILITIES)).exactOptional(),
    choices: choicesSchema.exactOptional(),
  }),
]);

/** The JSON Schema of a target file, for editors. */
export function targetJsonSchema(): unknown {
  return z.toJSONSchema(SCHEMA, { io: 'input' });
}

/** Reads the text of a target file; the error is one line that says where and what was expected. */
export function parseTarget(text: string, path: string): Result<Target, string> {
  return parseYaml(text, path, { schema: SCHEMA, name: 'target' });
}
