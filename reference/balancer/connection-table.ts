/**
 * The connections, found by what stands in a packet, and queued by when they will be forgotten.
 *
 *   flows    client ▶ virtual ─┐
 *            server ▶ client ──┴▶ connection ─▶ one of four queues, the longest unused first
 *
 * All connections of a queue have one timer, so that the first of it is the next to go: expiry never
 * looks at a connection that stays. What is due and not yet removed is never found.
 */
import type { Limits, Timers } from './config.ts';
import type { Connection } from './connection.ts';
import type { Phase, Stage } from './phase.ts';
import { isOver, stageOf } from './phase.ts';
import type { Queue } from './queue.ts';
import { createQueue, join, leave } from './queue.ts';

/** One direction of a connection. */
export interface Flow {
  readonly side: 'client' | 'server';
  readonly connection: Connection;
}

/** All connections; read freely, change by the functions below. */
export interface ConnectionTable {
  readonly flows: Map<string, Flow>;
  readonly queues: Readonly<Record<Stage, Queue<Connection>>>;
}

const STAGES: readonly Stage[] = ['opening', 'established', 'closing', 'talking'];

/** A table without connections. */
export function createTable(): ConnectionTable {
  return {
    flows: new Map(),
    queues: {
      opening: createQueue(),
      established: createQueue(),
      closing: createQueue(),
      talking: createQueue(),
    },
  };
}

/** How many connections there are. */
export function countConnections({ queues }: ConnectionTable): number {
  return STAGES.reduce((sum, stage) => sum + queues[stage].size, 0);
}

/** The flow of a key, if its connection is not due. */
export function findFlow(
  table: ConnectionTable,
  key: string,
  timers: Timers,
  nowMs: number,
): Flow | undefined {
  const flow = table.flows.get(key);
  if (flow === undefined) return undefined;
  if (!isDue(flow.connection, timers, nowMs)) return flow;
  remove(table, flow.connection);
  return undefined;
}

/** Whether there is room for one more; an older half-open one gives its place. */
export function makeRoom(table: ConnectionTable, limits: Limits): boolean {
  const { opening } = table.queues;
  const hasRoom = opening.size < limits.halfOpen && countConnections(table) < limits.connections;
  if (hasRoom) return true;
  if (opening.first === undefined) return false;
  remove(table, opening.first);
  return true;
}

/** Adds a connection, whose keys must be free; what its client sends. */
export function insert(table: ConnectionTable, connection: Connection): Flow {
  const { keys, member, pool } = connection;
  const flow: Flow = { side: 'client', connection };
  table.flows.set(keys.client, flow);
  if (keys.server !== undefined) table.flows.set(keys.server, { side: 'server', connection });
  join(table.queues[stageOf(connection)], connection);
  member.active += activeIn(connection);
  member.opened += 1;
  pool.counts.opened += 1;
  return flow;
}

/** Forgets a connection that is in the table. */
export function remove(table: ConnectionTable, connection: Connection): void {
  const { keys, member } = connection;
  table.flows.delete(keys.client);
  if (keys.server !== undefined) table.flows.delete(keys.server);
  leave(table.queues[stageOf(connection)], connection);
  member.active -= activeIn(connection);
}

/** Notes that a packet has used a connection, and how far it has come with it. */
export function touch(
  table: ConnectionTable,
  connection: Connection,
  phase: Phase,
  nowMs: number,
): void {
  leave(table.queues[stageOf(connection)], connection);
  connection.member.active -= activeIn(connection);
  connection.phase = phase;
  connection.usedMs = nowMs;
  connection.member.active += activeIn(connection);
  join(table.queues[stageOf(connection)], connection);
}

/** Forgets connections that are due, `most` of a queue at once; whether there may be more. */
export function expire(
  table: ConnectionTable,
  timers: Timers,
  nowMs: number,
  most: number,
): boolean {
  let isMore = false;
  for (const stage of STAGES) {
    const queue = table.queues[stage];
    for (let left = most; isDueFirst(queue, timers, nowMs); left -= 1) {
      if (left === 0) {
        isMore = true;
        break;
      }
      if (queue.first !== undefined) remove(table, queue.first);
    }
  }
  return isMore;
}

function isDueFirst({ first }: Queue<Connection>, timers: Timers, nowMs: number): boolean {
  return first !== undefined && isDue(first, timers, nowMs);
}

function isDue(connection: Connection, timers: Timers, nowMs: number): boolean {
  return nowMs - connection.usedMs > timers[stageOf(connection)];
}

/** What has ended, or was reset, is no load for its server. */
function activeIn(connection: Connection): 0 | 1 {
  return isOver(connection) ? 0 : 1;
}
