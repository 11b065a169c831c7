/**
 * Segments as a TCP sees them, and the frames that carry them. RFC 9293 section 3.1.
 *
 * A frame that a real host would not take apart is named by why: wrong checksum, cut off, no TCP.
 */
import type {
  Ipv4Address,
  Ipv6Address,
  MacAddress,
  Packet,
  Parsed,
  SackBlock,
  Tcp,
  TcpOption,
} from 'scapy-ts';
import { build, layer, parse, TCP_FLAG, verifyChecksums } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqNum } from '../../tcp/seq-num.ts';

/** An IPv4 or IPv6 address. */
export type Address = Ipv4Address | Ipv6Address;

/** TSval and TSecr. RFC 7323 section 3.2. */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** How a segment can be signed. RFC 2385, RFC 5925. */
export type Signing = 'TCP-MD5' | 'TCP-AO';

/** The options that a TCP of today reads and writes; undefined where there is none. */
export interface SegmentOptions {
  readonly mss?: number | undefined;
  readonly windowScale?: number | undefined;
  readonly sackPermitted?: boolean;
  readonly timestamps?: Timestamps | undefined;
  readonly sack?: readonly SackBlock[] | undefined;
  /** That there is a signature; nobody here can make a true one, or looks. */
  readonly signing?: Signing | undefined;
}

/** One segment. */
export interface Segment {
  readonly seq: SeqNum;
  readonly ack: SeqNum;
  /** Bits of TCP_FLAG. */
  readonly flags: number;
  /** As it stands in the header, not shifted. */
  readonly window: number;
  readonly options: SegmentOptions;
  readonly payload: Uint8Array;
}

/** The two ends of a connection as one of them sees them. */
export interface Ends {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** The two stations that a frame goes between. */
export interface Stations {
  readonly src: MacAddress;
  readonly dst: MacAddress;
}

/** What a frame is to a host; the ends are the receiver's. */
export type Incoming =
  | { readonly kind: 'segment'; readonly dst: MacAddress; ends: Ends; segment: Segment }
  | { readonly kind: 'arp'; readonly mac: MacAddress; senderIp: Ipv4Address; targetIp: Ipv4Address }
  | { readonly kind: 'illegible' | 'checksum' | 'other' };

/** No octets. */
export const NO_OCTETS: Uint8Array = new Uint8Array(0);

const NO_OPTIONS: SegmentOptions = {};
const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const NOP: TcpOption = { kind: 'nop' };
const SIGNATURES: Readonly<Record<Signing, readonly TcpOption[]>> = {
  'TCP-MD5': [NOP, NOP, { kind: 'md5', digest: new Uint8Array(16) }],
  'TCP-AO': [{ kind: 'authentication', keyId: 0, nextKeyId: 0, mac: new Uint8Array(12) }],
};

/** Whether a segment has a flag, such as `TCP_FLAG.SYN`. */
export function hasFlag({ flags }: Segment, flag: number): boolean {
  return (flags & flag) !== 0;
}

/** SEG.LEN: octets in sequence space, SYN and FIN counted. RFC 9293 section 3.3.1. */
export function segmentLength(segment: Segment): number {
  const syn = hasFlag(segment, TCP_FLAG.SYN) ? 1 : 0;
  return segment.payload.length + syn + (hasFlag(segment, TCP_FLAG.FIN) ? 1 : 0);
}

/** The frame that carries a segment from `local` to `remote`. */
export function writeSegment({ src, dst }: Stations, ends: Ends, segment: Segment): Uint8Array {
  const { local, remote } = ends;
  const packet: Packet = [
    { kind: 'ether', src, dst },
    networkLayer(local.address, remote.address),
    {
      kind: 'tcp',
      srcPort: local.port,
      dstPort: remote.port,
      seq: segment.seq,
      ack: segment.ack,
      flags: segment.flags,
      window: segment.window,
      options: listOptions(segment.options),
    },
    { kind: 'raw', octets: segment.payload },
  ];
  return build(packet);
}

/** What a frame is. Never throws. */
export function readFrame(octets: Uint8Array): Incoming {
  const parsed = parse(octets);
  if (parsed.errors.length > 0) return { kind: 'illegible' };
  const request = layer(parsed.layers, 'arp');
  if (request?.operation === ARP_REQUEST) {
    const { senderMac, senderIp, targetIp } = request;
    return { kind: 'arp', mac: senderMac, senderIp, targetIp };
  }
  const ether = layer(parsed.layers, 'ether');
  const ip = layer(parsed.layers, 'ipv4') ?? layer(parsed.layers, 'ipv6');
  const tcp = layer(parsed.layers, 'tcp');
  if (ether === undefined || ip === undefined || tcp === undefined) return { kind: 'other' };
  const isPart = ip.kind === 'ipv4' ? ip.mf === 1 : layer(parsed.layers, 'ipv6Fragment');
  if (isPart !== false && isPart !== undefined) return { kind: 'other' };
  if (!verifyChecksums(octets).every(({ valid }) => valid)) return { kind: 'checksum' };
  const ends = {
    local: { address: ip.dst, port: tcp.dstPort },
    remote: { address: ip.src, port: tcp.srcPort },
  };
  return { kind: 'segment', dst: ether.dst, ends, segment: readSegment(tcp, parsed) };
}

/** The answer to an ARP request: `mac` has the address that was asked for. */
export function writeArpReply(
  mac: MacAddress,
  request: Extract<Incoming, { kind: 'arp' }>,
): Uint8Array {
  return build([
    { kind: 'ether', src: mac, dst: request.mac },
    {
      kind: 'arp',
      operation: ARP_REPLY,
      senderMac: mac,
      senderIp: request.targetIp,
      targetMac: request.mac,
      targetIp: request.senderIp,
    },
  ]);
}

function networkLayer(src: Address, dst: Address): Packet[number] {
  if (typeof src === 'number' && typeof dst === 'number') return { kind: 'ipv4', df: 1, src, dst };
  if (typeof src === 'bigint' && typeof dst === 'bigint') return { kind: 'ipv6', src, dst };
  throw new TypeError('the two ends have addresses of different families');
}

/** In the order and with the padding of Linux, so that words are aligned. */
function listOptions(options: SegmentOptions): readonly TcpOption[] {
  const { mss, windowScale, sackPermitted, timestamps, sack, signing } = options;
  const list: TcpOption[] = [];
  if (mss !== undefined) list.push({ kind: 'mss', mss });
  if (sackPermitted === true) {
    if (timestamps === undefined) list.push(NOP, NOP);
    list.push({ kind: 'sackPermitted' });
  } else if (timestamps !== undefined) list.push(NOP, NOP);
  if (timestamps !== undefined) list.push({ kind: 'timestamps', ...timestamps });
  if (windowScale !== undefined) list.push(NOP, { kind: 'windowScale', shift: windowScale });
  if (sack !== undefined && sack.length > 0) list.push(NOP, NOP, { kind: 'sack', blocks: sack });
  if (signing !== undefined) list.push(...SIGNATURES[signing]);
  return list;
}

function readSegment(tcp: Tcp, { layers }: Parsed): Segment {
  return {
    seq: seqNum(tcp.seq),
    ack: seqNum(tcp.ack),
    flags: tcp.flags,
    window: tcp.window,
    options: tcp.options.length === 0 ? NO_OPTIONS : readOptions(tcp.options),
    payload: layer(layers, 'raw')?.octets ?? NO_OCTETS,
  };
}

function readOptions(list: readonly TcpOption[]): SegmentOptions {
  const options: { -readonly [K in keyof SegmentOptions]: SegmentOptions[K] } = {};
  for (const option of list) {
    if (option.kind === 'mss') options.mss = option.mss;
    else if (option.kind === 'windowScale') options.windowScale = option.shift;
    else if (option.kind === 'sackPermitted') options.sackPermitted = true;
    else if (option.kind === 'timestamps') options.timestamps = option;
    else if (option.kind === 'sack') options.sack = option.blocks;
    else if (option.kind === 'md5') options.signing = 'TCP-MD5';
    else if (option.kind === 'authentication') options.signing = 'TCP-AO';
  }
  return options;
}
