/** The switch as a process: frames at its ports, commands in messages. */
import { decodeCommand, encodeReply } from '../../control/codec.ts';
import { step, type SwitchEvent, type SwitchState } from '../../switch/switch.ts';
import type { Process, ProcessEffect } from '../network/process.ts';

/** The process of a switch; its leases end with the next event after their time. */
export function createSwitchProcess(state: SwitchState): Process {
  function perform(event: SwitchEvent, from: string, requestId: number): ProcessEffect[] {
    return step(state, event).flatMap((effect): ProcessEffect[] => {
      if (effect.kind === 'emit') {
        return [{ kind: 'frame', port: effect.port, octets: effect.octets }];
      }
      if (effect.kind !== 'reply') return [];
      return encodeReply(requestId, effect.reply).map((octets) => {
        return { kind: 'message', to: from, octets };
      });
    });
  }

  return {
    step(event, nowNs) {
      const late = perform({ kind: 'tick', nowNs: BigInt(nowNs) }, '', 0);
      if (event.kind === 'frame') return [...late, ...perform(event, '', 0)];
      if (event.kind === 'tick') return late;
      const request = decodeCommand(event.octets);
      if (request === undefined) return late;
      const { requestId, command } = request;
      return [...late, ...perform({ kind: 'command', command }, event.from, requestId)];
    },
    nextAtNs: () => undefined,
  };
}
