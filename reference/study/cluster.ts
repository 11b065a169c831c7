/** A simulated cluster as data: what a run of the simulation is given beside a trace. */
import { LARD_THRESHOLDS, type LardThresholds } from '../policy/lard.ts';
import type { Replacement } from './cache.ts';
import { MEBIBYTE } from './trace.ts';

/** The six policies that the study compares. */
export const POLICIES = ['WRR', 'WRR/GMS', 'LB', 'LB/GC', 'LARD', 'LARD/R'] as const;
/** One of the six. */
export type PolicyName = (typeof POLICIES)[number];

/** Who gets a request. */
export type ClusterPolicy =
  | { readonly kind: PolicyName }
  /** LARD whose targets are buckets of files; `moves` says whether a bucket may change its node. */
  | { readonly kind: 'buckets'; readonly buckets: number; readonly moves: boolean }
  /** Consistent hashing in which no node has more than `bound` times the average load. */
  | { readonly kind: 'bounded'; readonly bound: number }
  /** The one with less to do of two nodes that a hash names. */
  | { readonly kind: 'two-choice' };

/**
 * What a node's work costs: one processor and one disk, first come first served.
 *
 * The numbers are parameters of this study; they were not measured, and stand for no product.
 */
export interface Costs {
  /** Processor time for setting a connection up, and for ending it; microseconds. */
  readonly connectUs: number;
  readonly closeUs: number;
  /** Processor time for every begun 512 octets that are sent; microseconds. */
  readonly sendUs: number;
  /** Disk time for finding a file, and again for every begun 44 KiB after the first; microseconds. */
  readonly seekUs: number;
  readonly seekAgainUs: number;
  /** Disk time for every begun 4 KiB; microseconds. */
  readonly blockUs: number;
  /** How many times as fast the processors are. */
  readonly processorSpeed: number;
  /** What it takes to pass a file to a peer's memory, in sendings of it, at either end. */
  readonly peerFactor: number;
}

/** Costs where nothing else is said. */
export const COSTS: Costs = {
  connectUs: 145,
  closeUs: 145,
  sendUs: 40,
  seekUs: 28_000,
  seekAgainUs: 14_000,
  blockUs: 410,
  processorSpeed: 1,
  peerFactor: 1,
};

const SENT_OCTETS = 512;
const EXTENT_OCTETS = 44 * 1024;
const BLOCK_OCTETS = 4 * 1024;

/** Processor time for sending a file; microseconds. */
export function sendingUs(octets: number, { sendUs, processorSpeed }: Costs): number {
  return (Math.ceil(octets / SENT_OCTETS) * sendUs) / processorSpeed;
}

/** Disk time for reading a file; microseconds. */
export function readingUs(octets: number, { seekUs, seekAgainUs, blockUs }: Costs): number {
  const extents = Math.max(1, Math.ceil(octets / EXTENT_OCTETS));
  return seekUs + (extents - 1) * seekAgainUs + Math.ceil(octets / BLOCK_OCTETS) * blockUs;
}

/** A cluster. */
export interface Cluster {
  readonly policy: ClusterPolicy;
  /** Nodes, 1 … 64. */
  readonly nodes: number;
  /** Memory of each node for files. */
  readonly cacheOctets: number;
  readonly replacement: Replacement;
  readonly costs: Costs;
  /** Memory of the controller for files; what is in it takes no time at all. 0 for none. */
  readonly frontOctets: number;
  /** Memory of each of four caching proxies between clients and controller; 0 for none. */
  readonly proxyOctets: number;
  readonly thresholds: LardThresholds;
  /** The share of the requests, 0 … 1, after which measuring begins. */
  readonly warmUp: number;
}

/** A node's memory for whole files, as usual. */
export const CACHE_OCTETS: number = 32 * MEBIBYTE;

/** A cluster with this policy and number of nodes, all else as usual. */
export function clusterOf(kind: PolicyName, nodes: number): Cluster {
  return {
    policy: { kind },
    nodes,
    cacheOctets: CACHE_OCTETS,
    replacement: 'lru',
    costs: COSTS,
    frontOctets: 0,
    proxyOctets: 0,
    thresholds: LARD_THRESHOLDS,
    warmUp: 0.1,
  };
}
