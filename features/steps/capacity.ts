/** Steps about many rules: a full table, and floods that must add none. */
import { Then, When } from '@cucumber/cucumber';
import type { ConnectionKey, Reply, Rule } from '../../conformance/driver/device.ts';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { createRandom, type Random } from '../../conformance/traffic/random.ts';
import { clientPath, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { asSent } from './state.ts';

/** Commands that are on their way together. */
const COMMANDS_AT_ONCE = 64;
/** Frames of one injection. */
const BATCH = 1000;
/** A table that takes this many times what its device declares is not filled any further. */
const MOST_BEYOND = 4;

const { client, controller, 'backend 1': backend } = HOSTS;

function address(first: number, random: Random): string {
  return [first, 64 + random.below(64), random.below(256), 1 + random.below(254)].join('.');
}

/** A rule with a key from anywhere in 100.64/10 (RFC 6598) and 10/8; `used` keeps it different. */
function arbitraryRule(random: Random, used: Set<string>): Rule {
  for (;;) {
    const from = { address: address(100, random), port: 1 + random.below(0xffff) };
    const name = `${from.address}:${from.port}`;
    if (used.has(name)) continue;
    used.add(name);
    const to = { address: address(10, random), port: 1 + random.below(0xffff) };
    return ruleFor({ client: from, virtual: to }, ownerOf(backend));
  }
}

function arbitraryRules(world: PrismWorld, count: number): readonly Rule[] {
  const random = createRandom(world.session.seed);
  const used = new Set<string>();
  return Array.from({ length: count }, () => arbitraryRule(random, used));
}

/** Adds `rules`, some at a time; the replies in the same order. */
async function addAll(world: PrismWorld, rules: readonly Rule[]): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  for (let at = 0; at < rules.length; at += COMMANDS_AT_ONCE) {
    const some = rules.slice(at, at + COMMANDS_AT_ONCE);
    const adding = some.map((rule) => ({ op: 'add', rule, epoch: world.nextEpoch() }) as const);
    replies.push(...(await world.commandAll(adding)));
  }
  return replies;
}

/** Injects `stimuli` in batches and fails when one of them is not treated as expected. */
export async function judgeInBatches(
  world: PrismWorld,
  stimuli: readonly Stimulus[],
): Promise<void> {
  await world.observe();
  for (let at = 0; at < stimuli.length; at += BATCH) {
    world.stimuli = [];
    await world.inject(stimuli.slice(at, at + BATCH));
    await world.expectNoFindings();
    await world.turnPage();
  }
}

/** A segment of the client of `rule`, and what `rule` makes of it. */
export function segmentUnder(world: PrismWorld, rule: Rule): Stimulus {
  const frame = segment(clientPath(rule, client), { seq: rule.client.port });
  return {
    role: client.role,
    frame,
    expectation: world.expectation(frame, 'client-to-owner', rule),
  };
}

/** A segment of a connection that no rule is for: it must not be translated. */
export function unruledSegment(world: PrismWorld, key: ConnectionKey): Stimulus {
  const frame = segment(clientPath(key, client), { seq: key.client.port });
  const expectation = { ...asSent(world, controller, frame), optional: true };
  return { role: client.role, frame, expectation };
}

/** The rules that a scenario's device has accepted, and those that it has refused. */
interface Filled {
  readonly accepted: readonly Rule[];
  readonly refused: readonly Rule[];
}

const tables = new WeakMap<PrismWorld, Filled>();

function tableOf(world: PrismWorld): Filled {
  const filled = tables.get(world);
  if (filled === undefined) throw new Error('the scenario has not filled the table');
  return filled;
}

When('the table is filled until an add is refused', async function (this: PrismWorld) {
  const { capacity } = this.hello.profile;
  const rules = arbitraryRules(this, capacity * MOST_BEYOND + 1);
  const accepted: Rule[] = [];
  const refused: Rule[] = [];
  for (let at = 0; at < rules.length && refused.length === 0; at += COMMANDS_AT_ONCE) {
    const some = rules.slice(at, at + COMMANDS_AT_ONCE);
    const replies = await addAll(this, some);
    some.forEach((rule, index) => (replies[index]?.ok === true ? accepted : refused).push(rule));
  }
  tables.set(this, { accepted, refused });
});

When(
  '{int} connections get a rule each, if so many fit',
  async function (this: PrismWorld, count: number) {
    const rules = arbitraryRules(this, Math.min(count, this.hello.profile.capacity));
    for (const rule of rules) await this.addRule(rule);
    tables.set(this, { accepted: rules, refused: [] });
  },
);

Then('the device lists each of these rules once', async function (this: PrismWorld) {
  const names = (rules: readonly Rule[]): string =>
    rules
      .map(({ client: from, virtual }) => `${from.address}:${from.port} ${virtual.port}`)
      .toSorted()
      .join(', ');
  const [expected, observed] = [
    names(tableOf(this).accepted),
    names((await this.session.device.rules()).map(({ rule }) => rule)),
  ];
  if (observed !== expected) throw new Failure({ expected, observed });
});

Then('every rule that was accepted works', async function (this: PrismWorld) {
  const { accepted } = tableOf(this);
  await judgeInBatches(
    this,
    accepted.map((rule) => segmentUnder(this, rule)),
  );
});

Then('an add was refused, and no rule that was refused works', async function (this: PrismWorld) {
  const { accepted, refused } = tableOf(this);
  if (refused.length === 0) {
    const told = `${accepted.length} rules were accepted and work; the table may be larger still`;
    throw new Inconclusive('never-full', told);
  }
  await judgeInBatches(
    this,
    refused.map((rule) => unruledSegment(this, rule)),
  );
});

Then('a rule that is deleted can be added again', async function (this: PrismWorld) {
  const { accepted } = tableOf(this);
  const rule = accepted[Math.floor(accepted.length / 2)];
  if (rule === undefined) throw new Failure({ expected: 'a rule', observed: 'none was accepted' });
  await this.mustCommand({ op: 'delete', key: rule, epoch: this.nextEpoch() });
  await judgeInBatches(this, [unruledSegment(this, rule)]);
  const reply = await this.command({ op: 'add', rule, epoch: this.nextEpoch() });
  if (!reply.ok) throw new Failure({ expected: 'success', observed: JSON.stringify(reply) });
});

Then('as many rules as the device declares are accepted', async function (this: PrismWorld) {
  const rules = arbitraryRules(this, this.hello.profile.capacity);
  const replies = await addAll(this, rules);
  const refused = replies.findIndex(({ ok }) => !ok);
  tables.set(this, { accepted: rules, refused: [] });
  if (refused < 0) return;
  throw new Failure({
    expected: `${rules.length} rules with arbitrary keys`,
    observed: `the one after ${refused} was refused: ${JSON.stringify(replies[refused])}`,
  });
});

/** Frames of a flood that go in before what left is taken away. */
const FLOOD_BATCH = 2000;

/** SYN segments of `count` connections to the virtual endpoint; what leaves is not looked at. */
async function flood(world: PrismWorld, count: number): Promise<void> {
  const { device } = world.session;
  const port = world.hello.ports[client.role] ?? 0;
  const { virtual } = keyOf(client);
  const frames = arbitraryRules(world, count).map((rule) => ({
    port,
    frame: segment(clientPath({ ...rule, virtual }, client), { flags: 'S', ack: 0 }),
  }));
  world.journal.omit();
  for (let at = 0; at < frames.length; at += FLOOD_BATCH) {
    await device.inject(frames.slice(at, at + FLOOD_BATCH));
    await device.collect();
  }
}

When(
  'SYN segments of {int} other connections arrive',
  async function (this: PrismWorld, count: number) {
    await flood(this, this.quickly(count));
  },
);

async function fitting(world: PrismWorld): Promise<number> {
  const rules = arbitraryRules(world, world.hello.profile.capacity);
  return (await addAll(world, rules)).filter(({ ok }) => ok).length;
}

Then(
  'after SYN segments of {int} connections as many rules fit as without them',
  async function (this: PrismWorld, count: number) {
    const without = await fitting(this);
    await this.begin();
    await flood(this, this.quickly(count));
    const seen = await fitting(this);
    if (seen >= without) return;
    throw new Failure({ expected: `${without} rules`, observed: `${seen} rules` });
  },
);
