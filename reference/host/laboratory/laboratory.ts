/**
 * A whole Prism on this kernel: each part a process of its own in a namespace of its own.
 *
 *   c1 10.0.0.101 ─── to-c1 ┐          ┌ to-controller ─── controller 10.0.0.1
 *   c2 10.0.0.102 ─── to-c2 ┼─ bridge ─┤
 *                           │  (BPF)   ├ to-b1 ─── b1 10.0.0.21, answers /a
 *                           │          └ to-b2 ─── b2 10.0.0.22, answers /b
 *
 * `/a/60000` is 60,000 octets. Over IPv6 10.0.0.21 is 2001:db8::21. A packet ring is bridge and
 * switch in one.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { raiseLab, removeStaleLabs, type Lab } from '../lab.ts';
import type { RuleStatus } from '../../control/command.ts';
import type { Endpoint } from '../../rules/rule.ts';
import { parseEndpoint } from '../prism/plan.ts';
import { readCounted, type Counted } from './counted.ts';
import { findPlainServer, isListening, plainWords, type PlainServer } from './plain.ts';
import { readRules } from './rules.ts';
import {
  hostsOf,
  plainServers,
  stations,
  topologyOf,
  writePlan,
  type LaboratoryOptions,
} from './site.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAMS = join(ROOT, 'reference/host/prism');
const NODE = [process.execPath, '--import', join(ROOT, 'tools/register.mjs')];
const READY_MAX_MS = 20_000;
const METRICS_MAX_MS = 5000;

/** The processes of a Prism; a backend by its name. */
export type Part = 'switch' | 'controller' | `b${number}`;

/** A Prism that runs. */
export interface Laboratory {
  readonly lab: Lab;
  /** Where clients connect. */
  readonly virtual: Endpoint;
  /** The same as a URL. */
  readonly site: string;
  /** The plan that all parts read; its folder has the key and the channels. */
  readonly plan: string;
  /** What plain servers are, and the folder that they serve: `/c/5` is its file `c/5`. */
  readonly plainServer: PlainServer;
  readonly files: string;
  /** The lines that each part has written. */
  linesOf(part: Part): readonly string[];
  /** Starts a part, and resolves when it is ready; rejects with its last words. */
  start(part: Part): Promise<void>;
  /** The process of a part that was started. */
  process(part: Part): ChildProcess;
  metrics(): Promise<Counted>;
  /** The rules that the switch has. */
  rules(): Promise<readonly RuleStatus[]>;
  /** Resolves when the controller knows the agents of all backends. */
  agentsPresent(): Promise<void>;
  down(): void;
}

/** Brings up the network and all parts. Throws Error, and leaves nothing, where that fails. */
export async function raiseLaboratory(options: LaboratoryOptions): Promise<Laboratory> {
  removeStaleLabs();
  const lab = raiseLab(topologyOf(options));
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-lab-'));
  const plan = writePlan(folder, options);
  const plainServer = findPlainServer();
  const files = join(folder, 'files');
  stations(options).backends.forEach(({ prefix }) => {
    mkdirSync(join(files, prefix), { recursive: true });
  });
  const site = hostsOf(options).virtual;
  const virtual = parseEndpoint(site);
  if (virtual === undefined) throw new Error(`${site} is no endpoint`);
  const children = new Map<Part, ChildProcess>();
  const lines = new Map<Part, string[]>();
  const linesOf = (part: Part): string[] => {
    const said = lines.get(part) ?? [];
    lines.set(part, said);
    return said;
  };
  const processOf = (part: Part): ChildProcess => {
    const child = children.get(part);
    if (child === undefined) throw new Error(`${part} was not started`);
    return child;
  };

  function hear(part: Part, line: string): void {
    linesOf(part).push(line);
    const isTimeline = part === 'controller' && line.startsWith('{"at"');
    if (isTimeline && options.timeline !== undefined) appendFileSync(options.timeline, `${line}\n`);
  }

  const plainAt = plainServers(options);

  async function wordsOf(part: Part): Promise<readonly string[]> {
    const at = plainAt.get(part);
    if (at !== undefined) {
      return plainWords(plainServer, { at, home: join(folder, part), files }, NODE);
    }
    if (part === 'switch' && typeof options.switch === 'object') {
      return [...NODE, options.switch.main, plan, folder];
    }
    const program = part === 'switch' || part === 'controller' ? part : 'backend';
    const server = await startServer(part);
    return [...NODE, join(PROGRAMS, `${program}-main.ts`), plan, part, ...server];
  }

  async function start(part: Part): Promise<void> {
    const words = await wordsOf(part);
    const child = lab.start(part, words, ['pipe', 'pipe', 'pipe']);
    children.set(part, child);
    const before = linesOf(part).length;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => hear(part, line));
    }
    const at = plainAt.get(part);
    const isReady = (): boolean =>
      at === undefined ? linesOf(part).slice(before).includes('ready') : isListening(lab, part, at);
    await until(isReady, READY_MAX_MS, () => {
      const said = linesOf(part).slice(-5).join('\n  ');
      return `${part} did not start (status ${child.exitCode}):\n  ${said}`;
    });
  }

  /** Where the server of a backend listens for connections, if it has one of its own. */
  async function startServer(part: Part): Promise<readonly string[]> {
    const path = join(folder, `${part}-server`);
    const words = options.serverOf?.(part, path);
    if (words === undefined) return [];
    const { stdout } = lab.start(part, words, ['ignore', 'pipe', 'inherit']);
    if (stdout !== null) await once(stdout, 'data');
    return [path];
  }

  const laboratory: Laboratory = {
    lab,
    virtual,
    site: `http://${site}`,
    plan,
    plainServer,
    files,
    linesOf,
    start,
    process: processOf,
    async metrics() {
      const before = linesOf('controller').length;
      const find = (): string | undefined =>
        linesOf('controller')
          .slice(before)
          .find((line) => line.startsWith('{"metrics"'));
      processOf('controller').kill('SIGUSR2');
      await until(
        () => find() !== undefined,
        METRICS_MAX_MS,
        () => 'the controller is silent',
      );
      return readCounted(find() ?? '');
    },
    rules: () => readRules(plan),
    async agentsPresent() {
      const wanted = stations(options).backends.length - plainAt.size;
      let present: readonly string[] = [];
      const areThere = async (): Promise<boolean> => {
        ({ present } = await laboratory.metrics());
        return present.length === wanted;
      };
      await until(areThere, READY_MAX_MS, () => `only ${present.join(', ')} are there`);
    },
    down() {
      lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await start('switch');
    await Promise.all(stations(options).backends.map((_, at) => start(`b${at + 1}`)));
    await start('controller');
    await laboratory.agentsPresent();
    return laboratory;
  } catch (error) {
    laboratory.down();
    throw error;
  }
}

const POLL_MS = 20;

/** Looks again and again until something is so; throws Error that says why not, after `maxMs`. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  maxMs: number,
  why: () => string,
  pollMs: number = POLL_MS,
): Promise<void> {
  const deadline = performance.now() + maxMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(why());
    await sleep(pollMs);
  }
}

/** What a program in a host's namespace writes; rejects where it ends otherwise than with 0. */
export async function runAt(
  { lab }: Laboratory,
  host: string,
  words: readonly string[],
): Promise<string> {
  const child = lab.start(host, words, ['ignore', 'pipe', 'pipe']);
  const parts: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout?.on('data', (octets: Buffer) => parts.push(octets));
  child.stderr?.on('data', (octets: Buffer) => said.push(octets));
  const [status] = await once(child, 'close');
  if (status === 0) return Buffer.concat(parts).toString('latin1');
  throw new Error(`${words[0]} ended with ${status}: ${Buffer.concat(said).toString().trim()}`);
}
