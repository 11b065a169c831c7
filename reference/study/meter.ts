/**
 * What is measured of a simulation.
 *
 * Throughput, misses, delay and idleness count from the end of the warm-up until the trace is at its
 * end; what then still has to be answered is only counted as answered.
 */
import type { FileCache } from './cache.ts';
import type { Cluster } from './cluster.ts';

/** Below this share of LARD's lower threshold a node counts as idle. */
export const IDLE_SHARE = 0.4;

/** What came of a simulation. */
export interface Outcome {
  /** Requests answered in a second of virtual time. */
  readonly perSecond: number;
  /** Shares of the requests, 0 … 1: read from disk, from a peer, and answered by the controller. */
  readonly missShare: number;
  readonly peerShare: number;
  readonly frontShare: number;
  /** The share of their time, 0 … 1, that nodes had next to nothing to do, averaged over nodes. */
  readonly idleShare: number;
  /** Milliseconds from the choice of a node to the end of the answer, averaged. */
  readonly delayMs: number;
  /** Requests answered and files read from disk in all, and connections open at the end. */
  readonly completed: number;
  readonly reads: number;
  readonly open: number;
  /** Octets in the memory of each node at the end. */
  readonly usedOctets: readonly number[];
}

/** Counts while a simulation runs; times are virtual microseconds. */
export interface Meter {
  misses: number;
  peerHits: number;
  frontHits: number;
  completed: number;
  /** A node has one connection more, and has `load` of them now. */
  loaded(node: number, load: number, now: number): void;
  /** A node has one connection less. */
  unloaded(node: number, load: number, now: number): void;
  /** A node has given an answer, that took `us`. */
  finished(us: number, now: number): void;
  /** There are no more requests. */
  drains(now: number): void;
  outcome(loads: Int32Array, caches: readonly FileCache[]): Outcome;
}

/** What had been counted at one moment. */
interface Reading {
  readonly at: number;
  readonly completed: number;
  readonly misses: number;
  readonly peerHits: number;
  readonly frontHits: number;
  readonly delayUs: number;
  readonly answers: number;
  readonly idleUs: number;
}

/** How long nodes have had fewer than `busy` connections, all of them together. */
interface IdleClock {
  loaded(node: number, load: number, now: number): void;
  unloaded(node: number, load: number, now: number): void;
  totalUs(now: number): number;
}

function createIdleClock(nodes: number, busy: number): IdleClock {
  const since = new Float64Array(nodes);
  const isIdle = new Uint8Array(nodes).fill(1);
  let overUs = 0;
  return {
    loaded(node, load, now): void {
      if (load !== busy) return;
      isIdle[node] = 0;
      overUs += now - (since[node] ?? 0);
    },
    unloaded(node, load, now): void {
      if (load !== busy - 1) return;
      isIdle[node] = 1;
      since[node] = now;
    },
    totalUs(now): number {
      let total = overUs;
      for (const [node, start] of since.entries()) if (isIdle[node] === 1) total += now - start;
      return total;
    },
  };
}

/** A meter for a trace of so many requests. */
export function createMeter(cluster: Cluster, requests: number): Meter {
  const { nodes, thresholds, warmUp } = cluster;
  const idle = createIdleClock(nodes, Math.ceil(thresholds.low * IDLE_SHARE));
  const warm = warmUp * requests;
  let delayUs = 0;
  let answers = 0;
  let start: Reading | undefined;
  let end: Reading | undefined;

  function read(at: number): Reading {
    const { completed, misses, peerHits, frontHits } = meter;
    const idleUs = idle.totalUs(at);
    return { at, completed, misses, peerHits, frontHits, delayUs, answers, idleUs };
  }

  const meter: Meter = {
    misses: 0,
    peerHits: 0,
    frontHits: 0,
    completed: 0,
    loaded: (node, load, now) => idle.loaded(node, load, now),
    unloaded: (node, load, now) => idle.unloaded(node, load, now),
    finished(us, now): void {
      meter.completed += 1;
      answers += 1;
      delayUs += us;
      if (start === undefined && meter.completed >= warm) start = read(now);
    },
    drains(now): void {
      end ??= read(now);
    },
    outcome: (loads, caches) => ({
      ...measured(start, end, nodes),
      completed: meter.completed,
      reads: meter.misses,
      open: loads.reduce((sum, load) => sum + load, 0),
      usedOctets: caches.map((cache) => cache.usedOctets()),
    }),
  };
  return meter;
}

type Measured = Omit<Outcome, 'completed' | 'reads' | 'open' | 'usedOctets'>;

function measured(start: Reading | undefined, end: Reading | undefined, nodes: number): Measured {
  if (start === undefined || end === undefined || end.at <= start.at) {
    return { perSecond: 0, missShare: 0, peerShare: 0, frontShare: 0, idleShare: 0, delayMs: 0 };
  }
  const requests = end.completed - start.completed;
  const us = end.at - start.at;
  return {
    perSecond: (requests * 1e6) / us,
    missShare: (end.misses - start.misses) / requests,
    peerShare: (end.peerHits - start.peerHits) / requests,
    frontShare: (end.frontHits - start.frontHits) / requests,
    idleShare: (end.idleUs - start.idleUs) / (us * nodes),
    delayMs: (end.delayUs - start.delayUs) / Math.max(1, end.answers - start.answers) / 1000,
  };
}
