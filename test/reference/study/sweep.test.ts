import test from 'ava';
import { clusterOf, POLICIES, type Cluster } from '../../../reference/study/cluster.ts';
import { sweep } from '../../../reference/study/host/sweep.ts';
import { performRun, type RunResult } from '../../../reference/study/run.ts';
import { synthesise } from '../../../reference/study/synthetic.ts';

const TRACE = synthesise({ requests: 5000, seed: 1 });

test('threads come to the figures that one alone comes to, each run once', async (t) => {
  const clusters = POLICIES.map((kind) => clusterOf(kind, 2));
  const results = new Map<Cluster, RunResult>();
  await sweep(TRACE, clusters, (cluster, result) => {
    t.false(results.has(cluster));
    results.set(cluster, result);
  });
  t.is(results.size, clusters.length);
  for (const cluster of clusters) t.deepEqual(results.get(cluster), performRun(TRACE, cluster));
});

test('no runs are done at once', async (t) => {
  await sweep(TRACE, [], () => t.fail());
  t.pass();
});

test('a run that cannot be done ends the sweep with its reason', async (t) => {
  const thresholds = { low: 9, high: 1 };
  const impossible = { ...clusterOf('LARD', 2), thresholds };
  const clusters = [clusterOf('LB', 2), impossible, clusterOf('LB', 3), clusterOf('LB', 4)];
  await t.throwsAsync(
    sweep(TRACE, clusters, () => {}),
    { message: /the run of \{"kind":"LARD"\}: .*0 < low <= high/u },
  );
});
