/** Steps about commands: what is sent, how often, in which epoch, and what a delete leaves. */
import { Given, Then, When } from '@cucumber/cucumber';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import type { Deltas, Rule } from '../../conformance/driver/device.ts';
import { describeFrame, type Output } from '../../conformance/observe/delivery.ts';
import { compareFrames } from '../../conformance/observe/compare.ts';
import { ownerPath, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import type { CommandWords } from '../support/commands.ts';
import { twinPath, twinOf, type Twin } from '../support/twins.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { spliceDeltas } from './rules.ts';
import { connectionOf, ownedBy } from './state.ts';

async function send(world: PrismWorld, words: CommandWords, epoch?: number): Promise<void> {
  await world.command(words(connectionOf(world), epoch ?? world.nextEpoch()));
}

When('the controller sends {command}', async function (this: PrismWorld, words: CommandWords) {
  await send(this, words);
});

When(
  'the controller sends {command} of epoch {int}',
  async function (this: PrismWorld, words: CommandWords, epoch: number) {
    await send(this, words, epoch);
  },
);

When(
  'the controller sends {command} {int} time(s)',
  async function (this: PrismWorld, words: CommandWords, times: number) {
    for (let sent = 0; sent < times; sent += 1) await send(this, words);
  },
);

When(
  'the controller sends {command} {int} time(s) in one epoch',
  async function (this: PrismWorld, words: CommandWords, times: number) {
    const epoch = this.nextEpoch();
    for (let sent = 0; sent < times; sent += 1) await send(this, words, epoch);
  },
);

When(
  'the controller sends {command} for {twin}',
  async function (this: PrismWorld, words: CommandWords, { key }: Twin) {
    await this.command(words(ruleFor(key, ownerOf(HOSTS['backend 1'])), this.nextEpoch()));
  },
);

Given('{host} owns {twin}', async function (this: PrismWorld, host: Host, { key }: Twin) {
  const rule = ruleFor(key, ownerOf(host));
  await this.mustCommand({ op: 'add', rule, epoch: this.nextEpoch() });
});

/** Deltas of every kind that the device claims. */
function everyDelta(world: PrismWorld): Deltas {
  return {
    ...(world.has('SPLICE') ? spliceDeltas(world) : NO_DELTAS),
    ...(world.has('TS') ? { clientTimestamp: 0x01020304, ownerTimestamp: 0xfffefdfc } : {}),
    ...(world.has('WS') ? { clientWindow: { in: 7, out: 2 }, ownerWindow: { in: 1, out: 6 } } : {}),
  };
}

Given(
  "{host} owns the client's connection under a rule with every delta that the device can do",
  async function (this: PrismWorld, owner: Host) {
    await this.addRule(ruleFor(keyOf(HOSTS.client), ownerOf(owner), everyDelta(this)));
  },
);

function withDeltas(rule: Rule, change: Partial<Deltas>): Rule {
  return { ...rule, deltas: { ...rule.deltas, ...change } };
}

Given(
  "{host} owns the client's IPv6 connection under a rule with every delta that the device can do",
  async function (this: PrismWorld, owner: Host) {
    await this.addRule(ruleFor(keyOf(HOSTS.client, 6), ownerOf(owner, 6), everyDelta(this)));
  },
);

/** How a rule may be added a second time. */
const ANOTHER: Readonly<Record<string, (rule: Rule, world: PrismWorld) => Rule>> = {
  'the same': (rule) => rule,
  'the same but locked': (rule) => ({ ...rule, locked: true }),
  'another owner': (rule) => ({ ...rule, owner: ownerOf(HOSTS['backend 2']) }),
  'another owner address': (rule) => ({
    ...rule,
    owner: { ...rule.owner, address: HOSTS['backend 2'].ipv4 },
  }),
  'another owner port': (rule) => ({ ...rule, owner: { ...rule.owner, port: 8081 } }),
  'another owner MAC address': (rule) => ({
    ...rule,
    owner: { ...rule.owner, mac: HOSTS['backend 2'].mac },
  }),
  'other deltas': (rule, world) => ({ ...rule, deltas: spliceDeltas(world) }),
  'another client delta': (rule) => withDeltas(rule, { clientSeq: 1 }),
  'another owner delta': (rule) => withDeltas(rule, { ownerSeq: 1 }),
  'another client timestamp delta': (rule) => withDeltas(rule, { clientTimestamp: 1 }),
  'another owner timestamp delta': (rule) => withDeltas(rule, { ownerTimestamp: 1 }),
  'another client window scale': (rule) => withDeltas(rule, { clientWindow: { in: 1, out: 0 } }),
  'another assumed client scale': (rule) => withDeltas(rule, { clientWindow: { in: 0, out: 1 } }),
  'another owner window scale': (rule) => withDeltas(rule, { ownerWindow: { in: 1, out: 0 } }),
  'another assumed owner scale': (rule) => withDeltas(rule, { ownerWindow: { in: 0, out: 1 } }),
};

When(
  /^the controller adds the connection again with a rule that (?:is|has) (.*)$/u,
  async function (this: PrismWorld, words: string) {
    const change = ANOTHER[words];
    if (change === undefined) throw new Error(`no rule is called ${words}`);
    const rule = change(this.theRule(), this);
    await this.command({ op: 'add', rule, epoch: this.nextEpoch() });
  },
);

/** What became of the connection's segments before there was a rule. */
const unruled = new WeakMap<PrismWorld, readonly Output[]>();

/** Sends what client, backend and controller may send of the connection; gives what left. */
async function sendFromAll(world: PrismWorld): Promise<readonly Output[]> {
  const rule = ownedBy(world, HOSTS['backend 1']);
  const { client, controller } = HOSTS;
  const nothing = { kind: 'nothing' } as const;
  await world.observe();
  world.stimuli = [];
  await world.inject([
    { role: client.role, frame: segment(twinPath(twinOf(rule)), { seq: 7 }), expectation: nothing },
    ...[HOSTS['backend 1'], HOSTS['backend 2'], controller].map((host) => ({
      role: host.role,
      frame: segment(ownerPath(ownerOf(host), rule, client), { seq: 8 }),
      expectation: nothing,
    })),
  ]);
  const outputs = await world.outputs();
  await world.turnPage();
  return outputs;
}

Given("it is known what becomes of the connection's segments", async function (this: PrismWorld) {
  unruled.set(this, await sendFromAll(this));
});

Then("the same becomes of the connection's segments", async function (this: PrismWorld) {
  const before = unruled.get(this);
  if (before === undefined) throw new Error('nothing was seen before the rule');
  const rest = [...(await sendFromAll(this))];
  const leeway = { ttl: 'unchanged', bridged: true } as const;
  for (const { role, frame } of before) {
    const same = rest.findIndex(
      (each) => each.role === role && compareFrames(frame, each.frame, leeway).length === 0,
    );
    if (same < 0) {
      const seen = rest.map((each) => `${describeFrame(each.frame)} at ${each.role}`).join(', ');
      throw new Failure({
        expected: `${describeFrame(frame)} at ${role}, as before the rule`,
        observed: seen === '' ? 'no such frame' : seen,
      });
    }
    rest.splice(same, 1);
  }
  const [more] = rest;
  if (more === undefined) return;
  throw new Failure({
    expected: 'no more frames than before the rule',
    observed: `${describeFrame(more.frame)} at ${more.role}`,
  });
});
