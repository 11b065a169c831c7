/** A Prism whose backends are nginx: nothing of the Prism is on their machines. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RuleStatus } from '../../reference/control/command.ts';
import { readRules } from '../../reference/host/laboratory/rules.ts';
import {
  stations,
  topologyOf,
  writePlan,
  type LaboratoryOptions,
} from '../../reference/host/laboratory/site.ts';
import { raiseLab, type Lab } from '../../reference/host/lab.ts';
import type { Bucket, Link, Topology } from '../../reference/host/topology.ts';
import { until } from './bed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BEAT_MS = 200;
const ESTABLISHED = '01';

/** What may differ. */
export interface SpliceBedOptions extends Pick<
  LaboratoryOptions,
  'controller' | 'clients' | 'rate'
> {
  /** Of what the switch sends to the client. */
  readonly bucket?: Bucket;
  /** Whether the controller agrees to timestamps; it does where this is left out. */
  readonly hasTimestamps?: boolean;
}

/** A Prism with servers that know nothing of it. */
export interface SpliceBed {
  readonly lab: Lab;
  /** The files that every server has; its own are in `a`, `b` … */
  readonly files: string;
  /** What the controllers have written. */
  readonly lines: readonly string[];
  /** What was started last: `switch`, `controller`, or the server of a backend. */
  process(name: string): ChildProcess;
  startController(): Promise<void>;
  rules(): Promise<readonly RuleStatus[]>;
  /** Octets that the controller has written to clients. */
  toClients(): Promise<number>;
  /** How many TCP connections a host has, and how many segments it has sent again. */
  established(host: string): number;
  retransmitted(host: string): number;
  /** What a program in a host's namespace writes; rejects where it ends otherwise than with 0. */
  run(host: string, words: readonly string[]): Promise<string>;
  down(): void;
}

const planned = z.looseObject({
  backends: z.array(z.looseObject({})),
});
const counted = z.object({ metrics: z.object({ toClients: z.number() }) });

function nginxText(home: string, files: string): string {
  return `
daemon off;
master_process off;
user root;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events {}
http {
  access_log off;
  sendfile on;
  server { listen 8080; root ${files}; }
}
`;
}

function networkOf(
  options: LaboratoryOptions,
  { bucket, hasTimestamps = true }: SpliceBedOptions,
): Topology {
  const topology = topologyOf(options);
  const links = topology.links.map(({ ends: [host, port], ...rest }): Link => {
    const isLimited = bucket !== undefined && host.host === 'c1';
    return { ...rest, ends: [host, isLimited ? { ...port, bucket } : port] };
  });
  const controller = { settings: { 'ipv4.tcp_timestamps': hasTimestamps ? 1 : 0 } };
  return { ...topology, hosts: { ...topology.hosts, controller }, links };
}

/** Without agents, and with servers to splice to. */
function writeSplicedPlan(folder: string, options: LaboratoryOptions): string {
  const file = writePlan(folder, options);
  const plan = planned.parse(JSON.parse(readFileSync(file, 'utf8')));
  const backends = plan.backends.map((backend) => ({
    ...backend,
    channel: undefined,
    splice: true,
  }));
  writeFileSync(file, JSON.stringify({ ...plan, backends }));
  return file;
}

/** Brings it up; the caller takes it down. */
export async function raiseSpliceBed(
  name: string,
  spliced: SpliceBedOptions = {},
): Promise<SpliceBed> {
  const { bucket: _bucket, hasTimestamps: _hasTimestamps, ...rest } = spliced;
  const options = { name, ...rest };
  const lab = raiseLab(networkOf(options, spliced));
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-splice-'));
  const plan = writeSplicedPlan(folder, options);
  const files = join(folder, 'files');
  const lines: string[] = [];
  const children = new Map<string, ChildProcess>();

  function startServer(host: string, prefix: string): void {
    const home = join(folder, `${host}-home`);
    mkdirSync(join(files, prefix), { recursive: true });
    mkdirSync(home);
    const file = join(home, 'nginx.conf');
    writeFileSync(file, nginxText(home, files));
    children.set(host, lab.start(host, ['nginx', '-p', home, '-c', file]));
  }

  async function start(part: 'switch' | 'controller'): Promise<void> {
    const program = join(ROOT, `reference/host/prism/${part}-main.ts`);
    const words = [process.execPath, '--import', join(ROOT, 'tools/register.mjs'), program, plan];
    const child = lab.start(part, words, ['pipe', 'pipe', 'inherit']);
    children.set(part, child);
    let isReady = false;
    if (child.stdout === null) throw new Error('no output');
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') isReady = true;
      else lines.push(line);
    });
    await until(`${part} is ready`, () => isReady);
  }

  const bed: SpliceBed = {
    lab,
    files,
    lines,
    process(part) {
      const child = children.get(part);
      if (child === undefined) throw new Error(`${part} was not started`);
      return child;
    },
    startController: () => start('controller'),
    rules: () => readRules(plan),
    async toClients() {
      const before = lines.length;
      const find = (): string | undefined =>
        lines.slice(before).find((line) => line.startsWith('{"metrics"'));
      bed.process('controller').kill('SIGUSR2');
      await until('metrics', () => find() !== undefined);
      return counted.parse(JSON.parse(find() ?? '')).metrics.toClients;
    },
    established(host) {
      const rows = lab.inside(host, () => readFileSync('/proc/thread-self/net/tcp', 'utf8'));
      return rows.split('\n').filter((row) => row.trim().split(/\s+/u)[3] === ESTABLISHED).length;
    },
    retransmitted(host) {
      const text = lab.inside(host, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'));
      const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
      return Number(values.split(' ')[names.split(' ').indexOf('RetransSegs')]);
    },
    run: (host, words) => runAt(lab, host, words),
    down() {
      lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const { host, prefix } of stations(options).backends) startServer(host, prefix);
    await start('switch');
    await start('controller');
    return bed;
  } catch (error) {
    bed.down();
    throw error;
  }
}

async function runAt(lab: Lab, host: string, words: readonly string[]): Promise<string> {
  const child = lab.start(host, words, ['ignore', 'pipe', 'pipe']);
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout?.on('data', (octets: Buffer) => out.push(octets));
  child.stderr?.on('data', (octets: Buffer) => said.push(octets));
  const [status] = await once(child, 'close');
  if (status === 0) return Buffer.concat(out).toString('latin1');
  throw new Error(`${words[0]} ended with ${status}: ${Buffer.concat(said).toString().trim()}`);
}

/** Waits until the switch has no rule any more. */
export async function rulesGone(bed: SpliceBed, maxMs: number): Promise<void> {
  const deadline = performance.now() + maxMs;
  for (;;) {
    const { length } = await bed.rules();
    if (length === 0) return;
    if (performance.now() > deadline) throw new Error(`still ${length} rules`);
    await sleep(BEAT_MS);
  }
}
