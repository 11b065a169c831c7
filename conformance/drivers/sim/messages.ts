/** The control messages of a simulated Prism: what each is called, and what becomes of it. */
import { decodeCommand, decodeReply } from '../../../reference/control/codec.ts';
import { openMessage } from '../../../reference/handoff/codec.ts';
import { CONTROLLER, type Message } from '../../../reference/handoff/message.ts';
import type { Fate } from '../../../reference/sim/network/fate.ts';
import { channelKey } from '../../../reference/sim/network/link.ts';
import { NS } from '../../../reference/sim/network/timeline.ts';
import { act, at, type World } from '../../../reference/sim/network/world.ts';
import { checkSum } from '../../../reference/sim/prism/prism.ts';
import {
  MESSAGES,
  type MessageName,
  type Mishap,
  type Moment,
  type ToldMessage,
} from '../../driver/system.ts';
import { createStranger, toldOf, type Forgery } from './stranger.ts';

/** Where the seal of a message stands: whoever only looks needs no key. */
const SEAL = { from: 3, to: 35 };

/** What controller or backend say in octets, whoever sealed them. */
export function readMessage(octets: Uint8Array): Message | undefined {
  const opened = openMessage(octets, () => octets.subarray(SEAL.from, SEAL.to));
  return opened.ok ? opened.value : undefined;
}

function nameOf(from: string, to: string, octets: Uint8Array): MessageName | undefined {
  let name: string | undefined;
  if (to === 'switch') name = decodeCommand(octets)?.command.op;
  else if (from === 'switch') {
    const op = decodeReply(octets)?.reply.op;
    name = op === undefined ? undefined : `reply to ${op}`;
  } else name = readMessage(octets)?.kind;
  return MESSAGES.find((each) => each === name);
}

/** What a stranger has instead of the key. */
function strangeSeal(octets: Uint8Array): Uint8Array {
  return checkSum(octets).map((octet) => octet ^ 0xff);
}

type MessageMishap = Extract<Mishap, { readonly kind: 'message' }>;

/** What becomes of a message that a mishap strikes. */
export function fateOf({ fate }: MessageMishap): Fate {
  switch (fate.kind) {
    case 'lost':
      return [];
    case 'doubled':
      return [0, 0];
    case 'late':
      return [fate.ms * NS.ms];
    default:
      return fate satisfies never;
  }
}

/** Somebody who sits at all channels. */
export interface Censor {
  readonly told: readonly ToldMessage[];
  /** Sits down at a part that has just been started. */
  readonly watch: (part: string) => void;
}

/** Does to the messages of `world` what `mishaps` say, and tells of each when it happens. */
export function createCensor(
  world: World,
  mishaps: readonly Mishap[],
  onMoment: (moment: Moment) => void,
): Censor {
  const told: ToldMessage[] = [];
  const counts = new Map<string, number>();
  const queues = new Map<string, (Fate | undefined)[]>();
  const struck = mishaps.filter((each) => each.kind === 'message');
  const isOverheard = mishaps.some(({ kind }) => kind === 'stranger');
  const stranger = createStranger(strangeSeal);
  /** What was never sent by a part. */
  const forged = new WeakSet<Uint8Array>();

  function tell(message: MessageName, what: Moment['what'], from: string, to: string): number {
    const name = `${message} ${what}`;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    told.push({ message, what, from, to, atMs: world.nowNs / NS.ms });
    onMoment({ message, nth, what });
    return nth;
  }

  /** Decides in the order in which things are put on the link. */
  function queueOf(key: string): (Fate | undefined)[] {
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue: (Fate | undefined)[] = [];
    queues.set(key, queue);
    const link = world.links.get(key);
    if (link === undefined) throw new Error(`there is no link ${key}`);
    const before = link.fates;
    link.fates = (): Fate => queue.shift() ?? before();
    return queue;
  }

  function decide(from: string, to: string, octets: Uint8Array): void {
    const message = nameOf(from, to, octets);
    const nth = message === undefined ? 0 : tell(message, 'sent', from, to);
    const mishap = struck.find(
      (each) =>
        each.message === message &&
        (each.nth ?? nth) === nth &&
        (each.to === undefined || each.to === to),
    );
    queueOf(channelKey(from, to)).push(mishap === undefined ? undefined : fateOf(mishap));
    const heard = isOverheard ? readMessage(octets) : undefined;
    if (heard !== undefined) stranger.overhear(mishaps, from, heard).forEach(intrude);
  }

  /** As fast as the controller itself would be. */
  function intrude(forgery: Forgery): void {
    const { to, octets } = forgery;
    forged.add(octets);
    told.push(toldOf(forgery, world.nowNs / NS.ms));
    const delayNs = world.links.get(channelKey(CONTROLLER, to))?.delayNs ?? 0;
    at(world, world.nowNs + delayNs, () => {
      const { process } = world.seats.get(to) ?? {};
      const event = { kind: 'message', from: CONTROLLER, octets } as const;
      act(world, to, (nowNs) => process?.step(event, nowNs) ?? []);
    });
  }

  function watch(part: string): void {
    const seat = world.seats.get(part);
    if (seat === undefined) throw new Error(`there is no ${part}`);
    const { process } = seat;
    seat.process = {
      nextAtNs: process.nextAtNs,
      step(event, nowNs) {
        const effects = process.step(event, nowNs);
        if (event.kind === 'message' && !forged.has(event.octets)) {
          const message = nameOf(event.from, part, event.octets);
          if (message !== undefined) tell(message, 'arrived', event.from, part);
        }
        for (const effect of effects) {
          if (effect.kind === 'message') decide(part, effect.to, effect.octets);
        }
        return effects;
      },
    };
  }

  return { told, watch };
}
