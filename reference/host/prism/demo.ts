/** A server to see a Prism work: it answers as many octets as the path asks for. */
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';

const CHUNK_OCTETS = 64 * 1024;

/**
 * Octets `from` … `to` − 1 of the response to a request at `backend`: they tell who answered what.
 */
export function demoOctets(backend: string, target: string, from: number, to: number): Buffer {
  const mark = `${backend} ${target}\n`;
  const skipped = from % mark.length;
  const text = mark.repeat(Math.ceil((skipped + to - from) / mark.length));
  return Buffer.from(text.slice(skipped, skipped + to - from), 'latin1');
}

/** `GET /a/60000` is answered with 60,000 octets. */
export function createDemoServer(backend: string): Server {
  return createServer((request, response) => {
    const target = request.url ?? '/';
    const length = Number(target.split('/')[2] ?? 0) || 0;
    response.setHeader('Content-Length', length);
    response.setHeader('X-Backend', backend);
    Readable.from(chunks(backend, target, length)).pipe(response);
  });
}

function* chunks(backend: string, target: string, length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += CHUNK_OCTETS) {
    yield demoOctets(backend, target, at, Math.min(length, at + CHUNK_OCTETS));
  }
}
