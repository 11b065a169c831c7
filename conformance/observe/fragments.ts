/**
 * Fragments of a datagram: how they are cut, and whose the pieces are that left.
 *
 *   datagram   | IP | TCP header | payload …            |
 *   fragments  | IP | 0 … cut )  | IP | cut … cut' ) …  |     cuts are multiples of 8
 *
 * A piece belongs to a datagram if its addresses and its octets are those of the datagram at its
 * offset; so a device may cut anew, or put together, and is judged alike. RFC 791 section 3.2.
 */
import {
  build,
  formatIpv4,
  formatIpv6,
  formatMac,
  ipv6Fragment,
  layer,
  parse,
  raw,
  type Layer,
} from 'scapy-ts';
import type { Output } from './delivery.ts';

/** Identification of the datagrams of IPv6, of which no two are on their way at a time. */
const FRAGMENT_ID = 0x7070;

/** What an IP header carries, and where in its datagram that stands. */
export interface Piece {
  /** Source, destination, destination MAC and what identifies the datagram. */
  readonly label: string;
  readonly offset: number;
  readonly octets: Uint8Array;
  /** The last piece of its datagram. */
  readonly last: boolean;
}

/** What the IP header of `frame` carries; undefined when it is no IP packet. */
export function pieceOf(frame: Uint8Array): Piece | undefined {
  const { layers, spans } = parse(frame);
  const [ether, v4, v6] = [layer(layers, 'ether'), layer(layers, 'ipv4'), layer(layers, 'ipv6')];
  const fragment = layer(layers, 'ipv6Fragment');
  const ip = v4 ?? v6;
  if (ether === undefined || ip === undefined) return undefined;
  const ipSpan = spans[layers.findIndex(({ kind }) => kind === ip.kind)];
  const head = fragment === undefined ? ip : fragment;
  const span = spans[layers.findIndex(({ kind }) => kind === head.kind)];
  if (ipSpan === undefined || span === undefined) return undefined;
  const end = ipSpan.at + (v4?.totalLength ?? 40 + (v6?.payloadLength ?? 0));
  const octets = frame.subarray(span.at + span.length, end);
  const to = formatMac(ether.dst);
  if (v4 !== undefined) {
    const label = `${formatIpv4(v4.src)} to ${formatIpv4(v4.dst)} at ${to}, id ${v4.id}`;
    return { label, offset: v4.fragmentOffset * 8, octets, last: v4.mf === 0 };
  }
  const ends = v6 === undefined ? '' : `${formatIpv6(v6.src)} to ${formatIpv6(v6.dst)}`;
  const label = `${ends} at ${to}`;
  return { label, offset: (fragment?.fragmentOffset ?? 0) * 8, octets, last: fragment?.mf !== 1 };
}

/** Whether `piece` is a part of the datagram that `whole` is. */
export function isPartOf(piece: Piece, whole: Piece): boolean {
  const { label, offset, octets, last } = piece;
  const end = offset + octets.length;
  if (label !== whole.label || last !== (end === whole.octets.length)) return false;
  return octets.every((octet, index) => octet === whole.octets[offset + index]);
}

/** Whether the pieces, put together, are all of `whole`. */
export function coversAll(pieces: readonly Piece[], whole: Piece): boolean {
  const sorted = pieces.toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { offset, octets } of sorted) {
    if (offset > end) return false;
    end = Math.max(end, offset + octets.length);
  }
  return end === whole.octets.length;
}

/** One fragment to be made. */
interface Cut {
  readonly offset: number;
  readonly octets: Uint8Array;
  readonly last: boolean;
  readonly id: number;
}

function fragmentLayers(before: Layer, ip: Layer, cut: Cut): readonly Layer[] {
  const { offset, octets, last, id } = cut;
  const [units, mf] = [offset / 8, last ? 0 : 1];
  if (ip.kind !== 'ipv4') {
    const header = ipv6Fragment({ nextHeader: 6, fragmentOffset: units, mf, id });
    return [before, ip, header, raw(octets)];
  }
  const { checksum: _recomputed, totalLength: _shorter, ...rest } = ip;
  return [before, { ...rest, df: 0, mf, fragmentOffset: units }, raw(octets)];
}

/** The fragments of `frame`, cut at `cuts`: octets of the IP payload, ascending multiples of 8. */
export function fragmentsOf(frame: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const { layers } = parse(frame);
  const [before, ip] = layers;
  const piece = pieceOf(frame);
  if (before === undefined || ip === undefined || piece === undefined) {
    throw new Error('only an untagged IP packet can be cut');
  }
  const network: Layer =
    ip.kind === 'ipv6' ? { ...ip, payloadLength: undefined, nextHeader: 44 } : ip;
  const starts = [0, ...cuts];
  return starts.map((offset, index) => {
    const end = starts[index + 1] ?? piece.octets.length;
    const octets = piece.octets.slice(offset, end);
    const last = end === piece.octets.length;
    return build(fragmentLayers(before, network, { offset, octets, last, id: FRAGMENT_ID }));
  });
}

/** The datagram that `frames`, all of its fragments in any order, make up. */
export function reassembled(frames: readonly Uint8Array[]): Uint8Array {
  const pieces = frames
    .flatMap((frame) => pieceOf(frame) ?? [])
    .toSorted((a, b) => a.offset - b.offset);
  const [before, ip] = parse(frames[0] ?? new Uint8Array(0)).layers;
  if (before === undefined || ip === undefined) throw new Error('there is nothing to put together');
  const octets = Uint8Array.from(pieces.flatMap((piece) => [...piece.octets]));
  if (ip.kind === 'ipv6') {
    return build([before, { ...ip, payloadLength: undefined, nextHeader: 6 }, raw(octets)]);
  }
  if (ip.kind !== 'ipv4') throw new Error('only IP packets are cut');
  const { checksum: _recomputed, totalLength: _longer, ...rest } = ip;
  return build([before, { ...rest, mf: 0, fragmentOffset: 0 }, raw(octets)]);
}

/** What became of a frame, apart from its payload. */
export function fateOf({ role, frame }: Output): string {
  const piece = pieceOf(frame);
  return piece === undefined
    ? `at ${role}, no IP packet`
    : `at ${role}, ${piece.label.replace(/, id .*/u, '')}, offset ${piece.offset}`;
}
