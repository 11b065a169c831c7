/**
 * Per-connection consistency: all packets of a connection reach one server (Miao et al., SIGCOMM
 * 2017; Barbette et al., NSDI 2020).
 *
 * All connections are opened; then things happen, and after each of them every connection sends one
 * packet. A violation is a connection with packets at two servers, once however many there are. A
 * connection ends when its server is taken away: what becomes of it is none.
 */
import type { Mechanism } from './mechanism.ts';

/** Something that happens to pool or switches. */
export type Step =
  /** Nothing but one more packet of each connection. */
  | { readonly kind: 'quiet' }
  /** A server gets another weight: from 0 it is added, to 0 it is taken away. */
  | { readonly kind: 'weigh'; readonly server: number; readonly weight: number }
  /** All switches are started anew. */
  | { readonly kind: 'restart' }
  /** The second switch is lost. */
  | { readonly kind: 'loss' };

/** What is known of a connection. */
const CONSISTENT = 0;
const ENDED = 1;
const VIOLATED = 2;

/** Opens `connections` at servers of these weights, and counts violations while steps are taken. */
export function countViolations(
  mechanism: Mechanism,
  connections: number,
  weights: readonly number[],
  steps: readonly Step[],
): number {
  const servers = new Uint16Array(connections);
  for (let each = 0; each < connections; each += 1) servers[each] = mechanism.open(each);
  const states = new Uint8Array(connections);
  let pool = weights;
  let violations = 0;
  for (const step of steps) {
    if (step.kind === 'weigh') {
      pool = pool.with(step.server, step.weight);
      if (step.weight === 0) endThoseOf(step.server, servers, states);
    }
    take(mechanism, step, pool);
    for (let each = 0; each < connections; each += 1) {
      if (states[each] !== CONSISTENT || mechanism.route(each) === servers[each]) continue;
      states[each] = VIOLATED;
      violations += 1;
    }
  }
  return violations;
}

function endThoseOf(server: number, servers: Uint16Array, states: Uint8Array): void {
  for (let each = 0; each < servers.length; each += 1) {
    if (servers[each] === server && states[each] === CONSISTENT) states[each] = ENDED;
  }
}

function take(mechanism: Mechanism, step: Step, pool: readonly number[]): void {
  switch (step.kind) {
    case 'quiet':
      return;
    case 'weigh':
      return mechanism.change(pool);
    case 'restart':
      return mechanism.restart();
    case 'loss':
      return mechanism.lose();
    default:
      return step satisfies never;
  }
}
