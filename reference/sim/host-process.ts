/** A model host as a process on the network, with an application on top. */
import type { Process, ProcessEffect } from './network/process.ts';
import type { HostEvent, HostNotice, HostState } from './tcp/host.ts';
import { nextAtNs, step } from './tcp/host.ts';

/** What runs on a host: it is told of its connections, and asks for what it wants done. */
export type Application = (notice: HostNotice, nowNs: number) => readonly HostEvent[];

/** A process whose network interface is port 0. */
export interface HostProcess extends Process {
  readonly host: HostState;
  /** What comes of events that no frame caused. */
  readonly perform: (events: readonly HostEvent[], nowNs: number) => readonly ProcessEffect[];
}

/** The frames that leave when a host performs events, and all that its application then wants. */
export function drive(
  host: HostState,
  events: readonly HostEvent[],
  application: Application,
): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  const waiting = [...events];
  // The list grows while it is gone through.
  for (const event of waiting) {
    for (const effect of step(host, event)) {
      if (effect.kind === 'frame') frames.push(effect.octets);
      else waiting.push(...application(effect, host.nowNs));
    }
  }
  return frames;
}

/** A host with an application as a process. */
export function createHostProcess(host: HostState, application: Application): HostProcess {
  const perform = (events: readonly HostEvent[], nowNs: number): readonly ProcessEffect[] =>
    drive(host, [{ kind: 'tick', nowNs }, ...events], application).map((octets) => {
      return { kind: 'frame', port: 0, octets };
    });
  return {
    host,
    perform,
    step: (event, nowNs) =>
      perform(event.kind === 'frame' ? [{ kind: 'frame', octets: event.octets }] : [], nowNs),
    nextAtNs: () => nextAtNs(host),
  };
}
