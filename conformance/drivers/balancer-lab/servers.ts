/** The servers of the test bed: processes of Node.js, each in its namespace. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Lab } from '../../../reference/host/lab.ts';
import {
  SERVERS,
  type ServerName,
  type ServerState,
  type VirtualService,
} from '../../driver/balancer.ts';
import { DriverFault } from '../../driver/device.ts';
import { serverAddress } from '../../balancer/connection.ts';

/** A request that a server has carried out; `at` is milliseconds of the time of day. */
export interface ServedLine {
  readonly server: ServerName;
  readonly head: string;
  readonly at: number;
}

/** All servers. */
export interface Servers {
  /** Makes them ready for a story with these services: all are up, and know nobody. */
  readonly serve: (services: readonly VirtualService[]) => Promise<void>;
  readonly become: (server: ServerName, state: ServerState) => Promise<void>;
  /** The process ids. */
  readonly pids: () => readonly number[];
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SERVER = fileURLToPath(new URL('server-main.ts', import.meta.url));
const ANSWER_MAX_MS = 20_000;

const lineSchema = z.union([
  z.strictObject({ done: z.literal(true) }),
  z.strictObject({ served: z.strictObject({ head: z.string(), at: z.number() }) }),
]);

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Where a server listens: under NAT and as a proxy's at its own address, else at the virtual one. */
function endpointsOf(server: ServerName, services: readonly VirtualService[]): readonly Endpoint[] {
  const all = services.map(({ mode, address, port, serverPort = port }): Endpoint =>
    mode === 'dsr' || mode === 'ipip'
      ? { address, port }
      : { address: serverAddress(server), port: serverPort },
  );
  return [...new Map(all.map((each) => [`${each.address}:${each.port}`, each])).values()];
}

interface Worker {
  readonly child: ChildProcess;
  /** Says something, and resolves when it has been done. */
  readonly tell: (what: unknown) => Promise<void>;
}

function startWorker(lab: Lab, server: ServerName, onServed: (line: ServedLine) => void): Worker {
  const words = [process.execPath, '--import', `${ROOT}tools/register.mjs`, SERVER, server];
  const child = lab.start(server, words, ['pipe', 'pipe', 'inherit']);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a server without pipes');
  const waiting: (() => void)[] = [];
  createInterface(stdout).on('line', (text) => {
    const line = lineSchema.parse(JSON.parse(text));
    if ('done' in line) waiting.shift()?.();
    else onServed({ server, ...line.served });
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (status) => {
      reject(new DriverFault('server', `the server ${server} ended with ${status}`));
    });
  });
  // It ends with the bed, when nobody asks it for anything.
  ended.catch(() => undefined);
  stdin.on('error', () => undefined);
  return {
    child,
    async tell(what) {
      const done = new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        setTimeout(() => {
          reject(new DriverFault('server', `${server} is silent for ${ANSWER_MAX_MS} ms`));
        }, ANSWER_MAX_MS).unref();
      });
      stdin.write(`${JSON.stringify(what)}\n`);
      await Promise.race([done, ended]);
    },
  };
}

/** Starts the servers. */
export function startServers(lab: Lab, onServed: (line: ServedLine) => void): Servers {
  const workers = new Map(
    SERVERS.map((server) => [server, startWorker(lab, server, onServed)] as const),
  );
  let direct: readonly string[] = [];

  function workerOf(server: ServerName): Worker {
    const worker = workers.get(server);
    if (worker === undefined) throw new Error(`there is no server ${server}`);
    return worker;
  }

  /** Puts the virtual addresses at which servers answer directly on their loopback devices. */
  function hold(services: readonly VirtualService[]): void {
    const answering = services.filter(({ mode }) => mode === 'dsr' || mode === 'ipip');
    const wanted = [...new Set(answering.map(({ address }) => address))];
    const lines = [
      ...direct.map((each) => `address del ${each}/32 dev lo`),
      ...wanted.map((each) => `address add ${each}/32 dev lo`),
    ];
    direct = wanted;
    for (const server of SERVERS) {
      if (lines.length > 0) lab.ip(server, ...lines);
      // What a router has said of a path is not known in the next story.
      lab.inside(server, () => writeFileSync('/proc/sys/net/ipv4/route/flush', '1'));
    }
  }

  async function become(server: ServerName, state: ServerState): Promise<void> {
    const { child, tell } = workerOf(server);
    if (state === 'hung') {
      child.kill('SIGSTOP');
      return;
    }
    child.kill('SIGCONT');
    await tell({ state });
  }

  return {
    async serve(services) {
      hold(services);
      await Promise.all(
        SERVERS.map(async (server) => {
          const { child, tell } = workerOf(server);
          child.kill('SIGCONT');
          await tell({ serve: endpointsOf(server, services) });
        }),
      );
    },
    become,
    pids: () => [...workers.values()].flatMap(({ child }) => child.pid ?? []),
  };
}
