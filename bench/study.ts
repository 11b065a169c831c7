/**
 * How long the study's simulation takes: requests through eight nodes under six policies.
 *
 * `node --import=./tools/register.mjs bench/study.ts`: one run after the other in one thread, the
 * median of three for each policy, then all six in as many threads as there are cores, with making
 * the trace and starting the threads.
 */
import { cpus } from 'node:os';
import { clusterOf, POLICIES } from '../reference/study/cluster.ts';
import { sweep } from '../reference/study/host/sweep.ts';
import { simulate } from '../reference/study/simulate.ts';
import { synthesise } from '../reference/study/synthetic.ts';

const REQUESTS = 2_290_000;
const NODES = 8;
const ROUNDS = 3;

/** The median of several measurements of `perform`, in milliseconds. */
function measure(perform: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    perform();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
console.log(`${REQUESTS} requests, ${NODES} nodes, seed 1`);
const trace = synthesise({ requests: REQUESTS, seed: 1 });
for (const replacement of ['lru', 'gds'] as const) {
  for (const kind of POLICIES) {
    const ms = measure(() => simulate(trace, { ...clusterOf(kind, NODES), replacement }));
    const rate = REQUESTS / ms / 1000;
    console.log(
      `${replacement} ${kind.padEnd(8)} ${ms.toFixed()} ms, ${rate.toFixed(2)} M requests/s`,
    );
  }
}

const start = performance.now();
const fresh = synthesise({ requests: REQUESTS, seed: 1 });
await sweep(
  fresh,
  POLICIES.map((kind) => clusterOf(kind, NODES)),
  () => {},
);
console.log(`six policies in threads: ${((performance.now() - start) / 1000).toFixed(1)} s`);
