/**
 * A model server: what it answers is known beforehand, and what it executed is written down.
 *
 *   GET /a/3000/17  ─▶  200, 3000 octets that name the server and the path again and again
 */
import { createRequestQueue, type RequestQueue } from '../../http/request-queue.ts';
import type { RequestHead } from '../../http/request-head.ts';
import { createAlarms } from './alarms.ts';

/** A request that a server has carried out. */
export interface Execution {
  readonly backend: string;
  readonly method: string;
  readonly target: string;
  readonly atNs: number;
}

/** What a server says on one of its connections. */
export interface Said {
  readonly id: string;
  readonly octets: Uint8Array;
  /** It closes the connection after this. */
  readonly isLast: boolean;
}

/** A server with its connections. */
export interface Origin {
  readonly take: (id: string, octets: Uint8Array, nowNs: number) => void;
  readonly close: (id: string) => void;
  /** What it says by now. */
  readonly say: (nowNs: number) => readonly Said[];
  readonly nextAtNs: () => number | undefined;
}

interface Visit {
  readonly requests: RequestQueue;
  isBusy: boolean;
  head: RequestHead | undefined;
}

/**
 * Octets of the response to a request for `target` at `backend`, its head among them; `isLast` says
 * that the connection closes after it.
 */
export function responseOf(
  backend: string,
  method: string,
  target: string,
  isLast = false,
): Uint8Array {
  const length = Number(target.split('/')[2] ?? 0);
  const close = isLast ? 'Connection: close\r\n' : '';
  const fields = `Content-Length: ${length}\r\nX-Backend: ${backend}\r\n${close}`;
  const head = `HTTP/1.1 200 OK\r\n${fields}\r\n`;
  const mark = `${backend} ${method} ${target}\n`;
  const body = mark.repeat(Math.ceil(length / mark.length)).slice(0, length);
  return new TextEncoder().encode(method === 'HEAD' ? head : head + body);
}

/** A server that thinks about each request for `thinkNs`. */
export function createOrigin(
  backend: string,
  thinkNs: number,
  onExecution: (execution: Execution) => void,
): Origin {
  const visits = new Map<string, Visit>();
  const alarms = createAlarms<Said>();

  /** Carries out the next request of a visit when it is complete. */
  function work(id: string, visit: Visit, nowNs: number): void {
    if (visit.isBusy) return;
    const front = visit.requests.front();
    if (front?.kind === 'request') visit.head = front.head;
    const { isEnd } = visit.requests.take();
    const { head } = visit;
    if (!isEnd || head === undefined) return;
    const { method, target, keepAlive } = head;
    onExecution({ backend, method, target, atNs: nowNs });
    visit.isBusy = true;
    visit.head = undefined;
    const octets = responseOf(backend, method, target, !keepAlive);
    alarms.set(id, { id, octets, isLast: !keepAlive }, nowNs + thinkNs);
  }

  return {
    take(id, octets, nowNs): void {
      const visit = visits.get(id) ?? {
        requests: createRequestQueue(),
        isBusy: false,
        head: undefined,
      };
      visits.set(id, visit);
      visit.requests.push(octets);
      work(id, visit, nowNs);
    },
    close(id): void {
      visits.delete(id);
      alarms.set(id, { id, octets: new Uint8Array(0), isLast: true }, undefined);
    },
    say(nowNs): readonly Said[] {
      const said = alarms.takeDue(nowNs);
      for (const { id } of said) {
        const visit = visits.get(id);
        if (visit === undefined) continue;
        visit.isBusy = false;
        work(id, visit, nowNs);
      }
      return said;
    },
    nextAtNs: alarms.nextAtNs,
  };
}
