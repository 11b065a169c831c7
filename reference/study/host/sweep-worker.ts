/** One of the threads of a study: a cluster comes in, what came of its run goes out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Cluster } from '../cluster.ts';
import { performRun } from '../run.ts';
import type { Trace } from '../trace.ts';

const trace: Trace = workerData;

parentPort?.on('message', (cluster: Cluster) => {
  parentPort?.postMessage(performRun(trace, cluster), []);
});
