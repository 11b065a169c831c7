/**
 * The simulation: a trace through a cluster, event by event, in virtual microseconds.
 *
 *                      hit ─────────────────────────▶ send, close
 *     set up ─▶ cache ┤     ┌─▶ read from disk ─────▶ send, close
 *                      miss ┴─▶ from a peer (GMS) ──▶ send, close
 *
 * The controller keeps as many connections open as LARD admits, whatever the policy, and sends the
 * next request as soon as one has been answered: a closed system. Processor and disk of a node are
 * first come, first served. Who asks for a file that is being read waits for that read.
 */
import { admissionLimit } from '../policy/lard.ts';
import { createCache, type FileCache } from './cache.ts';
import { readingUs, sendingUs, type Cluster } from './cluster.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { createEventHeap, dropEvent, pushEvent, replaceEvent, type EventHeap } from './events.ts';
import { createMeter, type Meter, type Outcome } from './meter.ts';
import type { Trace } from './trace.ts';

/** What a connection waits for. */
const READING = 0;
const FETCHING = 1;
const SENDING = 2;

/** A cluster at work; times are virtual microseconds. */
interface Simulation {
  readonly trace: Trace;
  readonly cluster: Cluster;
  readonly caches: readonly FileCache[];
  readonly front: FileCache | undefined;
  readonly dispatch: Dispatch;
  readonly events: EventHeap;
  readonly meter: Meter;
  readonly loads: Int32Array;
  /** When the processor and the disk of each node have done what they have to do. */
  readonly processorFree: Float64Array;
  readonly diskFree: Float64Array;
  /** When each read that goes on ends, by node and file. */
  readonly reads: Map<number, number>;
  /** Of each connection: its node, its file, what it waits for, and when it began. */
  readonly nodes: Int32Array;
  readonly files: Int32Array;
  readonly phases: Uint8Array;
  readonly begun: Float64Array;
  /** Costs of each file. */
  readonly sendUs: Float64Array;
  readonly readUs: Float64Array;
  next: number;
}

function createSimulation(trace: Trace, cluster: Cluster): Simulation {
  const { sizes, requests } = trace;
  const { nodes, costs, replacement, cacheOctets, frontOctets } = cluster;
  const caches = Array.from({ length: nodes }, () => createCache(replacement, cacheOctets, sizes));
  const most = admissionLimit(nodes, cluster.thresholds);
  return {
    trace,
    cluster,
    caches,
    front: frontOctets > 0 ? createCache('lru', frontOctets, sizes) : undefined,
    dispatch: createDispatch({ cluster, sizes, caches }),
    events: createEventHeap(most),
    meter: createMeter(cluster, requests.length),
    loads: new Int32Array(nodes),
    processorFree: new Float64Array(nodes),
    diskFree: new Float64Array(nodes),
    reads: new Map(),
    nodes: new Int32Array(most),
    files: new Int32Array(most),
    phases: new Uint8Array(most),
    begun: new Float64Array(most),
    sendUs: Float64Array.from(sizes, (octets) => sendingUs(octets, costs)),
    readUs: Float64Array.from(sizes, (octets) => readingUs(octets, costs)),
    next: 0,
  };
}

/** Gives the processor of a node work; says when it is done. */
function work({ processorFree }: Simulation, node: number, now: number, us: number): number {
  const done = Math.max(now, processorFree[node] ?? 0) + us;
  processorFree[node] = done;
  return done;
}

/** Sends the file of a connection and closes it; says when that is done. */
function send(simulation: Simulation, slot: number, now: number, moreUs: number): number {
  const { nodes, files, phases, sendUs, cluster } = simulation;
  const { closeUs, processorSpeed } = cluster.costs;
  phases[slot] = SENDING;
  const us = (sendUs[files[slot] ?? 0] ?? 0) + closeUs / processorSpeed + moreUs;
  return work(simulation, nodes[slot] ?? 0, now, us);
}

/** A node, other than `node`, that has a file in memory; −1 when there is none. */
function peerWith({ caches }: Simulation, node: number, file: number): number {
  for (let step = 1; step < caches.length; step += 1) {
    const peer = (node + step) % caches.length;
    if (caches[peer]?.holds(file) === true) return peer;
  }
  return -1;
}

/** Gets a file that a node has not in memory; says when it is there. */
function fetchFile(
  simulation: Simulation,
  slot: number,
  node: number,
  file: number,
  [now, ready]: readonly [number, number],
): number {
  const { cluster, diskFree, sendUs, readUs, meter, phases } = simulation;
  const peer = cluster.policy.kind === 'WRR/GMS' ? peerWith(simulation, node, file) : -1;
  if (peer !== -1) {
    phases[slot] = FETCHING;
    meter.peerHits += 1;
    const sent = work(simulation, peer, now, (sendUs[file] ?? 0) * cluster.costs.peerFactor);
    return Math.max(ready, sent);
  }
  phases[slot] = READING;
  meter.misses += 1;
  const read = Math.max(ready, diskFree[node] ?? 0) + (readUs[file] ?? 0);
  diskFree[node] = read;
  return read;
}

/** Sends the next request to a node as connection `slot`; says when it has its next event. */
function begin(simulation: Simulation, slot: number, file: number, now: number): number {
  const { caches, cluster, dispatch, loads, nodes, files, phases, reads, meter } = simulation;
  const node = dispatch(file, loads, now / 1000);
  nodes[slot] = node;
  files[slot] = file;
  simulation.begun[slot] = now;
  meter.loaded(node, (loads[node] = (loads[node] ?? 0) + 1), now);
  const { connectUs, processorSpeed } = cluster.costs;
  const ready = work(simulation, node, now, connectUs / processorSpeed);
  const read = node * simulation.trace.sizes.length + file;
  const goingOn = reads.get(read) ?? 0;
  const cache = caches[node];
  const isHit = cache?.use(file, simulation.next) === true;
  if (goingOn > now) {
    // Who comes while the file is on its way has to wait for it, whatever became of it since.
    phases[slot] = READING;
    return Math.max(ready, goingOn);
  }
  if (isHit) return send(simulation, slot, ready, 0);
  const there = fetchFile(simulation, slot, node, file, [now, ready]);
  cache?.add(file, simulation.next);
  reads.set(read, there);
  return there;
}

/** The file of the next request that a node has to answer; −1 when the trace is at its end. */
function nextFile(simulation: Simulation): number {
  const { trace, front, meter } = simulation;
  const { requests } = trace;
  while (simulation.next < requests.length) {
    const file = requests[simulation.next] ?? 0;
    simulation.next += 1;
    if (front === undefined) return file;
    if (!front.use(file, simulation.next)) {
      front.add(file, simulation.next);
      return file;
    }
    meter.frontHits += 1;
    meter.completed += 1;
  }
  return -1;
}

/** Performs what is due for the connection at the top; says when it is due again, −1 for never. */
function advance(simulation: Simulation, slot: number, now: number): number {
  const { nodes, files, phases, loads, reads, meter, cluster, sendUs } = simulation;
  const node = nodes[slot] ?? 0;
  const file = files[slot] ?? 0;
  const phase = phases[slot];
  if (phase !== SENDING) {
    const read = node * simulation.trace.sizes.length + file;
    if ((reads.get(read) ?? 0) <= now) reads.delete(read);
    const receivingUs = phase === FETCHING ? (sendUs[file] ?? 0) * cluster.costs.peerFactor : 0;
    return send(simulation, slot, now, receivingUs);
  }
  meter.unloaded(node, (loads[node] = (loads[node] ?? 0) - 1), now);
  meter.finished(now - (simulation.begun[slot] ?? 0), now);
  const next = nextFile(simulation);
  if (next === -1) {
    meter.drains(now);
    return -1;
  }
  return begin(simulation, slot, next, now);
}

/** Runs a trace through a cluster, to the last answer. */
export function simulate(trace: Trace, cluster: Cluster): Outcome {
  const simulation = createSimulation(trace, cluster);
  const { events, meter, loads, caches } = simulation;
  for (let slot = 0; slot < events.times.length; slot += 1) {
    const file = nextFile(simulation);
    if (file === -1) break;
    pushEvent(events, begin(simulation, slot, file, 0), slot);
  }
  while (events.size > 0) {
    const slot = events.slots[0] ?? 0;
    const due = advance(simulation, slot, events.times[0] ?? 0);
    if (due === -1) dropEvent(events);
    else replaceEvent(events, due, slot);
  }
  return meter.outcome(loads, caches);
}
