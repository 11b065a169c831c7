/**
 * What an earlier life of the controller has left at the switch.
 *
 * A transfer goes on while its controller is dead (PRISM-CTRL-16). A new controller lists the
 * rules, asks each owner whether it still has the connection, and deletes what nobody has.
 */
import type { RuleStatus } from '../control/command.ts';
import { setTimer } from '../owner/act.ts';
import { keyText, sameEndpoint } from '../rules/rule.ts';
import { send } from './act.ts';
import { countBound } from './bound.ts';
import type { ControllerEffect } from './event.ts';
import { deleteRule } from './phases.ts';
import { createConnection } from './connection.ts';
import { isKnown, type ControllerState, type Turn } from './state.ts';

/** Takes over the rules that are not of this life. */
export function adoptRules(
  state: ControllerState,
  rules: readonly RuleStatus[],
  effects: ControllerEffect[],
): void {
  if (state.isListed) return;
  state.isListed = true;
  for (const status of rules) {
    const { key } = status.rule;
    state.nextEpoch = Math.max(state.nextEpoch, status.epoch + 1);
    const isOwn = status.epoch >= state.config.firstEpoch;
    if (!isOwn && !state.connections.has(keyText(key))) adopt(state, status, effects);
  }
}

function adopt(
  state: ControllerState,
  { rule, epoch }: RuleStatus,
  effects: ControllerEffect[],
): void {
  const { key } = rule;
  const owner = state.config.backends.find((backend) => sameEndpoint(backend.owner, rule.owner));
  const connection = createConnection(key, epoch, true);
  connection.phase = { kind: 'adopting', owner: owner?.name ?? '', tries: 0 };
  state.connections.set(keyText(key), connection);
  const turn = { state, connection, effects };
  // In the middle of a migration nobody has it: its snapshot died with the controller.
  if (owner === undefined || rule.locked) deleteRule(turn);
  else if (owner.isSpliced === true) {
    const { name } = owner;
    const seenBeat = state.beats;
    connection.phase = { kind: 'spliced', owner: name, sinceBeat: 0, packets: 0, seenBeat };
  } else checkOwner(turn);
  countBound(state, connection);
}

/** Asks the owner whether it still has the connection. */
export function checkOwner(turn: Turn): void {
  const { connection, state } = turn;
  const { phase, epoch } = connection;
  if (phase.kind !== 'adopting') return;
  if (isKnown(state, phase.owner)) phase.tries += 1;
  if (phase.tries > state.config.triesMax) {
    deleteRule(turn);
    return;
  }
  send(turn, phase.owner, { kind: 'check', epoch });
  setTimer(turn, state.config.retryMs);
}
