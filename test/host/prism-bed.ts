/**
 * A whole Prism on this kernel: each part a process of its own in a namespace of its own.
 *
 *   client 10.0.0.9 ─── to-client ┐          ┌ to-controller ─── controller 10.0.0.1
 *                                 ├─ bridge ─┤
 *                                 │  (BPF)   ├ to-b1 ─── b1 10.0.0.21
 *                                 │          └ to-b2 ─── b2 10.0.0.22
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Lab } from '../../reference/host/lab.ts';
import { raiseLab, removeStaleLabs } from '../../reference/host/lab.ts';
import type { Latency, Metrics } from '../../reference/host/prism/metrics.ts';
import { createMessenger } from '../../reference/host/prism/messenger.ts';
import { askThere, SWITCH } from '../../reference/host/prism/rule-switch.ts';
import { sealOf } from '../../reference/host/prism/seal.ts';
import type { Link } from '../../reference/host/topology.ts';
import type { RuleStatus } from '../../reference/control/command.ts';
import { until } from './bed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = join(ROOT, 'reference/host/prism');

const HOSTS = {
  client: '10.0.0.9',
  controller: '10.0.0.1',
  b1: '10.0.0.21',
  b2: '10.0.0.22',
} as const;

/** Where clients connect. */
export const SITE = 'http://10.0.0.1';

/** The processes of a Prism. */
export type Part = 'switch' | 'controller' | 'b1' | 'b2';

/** What may differ from test to test. */
export interface PrismBedOptions {
  /** Numbers of the controller's configuration. */
  readonly controller?: Readonly<Record<string, number>>;
  readonly agent?: Readonly<Record<string, number>>;
  /** Whether the server of b1 is a process of another language. */
  readonly hasServerProcess?: boolean;
  /** Of each link, both ways. */
  readonly rate?: string;
}

/** A Prism that runs. */
export interface PrismBed {
  readonly lab: Lab;
  /** The lines that each part has written. */
  readonly lines: Readonly<Record<Part, string[]>>;
  /** Starts a part, and resolves when it is ready. */
  readonly start: (part: Part) => Promise<void>;
  readonly process: (part: Part) => ChildProcess;
  /** The rules that the switch has. */
  rules(): Promise<readonly RuleStatus[]>;
  down(): void;
}

function macOf(host: keyof typeof HOSTS): string {
  return `02:00:00:00:00:${HOSTS[host].slice(HOSTS[host].lastIndexOf('.') + 1).padStart(2, '0')}`;
}

function raiseNetwork(name: string, rate: string | undefined): Lab {
  removeStaleLabs();
  const names = ['client', 'controller', 'b1', 'b2'] as const;
  const bucket =
    rate === undefined ? {} : { bucket: { rate, burstOctets: 100_000, latencyMs: 20 } };
  const links = names.map((host): Link => {
    const addresses = [`${HOSTS[host]}/24`];
    return {
      ends: [
        { host, device: 'eth0', mac: macOf(host), addresses, ...bucket },
        { host: 'switch', device: `to-${host}`, ...bucket },
      ],
    };
  });
  return raiseLab({
    name,
    hosts: {
      client: {},
      controller: {},
      b1: {},
      b2: {},
      switch: { bridges: { bridge: names.map((host) => `to-${host}`) } },
    },
    links,
  });
}

function writePlan(folder: string, { controller = {}, agent = {} }: PrismBedOptions): string {
  const backend = (name: 'b1' | 'b2'): object => ({
    name,
    owner: `${HOSTS[name]}:8080`,
    mac: macOf(name),
    channel: join(folder, name),
  });
  const plan = {
    keyFile: 'key',
    virtual: `${HOSTS.controller}:80`,
    controller: {
      mac: macOf('controller'),
      // Everything is handed off.
      settings: { handOffFromOctets: 0, lingerMs: 1000, ...controller },
    },
    agent,
    switch: {
      channel: join(folder, 'switch'),
      devices: Object.fromEntries(
        (['client', 'controller', 'b1', 'b2'] as const).map((host) => [
          `to-${host}`,
          [macOf(host)],
        ]),
      ),
    },
    backends: [backend('b1'), backend('b2')],
    policy: [
      { pathPrefix: '/a', backends: ['b1'] },
      { pathPrefix: '/b', backends: ['b2'] },
    ],
  };
  writeFileSync(join(folder, 'key'), randomBytes(32));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  return join(folder, 'plan.json');
}

/** Waits until the controller knows that both agents are there. */
export async function agentsPresent(bed: PrismBed): Promise<void> {
  while ((await metricsOf(bed)).present.length < 2) await sleep(20);
}

/** Brings up the network and all parts; the caller takes it down. */
export async function raisePrism(name: string, options: PrismBedOptions = {}): Promise<PrismBed> {
  const lab = raiseNetwork(name, options.rate);
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-'));
  const plan = writePlan(folder, options);
  const children = new Map<Part, ChildProcess>();
  const lines: Record<Part, string[]> = { switch: [], controller: [], b1: [], b2: [] };

  async function start(part: Part): Promise<void> {
    const program = part === 'b1' || part === 'b2' ? 'backend' : part;
    const words = ['node', '--import', join(ROOT, 'tools/register.mjs')];
    words.push(join(PROGRAMS, `${program}-main.ts`), plan, part);
    if (part === 'b1' && options.hasServerProcess === true) words.push(await startServer());
    const child = lab.start(part, words, ['pipe', 'pipe', 'inherit']);
    children.set(part, child);
    const { stdout } = child;
    if (stdout === null) throw new Error('no output');
    await new Promise<void>((resolve, reject) => {
      createInterface(stdout).on('line', (line) => {
        if (line === 'ready') resolve();
        lines[part].push(line);
      });
      child.once('exit', (status) => reject(new Error(`${part} ended with ${status}`)));
    });
  }

  async function startServer(): Promise<string> {
    const path = join(folder, 'server');
    const words = ['python3', join(ROOT, 'test/host/prism-server.py'), path, 'b1'];
    const { stdout } = lab.start('b1', words, ['ignore', 'pipe', 'inherit']);
    if (stdout === null) throw new Error('no output');
    await once(stdout, 'data');
    return path;
  }

  const bed: PrismBed = {
    lab,
    lines,
    start,
    process(part) {
      const child = children.get(part);
      if (child === undefined) throw new Error(`${part} was not started`);
      return child;
    },
    rules: () => askRules(folder),
    down() {
      lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all((['switch', 'b1', 'b2'] as const).map(start));
    await start('controller');
    await agentsPresent(bed);
    return bed;
  } catch (error) {
    bed.down();
    throw error;
  }
}

/** Asks the switch as a controller would. */
async function askRules(folder: string): Promise<readonly RuleStatus[]> {
  const seal = sealOf(readFileSync(join(folder, 'key')));
  const rules = askThere(seal, (octets) => messenger.send(SWITCH, octets));
  const messenger = createMessenger({
    name: 'controller',
    peers: new Map([[SWITCH, { path: join(folder, SWITCH) }]]),
    seal,
    onMessage: (_, octets) => rules.onReply(octets),
  });
  const listed = await new Promise<readonly RuleStatus[]>((resolve) => {
    rules.ask({ op: 'get' }, (reply) => resolve(reply.ok ? reply.rules : []));
  });
  messenger.close();
  return listed;
}

/** Metrics as the controller prints them. */
export interface Counted extends Omit<Metrics, 'migrations' | 'steps'> {
  readonly migrations: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<string, Latency>>;
}

/** What the controller has counted, from its own mouth. */
export async function metricsOf({ lines, process: child }: PrismBed): Promise<Counted> {
  const before = lines.controller.length;
  child('controller').kill('SIGUSR2');
  let found: string | undefined;
  await until('metrics', () => {
    found = lines.controller.slice(before).find((line) => line.startsWith('{"metrics"'));
    return found !== undefined;
  });
  return COUNTED.parse(JSON.parse(found ?? '')).metrics;
}

const latency: z.ZodType<Latency> = z.object({
  count: z.number(),
  p50: z.number(),
  p99: z.number(),
});
const COUNTED: z.ZodType<{ readonly metrics: Counted }> = z.object({
  metrics: z.object({
    fromClients: z.number(),
    toClients: z.number(),
    connections: z.number(),
    present: z.array(z.string()),
    migrations: z.record(z.string(), z.number()),
    handOff: latency,
    steps: z.record(z.string(), latency),
  }),
});
