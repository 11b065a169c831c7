/**
 * Control messages in Ethernet frames: one message, one UDP datagram, over IPv4.
 *
 *   Ethernet ─ IPv4 (whole, no fragment) ─ UDP to port 0x5052 ─ message
 *
 * A reply goes back to where the request came from. RFC 768, RFC 791.
 */
import type { Ether, Ipv4, Udp } from 'scapy-ts';
import { build, ether, ipv4, parse, raw, udp, verifyChecksums } from 'scapy-ts';
import type { Command, Reply } from './command.ts';
import type { Request } from './codec.ts';
import { decodeCommand, encodeCommand, encodeReply } from './codec.ts';

/** The UDP port at which a switch takes commands: 'PR'. */
export const CONTROL_UDP_PORT = 0x5052;

/** A request and the headers that it came behind. */
export interface FramedRequest extends Request {
  readonly ether: Ether;
  readonly ipv4: Ipv4;
  readonly udp: Udp;
}

/** Addresses of the controller and of the switch where none are given: link-local. RFC 3927. */
const DEFAULT_LINK = {
  ether: { dst: '02:50:52:00:00:02', src: '02:50:52:00:00:01' },
  ipv4: { src: '169.254.80.1', dst: '169.254.80.2' },
  udp: { srcPort: CONTROL_UDP_PORT, dstPort: CONTROL_UDP_PORT },
} as const;

/** The frame in which a controller sends `command`. */
export function encodeCommandFrame(command: Command, requestId: number = 0): Uint8Array {
  return build([
    ether(DEFAULT_LINK.ether),
    ipv4(DEFAULT_LINK.ipv4),
    udp(DEFAULT_LINK.udp),
    raw(encodeCommand({ requestId, command })),
  ]);
}

/** The command in a frame; undefined unless it is a sound datagram with a sound message. */
export function decodeCommandFrame(frame: Uint8Array): FramedRequest | undefined {
  const { layers, errors } = parse(frame);
  const [link, ip, datagram, message] = layers;
  const isDatagram = link?.kind === 'ether' && ip?.kind === 'ipv4' && datagram?.kind === 'udp';
  if (!isDatagram || message?.kind !== 'raw' || datagram.dstPort !== CONTROL_UDP_PORT) {
    return undefined;
  }
  const isSound = errors.length === 0 && verifyChecksums(frame).every(({ valid }) => valid);
  if (!isSound || ip.mf === 1) return undefined;
  const request = decodeCommand(message.octets);
  return request && { ...request, ether: link, ipv4: ip, udp: datagram };
}

/** The frames that carry `reply` to the sender of `request`. */
export function encodeReplyFrames(request: FramedRequest, reply: Reply): readonly Uint8Array[] {
  const { requestId, ether: link, ipv4: ip, udp: datagram } = request;
  return encodeReply(requestId, reply).map((message) =>
    build([
      ether({ dst: link.src, src: link.dst }),
      ipv4({ src: ip.dst, dst: ip.src }),
      udp({ srcPort: datagram.dstPort, dstPort: datagram.srcPort }),
      raw(message),
    ]),
  );
}
