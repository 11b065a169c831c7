/**
 * From the name or the YAML file of a target to an open device.
 *
 * Errors name file, line and column, and what was expected there.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Result } from 'scapy-ts';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { CAPABILITIES, type Capability } from '../catalogue/capability.ts';
import { PORT_ROLES, type Device, type PortRole, type Profile } from '../driver/device.ts';
import { openInProcess } from './in-process.ts';
import { openPcapFiles } from './pcap-files.ts';

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

/** A target file's content. */
export type Target = InProcessTarget | PcapFilesTarget;

/** Names that need no file. */
const BUILT_IN_TARGETS: readonly string[] = ['reference'];

const claims = z.array(z.enum(CAPABILITIES));
/** The way to lock that needs a capability of its own, for each but `drop`. */
const LOCK_NEEDS: Readonly<Record<string, Capability>> = { hold: 'HOLD', punt: 'PUNT' };

function differentPorts(ports: PcapFilesTarget['ports']): boolean {
  const numbers = Object.values(ports);
  return new Set(numbers).size === numbers.length;
}

const SCHEMA: z.ZodType<Target> = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('in-process'),
    claims: claims.optional(),
    profile: z.strictObject({ lock: z.enum(['drop', 'hold', 'punt']).optional() }).optional(),
  }),
  z.strictObject({
    driver: z.literal('pcap-files'),
    name: z.string().min(1),
    vendor: z.string().default('unknown'),
    version: z.string().default('unknown'),
    cmd: z.array(z.string()).min(1),
    ports: z
      .partialRecord(z.enum(PORT_ROLES), z.int().min(0).max(65_535))
      .refine(differentPorts, 'expected a number of its own for each port'),
    egress: z.literal('destination-mac'),
    mtu: z.int().min(68).max(65_535).default(1500),
    timeoutMs: z.int().min(1).max(600_000).default(10_000),
    claims,
    profile: z
      .strictObject({
        ttl: z.enum(['unchanged', 'decrement']).default('unchanged'),
        delta: z.int().min(1).max(0xffffffff).optional(),
      })
      .optional(),
  }),
]);

/** The JSON Schema of a target file, for editors. */
export function targetJsonSchema(): unknown {
  return z.toJSONSchema(SCHEMA, { io: 'input' });
}

/** `line:column` of the node at `path`, or of the nearest one above it. */
function position(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return `${line}:${col}`;
    }
  }
  return '1:1';
}

/** Reads the text of a target file; the error is one line that says where and what was expected. */
export function parseTarget(text: string, path: string): Result<Target, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [bad] = document.errors;
  if (bad !== undefined) {
    const { line, col } = lines.linePos(bad.pos[0]);
    return { ok: false, error: `${path}:${line}:${col} not YAML: ${bad.message}` };
  }
  const complain = (at: readonly PropertyKey[], message: string): Result<Target, string> => {
    const field = at.length === 0 ? 'target' : at.join('.');
    return { ok: false, error: `${path}:${position(document, lines, at)} ${field}: ${message}` };
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 0 });
  } catch {
    return complain([], 'expected no aliases');
  }
  const parsed = SCHEMA.safeParse(plain);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return complain(issue?.path ?? [], issue?.message ?? 'not a target');
  }
  const target = parsed.data;
  if (target.driver === 'in-process') {
    const need = LOCK_NEEDS[target.profile?.lock ?? 'drop'];
    if (need !== undefined && target.claims?.includes(need) === false) {
      return complain(['profile', 'lock'], `expected drop, for claims are without ${need}`);
    }
  }
  return { ok: true, value: target };
}

function openTarget(target: Target, folder: string): Device {
  if (target.driver === 'pcap-files') return openPcapFiles(target, folder);
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
