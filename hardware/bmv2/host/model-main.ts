/** `model-main.ts PLAN`: `prism.p4` on the model as the switch of a Prism, in its namespace. */
import { runProgram } from '../../../reference/host/prism/main.ts';
import { serveSwitch } from '../../../reference/host/prism/switch.ts';
import { startThread } from '../../../reference/host/ring/ring-thread.ts';

await runProgram('model-main.ts PLAN', async (plan) => {
  const { devices, capacity, lockLeaseMs } = plan;
  const options = { devices: [...devices.keys()], capacity, lockLeaseMs };
  const worker = new URL('model-worker.ts', import.meta.url);
  return serveSwitch(plan, await startThread(worker, options));
});
