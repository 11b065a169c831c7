/** What stands around a part of a simulated Prism: sees all that goes in and out, and changes it. */
import { build, layer, parse, raw, TCP_FLAG, type Packet, type Tcp } from 'scapy-ts';
import { decodeCommand, encodeCommand, type Request } from '../../../../reference/control/codec.ts';
import { openMessage, sealMessage } from '../../../../reference/handoff/codec.ts';
import type { Message, Transfer } from '../../../../reference/handoff/message.ts';
import type {
  Process,
  ProcessEffect,
  ProcessEvent,
} from '../../../../reference/sim/network/process.ts';
import { checkSum } from '../../../../reference/sim/prism/prism.ts';
import type { Wrap } from '../sim.ts';

/** What is done to what goes in and out; what is left out passes as it is. */
export interface Hooks {
  /** Undefined lets nothing in. */
  readonly into?: (event: ProcessEvent) => ProcessEvent | undefined;
  readonly out?: (effect: ProcessEffect) => readonly ProcessEffect[];
  /** From then on it does nothing. */
  readonly isDead?: () => boolean;
}

/** Hooks around every part that `parts` names, made anew for each of its lives. */
export function around(parts: readonly string[], hooks: (part: string) => Hooks): Wrap {
  return (part, process): Process => {
    if (!parts.includes(part)) return process;
    const { into, out, isDead } = hooks(part);
    return {
      nextAtNs: () => (isDead?.() === true ? undefined : process.nextAtNs()),
      step(event, nowNs) {
        const entered = into === undefined ? event : into(event);
        if (entered === undefined) return [];
        const effects = process.step(entered, nowNs);
        return out === undefined ? effects : effects.flatMap(out);
      },
    };
  };
}

/** The message of controller or backend in octets, if it is one. */
export function messageIn(octets: Uint8Array): Message | undefined {
  const opened = openMessage(octets, checkSum);
  return opened.ok ? opened.value : undefined;
}

/** A message as an effect. */
export function saying(to: string, message: Message): ProcessEffect {
  return { kind: 'message', to, octets: sealMessage(message, checkSum) };
}

/** The command in octets, if it is one. */
export function commandIn(effect: ProcessEffect): Request | undefined {
  const isCommand = effect.kind === 'message' && effect.to === 'switch';
  return isCommand ? decodeCommand(effect.octets) : undefined;
}

/** A command as an effect. */
export function commanding(request: Request): ProcessEffect {
  return { kind: 'message', to: 'switch', octets: encodeCommand(request) };
}

/** Every part that may offer a connection offers what `edit` makes of it. */
export function offering(edit: (transfer: Transfer, from: string) => Transfer): Wrap {
  return around(['controller', 'b1', 'b2'], (part) => ({
    out: (effect) => {
      const message = effect.kind === 'message' ? messageIn(effect.octets) : undefined;
      if (effect.kind !== 'message' || message?.kind !== 'offer') return [effect];
      return [saying(effect.to, { ...message, transfer: edit(message.transfer, part) })];
    },
  }));
}

/** A segment in a frame: its header, and what it carries. */
export interface Carried {
  readonly tcp: Tcp;
  readonly payload: Uint8Array;
  /** Whether a client sent it. */
  readonly isClients: boolean;
}

/** The clients' network: 192.0.2.0/24. */
const CLIENTS = [192, 0, 2];
const SOURCE_AT = 26;

/** The segment in a frame; undefined if there is none. */
export function segmentIn(octets: Uint8Array): Carried | undefined {
  const { layers } = parse(octets);
  const tcp = layer(layers, 'tcp');
  if (tcp === undefined) return undefined;
  const carried = layers.find(({ kind }) => kind === 'raw');
  const payload = carried?.kind === 'raw' ? carried.octets : new Uint8Array(0);
  const isClients = CLIENTS.every((octet, index) => octets[SOURCE_AT + index] === octet);
  return { tcp, payload, isClients };
}

/** What of a segment can be another. */
type SegmentChange = Partial<Pick<Tcp, 'flags' | 'window' | 'options'>> & {
  readonly payload?: Uint8Array;
};

/** The frame with other payload or options of the same length, or other fields; its checksums are right. */
export function withSegment(octets: Uint8Array, change: SegmentChange): Uint8Array {
  const { layers } = parse(octets);
  const changed = layers.flatMap((each): Packet => {
    if (each.kind === 'tcp') {
      const { checksum: _, ...header } = each;
      const { flags = each.flags, window = each.window, options = each.options } = change;
      return [{ ...header, flags, window, options }];
    }
    if (each.kind === 'raw') return [raw(change.payload ?? each.octets)];
    return [each];
  });
  return build(changed);
}

/** Every frame of a client that comes in at `parts` says `to` where it says `from`: as long. */
export function mishearing(parts: readonly string[], from: RegExp, to: string): Wrap {
  return around(parts, () => ({
    into: (event) => {
      if (event.kind !== 'frame') return event;
      const segment = segmentIn(event.octets);
      if (segment?.isClients !== true || segment.payload.length === 0) return event;
      const text = Array.from(segment.payload, (octet) => String.fromCodePoint(octet)).join('');
      const heard = text.replace(from, to);
      if (heard === text) return event;
      const payload = Uint8Array.from(heard, (letter) => letter.codePointAt(0) ?? 0);
      return { ...event, octets: withSegment(event.octets, { payload }) };
    },
  }));
}

/** Frames of clients with one of these flags do not come in at `parts`. */
export function deafTo(parts: readonly string[], flags: number): Wrap {
  return around(parts, () => ({
    into: (event) => {
      if (event.kind !== 'frame') return event;
      const segment = segmentIn(event.octets);
      const isDeaf = segment?.isClients === true && (segment.tcp.flags & flags) !== 0;
      return isDeaf ? undefined : event;
    },
  }));
}

/** Every segment that leaves `parts` has what `edit` says. */
export function speaking(
  parts: readonly string[],
  edit: (tcp: Tcp) => { readonly flags?: number; readonly window?: number },
): Wrap {
  return around(parts, () => ({
    out: (effect) => {
      const segment = effect.kind === 'frame' ? segmentIn(effect.octets) : undefined;
      if (effect.kind !== 'frame' || segment === undefined) return [effect];
      return [{ ...effect, octets: withSegment(effect.octets, edit(segment.tcp)) }];
    },
  }));
}

/** FIN is sent as RST. */
export function resettingAtClose(parts: readonly string[]): Wrap {
  return speaking(parts, ({ flags }) => {
    return (flags & TCP_FLAG.FIN) === 0 ? {} : { flags: TCP_FLAG.RST | TCP_FLAG.ACK };
  });
}
