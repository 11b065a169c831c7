/**
 * Checks of the servers of a Prism: each probe is a connection of this kernel.
 *
 *   checker ── begin ─▶ socket ─ connected, answered, refused ─▶ checker ── up, down ─▶ controller
 */
import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { HealthReport } from '../../controller/event.ts';
import type { Outcome } from '../../health/check.ts';
import {
  checkHealth,
  createHealth,
  nextTickMs,
  type HealthEffect,
  type HealthEvent,
} from '../../health/checker.ts';
import { createConversation } from '../../health/conversation.ts';
import type { Target } from '../../health/target.ts';

/** Where a server listens. */
export interface ServerAt {
  readonly host: string;
  readonly port: number;
}

/** Checks that run. */
export interface RunningChecks {
  /** Checks these from now on; the service of each is a pool. */
  configure(targets: readonly Target<ServerAt>[]): void;
  close(): void;
}

/** Starts to check nobody; `onReport` hears who is up or down. */
export function startChecks(onReport: (report: HealthReport) => void): RunningChecks {
  const health = createHealth<ServerAt>((limit) => randomInt(limit));
  const sockets = new Map<number, Socket>();
  let timer: NodeJS.Timeout | undefined;

  function tell(event: HealthEvent<ServerAt>): void {
    const nowMs = Math.floor(performance.now());
    for (const effect of checkHealth(health, event, nowMs)) perform(effect);
    clearTimeout(timer);
    const dueMs = nextTickMs(health);
    if (dueMs === undefined) return;
    timer = setTimeout(() => tell({ kind: 'tick' }), Math.max(1, dueMs - performance.now()));
  }

  function perform(effect: HealthEffect<ServerAt>): void {
    switch (effect.kind) {
      case 'begin':
        begin(effect.probe, effect.target);
        break;
      case 'give-up':
        sockets.get(effect.probe)?.destroy();
        sockets.delete(effect.probe);
        break;
      case 'health':
        onReport({ backend: effect.server, pool: effect.service, isUp: effect.isUp });
        break;
      case 'load':
        break;
      default:
        effect satisfies never;
    }
  }

  function begin(probe: number, { check, way }: Target<ServerAt>): void {
    const { request, hear } = createConversation(check.probe, way.host);
    const socket = connect(way);
    sockets.set(probe, socket);
    const conclude = (outcome: Outcome): void => {
      if (!sockets.delete(probe)) return;
      socket.destroy();
      tell({ kind: 'outcome', probe, outcome });
    };
    socket.on('connect', () => {
      if (request === undefined) conclude({ kind: 'connected' });
      else socket.write(request);
    });
    socket.on('data', (octets: Buffer) => {
      const outcome = hear(octets);
      if (outcome !== undefined) conclude(outcome);
    });
    socket.on('end', () => conclude({ kind: 'refused' }));
    socket.on('error', () => conclude({ kind: 'refused' }));
  }

  return {
    configure: (targets) => tell({ kind: 'configure', targets }),
    close(): void {
      clearTimeout(timer);
      for (const socket of sockets.values()) socket.destroy();
      sockets.clear();
    },
  };
}
