/** Who gets a request: the policies of the study, on numbers and typed arrays. */
import { createReplicatedLard } from '../policy/lard-replicated.ts';
import { createLard, leastLoaded, type Lard } from '../policy/lard.ts';
import { createRandom, drawBelow, drawUint32 } from '../sim/network/random.ts';
import type { FileCache } from './cache.ts';
import type { Cluster } from './cluster.ts';

/** The node for a request for `file`; `loads` has the connections of each node. */
export type Dispatch = (file: number, loads: Int32Array, nowMs: number) => number;

/** What policies may look at beside loads. */
export interface DispatchSetting {
  readonly cluster: Cluster;
  readonly sizes: Uint32Array;
  /** The cache of each node, for the policy whose controller knows them. */
  readonly caches: readonly FileCache[];
}

/** A hash of each file. */
function hashesOf(files: number, purpose: string): Uint32Array {
  return Uint32Array.from({ length: files }, (_, file) => drawUint32(createRandom(file, purpose)));
}

/** The node with the fewest connections; equals take turns. */
function byLoad(nodes: number): Dispatch {
  let turn = 0;
  return (_file, loads) => {
    let found = turn;
    for (let step = 1; step < nodes; step += 1) {
      const node = (turn + step) % nodes;
      if ((loads[node] ?? 0) < (loads[found] ?? 0)) found = node;
    }
    turn = (found + 1) % nodes;
    return found;
  };
}

function byHash({ sizes, cluster: { nodes } }: DispatchSetting): Dispatch {
  const hashes = hashesOf(sizes.length, 'node');
  return (file) => (hashes[file] ?? 0) % nodes;
}

/**
 * The controller knows what every node has in memory: who has the file, else who has most room, if
 * that is enough, else who would let go the file of least worth in all the cluster.
 *
 * Filled evenly, nodes age evenly: filled one after the other, they would take turns in reading all
 * that nobody has, and one disk would work at a time.
 */
function byGlobalCache({ cluster, sizes, caches }: DispatchSetting): Dispatch {
  const { nodes, cacheOctets } = cluster;
  return (file) => {
    let room = -1;
    let mostUsed = cacheOctets - (sizes[file] ?? 0) + 1;
    let oldest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let node = 0; node < nodes; node += 1) {
      const cache = caches[node];
      if (cache === undefined) continue;
      if (cache.holds(file)) return node;
      const used = cache.usedOctets();
      if (used < mostUsed) {
        room = node;
        mostUsed = used;
      }
      const worth = cache.leastWorth();
      if (worth < least) {
        least = worth;
        oldest = node;
      }
    }
    return room === -1 ? oldest : room;
  };
}

/** Hashes that have an order of all nodes each, so that a walk over them is the same every time. */
const WALKS = 4096;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, SODA 2018): the first
 * node in the file's order that is below its share, ⌈bound · (active + 1) / n⌉.
 */
function byBound(bound: number, { sizes, cluster: { nodes } }: DispatchSetting): Dispatch {
  const hashes = hashesOf(sizes.length, 'walk');
  const random = createRandom(0, 'walks');
  const walks = new Uint8Array(WALKS * nodes);
  for (let walk = 0; walk < WALKS; walk += 1) {
    const order = walks.subarray(walk * nodes, (walk + 1) * nodes);
    for (let place = 0; place < nodes; place += 1) {
      const other = drawBelow(random, place + 1);
      order[place] = order[other] ?? 0;
      order[other] = place;
    }
  }
  return (file, loads) => {
    let active = 0;
    for (const load of loads) active += load;
    const most = Math.ceil((bound * (active + 1)) / nodes);
    const start = ((hashes[file] ?? 0) % WALKS) * nodes;
    for (let step = 0; step < nodes; step += 1) {
      const node = walks[start + step] ?? 0;
      if ((loads[node] ?? 0) < most) return node;
    }
    return leastLoaded(loads);
  };
}

function byTwoChoices({ sizes, cluster: { nodes } }: DispatchSetting): Dispatch {
  const first = hashesOf(sizes.length, 'first');
  const second = hashesOf(sizes.length, 'second');
  return (file, loads) => {
    const one = (first[file] ?? 0) % nodes;
    const other = (second[file] ?? 0) % nodes;
    return (loads[other] ?? 0) < (loads[one] ?? 0) ? other : one;
  };
}

function byLard(lard: Lard<number>): Dispatch {
  return (file, loads, nowMs) => lard.choose(file, loads, nowMs);
}

function byBuckets(buckets: number, moves: boolean, setting: DispatchSetting): Dispatch {
  const { cluster, sizes } = setting;
  const hashes = hashesOf(sizes.length, 'bucket');
  const { low } = cluster.thresholds;
  const thresholds = moves ? cluster.thresholds : { low, high: Number.POSITIVE_INFINITY };
  const lard = createLard<number>({ ...thresholds, nodes: cluster.nodes, targets: buckets });
  return (file, loads, nowMs) => lard.choose((hashes[file] ?? 0) % buckets, loads, nowMs);
}

/** The policy of a cluster, with nothing remembered yet. */
export function createDispatch(setting: DispatchSetting): Dispatch {
  const { cluster, sizes } = setting;
  const { policy, nodes, thresholds } = cluster;
  const options = { ...thresholds, nodes, targets: Math.max(1, sizes.length) };
  switch (policy.kind) {
    case 'WRR':
    case 'WRR/GMS':
      return byLoad(nodes);
    case 'LB':
      return byHash(setting);
    case 'LB/GC':
      return byGlobalCache(setting);
    case 'LARD':
      return byLard(createLard<number>(options));
    case 'LARD/R':
      return byLard(createReplicatedLard<number>(options));
    case 'buckets':
      return byBuckets(policy.buckets, policy.moves, setting);
    case 'bounded':
      return byBound(policy.bound, setting);
    case 'two-choice':
      return byTwoChoices(setting);
    default:
      return policy satisfies never;
  }
}
