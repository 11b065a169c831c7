/**
 * Fragments of segments, on both sides of the switch. RFC 791 section 3.2, RFC 8200 section 4.5.
 *
 * A device may drop fragments, leave them as they are, or translate all fragments of a datagram
 * alike. Only the first has a TCP header: what stands at its place in a later one is payload.
 */
import { endpointNumber, type EndpointNumber } from './address-book.ts';
import type { Client, Connection, Direction } from './connection.ts';
import { readIpHeader, type IpHeader } from './ip-header.ts';
import type { CheckedId, FrameReference } from './ledger.ts';
import { digestPayload, u16, type Digest } from './octets.ts';
import { describeConnection, type Bench } from './pair.ts';
import type { CaptureName, Seen } from './seen.ts';
import type { Table } from './table.ts';
import { SETTLED_PACKETS } from './track.ts';
import { MOMENT_US } from './trail.ts';

/** Follows fragments. */
export interface Fragments {
  /** Takes a frame that carries a fragment, whose IP header was found. */
  readonly take: (seen: Seen, octets: Uint8Array) => void;
  readonly close: () => void;
}

/** One fragment in one capture. */
interface Piece {
  readonly place: FrameReference;
  readonly timeUs: number;
  readonly offset: number;
  readonly more: boolean;
  readonly length: number;
  readonly hash: number;
  /** The address that a rule changes: of the owner, or the virtual one. */
  readonly address: number;
}

/** All fragments with one identification between a client and whoever serves it. */
interface Datagram {
  readonly direction: Direction;
  readonly arrived: Piece[];
  readonly left: Piece[];
  /** The connection that the first fragment names. */
  connection: Connection | undefined;
  /** Its addresses, for people. */
  readonly ends: string;
  /** The identification was used again: what belongs together cannot be told. */
  unclear: boolean;
}

const TCP = 6;
const MAX_DATAGRAMS = 1024;
/** No TCP header reaches further. RFC 9293 section 3.1. */
const HEADER_OCTETS = 60;
/** Longer apart, fragments are of two datagrams with one identification. */
const TOGETHER_US = 1e6;

const digest: Digest = { sum: 0, hash: 0 };

function spanUs(pieces: readonly Piece[]): number {
  const times = pieces.map(({ timeUs }) => timeUs);
  return Math.max(...times) - Math.min(...times);
}

function sameCut(a: Piece, b: Piece): boolean {
  return a.offset === b.offset && a.length === b.length && a.more === b.more;
}

/** Two fragments that left in one capture with different addresses. */
function mixedIn(left: readonly Piece[]): readonly [Piece, Piece] | undefined {
  for (const first of left) {
    const other = left.find(
      ({ place, address }) => place.capture === first.place.capture && address !== first.address,
    );
    if (other !== undefined) return [first, other];
  }
  return undefined;
}

/** Whether a rule that translates is in effect for the connection. */
function isRuled(connection: Connection | undefined): connection is Connection {
  if (connection === undefined) return false;
  return connection.rules.some(
    ({ path, toOwner, toClient }) =>
      path.owner !== connection.virtual && toOwner.pairs + toClient.pairs >= SETTLED_PACKETS,
  );
}

function judge(datagram: Datagram, bench: Bench): void {
  const { arrived, left, connection, ends, unclear } = datagram;
  const { ledger, book } = bench;
  if (unclear || arrived.length === 0 || left.length === 0) return;
  if (spanUs(arrived) > TOGETHER_US || spanUs(left) > TOGETHER_US) return;
  const ruled = isRuled(connection);
  const [rule] = ruled ? connection.rules : [];
  const name = rule === undefined ? ends : describeConnection({ rule }, book);
  const tell = (
    requirement: CheckedId,
    [field, expected, observed]: readonly [string, string, string],
    frames: readonly FrameReference[],
  ): void => {
    ledger.broken({ requirement, connection: name, field, expected, observed, frames });
  };
  for (const piece of left) {
    const came = arrived.find((each) => sameCut(each, piece));
    if (came === undefined || piece.offset === 0) continue;
    if (came.hash === piece.hash) {
      if (ruled) ledger.kept['PRISM-FWD-04'] += 1;
    } else if (piece.offset >= HEADER_OCTETS) {
      const words = [
        `octets of the fragment at offset ${piece.offset}`,
        'those that arrived: they are no TCP header',
        'changed',
      ] as const;
      tell('PRISM-FWD-04', words, [came.place, piece.place]);
    }
  }
  if (!ruled || spanUs(arrived) > MOMENT_US) return;
  const mixed = mixedIn(left);
  if (mixed === undefined) {
    if (left.length > 1) ledger.kept['PRISM-FWD-05'] += 1;
    return;
  }
  const [a, b] = mixed;
  const text = ({ address }: Piece): string => book.split(endpointNumber(address, 0)).address;
  const field = datagram.direction === 'toOwner' ? 'destination' : 'source';
  const expected = `${text(a)} in all fragments of the datagram, or in none`;
  tell('PRISM-FWD-05', [field, expected, `${text(b)} in another`], [a.place, b.place]);
}

/** The connection of a first fragment on its way to the switch, by its other end. */
function connectionOf({ connections }: Client, end: EndpointNumber): Connection | undefined {
  return connections.find(
    ({ virtual, rules }) => virtual === end || rules.some(({ path }) => path.owner === end),
  );
}

type IsLate = (datagram: Datagram) => boolean;

/** Nothing was captured. */
export function createFragments(table: Table, bench: Bench): Fragments {
  const datagrams = new Map<string, Datagram>();

  function conclude(key: string, datagram: Datagram): void {
    judge(datagram, bench);
    datagrams.delete(key);
  }

  /** The datagram that a fragment belongs to; identifications are used again after a while. */
  function datagramOf(header: IpHeader, direction: Direction, late: IsLate): Datagram {
    const { from, to, id, version } = header;
    const client = direction === 'toOwner' ? from : to;
    const key = `${direction} ${version} ${client} ${id}`;
    const known = datagrams.get(key);
    if (known !== undefined && !late(known)) return known;
    if (known !== undefined) conclude(key, known);
    const [oldest] = datagrams.size < MAX_DATAGRAMS ? [] : datagrams;
    if (oldest !== undefined) conclude(...oldest);
    const text = (address: number): string => bench.book.split(endpointNumber(address, 0)).address;
    const ends = `${text(from)} > ${text(to)}`;
    const made = { direction, arrived: [], left: [], connection: undefined, ends, unclear: false };
    datagrams.set(key, made);
    return made;
  }

  function add(datagram: Datagram, piece: Piece, isArrived: boolean): void {
    const list = isArrived ? datagram.arrived : datagram.left;
    datagram.unclear ||= list.some(
      ({ offset, place }) => offset === piece.offset && place.capture === piece.place.capture,
    );
    if (!datagram.unclear) list.push(piece);
  }

  function take(seen: Seen, octets: Uint8Array): void {
    const { capture, frame, ipAt, timeUs } = seen;
    const header = readIpHeader(octets, ipAt, bench.book);
    if (header?.protocol !== TCP || header.end > octets.length) return;
    // Without an identification nobody can put fragments together. RFC 6864 section 4.3.
    if (header.id === 0) return;
    const { from, to, payloadAt, end, offset, more } = header;
    const fromClient = table.isClientAddress(from);
    if (fromClient === table.isClientAddress(to) || payloadAt > end) return;
    const direction = fromClient ? 'toOwner' : 'toClient';
    const isArrived = fromClient === (capture === 'client');
    const datagram = datagramOf(header, direction, ({ arrived, left }) => {
      const [first] = isArrived ? arrived : left;
      return first !== undefined && Math.abs(timeUs - first.timeUs) > TOGETHER_US;
    });
    digestPayload(octets, payloadAt, end, digest);
    const { hash } = digest;
    const address = fromClient ? to : from;
    const place: { readonly capture: CaptureName; readonly frame: number } = { capture, frame };
    const length = end - payloadAt;
    add(datagram, { place, timeUs, offset, more, length, hash, address }, isArrived);
    if (offset > 0 || length < 4) return;
    const source = endpointNumber(from, u16(octets, payloadAt));
    const destination = endpointNumber(to, u16(octets, payloadAt + 2));
    const client = table.find(fromClient ? source : destination);
    if (client === undefined) return;
    client.fragmented = true;
    if (isArrived) datagram.connection = connectionOf(client, fromClient ? destination : source);
  }

  function close(): void {
    for (const datagram of datagrams.values()) judge(datagram, bench);
    datagrams.clear();
  }

  return { take, close };
}
