/** The test site as a model server: what it has carried out is written down. */
import type { RequestHead } from '../../../reference/http/request-head.ts';
import { createRequestQueue, type RequestQueue } from '../../../reference/http/request-queue.ts';
import type { Origin, Said } from '../../../reference/sim/prism/origin.ts';
import type { Execution } from '../../driver/system.ts';
import { concat } from '../../traffic/octets.ts';
import { answerTo, wishOf } from '../../traffic/site.ts';

const NS_PER_MS = 1e6;
/** What the fastest answer takes. */
const LEAST_NS = 200_000;
const CONTINUE = new TextEncoder().encode('HTTP/1.1 100 Continue\r\n\r\n');

interface Visit {
  readonly requests: RequestQueue;
  head: RequestHead | undefined;
  /** The octets of the request that is being read. */
  parts: Uint8Array[];
  isBusy: boolean;
  isTunnel: boolean;
  /** A request was carried out before its content had come: that is to be thrown away. */
  isAhead: boolean;
}

interface Due extends Said {
  readonly atNs: number;
  /** After it the server reads on. */
  readonly isWhole: boolean;
}

/** The head with which the octets of a request begin. */
function headIn(octets: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(octets);
  return text.slice(0, text.indexOf('\r\n\r\n') + 4);
}

/** The content of a whole request, without its framing. */
function contentOf(head: RequestHead, octets: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(octets);
  let at = text.indexOf('\r\n\r\n') + 4;
  if (head.framing.kind !== 'chunked') return octets.subarray(at);
  const parts: Uint8Array[] = [];
  for (;;) {
    const line = text.slice(at, text.indexOf('\r\n', at));
    const size = Number.parseInt(line, 16);
    if (!(size > 0)) return concat(...parts);
    at += line.length + 2;
    parts.push(octets.subarray(at, at + size));
    at += size + 2;
  }
}

/** What a server of any name has carried out. */
export type ExecutionBy<Name> = Omit<Execution, 'backend'> & { readonly backend: Name };

/** What is told of a request that is carried out; its head is as it came, an octet a character. */
export type OnExecution<Name> = (execution: ExecutionBy<Name>, head: string) => void;

/** The server called `backend`; each request that it carries out is told, and has its `answer`. */
export function createServer<Name extends string>(
  backend: Name,
  onExecution: OnExecution<Name>,
  answer: typeof answerTo = answerTo,
): Origin {
  const visits = new Map<string, Visit>();
  let dues: Due[] = [];

  function say(id: string, octets: Uint8Array, atNs: number, end: Partial<Due> = {}): void {
    dues.push({ id, octets, atNs, isLast: false, isWhole: false, ...end });
  }

  function carryOut(id: string, visit: Visit, head: RequestHead, nowNs: number): void {
    const { method, target, keepAlive } = head;
    const wish = wishOf(target);
    const octets = concat(...visit.parts);
    const content = visit.isAhead ? undefined : contentOf(head, octets);
    const execution = { backend, method, target, content, atMs: nowNs / NS_PER_MS };
    onExecution(execution, headIn(octets));
    visit.isBusy = true;
    visit.isTunnel = wish.isTunnel;
    const isLast = wish.isLast || !keepAlive;
    const atNs = nowNs + LEAST_NS + wish.thinkMs * NS_PER_MS;
    say(id, answer(backend, method, target), atNs, { isLast, isWhole: true });
  }

  /** Reads what there is of the next request, and carries it out when it may. */
  function work(id: string, visit: Visit, nowNs: number): void {
    if (visit.isBusy) return;
    if (visit.isTunnel) {
      const octets = visit.requests.rest();
      if (octets.length > 0) say(id, octets, nowNs);
      return;
    }
    const front = visit.requests.front();
    const { parts, isEnd } = visit.requests.take();
    visit.parts.push(...parts);
    if (visit.head === undefined && front?.kind === 'request') {
      visit.head = front.head;
      visit.isAhead = wishOf(front.head.target).isEarly;
      if (visit.isAhead) carryOut(id, visit, front.head, nowNs);
      else if (front.head.expectContinue) say(id, CONTINUE, nowNs);
    }
    const { head } = visit;
    if (!isEnd || head === undefined) return;
    visit.head = undefined;
    if (!visit.isAhead) carryOut(id, visit, head, nowNs);
    visit.isAhead = false;
    visit.parts = [];
  }

  return {
    take(id, octets, nowNs): void {
      const visit = visits.get(id) ?? {
        requests: createRequestQueue(),
        head: undefined,
        parts: [],
        isBusy: false,
        isTunnel: false,
        isAhead: false,
      };
      visits.set(id, visit);
      visit.requests.push(octets);
      work(id, visit, nowNs);
    },
    close(id): void {
      visits.delete(id);
      dues = dues.filter((each) => each.id !== id);
    },
    say(nowNs): readonly Said[] {
      const said = dues.filter(({ atNs }) => atNs <= nowNs).toSorted((a, b) => a.atNs - b.atNs);
      dues = dues.filter(({ atNs }) => atNs > nowNs);
      for (const { id, isWhole } of said) {
        const visit = visits.get(id);
        if (visit === undefined || !isWhole) continue;
        visit.isBusy = false;
        work(id, visit, nowNs);
      }
      return said;
    },
    nextAtNs(): number | undefined {
      const nextNs = Math.min(...dues.map(({ atNs }) => atNs));
      return nextNs === Infinity ? undefined : nextNs;
    },
  };
}
