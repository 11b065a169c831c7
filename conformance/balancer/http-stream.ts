/**
 * What a client saw of a connection as TCP: that it is one, whoever speaks on it in turn.
 *
 * Numbers are taken modulo 2^32 from where each side began; no stream here is half as long.
 */
import { layer, parse, TCP_FLAG, type Tcp } from 'scapy-ts';
import type { CapturedPacket } from './packet.ts';
import type { Traffic } from './connection.ts';
import type { Fault } from './unchanged.ts';

interface Segment {
  readonly tcp: Tcp;
  readonly payload: Uint8Array;
  readonly atMs: number;
}

const HALF = 0x8000_0000;

function segmentIn({ octets, headerOctets, atMs }: CapturedPacket): Segment | undefined {
  const tcp = layer(parse(octets, 'ipv4').layers, 'tcp');
  if (tcp === undefined) return undefined;
  const words = (octets[headerOctets + 12] ?? 0) >> 4;
  return { tcp, payload: octets.subarray(headerOctets + words * 4), atMs };
}

function has({ tcp }: Segment, flag: number): boolean {
  return (tcp.flags & flag) !== 0;
}

/** How far behind `from` a number is. */
function distance(from: number, to: number): number {
  return (to - from) >>> 0;
}

function timestampsOf({ tcp }: Segment) {
  return tcp.options.find((each) => each.kind === 'timestamps');
}

function sackOf({ tcp }: Segment) {
  return tcp.options.find((each) => each.kind === 'sack');
}

/** What the client had sent when it received something. */
interface Sent {
  /** Sequence numbers used, the SYN's among them, from that of the SYN on. */
  readonly used: number;
  readonly stamps: ReadonlySet<number>;
}

function sentBefore(sent: readonly Segment[], first: number, atMs: number): Sent {
  const before = sent.filter((each) => each.atMs <= atMs);
  const ends = before.map((each) => {
    const flags = (has(each, TCP_FLAG.SYN) ? 1 : 0) + (has(each, TCP_FLAG.FIN) ? 1 : 0);
    return distance(first, each.tcp.seq) + each.payload.length + flags;
  });
  const stamps = before.flatMap((each) => timestampsOf(each)?.value ?? []);
  return { used: Math.max(0, ...ends), stamps: new Set(stamps) };
}

/** The octets that came, each at its place, and where the end was said to be. */
interface Stream {
  readonly octets: (number | undefined)[];
  end: number | undefined;
}

/** Puts a segment where it belongs; what does not agree with what was there is said. */
function put({ octets, end }: Stream, at: number, payload: Uint8Array): string | undefined {
  for (const [index, octet] of payload.entries()) {
    const place = at + index;
    if (end !== undefined && place >= end) return `octet ${place} behind the end at ${end}`;
    const known = octets[place];
    if (known !== undefined && known !== octet) return `octet ${place} twice, as two`;
    octets[place] = octet;
  }
  return undefined;
}

/** The same, of a segment whose sequence number may be before that of the first octet. */
function misplaced(stream: Stream, at: number, payload: Uint8Array): string | undefined {
  return at >= HALF ? 'an octet before the first' : put(stream, at, payload);
}

/** What is wrong with the numbers of a segment towards the client, but for its own. */
function acknowledgmentFault(segment: Segment, first: number, sent: Sent): string | undefined {
  const { tcp } = segment;
  const acknowledged = distance(first, tcp.ack);
  if (acknowledged > sent.used) return `${acknowledged} acknowledged of ${sent.used}`;
  for (const { left, right } of sackOf(segment)?.blocks ?? []) {
    const [from, to] = [distance(first, left), distance(first, right)];
    if (from >= to || to > sent.used) return `SACK of ${from} to ${to} of ${sent.used}`;
  }
  const stamp = timestampsOf(segment);
  if (stamp === undefined || sent.stamps.has(stamp.echo)) return undefined;
  return `an echo of the timestamp ${stamp.echo}, which was not sent`;
}

/**
 * What came to a client is one connection: from a SYN on, every octet at one place and none behind
 * the end, nothing acknowledged or echoed that was not sent, timestamps that do not go back, no RST
 * and no gap.
 */
export function streamFault({ client }: Pick<Traffic, 'client'>): Fault {
  const [opening, ...received] = client.received.flatMap((each) => segmentIn(each) ?? []);
  const sent = client.sent.flatMap((each) => segmentIn(each) ?? []);
  const first = sent[0]?.tcp.seq;
  if (opening === undefined || first === undefined || !has(opening, TCP_FLAG.SYN)) {
    return { expected: 'a SYN of the virtual endpoint first', observed: 'none' };
  }
  const stream: Stream = { octets: [], end: undefined };
  let latest = timestampsOf(opening)?.value;
  for (const [nth, segment] of received.entries()) {
    const where = `segment ${nth + 2} towards the client`;
    const { tcp, payload } = segment;
    if (has(segment, TCP_FLAG.RST)) return { expected: 'no RST', observed: where };
    // A SYN that comes again is the same.
    if (has(segment, TCP_FLAG.SYN) && tcp.seq === opening.tcp.seq) continue;
    const at = distance(opening.tcp.seq + 1, tcp.seq);
    const stamp = timestampsOf(segment)?.value;
    if (stamp !== undefined && latest !== undefined && distance(latest, stamp) >= HALF) {
      return { expected: `${where}: a timestamp from ${latest} on`, observed: String(stamp) };
    }
    latest = stamp ?? latest;
    const wrong =
      acknowledgmentFault(segment, first, sentBefore(sent, first, segment.atMs)) ??
      (payload.length === 0 ? undefined : misplaced(stream, at, payload));
    if (wrong !== undefined) return { expected: `${where} of one connection`, observed: wrong };
    if (has(segment, TCP_FLAG.FIN)) stream.end ??= at + payload.length;
  }
  const gap = Array.from(stream.octets).indexOf(undefined);
  if (gap < 0) return undefined;
  return { expected: `${stream.octets.length} octets`, observed: `a gap at octet ${gap}` };
}
