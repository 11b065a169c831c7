/**
 * A network of processes in virtual time: the same seed and the same calls give the same run.
 *
 *   process ── port ══ cable ══ port ── process        Ethernet frames
 *   process ────────── channel ──────── process        messages: octets, for control
 *
 * Cables and channels are two links each, one a direction: a delay, and a fate for each thing that
 * is put on. A process is any step function; what is crashed takes no step, and what would have
 * reached it is gone. Bounded: a run ends at a named limit, and says so with the seed.
 */
import type { Link, LinkOptions, Plug, Sighting } from './link.ts';
import { channelKey, createLink, plugKey } from './link.ts';
import type { Process, ProcessEffect, ProcessEvent } from './process.ts';
import { createRandom } from './random.ts';
import type { Timeline } from './timeline.ts';
import { createTimeline, NS, putDue, takeDue } from './timeline.ts';

/** Where a run is stopped that does not end by itself. */
export interface Limits {
  readonly events: number;
  readonly virtualNs: number;
}

/** How a run ended: as wanted, with nothing left to happen, or at a limit, which is a failure. */
export type RunEnd =
  | { readonly kind: 'done' | 'idle' }
  | {
      readonly kind: 'exhausted';
      readonly limit: keyof Limits;
      readonly seed: number;
      readonly events: number;
      readonly nowNs: number;
    };

/** What a world is made with. */
export interface WorldOptions {
  readonly seed: number;
  readonly limits?: Limits;
  readonly observe?: (sighting: Sighting) => void;
}

interface Seat {
  process: Process;
  isUp: boolean;
  /** The tick that is on the timeline; others of this process that are there are void. */
  tickNs: number | undefined;
}

type Happening =
  | { readonly kind: 'call'; readonly callback: () => void }
  | { readonly kind: 'tick'; readonly name: string; readonly seat: Seat }
  | { readonly kind: 'arrival'; readonly from: string; readonly link: Link; octets: Uint8Array };

/** A network between two happenings. */
export interface World {
  readonly seed: number;
  readonly limits: Limits;
  readonly observe: (sighting: Sighting) => void;
  readonly timeline: Timeline<Happening>;
  readonly seats: Map<string, Seat>;
  readonly links: Map<string, Link>;
  nowNs: number;
  /** How much has happened. */
  events: number;
}

/** Limits of a run that names none. */
export const DEFAULT_LIMITS: Limits = { events: 1_000_000, virtualNs: 3600 * NS.s };

/** A world at time 0, without processes. */
export function createWorld({ seed, limits, observe }: WorldOptions): World {
  return {
    seed,
    limits: limits ?? DEFAULT_LIMITS,
    observe: observe ?? ((): void => undefined),
    timeline: createTimeline(),
    seats: new Map(),
    links: new Map(),
    nowNs: 0,
    events: 0,
  };
}

/** Adds a process, or starts one in the place of the last of that name, crashed or not. */
export function start(world: World, name: string, process: Process): void {
  const before = world.seats.get(name);
  if (before !== undefined) before.isUp = false;
  const seat: Seat = { process, isUp: true, tickNs: undefined };
  world.seats.set(name, seat);
  askForTick(world, name, seat);
}

/** From now on the process takes no step, until one of its name is started. */
export function crash(world: World, name: string): void {
  seatOf(world, name).isUp = false;
}

/** Lays a cable between two ports; its two links, from `a` and from `b`. */
export function lay(world: World, a: Plug, b: Plug, options: LinkOptions = {}): [Link, Link] {
  return [
    addLink(world, plugKey(a.name, a.port), b.name, b.port, options),
    addLink(world, plugKey(b.name, b.port), a.name, a.port, options),
  ];
}

/** Opens a channel for messages between two processes; its two links, from `a` and from `b`. */
export function open(world: World, a: string, b: string, options: LinkOptions = {}): [Link, Link] {
  return [
    addLink(world, channelKey(a, b), b, undefined, options),
    addLink(world, channelKey(b, a), a, undefined, options),
  ];
}

/** Lets something happen at a time that has not passed. */
export function at(world: World, atNs: number, callback: () => void): void {
  putDue(world.timeline, Math.max(atNs, world.nowNs), { kind: 'call', callback });
}

/** Lets a process do something now that no event caused; it must be up, or nothing happens. */
export function act(
  world: World,
  name: string,
  step: (nowNs: number) => readonly ProcessEffect[],
): void {
  const seat = seatOf(world, name);
  if (!seat.isUp) return;
  perform(world, name, step(world.nowNs));
  askForTick(world, name, seat);
}

/** Runs until `isDone` says so, nothing is left to happen, or a limit is reached. */
export function run(world: World, isDone: () => boolean = () => false): RunEnd {
  for (;;) {
    if (isDone()) return { kind: 'done' };
    const limit = reachedLimit(world);
    if (limit !== undefined) {
      const { seed, events, nowNs } = world;
      return { kind: 'exhausted', limit, seed, events, nowNs };
    }
    const due = takeDue(world.timeline);
    if (due === undefined) return { kind: 'idle' };
    world.nowNs = due.atNs;
    world.events += 1;
    happen(world, due.what);
  }
}

/** One sentence for people. */
export function formatRunEnd(end: RunEnd): string {
  if (end.kind !== 'exhausted') return end.kind === 'done' ? 'done' : 'nothing left to happen';
  const { limit, seed, events, nowNs } = end;
  return `no end before the limit of ${limit}: seed ${seed}, ${events} events, ${nowNs / NS.s} s`;
}

function reachedLimit({ limits, events, timeline }: World): keyof Limits | undefined {
  const next = timeline.heap[0];
  if (next === undefined) return undefined;
  if (events >= limits.events) return 'events';
  return next.atNs > limits.virtualNs ? 'virtualNs' : undefined;
}

function happen(world: World, happening: Happening): void {
  switch (happening.kind) {
    case 'call':
      return happening.callback();
    case 'tick':
      return tick(world, happening.name, happening.seat);
    case 'arrival':
      return arrive(world, happening.from, happening.link, happening.octets);
    default:
      return happening satisfies never;
  }
}

function tick(world: World, name: string, seat: Seat): void {
  if (seat.tickNs !== world.nowNs) return;
  seat.tickNs = undefined;
  const nextNs = seat.process.nextAtNs();
  if (!seat.isUp || nextNs === undefined) return;
  if (nextNs <= world.nowNs) perform(world, name, seat.process.step({ kind: 'tick' }, world.nowNs));
  askForTick(world, name, seat);
}

function arrive(world: World, from: string, { to, port }: Link, octets: Uint8Array): void {
  const seat = world.seats.get(to);
  const isUp = seat?.isUp === true;
  world.observe({ atNs: world.nowNs, what: isUp ? 'arrived' : 'lost', from, to, port, octets });
  if (seat === undefined || !isUp) return;
  const event: ProcessEvent =
    port === undefined ? { kind: 'message', from, octets } : { kind: 'frame', port, octets };
  perform(world, to, seat.process.step(event, world.nowNs));
  askForTick(world, to, seat);
}

function perform(world: World, name: string, effects: readonly ProcessEffect[]): void {
  for (const effect of effects) {
    const isFrame = effect.kind === 'frame';
    const key = isFrame ? plugKey(name, effect.port) : channelKey(name, effect.to);
    const link = world.links.get(key);
    if (link !== undefined) send(world, name, link, effect.octets);
    else if (!isFrame) throw new Error(`there is no channel from ${name} to ${effect.to}`);
  }
}

function send(world: World, from: string, link: Link, octets: Uint8Array): void {
  const { to, port } = link;
  const fate = link.fates();
  world.observe({ atNs: world.nowNs, what: 'sent', from, to, port, octets });
  if (fate.length === 0) {
    world.observe({ atNs: world.nowNs, what: 'lost', from, to, port, octets });
  }
  for (const lateNs of fate) {
    const arrivalNs = world.nowNs + link.delayNs + lateNs;
    putDue(world.timeline, arrivalNs, { kind: 'arrival', from, link, octets });
  }
}

function askForTick(world: World, name: string, seat: Seat): void {
  const nextNs = seat.process.nextAtNs();
  if (nextNs === undefined || (seat.tickNs !== undefined && seat.tickNs <= nextNs)) return;
  seat.tickNs = Math.max(nextNs, world.nowNs);
  putDue(world.timeline, seat.tickNs, { kind: 'tick', name, seat });
}

function addLink(
  world: World,
  key: string,
  to: string,
  port: number | undefined,
  options: LinkOptions,
): Link {
  if (world.links.has(key)) throw new Error(`there is a link from ${key} already`);
  const link = createLink(createRandom(world.seed, key), to, port, options);
  world.links.set(key, link);
  return link;
}

function seatOf(world: World, name: string): Seat {
  const seat = world.seats.get(name);
  if (seat === undefined) throw new Error(`there is no process ${name}`);
  return seat;
}
