/** Which rules a device can be asked to set at all. */
import type { Capability } from '../catalogue/capability.ts';
import type { Hello, Rule, WindowShift } from './device.ts';

function rescales({ in: sent, out: read }: WindowShift): boolean {
  return sent !== read;
}

/** The capability that `rule` needs and a device with `hello` does not claim; else undefined. */
export function missingFor({ deltas, client }: Rule, hello: Hello): Capability | undefined {
  const { clientSeq, ownerSeq } = deltas;
  const splices = clientSeq !== 0 || ownerSeq !== 0;
  const only = hello.profile.delta ?? clientSeq;
  const needs: readonly (readonly [Capability, boolean])[] = [
    ['V6', client.address.includes(':')],
    ['SPLICE', splices],
    ['DELTAS', splices && (clientSeq !== only || ownerSeq !== only)],
    ['TS', deltas.clientTimestamp !== 0 || deltas.ownerTimestamp !== 0],
    ['WS', rescales(deltas.clientWindow) || rescales(deltas.ownerWindow)],
  ];
  return needs.find(([name, needed]) => needed && !hello.capabilities.includes(name))?.[0];
}
