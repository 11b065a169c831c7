/**
 * Kernels around the reference server switch, which is a process of its own.
 *
 *   client 10.1.0.1 ─── to-client ┐                  ┌ to-a ─── a 10.2.0.1:80
 *                                 ├─ server switch ──┤
 *                                 └──────────────────┴ to-b ─── b 10.2.0.2:80
 *
 * The switch has 10.1.0.254 and 10.2.0.254, the gateways, and the virtual address 10.1.0.201. Each
 * server says its name; `/slow` takes 4 s for it.
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { raiseLab, removeStaleLabs, type Lab } from '../../reference/host/lab.ts';
import type { Link } from '../../reference/host/topology.ts';

const MAIN = fileURLToPath(new URL('../../reference/host/balancer/main.ts', import.meta.url));
const REGISTER = new URL('../../tools/register.mjs', import.meta.url).href;
const SERVERS = ['a', 'b'] as const;

/** One of the servers. */
export type Server = (typeof SERVERS)[number];

/** The network with its switch. */
export interface BalancerBed {
  readonly lab: Lab;
  /** Writes the document of the switch. */
  readonly write: (document: string) => void;
  /** Sends SIGHUP, and answers what the switch says of it. */
  readonly hangUp: () => Promise<string>;
  /** What the switch has said on standard error. */
  readonly complaints: () => string;
  /** Asks the switch by its socket. */
  readonly ask: (method: string, path: string, body?: string) => Promise<Said>;
  /** Has the client fetch a path, and answers what came. */
  readonly fetch: (path: string) => Promise<string>;
  /** Ends a server, and starts it again. */
  readonly kill: (server: Server) => void;
  readonly revive: (server: Server) => Promise<void>;
  readonly down: () => void;
}

/** An answer of the switch. */
export interface Said {
  readonly status: number | undefined;
  readonly body: string;
}

/** A document with these servers, and what stands behind it. */
export function documentOf(servers: readonly Server[], more: string = ''): string {
  const line = (name: Server): string => {
    const place = SERVERS.indexOf(name) + 1;
    return `      - { name: ${name}, address: 10.2.0.${place}, mac: 02:00:00:00:02:0${place} }`;
  };
  return `ports: [0, 1, 2]
mac: 02:00:00:00:00:01
addresses: [10.1.0.254, 10.2.0.254]
services:
  - name: web
    address: 10.1.0.201
    ports: 80
    mode: nat
    policy: { policy: round-robin }
    check: { probe: { kind: connect }, intervalMs: 500, jitterMs: 0, timeoutMs: 500, fall: 2 }
    servers:
${servers.map(line).join('\n')}
${more}`;
}

const SITE = `
const name = process.argv[1];
require('node:http').createServer((request, response) => {
  setTimeout(() => response.end(name), request.url === '/slow' ? 4000 : 0);
}).listen(80, () => console.log('ready'));
`;

function raiseNetwork(name: string, hasOffloads: boolean): Lab {
  const settings = { 'ipv6.conf.all.disable_ipv6': 1, 'ipv6.conf.default.disable_ipv6': 1 };
  const link = (host: string, network: number, last: number): Link => ({
    ends: [
      {
        host,
        device: 'eth0',
        mac: `02:00:00:00:0${network}:0${last}`,
        addresses: [`10.${network}.0.${last}/24`],
      },
      { host: 'switch', device: `to-${host}` },
    ],
    hasOffloads,
  });
  const routes = (network: number): { settings: typeof settings; routes: string[] } => ({
    settings,
    routes: [`default via 10.${network}.0.254 dev eth0`],
  });
  return raiseLab({
    name,
    hosts: { switch: { settings }, client: routes(1), a: routes(2), b: routes(2) },
    links: [link('client', 1, 1), link('a', 2, 1), link('b', 2, 2)],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no pipe');
  const [line] = await once(createInterface(child.stdout), 'line', {
    signal: AbortSignal.timeout(20_000),
  });
  return String(line);
}

/** Raises it, with frames as on a wire or with offloads; the caller takes it down. */
export async function raiseBalancerBed(
  name: string,
  document: string,
  hasOffloads: boolean = false,
): Promise<BalancerBed> {
  removeStaleLabs();
  const lab = raiseNetwork(name, hasOffloads);
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  const file = join(folder, 'switch.yaml');
  const socket = join(folder, 'switch.sock');
  const write = (told: string): void => writeFileSync(file, told);
  const servers = new Map<Server, ChildProcess>();
  const down = (): void => {
    lab.down();
    rmSync(folder, { recursive: true, force: true });
  };
  const revive = async (server: Server): Promise<void> => {
    const words = [process.execPath, '-e', SITE, server];
    const child = lab.start(server, words, ['ignore', 'pipe', 'inherit']);
    servers.set(server, child);
    await firstLine(child);
  };
  try {
    await Promise.all(SERVERS.map(revive));
    write(document);
    const words = [process.execPath, `--import=${REGISTER}`, MAIN, '--api', socket, file];
    const devices = ['client', ...SERVERS].map((host) => `to-${host}`);
    const child = lab.start('switch', [...words, ...devices], ['ignore', 'pipe', 'pipe']);
    let complaints = '';
    child.stderr?.setEncoding('utf8').on('data', (said: string) => (complaints += said));
    const ready = await firstLine(child);
    if (ready !== 'ready') throw new Error(`the switch says ${ready}: ${complaints}`);
    return {
      lab,
      write,
      async hangUp() {
        const line = firstLine(child);
        child.kill('SIGHUP');
        return line;
      },
      complaints: () => complaints,
      ask: (method, path, body) => askSocket(socket, { method, path }, body),
      async fetch(path) {
        const curl = ['curl', '-sS', '--max-time', '10', `http://10.1.0.201${path}`];
        const fetched = lab.start('client', curl, ['ignore', 'pipe', 'pipe']);
        if (fetched.stdout === null || fetched.stderr === null) throw new Error('no pipe');
        return (await Promise.all([text(fetched.stdout), text(fetched.stderr)])).join('');
      },
      kill: (server) => void servers.get(server)?.kill('SIGKILL'),
      revive,
      down,
    };
  } catch (error) {
    down();
    throw error;
  }
}

async function askSocket(
  socketPath: string,
  words: { readonly method: string; readonly path: string },
  body: string = '',
): Promise<Said> {
  const asked = request({ socketPath, ...words }).end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, body: await text(response) };
}

/** What a program says that is started with these words after its name, and how it ends. */
export function startWrongly(...words: readonly string[]): { status: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [`--import=${REGISTER}`, MAIN, ...words], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, said: stderr };
}
