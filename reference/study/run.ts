/** One run of a study: a trace, past proxies if there are any, through a cluster. */
import type { Cluster } from './cluster.ts';
import type { Outcome } from './meter.ts';
import { behindProxies } from './proxies.ts';
import { simulate } from './simulate.ts';
import { topShareOf, type Trace } from './trace.ts';

/** What came of a run. */
export interface RunResult extends Outcome {
  /** Requests that reached the cluster. */
  readonly asked: number;
  /** The share of these that ask for the most popular file, 0 … 1. */
  readonly topShare: number;
}

/** Runs a trace through a cluster. */
export function performRun(trace: Trace, cluster: Cluster): RunResult {
  const reaching = behindProxies(trace, cluster.proxyOctets);
  const outcome = simulate(reaching, cluster);
  return { ...outcome, asked: reaching.requests.length, topShare: topShareOf(reaching) };
}
