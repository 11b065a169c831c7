/** `bmv2-main.ts PLAN FOLDER`: `prism.p4` on BMv2 as the switch of a Prism, in its namespace. */
import { readFileSync } from 'node:fs';
import { runProgram } from '../../../reference/host/prism/main.ts';
import type { Plan } from '../../../reference/host/prism/plan.ts';
import { serveSwitch, type Ruled } from '../../../reference/host/prism/switch.ts';
import { connect, type P4RuntimeClient } from '../../p4runtime/grpc/client.ts';
import { createAgent } from '../../agent/agent.ts';
import { openRemoteAgent, type RemoteTables } from '../../agent/remote.ts';
import { idleByIndex, P4, PRISM } from '../agent/entries.ts';
import { FLOOD_GROUP, limitsOf } from '../agent/limits.ts';
import { portsOf } from './ports.ts';
import { PRISM_JSON, PRISM_P4INFO } from '../program.ts';
import { startSimpleSwitch } from './simple-switch.ts';

/** How often leases and idle rules are looked at. */
const TICK_MS = 100;
const ANSWER_MAX_MS = 5000;
/** Any number: who has this switch brings its program. */
const COOKIE = 1n;

await runProgram('bmv2-main.ts PLAN FOLDER', async (plan, [folder = '.']) =>
  serveSwitch(plan, await startBmv2(plan, folder)),
);

async function startBmv2(plan: Plan, folder: string): Promise<Ruled> {
  const ports = portsOf(plan.devices.keys());
  const { address, deviceId, end } = await startSimpleSwitch(ports, folder);
  const options = { address, deviceId, electionId: 1n, deadlineMs: ANSWER_MAX_MS };
  const client = await connect(options);
  const p4info: unknown = JSON.parse(readFileSync(PRISM_P4INFO, 'utf8'));
  const deviceConfig = readFileSync(PRISM_JSON);
  await client.pushPipeline({ p4info, deviceConfig, cookie: COOKIE });
  const replicas = [...ports.keys()].map((port) => ({ port, instance: 1 }));
  await client.setMulticastGroup(FLOOD_GROUP, replicas);
  const agent = openRemoteAgent(createAgent(limitsOf(plan), PRISM), tablesOf(client), () =>
    process.hrtime.bigint(),
  );
  // A lease that began before the clock would be over with its first tick.
  await agent.tick();
  // What a switch does not take leaves it out of step with its agent: this process ends.
  const clock = setInterval(() => void agent.tick(), TICK_MS);
  return {
    ask: (command, done) => void agent.ask(command).then(done),
    close() {
      clearInterval(clock);
      end();
    },
  };
}

function tablesOf(client: P4RuntimeClient): RemoteTables {
  return {
    async write(updates) {
      const statuses = await client.write(updates);
      for (const [at, status] of statuses.entries()) {
        if (status.ok) continue;
        throw new Error(`${updates[at]?.kind}: ${status.code} ${status.message}`);
      }
    },
    async readCounter(counter, index) {
      const [reading] = await client.readCounter(counter, index);
      if (reading === undefined) throw new Error(`${counter} has no cell ${index}`);
      return reading;
    },
    readIdleMs: async () => idleByIndex(await client.readEntries(P4.rules)),
  };
}
