/**
 * `server-main.ts NAME`: a server of the test bed, in whose namespace it is started.
 *
 * It is told what to do by lines of JSON, and answers each with `{"done":true}`:
 *
 *   {"serve":[{"address":"10.2.0.1","port":80}]}   from now on it listens there, and nowhere else
 *   {"state":"up"}  "sick"  "dead"                 see `ServerState`
 *
 * All connections that there were are reset by `serve` and by `dead`. Each request that it carries
 * out is a line before it is answered: `{"served":{"head":"GET / …","at":0}}`, an octet a letter,
 * `at` in milliseconds of the time of day.
 */
import { once } from 'node:events';
import { createServer as listenOn, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { serverNamed } from '../../balancer/connection.ts';
import { createProgram } from '../virtual-bed/program.ts';

const NS_PER_MS = 1e6;

const instruction = z.union([
  z.strictObject({
    serve: z.array(z.strictObject({ address: z.ipv4(), port: z.int().min(1).max(65_535) })),
  }),
  z.strictObject({ state: z.enum(['up', 'sick', 'dead']) }),
]);
type Instruction = z.infer<typeof instruction>;

const [name = ''] = process.argv.slice(2);
const sockets = new Map<string, Socket>();
let servers: readonly Server[] = [];
let endpoints: readonly { readonly address: string; readonly port: number }[] = [];
let connections = 0;
let timer: NodeJS.Timeout | undefined;

function nowNs(): number {
  return performance.now() * NS_PER_MS;
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** What answers; that it is stopped, or gone, is done to this process or to its sockets. */
const program = createProgram(serverNamed(name) ?? 's1', ({ head, atMs }) =>
  say({ served: { head, at: performance.timeOrigin + atMs } }),
);

/** Says what is due, and comes back for what is not yet. */
function turn(): void {
  const atNs = nowNs();
  for (const { id, octets, isLast } of program.say(atNs)) {
    const socket = sockets.get(id);
    if (octets.length > 0) socket?.write(octets);
    if (isLast) socket?.end();
  }
  clearTimeout(timer);
  const nextNs = program.nextAtNs();
  if (nextNs !== undefined) timer = setTimeout(turn, Math.max(0, nextNs - atNs) / NS_PER_MS);
}

function accept(socket: Socket): void {
  connections += 1;
  const id = String(connections);
  sockets.set(id, socket);
  socket.setNoDelay(true);
  socket.on('data', (octets) => {
    program.take(id, octets, nowNs());
    turn();
  });
  // Whoever has been reset is told by `close`.
  socket.on('error', () => undefined);
  socket.on('end', () => program.close(id));
  socket.on('close', () => {
    program.close(id);
    sockets.delete(id);
  });
}

async function listen(): Promise<void> {
  servers = await Promise.all(
    endpoints.map(async ({ address, port }) => {
      const server = listenOn(accept).listen(port, address);
      await once(server, 'listening');
      return server;
    }),
  );
}

async function leave(): Promise<void> {
  const closed = servers.map((server) => once(server, 'close'));
  for (const server of servers) server.close();
  for (const socket of sockets.values()) socket.resetAndDestroy();
  await Promise.all(closed);
  servers = [];
}

async function follow(told: Instruction): Promise<void> {
  if ('serve' in told || told.state === 'dead') await leave();
  if ('serve' in told) ({ serve: endpoints } = told);
  const state = 'state' in told ? told.state : 'up';
  program.become(state, nowNs());
  if (state !== 'dead' && servers.length === 0) await listen();
}

// Whoever has started it holds its standard input, and must not be outlived.
for await (const line of createInterface(process.stdin)) {
  await follow(instruction.parse(JSON.parse(line)));
  say({ done: true });
}
process.exit(0);
