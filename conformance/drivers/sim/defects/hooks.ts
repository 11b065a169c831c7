/** What can be wrong with what a controller says and hears. */
import { TCP_FLAG, type TcpOption } from 'scapy-ts';
import type { Request } from '../../../../reference/control/codec.ts';
import type { Command } from '../../../../reference/control/command.ts';
import { sealMessage } from '../../../../reference/handoff/codec.ts';
import type { ProcessEffect, ProcessEvent } from '../../../../reference/sim/network/process.ts';
import { checkSum } from '../../../../reference/sim/prism/prism.ts';
import { readMessage } from '../messages.ts';
import {
  commanding,
  commandIn,
  messageIn,
  saying,
  segmentIn,
  withSegment,
  type Hooks,
} from './around.ts';

/** Above all epochs that a controller uses. */
const LAST_EPOCH = 2 ** 40;
const REQUEST_ID = 0x7fffffff;

/** The controller's commands are what `edit` makes of them. */
export function commands(edit: (request: Request) => Request | undefined): () => Hooks {
  return () => ({
    out: (effect) => {
      const request = commandIn(effect);
      if (request === undefined) return [effect];
      const edited = edit(request);
      return edited === undefined ? [] : [commanding(edited)];
    },
  });
}

/** After an offer nothing is commanded before its answer has come. */
export function waitForever(): Hooks {
  let isWaiting = false;
  return {
    into: (event) => {
      const message = event.kind === 'message' ? messageIn(event.octets) : undefined;
      if (message?.kind === 'imported') isWaiting = false;
      return message?.kind === 'refused' ? undefined : event;
    },
    out: (effect) => {
      const message = effect.kind === 'message' ? messageIn(effect.octets) : undefined;
      if (message?.kind === 'offer') isWaiting = true;
      return isWaiting && commandIn(effect) !== undefined ? [] : [effect];
    },
  };
}

/** The first FIN of a client that has sent a request is the end of the whole controller. */
export function dieOfFin(): Hooks {
  let isDead = false;
  return {
    into: (event) => {
      const segment = event.kind === 'frame' ? segmentIn(event.octets) : undefined;
      const isFin = segment?.isClients === true && (segment.tcp.flags & TCP_FLAG.FIN) !== 0;
      isDead ||= isFin;
      return isDead ? undefined : event;
    },
    isDead: () => isDead,
  };
}

/** What has been said is not said again. */
export function sayOnce(): Hooks {
  const said = new Set<string>();
  return {
    out: (effect) => {
      const command = commandIn(effect)?.command;
      if (command === undefined || command.op === 'get') return [effect];
      const name = `${command.op} ${command.epoch}`;
      const isNew = !said.has(name);
      said.add(name);
      return isNew ? [effect] : [];
    },
  };
}

/** A rule goes when its connection ends, and does not linger. */
export function deleteAtOnce(): Hooks {
  return {
    out: (effect) => {
      const message = effect.kind === 'message' ? messageIn(effect.octets) : undefined;
      if (message?.kind !== 'noted') return [effect];
      const command: Command = { op: 'delete', key: message.key, epoch: LAST_EPOCH };
      return [effect, commanding({ requestId: REQUEST_ID, command })];
    },
  };
}

/** The commit is said with the chown, whose reply it should wait for. */
export function commitEarly(): Hooks {
  let waiting: ProcessEffect | undefined;
  return {
    into: (event) => {
      const message = event.kind === 'message' ? messageIn(event.octets) : undefined;
      if (event.kind === 'message' && message?.kind === 'imported') {
        waiting = saying(event.from, { ...message, kind: 'commit' });
      }
      return event;
    },
    out: (effect) => {
      const isChown = commandIn(effect)?.command.op === 'chown';
      return isChown && waiting !== undefined ? [waiting, effect] : [effect];
    },
  };
}

/** What its earlier life has left it deletes, whoever uses it. */
export function sweep(): Hooks {
  return {
    out: (effect) => {
      const message = effect.kind === 'message' ? messageIn(effect.octets) : undefined;
      if (message?.kind !== 'check') return [effect];
      const command: Command = { op: 'delete', key: message.key, epoch: LAST_EPOCH };
      return [commanding({ requestId: REQUEST_ID, command })];
    },
  };
}

/** Octets that come between the lock command and its reply are left out of the offer. */
export function snapshotEarly(): Hooks {
  let heard = 0;
  let known: number | undefined;
  return {
    into: (event) => {
      const segment = event.kind === 'frame' ? segmentIn(event.octets) : undefined;
      if (segment?.isClients === true) heard += segment.payload.length;
      return event;
    },
    out: (effect) => {
      if (commandIn(effect)?.command.op === 'add') known ??= heard;
      const message = effect.kind === 'message' ? messageIn(effect.octets) : undefined;
      if (effect.kind !== 'message' || message?.kind !== 'offer') return [effect];
      const residual = message.transfer.residual.slice(0, known);
      return [saying(effect.to, { ...message, transfer: { ...message.transfer, residual } })];
    },
  };
}

/** What it answers by itself does not leave. */
export function swallowErrors(): Hooks {
  let isSilent = false;
  return {
    out: (effect) => {
      const segment = effect.kind === 'frame' ? segmentIn(effect.octets) : undefined;
      if (segment === undefined || segment.payload.length === 0) return isSilent ? [] : [effect];
      const text = new TextDecoder('latin1').decode(segment.payload.subarray(0, 12));
      isSilent ||= text.startsWith('HTTP/1.1 50');
      return isSilent ? [] : [effect];
    },
  };
}

/** A backend that has died seems to answer every ping. */
export function answerOwnPings(): Hooks {
  const pongs = new Map<string, ProcessEvent>();
  return {
    into: (event) => {
      const message = event.kind === 'message' ? messageIn(event.octets) : undefined;
      if (event.kind === 'message' && message?.kind === 'pong') pongs.set(event.from, event);
      // A tick in which nothing was heard is one in which everybody was.
      return event.kind === 'tick' ? (pongs.get('b1') ?? event) : event;
    },
  };
}

/** A client that has been here is not let in again from the same port. */
export function refuseKnownPorts(): Hooks {
  const known = new Map<number, number>();
  return {
    into: (event) => {
      const segment = event.kind === 'frame' ? segmentIn(event.octets) : undefined;
      const isSyn = segment?.isClients === true && (segment.tcp.flags & TCP_FLAG.SYN) !== 0;
      if (segment === undefined || !isSyn) return event;
      const { srcPort, seq } = segment.tcp;
      const before = known.get(srcPort) ?? seq;
      known.set(srcPort, before);
      return before === seq ? event : undefined;
    },
  };
}

/** Whoever has sealed what comes, it is taken for one of their own. */
export function believeAll(): Hooks {
  return {
    into: (event) => {
      const message = event.kind === 'message' ? readMessage(event.octets) : undefined;
      if (event.kind !== 'message' || message === undefined) return event;
      return { ...event, octets: sealMessage(message, checkSum) };
    },
  };
}

/** NOPs where a signature was, so that nothing else moves. */
function withoutSignature(option: TcpOption): readonly TcpOption[] {
  if (option.kind === 'md5') return nops(2 + option.digest.length);
  return option.kind === 'authentication' ? nops(4 + option.mac.length) : [option];
}

function nops(count: number): readonly TcpOption[] {
  return Array.from({ length: count }, () => ({ kind: 'nop' }));
}

/** What comes in has no signatures. */
export function overlookSignatures(): Hooks {
  return {
    into: (event) => {
      const segment = event.kind === 'frame' ? segmentIn(event.octets) : undefined;
      if (event.kind !== 'frame' || segment?.isClients !== true) return event;
      const options = segment.tcp.options.flatMap(withoutSignature);
      return { ...event, octets: withSegment(event.octets, { options }) };
    },
  };
}
