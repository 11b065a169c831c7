/** Node's own reader of HTTP, llhttp, asked on the loopback interface. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a reader finds in a client's octets. */
export interface RequestReading {
  /** Method and target of each request that is complete. */
  readonly requests: readonly string[];
  readonly isRejected: boolean;
}

/** What a reader finds in a server's octets: the statuses of one response, if it is complete. */
export interface ResponseReading {
  readonly statuses: readonly number[];
  readonly isRejected: boolean;
}

/** An oracle, and how to end it. */
export interface Oracle<Question extends readonly unknown[], Answer> {
  read(...question: Question): Promise<Answer>;
  close(): void;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return address.port;
}

/** A server that answers whatever llhttp lets through. */
export async function openRequestOracle(): Promise<Oracle<[Uint8Array], RequestReading>> {
  let requests: string[] = [];
  function note(request: IncomingMessage): void {
    requests.push(`${request.method} ${request.url}`);
  }
  function noteLast(request: IncomingMessage, socket: Duplex): void {
    note(request);
    socket.end('HTTP/1.1 200 OK\r\n\r\n');
  }
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      note(request);
      response.end();
    });
  });
  server.on('connect', noteLast);
  server.on('upgrade', noteLast);
  const port = await portOf(server);
  return {
    async read(octets): Promise<RequestReading> {
      requests = [];
      let answer = '';
      const socket = connect({ port, host: '127.0.0.1' });
      socket.setEncoding('latin1');
      socket.on('data', (text) => (answer += String(text)));
      socket.on('error', () => (answer += 'reset'));
      socket.end(octets);
      await once(socket, 'close');
      return { requests, isRejected: /HTTP\/1\.1 [45]|reset/.test(answer) };
    },
    close: () => void server.close(),
  };
}

/** A client that asks for what the next answer is. */
export async function openResponseOracle(): Promise<Oracle<[string, Uint8Array], ResponseReading>> {
  let answer: Uint8Array = new Uint8Array();
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(answer));
  });
  const port = await portOf(server);
  return {
    async read(method, octets): Promise<ResponseReading> {
      answer = octets;
      const statuses: number[] = [];
      let isRejected = false;
      const request = ask({ port, host: '127.0.0.1', method, agent: false });
      function noteStatus({ statusCode = 0 }: IncomingMessage): void {
        statuses.push(statusCode);
      }
      request.on('information', ({ statusCode }) => statuses.push(statusCode));
      request.on('upgrade', (response, socket) => {
        noteStatus(response);
        socket.destroy();
      });
      request.on('error', () => (isRejected = true));
      request.on('response', (response) => {
        noteStatus(response);
        response.on('error', () => (isRejected = true));
        response.resume();
      });
      request.end();
      await once(request, 'close').catch(() => undefined);
      return { statuses, isRejected };
    },
    close: () => void server.close(),
  };
}
