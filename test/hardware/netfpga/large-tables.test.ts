/** The largest tables: what stands in any of their rows is found. */
import test from 'ava';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import type { ConnectionKey } from '../../../conformance/driver/device.ts';
import { inCommand } from '../../../conformance/drivers/embedded/rules.ts';
import { clientPath, ownerPath, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, VIRTUAL, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { createAgent, perform } from '../../../hardware/agent/agent.ts';
import type { Update } from '../../../hardware/entry.ts';
import { MAPPING } from '../../../hardware/netfpga/driver/entries.ts';
import { limitsOf } from '../../../hardware/netfpga/driver/limits.ts';
import { openTables } from '../../../hardware/netfpga/driver/tables.ts';
import { openCore } from '../../../hardware/netfpga/sim/library.ts';
import type { FrameIn } from '../../../hardware/netfpga/sim/wire.ts';
import { isAble } from './bench.ts';

const RULES_LOG2 = 16;
const RULES = 2 ** RULES_LOG2;
const OWNER = ownerOf(HOSTS['backend 1']);
const CLIENT = 0x01;
const BACKEND = 0x10;
const SEQ_AT = 38;
const ACK_AT = 42;

/** Rows whose numbers differ in one bit, the last ones, and some hundreds between. */
const CHOSEN: readonly number[] = [
  ...new Set([
    0,
    ...Array.from({ length: RULES_LOG2 }, (_, bit) => 2 ** bit),
    ...Array.from({ length: RULES_LOG2 }, (_, bit) => RULES - 1 - 2 ** bit),
    ...Array.from({ length: 300 }, (_, at) => (at * 40_503) % RULES),
    RULES - 1,
  ]),
].toSorted((a, b) => a - b);

function keyOf(rule: number): ConnectionKey {
  const address = `10.1.${rule >> 8}.${rule & 0xff}`;
  return { client: { address, port: 40_000 }, virtual: VIRTUAL };
}

/** What shifts the client's numbers by one more than the rule's. */
function shiftOf(rule: number): number {
  return ((rule + 1) * 0x1_0001) >>> 0;
}

/** All rules are the agent's; what it wants of the tables for the chosen ones. */
function updatesOfChosen(): readonly Update[] {
  const agent = createAgent(limitsOf(RULES, 10_000), MAPPING);
  const chosen = new Set(CHOSEN);
  return Array.from({ length: RULES }, (_, rule) => {
    const deltas = { ...NO_DELTAS, clientSeq: shiftOf(rule) };
    const added = { ...keyOf(rule), owner: OWNER, deltas, locked: false };
    const { batches } = perform(agent, inCommand({ op: 'add', rule: added, epoch: 1 }));
    return chosen.has(rule) ? batches.flat() : [];
  }).flat();
}

test.serial('in tables of 65,536 rules those in any row are found, and no others', async (t) => {
  if (!isAble(t)) return;
  const parameters = { RULES_LOG2, FLOWS_LOG2: 18, STATIONS_LOG2: 8 };
  const core = await openCore({ parameters, seed: 7 });
  t.teardown(() => core.close());
  await core.reset();
  const tables = await openTables(core, { nowMs: () => 0 });
  const updates = updatesOfChosen();
  const rows = updates.flatMap((update) => {
    const index = update.kind === 'count' ? undefined : update.entry.match['index'];
    return index?.kind === 'exact' ? [Number(index.value)] : [];
  });
  t.deepEqual(rows, CHOSEN);
  await tables.write(updates);

  const clients = CHOSEN.map((rule): FrameIn => {
    return { source: CLIENT, octets: segment(clientPath(keyOf(rule), HOSTS.client), { seq: 7 }) };
  });
  const owners = CHOSEN.map((rule): FrameIn => {
    const path = ownerPath(OWNER, keyOf(rule), HOSTS.client);
    return { source: BACKEND, octets: segment(path, { seq: 7, ack: 9 }) };
  });
  const numbers = async (frames: readonly FrameIn[], at: number): Promise<readonly number[]> =>
    (await core.exchange(frames)).outputs.map(({ octets }) =>
      new DataView(octets.buffer, octets.byteOffset).getUint32(at),
    );
  t.deepEqual(
    await numbers(clients, SEQ_AT),
    CHOSEN.map((rule) => (7 + shiftOf(rule)) >>> 0),
  );
  t.deepEqual(
    await numbers(owners, ACK_AT),
    CHOSEN.map((rule) => (9 - shiftOf(rule)) >>> 0),
  );
});
