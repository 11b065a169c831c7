/** Steps about rules: who owns a connection, and the commands that change it. */
import { Given, Then, When, type DataTable } from '@cucumber/cucumber';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import type { Deltas } from '../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

/** Deltas of a SPLICE rule in a scenario that does not care which; no two octets are alike. */
const CLIENT_DELTA = 0x89abcdef;
const OWNER_DELTA = 0x7654fedc;

/** Deltas that the device can do: independent of each other only where it claims so. */
export function spliceDeltas(world: PrismWorld): Deltas {
  if (world.has('DELTAS')) return { ...NO_DELTAS, clientSeq: CLIENT_DELTA, ownerSeq: OWNER_DELTA };
  const only = world.hello.profile.delta ?? CLIENT_DELTA;
  return { ...NO_DELTAS, clientSeq: only, ownerSeq: only };
}

function readDeltas(table: DataTable): Deltas {
  const rows = table.rowsHash();
  const number = (name: string): number => Number(rows[name] ?? 0);
  const shift = (name: string): Deltas['clientWindow'] => {
    const [sent = 0, read = 0] = (rows[name] ?? '0 0').split(' ').map(Number);
    return { in: sent, out: read };
  };
  return {
    clientSeq: number('client sequence'),
    ownerSeq: number('owner sequence'),
    clientTimestamp: number('client timestamp'),
    ownerTimestamp: number('owner timestamp'),
    clientWindow: shift('client window'),
    ownerWindow: shift('owner window'),
  };
}

Given("{host} owns the client's connection", async function (this: PrismWorld, owner: Host) {
  await this.addRule(ruleFor(keyOf(HOSTS.client), ownerOf(owner)));
});

Given(
  "{host} owns the client's connection at port {int}",
  async function (this: PrismWorld, owner: Host, port: number) {
    await this.addRule(ruleFor(keyOf(HOSTS.client), { ...ownerOf(owner), port }));
  },
);

Given(
  "{host} owns the client's connection under a SPLICE rule",
  async function (this: PrismWorld, owner: Host) {
    await this.addRule(ruleFor(keyOf(HOSTS.client), ownerOf(owner), spliceDeltas(this)));
  },
);

Given(
  "{host} owns the client's connection with the deltas",
  async function (this: PrismWorld, owner: Host, table: DataTable) {
    await this.addRule(ruleFor(keyOf(HOSTS.client), ownerOf(owner), readDeltas(table)));
  },
);

Given("{host} owns the client's IPv6 connection", async function (this: PrismWorld, owner: Host) {
  await this.addRule(ruleFor(keyOf(HOSTS.client, 6), ownerOf(owner, 6)));
});

When('the controller locks the connection', async function (this: PrismWorld) {
  await this.command({ op: 'lock', key: this.theRule(), epoch: this.nextEpoch() });
});

When('the controller unlocks the connection', async function (this: PrismWorld) {
  await this.command({ op: 'unlock', key: this.theRule(), epoch: this.nextEpoch() });
});

When('the controller deletes the rule', async function (this: PrismWorld) {
  await this.command({ op: 'delete', key: this.theRule(), epoch: this.nextEpoch() });
});

/** Makes `host` the owner of the connection, and unlocks it. */
export async function handTo(
  world: PrismWorld,
  host: Host,
  deltas: Deltas = world.theRule().deltas,
): Promise<void> {
  const key = world.theRule();
  const owner = ownerOf(host, key.client.address.includes(':') ? 6 : 4);
  const epoch = world.nextEpoch();
  await world.command({ op: 'chown', key, owner, deltas, unlock: true, epoch });
  world.rule = { ...key, owner, deltas, locked: false };
}

When('the controller hands the connection to {host}', async function (this: PrismWorld, to: Host) {
  await handTo(this, to);
});

Then('the command succeeds', function (this: PrismWorld) {
  if (this.reply?.ok === true) return;
  throw new Failure({ expected: 'success', observed: JSON.stringify(this.reply) });
});

Then('the command fails', function (this: PrismWorld) {
  if (this.reply?.ok === false) return;
  throw new Failure({ expected: 'a refusal', observed: 'success' });
});
