/**
 * From the name or the YAML file of a target to an open device.
 *
 * Errors name file, line and column, and what was expected there.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { CAPABILITIES, type Capability } from '../catalogue/capability.ts';
import { parseYaml } from '../document/yaml.ts';
import type { Device, PortRole, Profile } from '../driver/device.ts';
import type { System } from '../driver/system.ts';
import { openInProcess } from './in-process.ts';
import { openLab } from './lab/lab.ts';
import type { Lack } from './lab/needs.ts';
import { openPcapFiles } from './pcap-files.ts';
import { openSim } from './sim/sim.ts';
import { portsSchema, profileSchema } from './stdio-answers.ts';
import { openStdio } from './stdio.ts';

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

/** A target file's content. */
export type Target = InProcessTarget | PcapFilesTarget | StdioTarget;

/** Names that need no file. */
const BUILT_IN_TARGETS: readonly string[] = ['reference'];

/** Names of whole Prisms, and how they are opened. */
const SYSTEM_TARGETS: Readonly<Record<string, () => System>> = {
  sim: () => openSim(),
  lab: () => openLab(),
};

/** Whether `name` is that of a target that needs no file. */
export function isBuiltIn(name: string): boolean {
  return BUILT_IN_TARGETS.includes(name) || isSystem(name);
}

/** Whether `name` is that of a whole Prism, and not of a switch. */
export function isSystem(name: string): boolean {
  return Object.hasOwn(SYSTEM_TARGETS, name);
}

/** Opens the whole Prism called `name`; undefined if there is none. */
export function openNamedSystem(name: string): System | undefined {
  return isSystem(name) ? SYSTEM_TARGETS[name]?.() : undefined;
}

/** What this machine lacks of what the whole Prism called `name` needs, each with what to do. */
export async function lacksFor(name: string): Promise<readonly Lack[]> {
  if (name !== 'lab') return [];
  // It loads what asks the kernel, which no other target needs.
  const { lacksOfLab } = await import('./lab/needs.ts');
  return lacksOfLab();
}

const claims = z.array(z.enum(CAPABILITIES));
/** The way to lock that needs a capability of its own, for each but `drop`. */
const LOCK_NEEDS: Readonly<Record<string, Capability>> = { hold: 'HOLD', punt: 'PUNT' };

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
]);

/** The JSON Schema of a target file, for editors. */
export function targetJsonSchema(): unknown {
  return z.toJSONSchema(SCHEMA, { io: 'input' });
}

/** Reads the text of a target file; the error is one line that says where and what was expected. */
export function parseTarget(text: string, path: string): Result<Target, string> {
  return parseYaml(text, path, { schema: SCHEMA, name: 'target' });
}

function openTarget(target: Target, folder: string): Device {
  if (target.driver === 'pcap-files') return openPcapFiles(target, folder);
  if (target.driver === 'stdio') return openStdio(target, folder);
  const lock = target.profile?.lock;
  return openInProcess({
    ...(target.claims === undefined ? {} : { claims: target.claims }),
    ...(lock === undefined ? {} : { lock }),
  });
}

/**
 * Opens the target called `name`, or described by the file `name`.
 *
 * The error is one line for the user. Whether the device answers is known only after `hello`.
 */
export function openNamedTarget(name: string): Result<Device, string> {
  if (name === 'reference') return { ok: true, value: openInProcess() };
  if (isSystem(name)) {
    return { ok: false, error: `no target called ${name} is a switch: it is a whole Prism` };
  }
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch {
    const known = BUILT_IN_TARGETS.join(', ');
    return { ok: false, error: `no target called ${name}: expected ${known} or a YAML file` };
  }
  const target = parseTarget(text, name);
  if (!target.ok) return target;
  return { ok: true, value: openTarget(target.value, dirname(resolve(name))) };
}
