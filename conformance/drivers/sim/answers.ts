/** How many responses to a client's requests have come whole. */
import { createRequestQueue } from '../../../reference/http/request-queue.ts';
import {
  createResponseReader,
  type ResponseReader,
} from '../../../reference/http/response-reader.ts';

/** The answers of one connection. */
export interface Answers {
  /** The client writes. */
  readonly asked: (octets: Uint8Array) => void;
  /** The client is told; answers how many responses are whole, those of status 1xx not counted. */
  readonly told: (octets: Uint8Array) => number;
}

/** A connection on which nothing was said. */
export function createAnswers(): Answers {
  const requests = createRequestQueue();
  let reader: ResponseReader | undefined;
  let count = 0;

  /** The response to the next request, if that has been written. */
  function next(): ResponseReader | undefined {
    const front = requests.front();
    if (front?.kind !== 'request') return undefined;
    while (!requests.take().isEnd) if (requests.octets === 0) break;
    const fresh = createResponseReader();
    fresh.expect(front.head);
    return fresh;
  }

  return {
    asked: (octets) => requests.push(octets),
    told(octets): number {
      let rest = octets;
      while (rest.length > 0) {
        reader ??= next();
        if (reader === undefined) break;
        const { passed, progress } = reader.push(rest);
        rest = rest.subarray(passed.length);
        if (progress === 'open' || progress === 'tunnel' || progress === 'reject') break;
        count += 1;
        reader = undefined;
      }
      return count;
    },
  };
}
