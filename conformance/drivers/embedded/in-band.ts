/** The embedded switch's control channel: commands as frames, and replies out of frames. */
import { layer, parse } from 'scapy-ts';
import { decodeReply, type ReplyPart } from '../../../reference/control/codec.ts';
import type * as control from '../../../reference/control/command.ts';
import { encodeCommandFrame } from '../../../reference/control/frame.ts';

/** Addresses and ports of a datagram: where it comes from, and where it goes. */
function endsOf(frame: Uint8Array): { readonly from: string; readonly to: string } {
  const { layers } = parse(frame);
  const [ether, ip, udp] = [layer(layers, 'ether'), layer(layers, 'ipv4'), layer(layers, 'udp')];
  return {
    from: [ether?.src, ip?.src, udp?.srcPort].join(' '),
    to: [ether?.dst, ip?.dst, udp?.dstPort].join(' '),
  };
}

function partIn(frame: Uint8Array): ReplyPart | undefined {
  const message = layer(parse(frame).layers, 'raw');
  return message && decodeReply(message.octets);
}

/** The frame of a command; a string says which of its numbers no message can hold. */
function requestOf(command: control.Command, requestId: number): Uint8Array | string {
  try {
    return encodeCommandFrame(command, requestId);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/**
 * Sends `command` as a frame by `exchange`, which gives the frames that come back.
 *
 * Undefined unless these are the whole reply to that request, and addressed to its sender. What
 * no frame can carry is refused here, as a controller would refuse it.
 */
export function askInBand(
  command: control.Command,
  requestId: number,
  exchange: (frame: Uint8Array) => readonly Uint8Array[],
): control.Reply | undefined {
  const request = requestOf(command, requestId);
  if (typeof request === 'string') {
    return { ok: false, op: command.op, error: 'invalid', detail: request };
  }
  const { from, to } = endsOf(request);
  const frames = exchange(request).filter((frame) => {
    const ends = endsOf(frame);
    return ends.from === to && ends.to === from;
  });
  const parts = frames.flatMap((frame) => partIn(frame) ?? []);
  const isWhole = parts.every(
    (each, at) =>
      each.requestId === requestId &&
      each.reply.op === command.op &&
      each.part === at &&
      each.parts === parts.length,
  );
  const [first] = parts;
  if (first === undefined || !isWhole || !first.reply.ok) {
    return isWhole ? first?.reply : undefined;
  }
  return {
    ...first.reply,
    rules: parts.flatMap(({ reply }) => (reply.ok ? reply.rules : [])),
  };
}
