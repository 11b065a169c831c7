/**
 * The reference Prism in virtual time as a system under test: the whole of it, no process and no
 * privilege. Together with its parts in this folder it is the judge's second door to the accused.
 */
import { siteOf } from '../../../reference/policy/site.ts';
import { at, crash, createWorld, run, type World } from '../../../reference/sim/network/world.ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { buildPrism, countRules, type Prism } from '../../../reference/sim/prism/prism.ts';
import { DriverFault } from '../../driver/device.ts';
import type {
  Execution,
  Observation,
  Story,
  System,
  SystemHello,
  TappedFrame,
} from '../../driver/system.ts';
import { startClient, type Client } from './client.ts';
import { createFates } from './fates.ts';
import { helloOf } from './hello.ts';
import { createCensor, type Censor } from './messages.ts';
import { createServer } from './server.ts';

const NS_PER_MS = 1e6;
/** All must have been still for so long. */
const CALM_NS = 2000 * NS_PER_MS;
const LINGER_MS = 300;
/** Above what a segment takes that is lost four times in a row. */
const HEAD_MS = 30_000;
const RESPONSE_MS = 20_000;
const LOCK_LEASE_MS = 10_000;
/** What a part says is said again after 50 ms, ten times at most. */
const UNANSWERED_MS = 500;
/** 15 pings of 200 ms without an answer. */
const LOST_MS = 3000;
const CLOSE_MS = 5000;

const HELLO: SystemHello = helloOf({
  name: 'sim',
  clock: 'virtual',
  leaseMs: LOCK_LEASE_MS,
  bounds: {
    answerMs: LOST_MS + RESPONSE_MS + 4 * UNANSWERED_MS,
    ruleMs: LOCK_LEASE_MS + LOST_MS + CLOSE_MS + LINGER_MS,
    headMs: HEAD_MS,
  },
});

/** The tap at which a frame is seen, if it is one at the switch. */
function tapped({ what, from, to, port, octets, atNs }: Sighting): TappedFrame | undefined {
  if (port === undefined || what === 'lost') return undefined;
  const isOut = what === 'sent' && from === 'switch';
  if (!isOut && !(what === 'arrived' && to === 'switch')) return undefined;
  const host = isOut ? to : from;
  const side = host === 'controller' ? host : 'backend';
  const tap = host.startsWith('client') ? 'client' : side;
  const direction = isOut ? 'out' : 'in';
  return { tap, host, direction, atMs: atNs / NS_PER_MS, octets: octets.slice() };
}

/** Puts something around a part before it takes its first step. */
export type Wrap = (part: string, process: Process) => Process;

/** What makes of the reference another Prism. */
export interface Alteration {
  /** Called for each story, so that what it remembers is of that story alone. */
  readonly wrap?: (story: Story) => Wrap;
  /** What a Prism makes of a story that was set up in another way than it was told. */
  readonly misread?: (story: Story) => Story;
}

interface Stage {
  readonly world: World;
  readonly prism: Prism;
  readonly censor: Censor;
  readonly clients: readonly Client[];
}

function odds({ loss, duplication, jitterUs }: Story['weather']): {
  readonly loss: number;
  readonly duplication: number;
  readonly jitterNs: number;
} {
  return { loss: loss / 100, duplication: duplication / 100, jitterNs: jitterUs * 1000 };
}

function build(world: World, story: Story, executions: Execution[]): Prism {
  const refusing = story.mishaps.flatMap((each) => (each.kind === 'refusal' ? each.backend : []));
  return buildPrism(world, {
    clients: story.clients.length,
    site: siteOf(story.policy),
    lock: story.lock,
    cables: odds(story.weather),
    channels: odds(story.weather),
    agents: Object.fromEntries(refusing.map((name) => [name, { connectionsMax: 0 }])),
    origin: (name) =>
      createServer(name === 'b1' ? 'b1' : 'b2', (execution) => executions.push(execution)),
    controller: {
      handOffFromOctets: story.way === 'hand-off' ? 0 : Number.MAX_SAFE_INTEGER,
      handOffFromRequests: Number.MAX_SAFE_INTEGER,
      lingerMs: LINGER_MS,
      headMs: HEAD_MS,
      responseMs: RESPONSE_MS,
      closeMs: CLOSE_MS,
    },
  });
}

function stage(story: Story, frames: TappedFrame[], executions: Execution[], wrap: Wrap): Stage {
  const world = createWorld({
    seed: story.seed,
    observe(sighting): void {
      const frame = tapped(sighting);
      if (frame !== undefined) frames.push(frame);
      if (frame?.host === 'client 0') {
        at(world, world.nowNs, () => fates.onReceived(clients[0]?.peer.receivedOctets() ?? 0));
      }
    },
  });
  const prism = build(world, story, executions);
  const clients: Client[] = [];
  const fates = createFates(story, (part, awayMs) => {
    at(world, world.nowNs, () => crash(world, part));
    if (awayMs === undefined) return;
    at(world, world.nowNs + awayMs * NS_PER_MS, () => {
      if (part === 'controller') prism.startController();
      else prism.startBackend(part);
      begin(part);
    });
  });
  const censor = createCensor(world, story.mishaps, (moment) => {
    fates.onMoment(moment);
    for (const client of clients) client.onMoment(moment);
  });
  function begin(part: string): void {
    const seat = world.seats.get(part);
    if (seat !== undefined) seat.process = wrap(part, seat.process);
    censor.watch(part);
  }
  for (const part of ['switch', 'controller', 'b1', 'b2']) begin(part);
  for (const { at: cue } of fates.deaths) {
    if (cue.kind === 'time') at(world, cue.ms * NS_PER_MS, () => fates.onTime(cue.ms));
  }
  // The parts find each other before the first client comes.
  at(world, START_NS, () => {
    clients.push(...story.clients.map((lines, index) => startClient(prism, index, lines)));
  });
  return { world, prism, censor, clients };
}

const START_NS = 1 * NS_PER_MS;

/** Until all has been still for a while, or the story's patience has run out. */
function perform({ world, prism, clients }: Stage, story: Story): void {
  let stillNs: number | undefined;
  const end = run(world, () => {
    if (world.nowNs > story.patienceMs * NS_PER_MS) return true;
    const isStill =
      clients.length > 0 && clients.every(({ isDone }) => isDone()) && countRules(prism) === 0;
    stillNs = isStill ? (stillNs ?? world.nowNs) : undefined;
    return stillNs !== undefined && world.nowNs > stillNs + CALM_NS;
  });
  if (end.kind === 'exhausted') {
    throw new DriverFault('endless', `the sim came to its limit of ${end.limit}`);
  }
}

/** Opens the reference Prism in virtual time, or one that is altered. */
export function openSim({ wrap, misread }: Alteration = {}): System {
  return {
    hello: async () => HELLO,
    async play(told): Promise<Observation> {
      const story = misread?.(told) ?? told;
      const frames: TappedFrame[] = [];
      const executions: Execution[] = [];
      const around = wrap?.(story) ?? ((_, process) => process);
      const parts = stage(story, frames, executions, around);
      perform(parts, story);
      const { world, prism, censor, clients } = parts;
      return {
        clients: clients.map(({ outcomes }) => outcomes()),
        executions,
        frames,
        messages: censor.told,
        notes: prism.notes,
        rules: countRules(prism),
        endMs: world.nowNs / NS_PER_MS,
      };
    },
    close: async () => undefined,
  };
}
