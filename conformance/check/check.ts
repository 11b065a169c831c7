/**
 * Judges a Prism by captures alone: packets in, what they show of each requirement out.
 *
 *   read a frame ─▶ find its connection ─▶ find its partner ─▶ judge the pair
 *                                     └─▶ judge what the client sees
 *
 * Memory is bounded whatever the captures hold: clients, waiting segments and findings have maxima.
 */
import type { CapturePacket } from 'scapy-ts';
import { createAddressBook, endpointNumber } from './address-book.ts';
import { createOffload, type OffloadingSender } from './checksums.ts';
import { isBetweenPairs, type Connection } from './connection.ts';
import { createCopies } from './copies.ts';
import { cover, takeLoss } from './coverage.ts';
import { checkIdentifications, crossCheck } from './cross-check.ts';
import { createEndings } from './endings.ts';
import { createFragments } from './fragments.ts';
import { createIcmpErrors, outlives } from './icmp-errors.ts';
import { judgePair, type PairBench } from './judge-pair.ts';
import { createLedger, type Judgement } from './ledger.ts';
import { createPairing } from './pairing.ts';
import { keepHeader, readFrame } from './read-frame.ts';
import { FLAG, has, type CaptureName, type Seen } from './seen.ts';
import {
  captureBehind,
  countPaired,
  createSource,
  learnClock,
  type CaptureCounts,
  type NextTimes,
  type Source,
} from './sources.ts';
import { createWindowPool } from './stream-window.ts';
import { createTable } from './table.ts';
import { endTrails, follow } from './follow.ts';
import { watchSegment } from './client-watch.ts';
import type { WatchBench } from './watched.ts';

/** What the captures show. */
export interface CheckResult {
  readonly sides: number;
  readonly judgements: readonly Judgement[];
  readonly captures: Readonly<Partial<Record<CaptureName, CaptureCounts>>>;
  readonly clients: number;
  readonly offloading: readonly OffloadingHost[];
}

/** A host whose frames were captured before its network card had finished them. */
export interface OffloadingHost extends Omit<OffloadingSender, 'address'> {
  readonly host: string;
}

/** A run over captures. */
export interface Check {
  /**
   * Takes the next packet of a capture; its octets may be reused afterwards.
   *
   * `frame` is its number as people look it up, from 1, where it is not its place in the capture.
   */
  readonly take: (
    capture: CaptureName,
    packet: CapturePacket,
    linkType: number,
    frame?: number,
  ) => void;
  /** The capture to read from next; undefined when all have ended. */
  readonly behind: (times: NextTimes) => CaptureName | undefined;
  /** Says that a capture lacks packets or parts of them. */
  readonly lacking: (reason: 'truncated' | 'capture-loss') => void;
  readonly end: () => CheckResult;
}

const DELIVERY = { toOwner: 'PRISM-REW-01', toClient: 'PRISM-REW-02' } as const;

/** Starts a run over the named captures. */
export function createCheck(captures: readonly CaptureName[]): Check {
  const twoSided = captures.length > 1;
  const ledger = createLedger();
  const book = createAddressBook();
  const offload = createOffload();
  const endings = createEndings();
  const bench: PairBench = { ledger, book, offload, endings };
  const watching: WatchBench = { ledger, book, windows: createWindowPool() };
  const copies = createCopies(book);
  const lacks = new Set<'truncated' | 'capture-loss'>();

  const pairing = createPairing({
    paired(arrived, left, rule, direction, sure): void {
      countPaired(sources[arrived.capture], arrived);
      countPaired(sources[left.capture], left);
      const near = arrived.capture === 'client' ? arrived : left;
      const far = near === arrived ? left : arrived;
      learnClock(sources[far.capture], far.timeUs - near.timeUs);
      judgePair(arrived, left, rule, { direction, sure }, bench);
      follow({ near, far, rule, direction, sure }, bench);
      outlives(rule.connection.client, near, far, ledger);
    },
    alone(seen, direction, hasArrived): void {
      const source = sources[seen.capture];
      source.counts.alone += 1;
      source.waiting -= 1;
      if (hasArrived && isBetweenPairs(seen, direction)) endings.missing(seen, direction, book);
    },
    twice(seen, first, direction): void {
      // A switch that does not know yet where the receiver is may send copies everywhere.
      const known = direction === 'toOwner' ? seen.path?.spoke : seen.connection !== undefined;
      if (known === true) copies.add(seen, first);
    },
    echoed: copies.echoed,
  });

  const sources: Readonly<Record<CaptureName, Source>> = {
    client: createSource(pairing.giveUp),
    backend: createSource(pairing.giveUp),
    controller: createSource(pairing.giveUp),
  };

  const table = createTable((client) => {
    endTrails(client, bench);
    for (const connection of client.connections) finish(connection);
    errors.forget(client);
  });
  const errors = createIcmpErrors(table, bench);
  const fragments = createFragments(table, bench);

  /** What a capture lost of a connection may be all that is missing on the other side. */
  function admitLoss(connection: Connection): void {
    const { rules, coverage, client } = connection;
    // What is acknowledged may have come in fragments.
    if (client.fragmented) return;
    const [rule] = rules;
    // With other owners before or after it, one owner need not have seen what it acknowledges.
    const far = rules.length === 1 && rule?.toOwner.syns ? rule.path.coverage : undefined;
    for (const direction of ['toOwner', 'toClient'] as const) {
      const nearLoss = takeLoss(coverage, direction);
      const farLoss = far !== undefined && takeLoss(far, direction);
      if (nearLoss && direction === 'toClient') ledger.doubt('PRISM-MIG-01', 'capture-loss');
      if (!twoSided || (!nearLoss && !farLoss)) continue;
      ledger.doubt(DELIVERY[direction], 'capture-loss');
      endings.excuse(client.endpoint, direction);
    }
  }

  /** Judges what only a whole connection shows, and forgets its rules. */
  function finish(connection: Connection): void {
    errors.finish(connection);
    admitLoss(connection);
    for (const rule of connection.rules) {
      for (const finding of crossCheck(rule, bench)) ledger.broken(finding);
      for (const finding of checkIdentifications(rule, bench)) ledger.broken(finding);
    }
    connection.served ||= connection.rules.some(({ path }) => path.owner !== connection.virtual);
    connection.gap = undefined;
    connection.rules.length = 0;
  }

  /** A SYN with a number of its own begins another connection between the same endpoints. */
  function begin(connection: Connection, seen: Seen): void {
    if (!has(seen, FLAG.syn) || has(seen, FLAG.ack) || connection.synSeq === seen.seq) return;
    if (connection.synSeq !== undefined) finish(connection);
    connection.synSeq = seen.seq;
  }

  function takeSegment(seen: Seen, source: Source, octets: Uint8Array): void {
    const { client, connection, path, direction } = table.routeOf(seen);
    seen.connection = connection;
    seen.path = path;
    offload.count(seen);
    if (connection !== undefined) {
      if (direction === 'toOwner') {
        begin(connection, seen);
        endings.sent(seen, connection);
      }
      watchSegment(seen, octets, connection, direction, watching);
      cover(connection.coverage, seen, direction);
    } else if (path !== undefined) {
      path.spoke ||= direction === 'toClient';
      cover(path.coverage, seen, direction);
    }
    if (!twoSided) return;
    pairing.arrive(seen, client, direction);
    if (seen.waiting) {
      keepHeader(seen);
      source.waiting += 1;
    }
    source.keep(seen);
  }

  function take(
    capture: CaptureName,
    packet: CapturePacket,
    linkType: number,
    frame?: number,
  ): void {
    const source = sources[capture];
    source.counts.packets += 1;
    const seen = source.spare();
    const reading = readFrame(packet, linkType, book, seen);
    source.counts.readings[reading] += 1;
    seen.capture = capture;
    seen.interfaceId = packet.interfaceId;
    seen.frame = frame ?? source.counts.packets;
    seen.timeUs = packet.seconds * 1e6 + packet.nanoseconds / 1000;
    seen.waiting = false;
    if (reading !== 'tcp') {
      if (reading === 'icmp' && twoSided) errors.take(seen, packet.octets);
      if (reading === 'fragment') fragments.take(seen, packet.octets);
      source.giveBack(seen);
      return;
    }
    takeSegment(seen, source, packet.octets);
    if (!twoSided) source.giveBack(seen);
  }

  function end(): CheckResult {
    for (const capture of captures) sources[capture].drain();
    fragments.close();
    for (const client of table.clients()) {
      endTrails(client, bench);
      client.connections.forEach(finish);
    }
    endings.close(ledger);
    copies.close(ledger);
    // What came through came through; whether all did cannot be said.
    for (const reason of lacks) {
      for (const id of Object.values(DELIVERY)) if (twoSided) ledger.doubt(id, reason);
    }
    const senders = offload.close(ledger, (id) => ledger.doubt(id, 'offload'));
    const counts = captures.map((name) => [name, sources[name].counts] as const);
    return {
      sides: captures.length,
      judgements: ledger.judgements(),
      captures: Object.fromEntries(counts),
      clients: table.seen(),
      offloading: senders.map(({ address, ...rest }) => {
        return { ...rest, host: book.split(endpointNumber(address, 0)).address };
      }),
    };
  }

  return {
    take,
    behind: (times) => captureBehind(sources, times),
    lacking: (reason) => void lacks.add(reason),
    end,
  };
}
