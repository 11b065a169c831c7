/** A connection at the controller: requests are read, and answered, passed on or handed off. */
import { CONTROLLER } from '../handoff/message.ts';
import type { RequestHead } from '../http/request-head.ts';
import { note, write } from '../owner/act.ts';
import { briefOf, type RequestBrief } from '../policy/brief.ts';
import { backendAt, decideFor } from './choosing.ts';
import { beginMigration } from './migration.ts';
import { answer, closeConnection, readNext } from './phases.ts';
import { beginProxying } from './proxy.ts';
import { beginSplicing, maySplice } from './splicing.ts';
import { isWorthHandOff } from './learning.ts';
import { canTake, unixMs, type Turn } from './state.ts';

/** Does what can be done with the octets that the client has sent so far. */
export function advance(turn: Turn): void {
  const { connection } = turn;
  while (connection.phase.kind === 'reading') {
    const front = connection.requests.front();
    if (front === undefined) {
      if (connection.clientFinished) closeConnection(turn);
      return;
    }
    if (front.kind === 'reject') {
      note(turn, `refused: ${front.reason}`);
      answer(turn, front.status);
      return;
    }
    const kept = findKept(turn, front.head);
    if (kept === undefined) {
      decide(turn, front.head);
      return;
    }
    answerKept(turn, kept, front.head);
  }
}

/** The answer that is kept for a request that the site does not refuse. */
function findKept({ state }: Turn, head: RequestHead): Uint8Array | undefined {
  if (state.cache === undefined || head.framing.kind !== 'none') return undefined;
  if (!state.site.choosePool()(head).ok) return undefined;
  return state.cache.find(head, unixMs(state));
}

/** No backend hears of it. */
function answerKept(turn: Turn, kept: Uint8Array, { keepAlive }: RequestHead): void {
  const { requests } = turn.connection;
  note(turn, 'answered by what is kept');
  requests.take();
  write(turn, kept);
  if (keepAlive) readNext(turn);
  else closeConnection(turn);
}

function decide(turn: Turn, head: RequestHead): void {
  const { state } = turn;
  const brief = briefOf(head);
  const decision = decideFor(turn, head, turn.connection.last);
  const backend = typeof decision === 'number' ? undefined : backendAt(turn, decision.backend);
  if (typeof decision === 'number' || backend === undefined) {
    note(turn, `no backend for ${brief.method} ${brief.host}${brief.path}`);
    answer(turn, decision === 400 ? 400 : 503);
    return;
  }
  const mayLeave = !decision.isPassedOn && !mustBeHeard(turn, head);
  if (mayLeave && maySplice(turn, backend, head) && isWorthHandOff(state, brief)) {
    beginSplicing(turn, backend, head, decision);
  } else if (mayLeave && canTake(turn, backend) && mayHandOff(turn, brief, backend.name)) {
    beginMigration(turn, CONTROLLER, backend.name);
  } else beginProxying(turn, head, decision);
}

/** A half-closed connection cannot be exported: the kernel knows no way into CLOSE-WAIT. */
function mayHandOff({ state, connection }: Turn, brief: RequestBrief, backend: string): boolean {
  const { isProxiedOnly, clientFinished, row } = connection;
  if (isProxiedOnly || clientFinished) return false;
  const isRegular = row?.backend === backend && row.requests >= state.config.handOffFromRequests;
  return isRegular || isWorthHandOff(state, brief);
}

/** What a request changes may be kept, and the answer says whether it has changed. */
function mustBeHeard({ state }: Turn, { method }: RequestHead): boolean {
  return state.cache !== undefined && method !== 'GET' && method !== 'HEAD';
}
