/**
 * Somebody who sits at all channels of a Prism, knows its key, and does to messages what a story says.
 *
 *   controller ── to-switch ─┐       ┌─▶ switch
 *   controller ── to-b1 ─────┼ relay ┼─▶ b1         each part dials the others here
 *   b1, b2 ────── to-b2 … ───┘       └─▶ b2
 *
 * A channel that is opened here is opened to the part that it is for in the name of who opened it;
 * when one of both ends is gone, so is the other. Messages about other connections than those of the
 * story's clients pass as they are.
 */
import { randomBytes } from 'node:crypto';
import { decodeCommand, decodeReply } from '../../../reference/control/codec.ts';
import { openMessage, type Seal } from '../../../reference/handoff/codec.ts';
import { CONTROLLER, type Message } from '../../../reference/handoff/message.ts';
import {
  dialChannel,
  listenForChannels,
  type Channel,
} from '../../../reference/host/prism/channel.ts';
import { SWITCH } from '../../../reference/host/prism/rule-switch.ts';
import { removeSeal, sealOf } from '../../../reference/host/prism/seal.ts';
import type { ConnectionKey } from '../../../reference/rules/rule.ts';
import { MESSAGES, type MessageName } from '../../driver/system.ts';
import { createStranger, type Forgery } from '../sim/stranger.ts';
import { createCensor, type Censor, type Censoring, type Censorship } from './censor.ts';

/** Somebody at all channels. */
export interface Relay {
  /** Where the other parts find `part`. */
  readonly pathTo: (part: string) => string;
  /** For how long the life of `part` that listens now has not told the controller that it is there. */
  readonly silentMs: (part: string) => number;
  readonly begin: (story: Censorship) => Censor;
  readonly end: () => void;
  readonly close: () => void;
}

/** One channel through the relay. */
interface Line {
  readonly from: string;
  readonly to: string;
  readonly near: Channel;
  far: Channel | undefined;
  /** What came before it was open. */
  readonly waiting: Uint8Array[];
  /** When the controller was last told that the other end is there. */
  pulseMs: number;
}

interface Read {
  readonly message: MessageName | undefined;
  readonly key: ConnectionKey | undefined;
  /** What controller and backends say to each other. */
  readonly said?: Message;
}

const NOTHING: Read = { message: undefined, key: undefined };
const STRANGE_KEY_OCTETS = 32;

function messageCalled(name: string): MessageName | undefined {
  return MESSAGES.find((each) => each === name);
}

/** Reads what passes; replies have no key of their own, and are known by their requests. */
function createReader(seal: Seal): (from: string, to: string, octets: Uint8Array) => Read {
  const asked = new Map<number, ConnectionKey>();

  function readRules(to: string, octets: Uint8Array): Read {
    const opened = removeSeal(Buffer.from(octets), seal);
    if (opened === undefined) return NOTHING;
    if (to !== SWITCH) {
      const part = decodeReply(opened);
      if (part === undefined) return NOTHING;
      const key = asked.get(part.requestId);
      return { message: messageCalled(`reply to ${part.reply.op}`), key };
    }
    const request = decodeCommand(opened);
    if (request === undefined || request.command.op === 'get') return NOTHING;
    const { command, requestId } = request;
    const key = command.op === 'add' ? command.rule.key : command.key;
    asked.set(requestId, key);
    return { message: messageCalled(command.op), key };
  }

  return (from, to, octets) => {
    if (from === SWITCH || to === SWITCH) return readRules(to, octets);
    const opened = openMessage(octets, seal);
    if (!opened.ok) return NOTHING;
    const { value: said } = opened;
    const key = 'key' in said ? said.key : undefined;
    return { message: messageCalled(said.kind), key, said };
  };
}

/** Sits down at the channels to `parts`, which listen themselves where `real` says. */
export function openRelay(
  folder: string,
  seal: Seal,
  parts: readonly string[],
  real: (part: string) => string,
): Relay {
  const read = createReader(seal);
  const lines = new Set<Line>();
  const pathTo = (part: string): string => `${folder}/to-${part}`;
  const strangeSeal = sealOf(randomBytes(STRANGE_KEY_OCTETS));
  const stranger = createStranger(strangeSeal);
  /** The channels that a stranger has opened while a story was played. */
  const strange = new Set<Channel>();
  let play: (Pick<Censoring, 'pass' | 'note'> & { readonly story: Censorship }) | undefined;

  function pass(from: string, to: string, octets: Uint8Array, deliver: () => void, line: Line) {
    const { message, key, said } = read(from, to, octets);
    if (said?.kind === 'pong' && to === CONTROLLER) line.pulseMs = performance.now();
    const isOurs = key !== undefined && play?.story.isOurs(key) === true;
    const mishaps = isOurs ? (play?.story.mishaps ?? []) : [];
    if (said !== undefined) stranger.overhear(mishaps, from, said).forEach(intrude);
    if (message === undefined || play === undefined || !isOurs) deliver();
    else play.pass({ message, from, to }, deliver);
  }

  /** On a channel that is open, as if he had broken into it, and on one that he opens himself. */
  function intrude(forgery: Forgery): void {
    const { to, octets } = forgery;
    play?.note(forgery);
    const open = [...lines].find((each) => each.from === CONTROLLER && each.to === to);
    open?.far?.send(octets);
    const own = { self: CONTROLLER, peer: to, seal: strangeSeal };
    dialChannel({ path: real(to) }, own, {
      onOpen(channel) {
        channel.send(octets);
        strange.add(channel);
      },
      onMessage: () => {},
      onClose: () => {},
    });
  }

  function connect(near: Channel, to: string): Line {
    const line: Line = {
      from: near.peer,
      to,
      near,
      far: undefined,
      waiting: [],
      pulseMs: -Infinity,
    };
    lines.add(line);
    const events = {
      onOpen(far: Channel): void {
        line.far = far;
        for (const octets of line.waiting.splice(0)) far.send(octets);
        if (!lines.has(line)) far.close();
      },
      onMessage: (_: Channel, octets: Uint8Array): void =>
        pass(to, near.peer, octets, () => near.send(octets), line),
      onClose: (): void => {
        lines.delete(line);
        near.close();
      },
    };
    dialChannel({ path: real(to) }, { self: near.peer, peer: to, seal }, events);
    return line;
  }

  const ends = parts.map((part) => {
    const known = new Map<Channel, Line>();
    return listenForChannels({ path: pathTo(part) }, seal, {
      onOpen: (near) => void known.set(near, connect(near, part)),
      onMessage(near, octets) {
        const line = known.get(near);
        if (line === undefined) return;
        const deliver = (): void => {
          if (line.far === undefined) line.waiting.push(octets);
          else line.far.send(octets);
        };
        pass(line.from, part, octets, deliver, line);
      },
      onClose(_, near) {
        const line = near && known.get(near);
        if (near === undefined || line === undefined) return;
        known.delete(near);
        lines.delete(line);
        line.far?.close();
      },
    });
  });

  return {
    pathTo,
    silentMs(part) {
      const own = [...lines].filter(({ from, to }) => from === CONTROLLER && to === part);
      return performance.now() - Math.max(...own.map(({ pulseMs }) => pulseMs));
    },
    begin(story) {
      const { censor, ...own } = createCensor(story);
      play = { story, ...own };
      return censor;
    },
    end() {
      play = undefined;
      for (const channel of strange) channel.close();
      strange.clear();
    },
    close() {
      for (const end of ends) end();
      for (const { far } of lines) far?.close();
    },
  };
}
