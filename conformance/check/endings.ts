/**
 * Resets and FINs: that they come through, and what still comes through after them.
 *
 * One that is missing on the other side proves nothing: a capture may have lost it. That none of
 * many came through, where nearly everything else did, cannot be the captures' doing.
 */
import type { AddressBook } from './address-book.ts';
import type { Client, Connection, Direction } from './connection.ts';
import { at, type CheckedId, type FrameReference, type Ledger } from './ledger.ts';
import { describeConnection, type Bench, type Pair } from './pair.ts';
import { FLAG, has, type Seen } from './seen.ts';

/** What is counted of one kind of segment in one direction. */
interface Passage {
  passed: number;
  missing: number;
  /** Connections of which a capture lost octets that way. */
  excused: number;
  /** Clients that miss one. */
  readonly clients: Set<number>;
  first: FrameReference | undefined;
  connection: string;
}

/** Follows the ends of connections. */
export interface Endings {
  /** A segment of the client's capture, before it is paired. */
  readonly sent: (seen: Seen, connection: Connection) => void;
  readonly paired: (pair: Pair, bench: Bench) => void;
  /** A segment that arrived and has no partner, while others of its direction had. */
  readonly missing: (seen: Seen, direction: Direction, book: AddressBook) => void;
  /** A capture is known to have lost octets of a client's connection: what is missing proves nothing. */
  readonly excuse: (client: number, direction: Direction) => void;
  readonly close: (ledger: Ledger) => void;
}

type Kind = 'reset' | 'fin';

/** So many connections have to miss theirs. */
const MIN_CLIENTS = 4;
const MAX_CLIENTS_COUNTED = 1024;
/** How improbable it has to be that captures lost just these. */
const MAX_CHANCE = 1e-9;
/** What was under way when the owner took a reset has arrived by then. */
const LONG_AFTER_US = 1e6;
/** So many segments of the owner show that it goes on. */
const MIN_UNMOVED = 2;

const HOME: Readonly<Record<Kind, Readonly<Record<Direction, CheckedId>>>> = {
  reset: { toOwner: 'PRISM-RST-02', toClient: 'PRISM-RST-04' },
  fin: { toOwner: 'PRISM-FIN-01', toClient: 'PRISM-FIN-01' },
};

function createPassage(): Passage {
  return {
    passed: 0,
    missing: 0,
    excused: 0,
    clients: new Set(),
    first: undefined,
    connection: '',
  };
}

function kindOf(seen: Seen): Kind | undefined {
  if (has(seen, FLAG.rst)) return 'reset';
  return has(seen, FLAG.fin) ? 'fin' : undefined;
}

function keepReset(pair: Pair, ledger: Ledger): void {
  const { arrived, direction } = pair;
  if (direction === 'toOwner') {
    ledger.kept['PRISM-RST-01'] += 1;
    ledger.kept['PRISM-RST-02'] += 1;
  } else {
    ledger.kept['PRISM-RST-04'] += 1;
  }
  if (arrived.length > 0 || !has(arrived, FLAG.ack)) ledger.kept['PRISM-RST-10'] += 1;
}

/** What a pair shows that comes after FINs. */
function keepAfterFins({ rule, direction, arrived }: Pair, ledger: Ledger): void {
  const { toOwner, toClient } = rule;
  if (toOwner.fins > 0 && direction === 'toClient' && arrived.length > 0) {
    ledger.kept['PRISM-FIN-02'] += 1;
  }
  if (toOwner.fins > 0 && toClient.fins > 0) ledger.kept['PRISM-FIN-03'] += 1;
}

/** A new connection on the addresses and ports of one that a backend had served. */
function keepNewSyn({ arrived, direction, rule }: Pair, ledger: Ledger): void {
  const { path, connection } = rule;
  if (direction === 'toClient' || has(arrived, FLAG.ack) || !connection.served) return;
  if (path.capture === 'controller') ledger.kept['PRISM-RST-08'] += 1;
}

/** Remembers the client's reset. */
function openReset(seen: Seen, connection: Connection): void {
  if (!has(seen, FLAG.rst) || seen.tcpChecksum !== 'valid') return;
  const { frame, timeUs, seq } = seen;
  connection.client.reset ??= { connection, frame, timeUs, seq, unmoved: 0 };
}

/** An owner that goes on, and expects the very number of the reset, has not been given it. */
function watchOwner({ left, rule, direction, arrived }: Pair, client: Client): boolean {
  const { reset } = client;
  if (reset === undefined || reset.connection !== rule.connection) return false;
  const near = direction === 'toOwner' ? arrived : left;
  if (near.frame < reset.frame) return false;
  if (has(arrived, FLAG.rst) || has(arrived, FLAG.syn)) {
    client.reset = undefined;
    return false;
  }
  if (direction === 'toOwner' || !has(left, FLAG.ack) || left.ack !== reset.seq) return false;
  if (left.timeUs < reset.timeUs + LONG_AFTER_US) return false;
  reset.unmoved += 1;
  return reset.unmoved === MIN_UNMOVED;
}

/** Nothing has ended. */
export function createEndings(): Endings {
  const passages: Readonly<Record<Kind | 'other', Readonly<Record<Direction, Passage>>>> = {
    reset: { toOwner: createPassage(), toClient: createPassage() },
    fin: { toOwner: createPassage(), toClient: createPassage() },
    other: { toOwner: createPassage(), toClient: createPassage() },
  };

  function paired(pair: Pair, { ledger, book }: Bench): void {
    const { arrived, side, direction, plain, rule } = pair;
    const { client } = rule.connection;
    if (client.reset !== undefined && watchOwner(pair, client)) {
      ledger.broken({
        requirement: 'PRISM-RST-02',
        connection: describeConnection(pair, book),
        field: 'tcp.flags RST',
        expected: 'the reset on the other side',
        observed: 'no reset; the owner goes on, and expects the number that it had',
        frames: [{ capture: 'client', frame: client.reset.frame }, at(arrived)],
      });
    }
    const kind = kindOf(arrived);
    if (plain === undefined) keepAfterFins(pair, ledger);
    if (kind === 'reset' && plain === undefined) keepReset(pair, ledger);
    if (arrived.length > 0) side.payloads += 1;
    if (has(arrived, FLAG.syn)) {
      side.syns += 1;
      keepNewSyn(pair, ledger);
    }
    if (kind === 'fin') {
      side.fins += 1;
      if (plain === undefined) ledger.kept['PRISM-FIN-01'] += 1;
    }
    passages[kind ?? 'other'][direction].passed += 1;
  }

  function missing(seen: Seen, direction: Direction, book: AddressBook): void {
    const kind = kindOf(seen);
    const passage = passages[kind ?? 'other'][direction];
    passage.missing += 1;
    if (kind === undefined) return;
    const client = direction === 'toOwner' ? seen.source : seen.destination;
    if (passage.clients.size < MAX_CLIENTS_COUNTED) passage.clients.add(client);
    passage.first ??= at(seen);
    if (passage.connection === '') {
      passage.connection = `${book.format(seen.source)} > ${book.format(seen.destination)}`;
    }
  }

  function excuse(client: number, direction: Direction): void {
    for (const kind of ['reset', 'fin'] as const) {
      const passage = passages[kind][direction];
      if (passage.clients.delete(client)) passage.excused += 1;
    }
  }

  function closeOne(ledger: Ledger, kind: Kind, direction: Direction): void {
    const {
      passed,
      missing: lost,
      excused,
      clients,
      first,
      connection,
    } = passages[kind][direction];
    if (lost === 0 || first === undefined) return;
    const { passed: others, missing: othersLost } = passages.other[direction];
    const share = (othersLost + 1) / (others + othersLost + 2);
    const requirement = HOME[kind][direction];
    if (passed > 0 || clients.size < MIN_CLIENTS || share ** clients.size > MAX_CHANCE) {
      if (excused > 0) ledger.doubt(requirement, 'capture-loss', excused);
      if (lost > excused) ledger.doubt(requirement, 'no-partner', lost - excused);
      return;
    }
    ledger.broken({
      requirement,
      connection,
      field: kind === 'reset' ? 'tcp.flags RST' : 'tcp.flags FIN',
      expected: 'the segment on the other side, as of other segments',
      observed:
        `none of ${lost} in ${clients.size} connections; ` +
        `${others} of ${others + othersLost} other segments are there`,
      frames: [first],
    });
  }

  function close(ledger: Ledger): void {
    for (const kind of ['reset', 'fin'] as const) {
      for (const direction of ['toOwner', 'toClient'] as const) closeOne(ledger, kind, direction);
    }
  }

  return { sent: openReset, paired, missing, excuse, close };
}
