/**
 * Spliced connections: nobody tells the controller when they end, so that it looks at the switch.
 *
 * FIN and RST pass the switch like all else. What is over is silent; what is not never is for long,
 * for a TCP that waits for the other end tries again. A listing says how many packets there were.
 */
import type { RuleStatus } from '../control/command.ts';
import { keyText } from '../rules/rule.ts';
import { countBound } from './bound.ts';
import type { ControllerEffect } from './event.ts';
import { deleteRule } from './phases.ts';
import type { ControllerState } from './state.ts';

/** So often the switch is asked within the time after which silence counts. */
const LOOKS = 4;

function lookBeats({ config }: ControllerState): number {
  return Math.ceil(config.silentBeatsMax / LOOKS);
}

/** Whether it is time to ask the switch what its rules have counted. */
export function isTimeToLook(state: ControllerState): boolean {
  if (state.beats % lookBeats(state) !== 0) return false;
  return [...state.connections.values()].some(({ phase }) => phase.kind === 'spliced');
}

/** Deletes the rules of connections that have been silent for long, or have none any more. */
export function watchSpliced(
  state: ControllerState,
  rules: readonly RuleStatus[],
  effects: ControllerEffect[],
): void {
  const counted = new Map(
    rules.map(({ rule, fromClient, fromOwner }) => {
      return [keyText(rule.key), fromClient.packets + fromOwner.packets] as const;
    }),
  );
  const { beats, config } = state;
  for (const [name, connection] of state.connections) {
    const { phase } = connection;
    if (phase.kind !== 'spliced') continue;
    const packets = counted.get(name);
    if (packets !== undefined && packets !== phase.packets) {
      phase.packets = packets;
      phase.seenBeat = beats;
    }
    // A listing that was asked for before the rule was there does not have it.
    const isGone = packets === undefined && beats - phase.sinceBeat > lookBeats(state);
    const isSilent = beats - phase.seenBeat >= config.silentBeatsMax;
    if (!isGone && !isSilent) continue;
    deleteRule({ state, connection, effects });
    countBound(state, connection);
  }
}
