/** A client of the laboratory that says what it is told, and knows what must be answered. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { adoptConnection } from '../connection.ts';
import { connectSocket, openSocket, SOCK_STREAM } from '../socket.ts';
import { familyOf } from '../socket-address.ts';
import type { Laboratory } from './laboratory.ts';

/** What came as one response. */
export interface Answer {
  readonly backend: string;
  readonly octets: number;
  readonly sha256: string;
}

/** One connection of a client. */
export interface Client {
  readonly socket: Socket;
  /** Octets of the response that is being read. */
  readonly received: number;
  /** The response that is being read, as far as it has come. */
  begun(): Answer | undefined;
  /** Asks for all of `paths` at once; the answers come in the order in which they are read. */
  ask(...paths: readonly string[]): void;
  /** The next answer; rejects where the connection ends before it does. */
  answer(): Promise<Answer>;
}

const BLOCK_MARKS = 65_536;

/**
 * What `backend` must answer to a request for `path`, `/a/1000` for 1,000 octets; or the first
 * `octets` of it.
 */
export function expected(
  backend: string,
  path: string,
  octets: number = Number(path.split('/')[2]),
): Answer {
  const mark = `${backend} ${path}\n`;
  const block = Buffer.from(mark.repeat(Math.min(BLOCK_MARKS, Math.ceil(octets / mark.length))));
  const hash = createHash('sha256');
  for (let left = octets; left > 0; left -= block.length) hash.update(block.subarray(0, left));
  return { backend, octets, sha256: hash.digest('hex') };
}

interface Reading {
  readonly hash: ReturnType<typeof createHash>;
  readonly backend: string;
  readonly length: number;
  octets: number;
}

/** Connects from the first client's namespace. */
export function connectClient({ lab, virtual }: Laboratory): Client {
  const fd = lab.inside('c1', () => openSocket(familyOf(virtual), SOCK_STREAM));
  connectSocket(fd, virtual);
  const socket = adoptConnection(fd);
  const answers: Answer[] = [];
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let held = Buffer.alloc(0);
  let reading: Reading | undefined;
  let ending: Error | undefined;

  function deliver(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const answer = answers.shift();
      if (answer !== undefined) next.resolve(answer);
      else if (ending !== undefined) next.reject(ending);
      else return;
      waiting.shift();
    }
  }

  function readHead(): void {
    const end = held.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = held.subarray(0, end).toString('latin1');
    const length = Number(/^content-length: (\d+)$/imu.exec(head)?.[1]);
    const backend = /^x-backend: (\w+)$/imu.exec(head)?.[1] ?? head.split('\r\n')[0] ?? '';
    reading = { hash: createHash('sha256'), backend, length, octets: 0 };
    held = held.subarray(end + 4);
  }

  function readBody(now: Reading): void {
    const part = held.subarray(0, now.length - now.octets);
    now.hash.update(part);
    now.octets += part.length;
    held = held.subarray(part.length);
    if (now.octets < now.length) return;
    const { backend, octets } = now;
    answers.push({ backend, octets, sha256: now.hash.digest('hex') });
    reading = undefined;
  }

  socket.on('data', (octets) => {
    held = Buffer.concat([held, octets]);
    for (let before = -1; held.length > 0 && held.length !== before;) {
      before = held.length;
      if (reading === undefined) readHead();
      if (reading !== undefined) readBody(reading);
    }
    deliver();
  });
  socket.on('error', (error) => (ending = error));
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      ending ??= new Error('the connection has ended');
      deliver();
    });
  }
  return {
    socket,
    get received() {
      return reading?.octets ?? 0;
    },
    begun() {
      if (reading === undefined) return undefined;
      const { backend, octets, hash } = reading;
      return { backend, octets, sha256: hash.copy().digest('hex') };
    },
    ask(...paths) {
      socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
    },
    answer: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        deliver();
      }),
  };
}
