/** Performs the runs of a study in threads, as many as there are cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Cluster } from '../cluster.ts';
import type { RunResult } from '../run.ts';
import type { Trace } from '../trace.ts';

const WORKER = new URL('sweep-worker.ts', import.meta.url);
const REGISTER = new URL('../../../tools/register.mjs', import.meta.url).href;

/** The same numbers in memory that all threads see, so that no thread has a trace of its own. */
function shared(numbers: Uint32Array): Uint32Array {
  const copy = new Uint32Array(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}

/** One thread, that is given clusters until there are none left. */
async function work(
  trace: Trace,
  left: Cluster[],
  onResult: (cluster: Cluster, result: RunResult) => void,
): Promise<void> {
  let trying = left.shift();
  if (trying === undefined) return;
  const worker = new Worker(WORKER, { workerData: trace, execArgv: ['--import', REGISTER] });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (result: RunResult) => {
        if (trying !== undefined) onResult(trying, result);
        trying = left.shift();
        if (trying === undefined) resolve();
        else worker.postMessage(trying, []);
      });
      const fail = (why: string): void =>
        reject(new Error(`the run of ${JSON.stringify(trying?.policy)}: ${why}`));
      worker.on('error', (error) => fail(String(error)));
      worker.on('exit', (status) => fail(`its thread ended with status ${status}`));
      worker.postMessage(trying, []);
    });
  } finally {
    await worker.terminate();
  }
}

/** Runs a trace through all of `clusters`; results come as they are ready. Rejects when one fails. */
export async function sweep(
  trace: Trace,
  clusters: readonly Cluster[],
  onResult: (cluster: Cluster, result: RunResult) => void,
): Promise<void> {
  const inShared = { requests: shared(trace.requests), sizes: shared(trace.sizes) };
  const left = [...clusters];
  const threads = Math.min(availableParallelism(), clusters.length);
  await Promise.all(
    Array.from({ length: threads }, async () => work(inShared, left, onResult)),
  ).finally(() => left.splice(0));
}
