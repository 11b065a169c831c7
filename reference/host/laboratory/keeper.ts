/**
 * The process that keeps a laboratory up between two commands, and the file that says so.
 *
 *   lab up ─▶ keeper ─▶ /run/prismspec/lab.json     lab down ─▶ SIGTERM ─▶ keeper ─▶ nothing left
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { serveMetrics } from './exposition.ts';
import { raiseLaboratory } from './laboratory.ts';
import { PLAIN_SERVERS, type PlainServer } from './plain.ts';
import { switchName, type LaboratoryOptions } from './site.ts';
import { SHOWN, writePlainFile } from './splice-demo.ts';

/** Where it is said that a laboratory is up. */
export const STATE_FILE = '/run/prismspec/lab.json';

/** What a kept laboratory is started with. */
export type KeeperOptions = Pick<LaboratoryOptions, 'rate' | 'switch'> & {
  readonly timeline: string;
};

/** A laboratory that another process keeps up. */
export interface Kept {
  readonly pid: number;
  readonly switch: string;
  /** Names of the namespaces by host. */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly plan: string;
  readonly timeline: string;
  /** The path of the file that the plain server has, and what that is. */
  readonly file: string;
  readonly plainServer: PlainServer;
  /** Where the metrics are, for Prometheus. */
  readonly metrics: string;
}

const kept: z.ZodType<Kept> = z.object({
  pid: z.int().min(2),
  switch: z.string(),
  namespaces: z.record(z.string(), z.string()),
  plan: z.string(),
  timeline: z.string(),
  file: z.string(),
  plainServer: z.enum(PLAIN_SERVERS),
  metrics: z.string(),
});

const HOSTS = ['c1', 'switch', 'controller', 'b1', 'b2', 'b3'] as const;

/** The laboratory that is up; undefined where none is, or its keeper was killed. */
export function findKept(): Kept | undefined {
  if (!existsSync(STATE_FILE)) return undefined;
  const read = kept.safeParse(readJson(STATE_FILE));
  return read.success && isKeeper(read.data.pid) ? read.data : undefined;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A process id may be another's by now. */
function isKeeper(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('keeper-main');
  } catch {
    return false;
  }
}

/** Brings a laboratory up and keeps it until SIGTERM or SIGINT. */
export async function keepLaboratory(options: KeeperOptions): Promise<void> {
  const laboratory = await raiseLaboratory({ name: 'lab', ...SHOWN, ...options });
  const file = writePlainFile(laboratory);
  const exposition = await serveMetrics(laboratory);
  const state: Kept = {
    pid: process.pid,
    switch: switchName(options),
    namespaces: Object.fromEntries(HOSTS.map((host) => [host, laboratory.lab.nameOf(host)])),
    plan: laboratory.plan,
    timeline: options.timeline,
    file,
    plainServer: laboratory.plainServer,
    metrics: exposition.url,
  };
  mkdirSync(dirname(STATE_FILE), { recursive: true });
  writeFileSync(STATE_FILE, JSON.stringify(state, undefined, 2));
  const end = (): void => {
    rmSync(STATE_FILE, { force: true });
    laboratory.down();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
