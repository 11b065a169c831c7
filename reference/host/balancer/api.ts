/**
 * The run-time interface of a server switch: HTTP on a socket of this machine.
 *
 *   GET /metrics     what it counts
 *   GET /document    what it has been told
 *   PUT /document    another document: 204, or 422 with all of its faults, and nothing has changed
 *
 *   curl --unix-socket switch.sock http://switch/metrics
 *
 * Whoever may open the socket may command the switch; only the user that runs it may.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { Exposition } from './exposition.ts';

/** What can be asked of a switch that runs. */
export interface Commanded {
  readonly metrics: () => Promise<Exposition>;
  readonly document: () => string;
  /** Takes another document, or says why not, a fault a line. */
  readonly replace: (text: string) => string | undefined;
}

/** The longest document, in octets: more than 100,000 services. */
const DOCUMENT_OCTETS_MAX = 128 << 20;
const TEXT = 'text/plain; charset=utf-8';

/** Listens at the path of a socket, which is made anew. Rejects where that cannot be. */
export async function serveApi(path: string, switched: Commanded): Promise<{ close(): void }> {
  const answer: RequestListener = (request, response) => {
    respond(request, response, switched).catch((error: unknown) => {
      // Who hangs up in the middle gets no answer.
      if (!response.headersSent) say(response, 500, `${String(error)}\n`);
    });
  };
  const server = createServer(answer);
  rmSync(path, { force: true });
  const mask = process.umask(0o077);
  server.listen(path);
  await once(server, 'listening');
  process.umask(mask);
  return {
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, document, replace }: Commanded,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /metrics': {
      const { type, text } = await metrics();
      return say(response, 200, text, type);
    }
    case 'GET /document':
      return say(response, 200, document(), 'application/yaml');
    case 'PUT /document': {
      const text = await readText(request);
      if (text === undefined) {
        return say(response, 413, `a document has ${DOCUMENT_OCTETS_MAX} octets at most\n`);
      }
      const fault = replace(text);
      return fault === undefined ? say(response, 204, '') : say(response, 422, `${fault}\n`);
    }
    default:
      return say(response, 404, 'there are GET /metrics, GET /document and PUT /document\n');
  }
}

function say(response: ServerResponse, status: number, text: string, type: string = TEXT): void {
  response.writeHead(status, text === '' ? {} : { 'Content-Type': type }).end(text);
}

/** What is sent; undefined where it is too much. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request) {
    const chunk = Buffer.from(part);
    octets += chunk.length;
    if (octets > DOCUMENT_OCTETS_MAX) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
