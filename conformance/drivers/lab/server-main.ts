/**
 * `server-main.ts PLAN NAME`: a backend that serves the test site, in whose namespace it is started.
 *
 * It is a server of Node.js with the adapter that anybody would use. Each request that it carries out
 * is a line of JSON before it is answered: `{"execution": {…}}`, the content as base64.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { serveBackend } from '../../../reference/host/prism/attach.ts';
import { runProgram } from '../../../reference/host/prism/main.ts';
import { backendOf } from '../../../reference/host/prism/plan.ts';
import { answerTo, wishOf } from '../../traffic/site.ts';

/** Head and content of an answer as Node.js is to write them. */
interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly string[];
  readonly content: Buffer;
}

/** Takes an answer of the site apart. */
function answerOf(backend: string, method: string, target: string): Answer {
  const octets = Buffer.from(answerTo(backend, method, target));
  const end = octets.indexOf('\r\n\r\n');
  const [first = '', ...lines] = octets.subarray(0, end).toString('latin1').split('\r\n');
  const [, status, ...reason] = first.split(' ');
  const fields = lines.flatMap((line) => {
    const [name = '', value = ''] = line.split(': ');
    return [name, value];
  });
  const content = octets.subarray(end + 4);
  return { status: Number(status), reason: reason.join(' '), fields, content };
}

/** A chunked answer without its framing, in its chunks. */
function chunksOf(content: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const line = content.subarray(at, content.indexOf('\r\n', at)).toString('latin1');
    const size = Number.parseInt(line, 16);
    if (!(size > 0)) return chunks;
    at += line.length + 2;
    chunks.push(content.subarray(at, at + size));
    at += size + 2;
  }
}

function note(request: IncomingMessage, content: Buffer | undefined): void {
  const { method, url } = request;
  const at = performance.timeOrigin + performance.now();
  const execution = { method, target: url, content: content?.toString('base64'), at };
  process.stdout.write(`${JSON.stringify({ execution })}\n`);
}

function respond(
  backend: string,
  { method = 'GET', url = '/' }: IncomingMessage,
  response: ServerResponse,
): void {
  const { framing } = wishOf(url);
  const { status, reason, fields, content } = answerOf(backend, method, url);
  // Every octet is the site's: Node.js is to add nothing.
  response.sendDate = false;
  for (const name of ['Connection', 'Content-Length', 'Transfer-Encoding']) {
    response.removeHeader(name);
  }
  response.writeHead(status, reason, [...fields]);
  if (framing === 'chunked') for (const chunk of chunksOf(content)) response.write(chunk);
  else response.write(content);
  response.end();
}

function carryOut(backend: string, request: IncomingMessage, response: ServerResponse): void {
  const { isEarly, thinkMs } = wishOf(request.url ?? '/');
  const answer = (content: Buffer | undefined): void => {
    note(request, content);
    setTimeout(() => respond(backend, request, response), thinkMs);
  };
  if (isEarly) {
    request.resume();
    answer(undefined);
    return;
  }
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => answer(Buffer.concat(parts)));
}

/** What a client says is said to it. */
function openTunnel(backend: string, request: IncomingMessage, stream: Duplex, early: Buffer) {
  note(request, Buffer.alloc(0));
  stream.write(answerTo(backend, request.method ?? 'GET', request.url ?? '/'));
  stream.write(early);
  stream.on('error', () => stream.destroy());
  stream.pipe(stream);
}

await runProgram('server-main.ts PLAN NAME', (plan, [name = '']) => {
  const options = backendOf(plan, name);
  const server = createServer((request, response) => carryOut(name, request, response));
  server.on('upgrade', (request, stream, early) => openTunnel(name, request, stream, early));
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  return serveBackend(server, options);
});
