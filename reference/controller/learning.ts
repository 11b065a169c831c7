/** How long the responses to requests were: what a hand-off is worth. */
import { setBounded } from '../control/bounded-map.ts';
import type { Served } from '../handoff/message.ts';
import type { RequestBrief } from '../policy/brief.ts';
import type { ControllerState } from './state.ts';

/** Most paths whose lengths are remembered. */
const LEARNED_MAX = 10_000;

/** Whether a path is expected to be worth a hand-off. */
export function isWorthHandOff({ config, learned }: ControllerState, brief: RequestBrief): boolean {
  const expected = learned.get(nameOf(brief)) ?? config.unknownOctets;
  return expected >= config.handOffFromOctets;
}

/** Remembers how long a response was. */
export function learn({ learned }: ControllerState, served: Served): void {
  setBounded(learned, nameOf(served), served.octets, LEARNED_MAX);
}

/** The same path has another length for HEAD than for GET. */
function nameOf({ method, host, path }: Pick<RequestBrief, 'method' | 'host' | 'path'>): string {
  return `${method} ${host} ${path}`;
}
