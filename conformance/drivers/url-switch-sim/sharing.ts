/**
 * Several processes in the place of one: each service has a controller and agents of its own, and
 * they share machines, cables and channels.
 *
 *   frame    ─▶ the first that takes it
 *   message  ─▶ its first octet says whose it is:  place | what a process said
 */
import type {
  Process,
  ProcessEffect,
  ProcessEvent,
} from '../../../reference/sim/network/process.ts';

/** One of the processes that share a place; `Read` is what of a frame says whose it is. */
export interface Sharer<Read> {
  /** It may become another at any time; undefined is nobody, and what is for it is lost. */
  process: Process | undefined;
  readonly takes: (frame: Read) => boolean;
}

function marked(place: number, effect: ProcessEffect): ProcessEffect {
  if (effect.kind === 'frame') return effect;
  const octets = new Uint8Array(1 + effect.octets.length);
  octets[0] = place;
  octets.set(effect.octets, 1);
  return { ...effect, octets };
}

/** At which place an event is heard; undefined where it is at none. */
function placeOf<Read>(
  event: ProcessEvent,
  sharers: readonly Sharer<Read>[],
  read: (frame: Uint8Array) => Read,
): number | undefined {
  if (event.kind === 'message') return event.octets[0];
  if (event.kind === 'tick') return undefined;
  const frame = read(event.octets);
  return sharers.findIndex(({ takes }) => takes(frame));
}

function unmarked(event: ProcessEvent): ProcessEvent {
  return event.kind === 'message' ? { ...event, octets: event.octets.subarray(1) } : event;
}

/** The processes as one, each at its place; all are told of the time. */
export function createShared<Read>(
  sharers: readonly Sharer<Read>[],
  read: (frame: Uint8Array) => Read,
): Process {
  return {
    nextAtNs() {
      const times = sharers.flatMap(({ process }) => process?.nextAtNs() ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    step(event, nowNs) {
      // Whoever has heard it may not take such a frame again.
      const heardAt = placeOf(event, sharers, read);
      return sharers.flatMap(({ process }, place): readonly ProcessEffect[] => {
        const own = place === heardAt ? unmarked(event) : { kind: 'tick' as const };
        const effects = process?.step(own, nowNs) ?? [];
        return effects.map((effect) => marked(place, effect));
      });
    },
  };
}

/** A process that answers each of those that share a place, and is shared by all. */
export function servingAll(process: Process): Process {
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const place = event.kind === 'message' ? (event.octets[0] ?? 0) : 0;
      return process.step(unmarked(event), nowNs).map((effect) => marked(place, effect));
    },
  };
}
