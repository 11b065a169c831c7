/** Steps about what the device lists of its rules, and what it has counted. */
import { Then } from '@cucumber/cucumber';
import type { Deltas, Rule, RuleStatus } from '../../conformance/driver/device.ts';
import { ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';
import type { Twin } from '../support/twins.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { connectionOf, ownedBy } from './state.ts';

/** The device's own list, with the rule that `rule` is the key of. */
async function statusOf(world: PrismWorld, rule: Rule): Promise<RuleStatus> {
  const all = await world.session.device.rules();
  const found = all.filter(
    (each) =>
      each.rule.client.address === rule.client.address &&
      each.rule.client.port === rule.client.port &&
      each.rule.virtual.address === rule.virtual.address &&
      each.rule.virtual.port === rule.virtual.port,
  );
  const [status] = found;
  if (status !== undefined && found.length === 1) return status;
  throw new Failure({
    expected: 'the rule once in the list',
    observed: `${found.length} times, among ${all.length} rules`,
  });
}

/** Fails unless the device lists a rule with the same owner, deltas and lock. */
async function expectListed(world: PrismWorld, rule: Rule): Promise<void> {
  const seen = (await statusOf(world, rule)).rule;
  const told = ({ owner, deltas, locked }: Rule): string =>
    JSON.stringify([owner.address, owner.port, owner.mac, deltasText(deltas), locked]);
  if (told(seen) === told(rule)) return;
  throw new Failure({ expected: told(rule), observed: told(seen) });
}

/** Deltas as text; shifts that change nothing are alike. */
function deltasText(deltas: Deltas): string {
  const shift = ({ in: sent, out: read }: Deltas['clientWindow']): string =>
    sent === read ? 'none' : `${sent} to ${read}`;
  const sums = [deltas.clientSeq, deltas.ownerSeq, deltas.clientTimestamp, deltas.ownerTimestamp];
  return [...sums, shift(deltas.clientWindow), shift(deltas.ownerWindow)].join(' ');
}

Then('the device lists the connection as its rule says', async function (this: PrismWorld) {
  await expectListed(this, this.theRule());
});

Then(
  'the device lists the connection as owned by {host}, {word}',
  async function (this: PrismWorld, host: Host, word: string) {
    await expectListed(this, { ...ownedBy(this, host), locked: word === 'locked' });
  },
);

Then(
  'the device lists {twin} as owned by {host}',
  async function (this: PrismWorld, { key }: Twin, host: Host) {
    await expectListed(this, ruleFor(key, ownerOf(host)));
  },
);

Then('no lease is listed', async function (this: PrismWorld) {
  const { leaseMs } = await statusOf(this, connectionOf(this));
  if (leaseMs === undefined) return;
  throw new Failure({
    expected: 'no lease of a rule that is not locked',
    observed: `${leaseMs} ms`,
  });
});

Then(
  "{int} to {int} percent of a lock's lease are listed",
  async function (this: PrismWorld, least: number, most: number) {
    const { leaseMs } = await statusOf(this, connectionOf(this));
    const wholeMs = this.hello.profile.leaseMs;
    const [leastMs, mostMs] = [(least * wholeMs) / 100, (most * wholeMs) / 100];
    if (leaseMs !== undefined && leaseMs >= leastMs && leaseMs <= mostMs) return;
    const observed = leaseMs === undefined ? 'no lease' : `${leaseMs} ms`;
    throw new Failure({ expected: `a lease of ${leastMs} to ${mostMs} ms`, observed });
  },
);

Then('the device lists {count} rule(s)', async function (this: PrismWorld, count: number) {
  const { length } = await this.session.device.rules();
  if (length === count) return;
  throw new Failure({ expected: `${count} rules in the list`, observed: String(length) });
});

/** Fails unless the device has counted so many segments of the connection. */
async function expectCounted(world: PrismWorld, client: number, owner: number): Promise<void> {
  const status = await statusOf(world, connectionOf(world));
  if (status.clientFrames === client && status.ownerFrames === owner) return;
  const words = (a: number, b: number): string => `${a} of the client, ${b} of the owner`;
  throw new Failure({
    expected: words(client, owner),
    observed: words(status.clientFrames, status.ownerFrames),
  });
}

Then(
  'it has counted {int} segment(s) of the client and {int} of the owner',
  async function (this: PrismWorld, client: number, owner: number) {
    await expectCounted(this, client, owner);
  },
);

// All that the scenario has sent counts: no step before may have looked at what left.
Then('it has counted the segments that left, and no others', async function (this: PrismWorld) {
  const outputs = await this.outputs();
  const leftFor = ({ role }: Host): number => outputs.filter((each) => each.role === role).length;
  const [client, owner] = [leftFor(this.ownerHost()), leftFor(this.clientHost())];
  if (client === 0) throw new Inconclusive('nothing-left', 'no segment reached the owner');
  await expectCounted(this, client, owner);
  await this.turnPage();
});

/** The device's rules as text, without what traffic and time change. */
async function listText(world: PrismWorld): Promise<string> {
  const all = await world.session.device.rules();
  const lines = all.map(({ rule: { client, virtual, owner, deltas, locked }, epoch }) =>
    JSON.stringify([client, virtual, owner, deltasText(deltas), locked, epoch]),
  );
  return lines.toSorted().join('\n');
}

/** Fails when the device's list of rules is another after `action` than it was before. */
export async function expectNoRuleChange(
  world: PrismWorld,
  action: () => Promise<void>,
): Promise<void> {
  const before = await listText(world);
  await action();
  const seen = await listText(world);
  if (seen !== before) throw new Failure({ expected: before, observed: seen });
}
