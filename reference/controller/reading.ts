/** A connection at the controller: requests are read, and answered, passed on or handed off. */
import { CONTROLLER } from '../handoff/message.ts';
import type { RequestHead } from '../http/request-head.ts';
import { note } from '../owner/act.ts';
import { briefOf } from '../policy/brief.ts';
import { choose, type RequestBrief } from '../policy/policy.ts';
import { beginMigration } from './migration.ts';
import { answer, closeConnection } from './phases.ts';
import { beginProxying } from './proxy.ts';
import { beginSplicing, maySplice } from './splicing.ts';
import type { Turn } from './state.ts';
import { isWorthHandOff } from './learning.ts';
import { absentFrom, canTake } from './state.ts';

/** Does what can be done with the octets that the client has sent so far. */
export function advance(turn: Turn): void {
  const { connection } = turn;
  if (connection.phase.kind !== 'reading') return;
  const front = connection.requests.front();
  if (front === undefined) {
    if (connection.clientFinished) closeConnection(turn);
  } else if (front.kind === 'reject') {
    note(turn, `refused: ${front.reason}`);
    answer(turn, front.status);
  } else decide(turn, front.head);
}

function decide(turn: Turn, head: RequestHead): void {
  const { state } = turn;
  const brief = briefOf(head);
  const last = turn.connection.row?.backend;
  const name = choose(state.config.policy, state.turns, brief, absentFrom(turn), last);
  const backend = state.config.backends.find((each) => each.name === name);
  if (backend === undefined) {
    note(turn, `no backend for ${brief.method} ${brief.host}${brief.path}`);
    answer(turn, 503);
  } else if (maySplice(turn, backend, head) && isWorthHandOff(state, brief)) {
    beginSplicing(turn, backend, head);
  } else if (canTake(turn, backend) && mayHandOff(turn, brief, backend.name)) {
    beginMigration(turn, CONTROLLER, backend.name);
  } else beginProxying(turn, backend.name, head);
}

/** A half-closed connection cannot be exported: the kernel knows no way into CLOSE-WAIT. */
function mayHandOff({ state, connection }: Turn, brief: RequestBrief, backend: string): boolean {
  const { isProxiedOnly, clientFinished, row } = connection;
  if (isProxiedOnly || clientFinished) return false;
  const isRegular = row?.backend === backend && row.requests >= state.config.handOffFromRequests;
  return isRegular || isWorthHandOff(state, brief);
}
