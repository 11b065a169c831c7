/**
 * Judges a Prism by captures alone: packets in, what they show of each requirement out.
 *
 *   read a frame ─▶ find its connection ─▶ find its partner ─▶ judge the pair
 *                                     └─▶ judge what the client sees
 *
 * Memory is bounded whatever the captures hold: clients, waiting segments and findings have maxima.
 */
import type { CapturePacket } from 'scapy-ts';
import { createAddressBook, endpointNumber, type AddressBook } from './address-book.ts';
import { createOffload, type OffloadingSender } from './checksums.ts';
import {
  isBetweenPairs,
  type Client,
  type Connection,
  type Direction,
  type InferredRule,
} from './connection.ts';
import { checkIdentifications, crossCheck } from './cross-check.ts';
import { createEndings } from './endings.ts';
import { judgePair, type PairBench } from './judge-pair.ts';
import { at, createLedger, type CheckFinding, type Judgement } from './ledger.ts';
import { createPairing } from './pairing.ts';
import { keepHeader, readFrame } from './read-frame.ts';
import { FLAG, has, type CaptureName, type Seen } from './seen.ts';
import {
  captureBehind,
  createSource,
  learnClock,
  type CaptureCounts,
  type NextTimes,
  type Source,
} from './sources.ts';
import { createWindowPool } from './stream-window.ts';
import { createTable } from './table.ts';
import { addStep, beginTrail, judgeTrail } from './trail.ts';
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
  /** Takes the next packet of a capture; its octets may be reused afterwards. */
  readonly take: (capture: CaptureName, packet: CapturePacket, linkType: number) => void;
  /** The capture to read from next; undefined when all have ended. */
  readonly behind: (times: NextTimes) => CaptureName | undefined;
  /** Says that a capture lacks packets or parts of them. */
  readonly lacking: (reason: 'truncated' | 'capture-loss') => void;
  readonly end: () => CheckResult;
}

/** A second copy of a frame, held back until it is known whether the capture copies. */
interface Copy {
  readonly capture: CaptureName;
  readonly finding: CheckFinding;
}

const DELIVERY = ['PRISM-REW-01', 'PRISM-REW-02'] as const;
const MAX_COPIES = 1024;

/** Starts a run over the named captures. */
export function createCheck(captures: readonly CaptureName[]): Check {
  const twoSided = captures.length > 1;
  const ledger = createLedger();
  const book = createAddressBook();
  const offload = createOffload();
  const endings = createEndings();
  const bench: PairBench = { ledger, book, offload, endings };
  const watching: WatchBench = { ledger, book, windows: createWindowPool() };
  const copies: Copy[] = [];
  const echoing = new Set<CaptureName>();
  const lacks = new Set<'truncated' | 'capture-loss'>();

  const pairing = createPairing({
    paired(arrived, left, rule, direction, sure): void {
      const [a, b] = [sources[arrived.capture], sources[left.capture]];
      if (arrived.waiting) a.waiting -= 1;
      if (left.waiting) b.waiting -= 1;
      a.counts.paired += 1;
      b.counts.paired += 1;
      a.lastPaired = Math.max(a.lastPaired, arrived.frame);
      b.lastPaired = Math.max(b.lastPaired, left.frame);
      const [near, far] = arrived.capture === 'client' ? [arrived, left] : [left, arrived];
      learnClock(sources[far.capture], far.timeUs - near.timeUs);
      judgePair(arrived, left, rule, { direction, sure }, bench);
      follow(near, far, rule, direction);
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
      if (known === true && copies.length < MAX_COPIES) {
        copies.push({ capture: seen.capture, finding: copyFinding(seen, first, book) });
      }
    },
    echoed(capture): void {
      echoing.add(capture);
    },
  });

  const sources: Readonly<Record<CaptureName, Source>> = {
    client: createSource(pairing.giveUp),
    backend: createSource(pairing.giveUp),
    controller: createSource(pairing.giveUp),
  };

  const table = createTable((client) => {
    endTrails(client);
    for (const connection of client.connections) finish(connection);
  });

  /** Notes which way a pair took; from the second rule of a client on it is judged. */
  function follow(near: Seen, far: Seen, rule: InferredRule, direction: Direction): void {
    const { client } = rule.connection;
    const { trail, last } = client[direction];
    if (client.rules > 1) {
      if (trail.steps.length === 0 && last.rule !== undefined) beginTrail(trail, last);
      addStep(trail, near, far, rule);
      for (const each of judgeTrail(trail, direction, book, false)) ledger.broken(each);
    }
    last.rule = rule;
    last.timeUs = near.timeUs;
    last.near = near.frame;
    last.far = far.frame;
    last.hasPayload = near.length > 0;
  }

  /** Judges the ways that a client's segments took, to the end. */
  function endTrails(client: Client): void {
    for (const direction of ['toOwner', 'toClient'] as const) {
      const { trail } = client[direction];
      for (const each of judgeTrail(trail, direction, book, true)) ledger.broken(each);
    }
  }

  /** Judges what only a whole connection shows, and forgets its rules. */
  function finish(connection: Connection): void {
    for (const rule of connection.rules) {
      for (const finding of crossCheck(rule, bench)) ledger.broken(finding);
      for (const finding of checkIdentifications(rule, bench)) ledger.broken(finding);
    }
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
    if (connection !== undefined && direction === 'toOwner') begin(connection, seen);
    if (connection !== undefined && direction === 'toOwner') endings.sent(seen, connection);
    if (connection !== undefined) watchSegment(seen, octets, connection, direction, watching);
    if (path !== undefined && direction === 'toClient') path.spoke = true;
    if (!twoSided) return;
    keepHeader(octets, seen);
    pairing.arrive(seen, client, direction);
    if (seen.waiting) source.waiting += 1;
    source.keep(seen);
  }

  function take(capture: CaptureName, packet: CapturePacket, linkType: number): void {
    const source = sources[capture];
    source.counts.packets += 1;
    const seen = source.spare();
    const reading = readFrame(packet, linkType, book, seen);
    source.counts.readings[reading] += 1;
    if (reading !== 'tcp') {
      source.giveBack(seen);
      return;
    }
    seen.capture = capture;
    seen.interfaceId = packet.interfaceId;
    seen.frame = source.counts.packets;
    seen.timeUs = packet.seconds * 1e6 + packet.nanoseconds / 1000;
    seen.waiting = false;
    takeSegment(seen, source, packet.octets);
    if (!twoSided) source.giveBack(seen);
  }

  function end(): CheckResult {
    for (const capture of captures) sources[capture].drain();
    for (const client of table.clients()) {
      endTrails(client);
      client.connections.forEach(finish);
    }
    endings.close(ledger);
    for (const { capture, finding } of copies) {
      if (echoing.has(capture)) ledger.doubt('PRISM-FWD-11', 'duplicated-capture');
      else ledger.broken(finding);
    }
    // What came through came through; whether all did cannot be said.
    for (const reason of lacks) {
      for (const id of DELIVERY) if (twoSided) ledger.doubt(id, reason);
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

function copyFinding(seen: Seen, first: number, book: AddressBook): CheckFinding {
  return {
    requirement: 'PRISM-FWD-11',
    connection: `${book.format(seen.source)} > ${book.format(seen.destination)}`,
    field: 'frame',
    expected: 'once at each port',
    observed: 'the same frame a second time',
    frames: [{ capture: seen.capture, frame: first }, at(seen)],
  };
}
