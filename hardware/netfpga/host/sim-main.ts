/** `sim-main.ts PLAN`: the simulated core as the switch of a Prism, in its namespace. */
import { runProgram } from '../../../reference/host/prism/main.ts';
import { serveSwitch } from '../../../reference/host/prism/switch.ts';
import { startThread } from '../../../reference/host/ring/ring-thread.ts';

await runProgram('sim-main.ts PLAN', async (plan) => {
  const { devices, capacity, lockLeaseMs } = plan;
  const options = { devices: [...devices.keys()], capacity, lockLeaseMs };
  return serveSwitch(plan, await startThread(new URL('sim-worker.ts', import.meta.url), options));
});
