/** The real Prism with a P4 switch or the core: same controller, same agents, same commands. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BMV2, P4_MODEL } from '../../hardware/bmv2/host/laboratory.ts';
import {
  NETFPGA_SIM,
  prepareSimulation,
  whyNoSimulation,
} from '../../hardware/netfpga/host/laboratory.ts';
import {
  raiseLaboratory,
  runAt,
  until,
  type Laboratory,
} from '../../reference/host/laboratory/laboratory.ts';
import type { LaboratoryOptions, OwnSwitch } from '../../reference/host/laboratory/site.ts';
import { leaveOut, oracle } from '../oracle.ts';
import { isKernelOurs } from './bed.ts';
import { connect, fetchAll, rulesGone } from './prism-session.ts';

const FILE_OCTETS = 5_000_000;
const MAX_MS = 10_000;
/** A core may have to be built. */
const TEST_MAX_MS = 600_000;

/** Two backends with agents, and nginx on a machine where nothing of a Prism is. */
async function raise(
  t: ExecutionContext,
  options: Pick<LaboratoryOptions, 'switch' | 'family'>,
): Promise<Laboratory | undefined> {
  if (!isKernelOurs(t) || !['curl', 'nginx'].every((it) => oracle(t, it))) return undefined;
  t.timeout(TEST_MAX_MS);
  const bed = await raiseLaboratory({ name: 'own', backends: 3, plain: ['b3'], ...options });
  t.teardown(() => bed.down());
  return bed;
}

async function fetchFromTwo(t: ExecutionContext, bed: Laboratory): Promise<void> {
  const urls = ['/a/60000', '/b/60000', '/a/60000'].map((path) => bed.site + path);
  const words = ['curl', '-sS', '-g', '--fail', '-m', '20', '-w', '%{num_connects}\n'];
  const said = await runAt(bed, 'c1', [...words, ...urls]);
  const [a, b] = ['b1 /a/60000\n', 'b2 /b/60000\n'].map((mark) => mark.repeat(5000));
  t.is(said, `${a}1\n${b}0\n${a}0\n`);
  const { migrations, toClients } = await bed.metrics();
  t.like(migrations, { 'handed-off': 3, failed: 0 });
  // PRISM-CTRL-04
  t.is(toClients, 0);
}

async function fetchSpliced(t: ExecutionContext, bed: Laboratory): Promise<void> {
  const body = randomBytes(FILE_OCTETS);
  writeFileSync(join(bed.files, 'c/file'), body);
  const before = await bed.metrics();
  const client = connect(t, bed);
  client.ask('/c/file');
  const answer = await client.answer();
  t.is(answer.sha256, createHash('sha256').update(body).digest('hex'));
  // The client may have it all before the controller has heard that it is spliced.
  let after = before;
  const isSpliced = async (): Promise<boolean> => {
    after = await bed.metrics();
    return after.splices['spliced'] === 1;
  };
  await until(isSpliced, MAX_MS, () => `not spliced: ${JSON.stringify(after.splices)}`);
  const passed = after.toClients - before.toClients;
  const rules = await bed.rules();
  const own = rules.find(({ rule }) => rule.key.client.port === client.socket.localPort);
  t.log(`${passed} octets through the controller, ${own?.fromOwner.octets} through the switch`);
  // Whatever the controller did not pass on, with headers.
  t.true((own?.fromOwner.octets ?? 0) > FILE_OCTETS - passed);
  t.true(passed < FILE_OCTETS / 2);
  t.true((own?.fromClient.packets ?? 0) > 0);
  t.like(after.splices, { spliced: 1, failed: 0 });
}

/** Whether the switch can run here; else the test must return. */
async function isThere(t: ExecutionContext, own: OwnSwitch): Promise<boolean> {
  if (own === BMV2) return oracle(t, 'simple_switch_grpc');
  if (own !== NETFPGA_SIM) return true;
  t.timeout(TEST_MAX_MS);
  const missing = whyNoSimulation();
  if (missing === undefined) await prepareSimulation();
  else leaveOut(t, missing);
  return missing === undefined;
}

for (const [own, family] of [
  [P4_MODEL, 4],
  [P4_MODEL, 6],
  [BMV2, 4],
  // It has no rules for IPv6.
  [NETFPGA_SIM, 4],
] as const) {
  test.serial(`PRISM-MIG-12 curl fetches through ${own.name} over IPv${family}`, async (t) => {
    if (!(await isThere(t, own))) return;
    const bed = await raise(t, { switch: own, family });
    if (bed === undefined) return;
    await fetchFromTwo(t, bed);
    const client = connect(t, bed);
    await fetchAll(t, client, ['/a/300000', '/b/10', '/b/300000', '/a/1', '/b/1', '/a/0']);
    client.socket.end();
    await rulesGone(bed, MAX_MS);
    // Over IPv6 the controller splices none yet.
    if (family === 4) await fetchSpliced(t, bed);
    t.is((await bed.metrics()).migrations['failed'], 0);
  });
}
