/**
 * How many connections each backend has: what policies call its load.
 *
 * A connection counts where it is bound, proxied or handed over or spliced, from the moment that the
 * backend is chosen until it has ended, is elsewhere, or is lost. It is found by its phase, so that
 * no way through the phases can be forgotten.
 */
import { CONTROLLER } from '../handoff/message.ts';
import { keyText } from '../rules/rule.ts';
import type { Connection, Phase } from './connection.ts';
import type { ControllerState } from './state.ts';

/** The backend that has a connection in this phase; undefined when none has. */
export function boundTo(phase: Phase): string | undefined {
  switch (phase.kind) {
    case 'proxying':
      return phase.backend;
    case 'splicing':
      return phase.proxying.backend;
    case 'spliced':
    case 'away':
    case 'adopting':
    case 'dismissing':
      return phase.owner;
    case 'migrating': {
      const isOnItsWay = phase.step !== 'unlocking' && phase.to !== CONTROLLER;
      const name = isOnItsWay ? phase.to : phase.from;
      return name === CONTROLLER ? undefined : name;
    }
    case 'reading':
    case 'closing':
    case 'lingering':
    case 'deleting':
    case 'recalling':
      return undefined;
    default:
      return phase satisfies never;
  }
}

/** Counts a connection where it is bound now, and no longer where it was. */
export function countBound(state: ControllerState, connection: Connection): void {
  const { active, connections } = state;
  const isKnown = connections.get(keyText(connection.key)) === connection;
  const name = isKnown ? boundTo(connection.phase) : undefined;
  const before = connection.countedAt;
  if (name === before) return;
  connection.countedAt = name;
  if (before !== undefined) {
    const left = (active.get(before) ?? 0) - 1;
    if (left > 0) active.set(before, left);
    else active.delete(before);
  }
  if (name !== undefined) active.set(name, (active.get(name) ?? 0) + 1);
}
