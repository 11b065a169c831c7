/**
 * The rules of a switch as a controller commands them, here or in another process.
 *
 *   askRules ─▶ seal · command ─▶ channel ─▶ serveRules ─▶ data path ─▶ seal · reply ─▶ askRules
 *
 * The data path has a process of its own, so that its rules outlive a controller that dies.
 */
import { setBounded } from '../../control/bounded-map.ts';
import {
  decodeCommand,
  decodeReply,
  encodeCommand,
  encodeReply,
  type ReplyPart,
} from '../../control/codec.ts';
import type { Command, Reply } from '../../control/command.ts';
import { CONTROLLER } from '../../handoff/message.ts';
import type { Seal } from '../../handoff/codec.ts';
import type { MessengerOptions } from './messenger.ts';
import { addSeal, removeSeal } from './seal.ts';

/** The name of the switch among the processes of a Prism. */
export const SWITCH = 'switch';

/** Whatever has rules: BPF at the tc hook, a packet ring, the pure model. */
export interface DataPath {
  execute(command: Command): Reply;
}

/** Gives a command to a switch; `done` is not called where command or reply is lost. */
export type AskRules = (command: Command, done: (reply: Reply) => void) => void;

/** A switch in this process. */
export function askHere(path: DataPath): AskRules {
  return (command, done) => done(path.execute(command));
}

/** Most commands whose replies are awaited. */
const AWAITED_MAX = 10_000;

interface Awaited {
  readonly done: (reply: Reply) => void;
  readonly parts: ReplyPart[];
}

/** A switch in another process: what comes from it goes into `onReply`. */
export interface RemoteRules {
  readonly ask: AskRules;
  onReply(octets: Uint8Array): void;
}

/** The switch that hears what goes into `say`. */
export function askThere(seal: Seal, say: (octets: Uint8Array) => void): RemoteRules {
  const awaited = new Map<string, Awaited>();
  let lastRequest = 0;
  return {
    ask(command, done) {
      lastRequest = (lastRequest + 1) >>> 0;
      setBounded(awaited, String(lastRequest), { done, parts: [] }, AWAITED_MAX);
      const octets = encodeCommand({ requestId: lastRequest, command });
      say(addSeal(octets, seal));
    },
    onReply(octets) {
      const opened = removeSeal(octets, seal);
      const part = opened && decodeReply(opened);
      const entry = part && awaited.get(String(part.requestId));
      if (part === undefined || entry === undefined) return;
      const { parts, done } = entry;
      if (parts.some((each) => each.part === part.part)) return;
      parts.push(part);
      if (parts.length < part.parts) return;
      awaited.delete(String(part.requestId));
      done(wholeReply(part.reply, parts));
    },
  };
}

/** Answers what a controller says to a switch of this process. */
export function answerRules(ask: AskRules, seal: Seal): MessengerOptions['onMessage'] {
  return (from, octets, answer) => {
    if (from !== CONTROLLER) return;
    const opened = removeSeal(octets, seal);
    const request = opened && decodeCommand(opened);
    if (request === undefined) return;
    ask(request.command, (reply) => {
      for (const part of encodeReply(request.requestId, reply)) answer(addSeal(part, seal));
    });
  };
}

function wholeReply(reply: Reply, parts: readonly ReplyPart[]): Reply {
  if (!reply.ok) return reply;
  return { ...reply, rules: parts.flatMap((part) => (part.reply.ok ? part.reply.rules : [])) };
}
