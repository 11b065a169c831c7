/**
 * What controllers have learned before a story begins: how long the answer to each of its requests
 * is, as if all had been asked once, so that what is long is handed off from the first time on.
 */
import { learn } from '../../../reference/controller/learning.ts';
import type { ControllerState } from '../../../reference/controller/step.ts';
import { createRequestQueue } from '../../../reference/http/request-queue.ts';
import { briefOf } from '../../../reference/policy/brief.ts';
import type { Visitor } from '../../driver/balancer.ts';
import { answerTo } from '../../traffic/site.ts';

/** A visitor may ask for nothing that is a request. */
function learnFrom(state: ControllerState, writes: readonly Uint8Array[]): void {
  const requests = createRequestQueue();
  for (const octets of writes) requests.push(octets);
  for (;;) {
    const front = requests.front();
    if (front?.kind !== 'request') return;
    const { head } = front;
    // All servers are called by two letters, so that their answers are equally long.
    const { length: octets } = answerTo('s1', head.method, head.target);
    learn(state, { ...briefOf(head), octets });
    if (!requests.take().isEnd) return;
  }
}

/** Learns what `visitors` will ask for, each connection by itself. */
export function learnBefore(state: ControllerState, visitors: readonly Visitor[]): void {
  for (const { lines } of visitors) {
    let writes: Uint8Array[] = [];
    for (const { act } of lines) {
      if (act.kind === 'connect') {
        learnFrom(state, writes);
        writes = [];
      } else if (act.kind === 'write') writes.push(act.octets);
    }
    learnFrom(state, writes);
  }
}
