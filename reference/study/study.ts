/** The study as a whole: its sections, the runs that they need, and what they say. */
import type { Cluster } from './cluster.ts';
import type { Passage, Section } from './passage.ts';
import type { RunResult } from './run.ts';
import { comparison } from './sections/comparison.ts';
import { consistency } from './sections/consistency.ts';
import { disruption } from './sections/disruption.ts';
import { health } from './sections/health.ts';
import { proxies, replacement, withoutTable } from './sections/projects.ts';
import { buckets, frontCache, globalMemory, idleness } from './sections/questions.ts';

/** The number of nodes at which questions are asked, if it is among those that are compared. */
const USUAL_NODES = 8;
/** Connections that hashes and tables are compared with. */
const CONNECTIONS = 1_000_000;

/** How far a study goes where it simulates no trace. */
export interface Extent {
  readonly seed: number;
  /** Connections that hashes and tables are compared with; a million when left out. */
  readonly connections?: number;
}

/** The sections for these numbers of nodes, ascending and at least one; more may be put behind. */
export function lardSections(
  nodes: readonly number[],
  { seed, connections = CONNECTIONS }: Extent,
): readonly Section[] {
  const largest = nodes.at(-1) ?? USUAL_NODES;
  const one = nodes.includes(USUAL_NODES) ? USUAL_NODES : largest;
  const many = [...new Set([one, largest])];
  return [
    comparison(nodes),
    idleness(one),
    globalMemory(one),
    frontCache(one),
    buckets(one),
    proxies(one),
    withoutTable(many),
    replacement(one),
    disruption(connections, seed),
    consistency(connections, seed),
    health(seed),
  ];
}

function keyOf(cluster: Cluster): string {
  return JSON.stringify(cluster);
}

/** The runs that sections need, each once. */
export function clustersOf(sections: readonly Section[]): readonly Cluster[] {
  const all = sections.flatMap(({ clusters }) => clusters);
  return [...new Map(all.map((cluster) => [keyOf(cluster), cluster])).values()];
}

/** Results by the cluster that they are of. */
export interface ResultTable {
  add(cluster: Cluster, result: RunResult): void;
  /** The result of a cluster; throws for one that was not run. */
  get(cluster: Cluster): RunResult;
}

/** A table without results. */
export function createResultTable(): ResultTable {
  const results = new Map<string, RunResult>();
  return {
    add: (cluster, result) => void results.set(keyOf(cluster), result),
    get(cluster): RunResult {
      const result = results.get(keyOf(cluster));
      if (result === undefined) throw new Error(`no section asked for ${keyOf(cluster)}`);
      return result;
    },
  };
}

/** What the sections say, once all their runs are done. */
export function passagesOf(sections: readonly Section[], results: ResultTable): readonly Passage[] {
  return sections.map((section) => section.tell((cluster) => results.get(cluster)));
}
