/** Steps about frames and rules that lead back to where they came from. */
import { Given, Then, When } from '@cucumber/cucumber';
import { NotSupported, type Rule } from '../../conformance/driver/device.ts';
import { ownerPath, pattern, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import type { Twin } from '../support/twins.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { asSent, clientStimulus } from './state.ts';

const { client, controller } = HOSTS;

/** Endpoints that a frame may claim both to come from and to go to. */
const LAND: Readonly<Record<string, (rule: Rule) => Rule['client']>> = {
  'the virtual endpoint': ({ virtual }) => virtual,
  'the client': (rule) => rule.client,
  'the owner': ({ owner }) => owner,
};

When(
  /^(?:the client) sends a segment from (the virtual endpoint|the client|the owner) to itself$/u,
  async function (this: PrismWorld, words: string) {
    const end = LAND[words]?.(this.theRule());
    if (end === undefined) throw new Error(`no endpoint is called ${words}`);
    const path = {
      sourceMac: client.mac,
      destinationMac: controller.mac,
      source: end,
      destination: end,
    };
    const frame = segment(path, { flags: 'S' });
    const expectation = { ...asSent(this, controller, frame), optional: true };
    await this.inject([{ role: client.role, frame, expectation }]);
  },
);

Then('it leaves as it was sent, once, or not at all', async function (this: PrismWorld) {
  await this.expectNoFindings();
  await this.turnPage();
});

/** Adds a rule that a device may refuse, because another rule's segments would look alike. */
async function addChained(world: PrismWorld, rule: Rule): Promise<void> {
  const reply = await world.command({ op: 'add', rule, epoch: world.nextEpoch() });
  if (!reply.ok) throw new NotSupported('a rule whose owner is the virtual endpoint of another');
}

/** The rule that hands `key` to what is, for another rule, the virtual endpoint. */
function chained(key: Twin['key'], to: Twin['key'], at: Host): Rule {
  return ruleFor(key, { ...to.virtual, mac: at.mac });
}

Given(
  "the virtual endpoint of {twin}, at {host}, owns the client's connection",
  async function (this: PrismWorld, twin: Twin, host: Host) {
    this.rule = chained(keyOf(client), twin.key, host);
    await addChained(this, this.rule);
  },
);

Given(
  "the virtual endpoint of the client's connection, at {host}, owns {twin}",
  async function (this: PrismWorld, host: Host, twin: Twin) {
    await addChained(this, chained(twin.key, keyOf(client), host));
  },
);

/** Sends a client's segment under `rule`, which must be translated by that rule alone. */
async function expectOneRewrite(world: PrismWorld, rule: Rule): Promise<void> {
  await world.inject([
    clientStimulus(world, rule, (frame, way) => world.expectation(frame, way, rule)),
  ]);
  await world.expectNoFindings();
  await world.turnPage();
}

Then("a segment of the client's connection is translated once", async function (this: PrismWorld) {
  await expectOneRewrite(this, this.theRule());
});

Then(
  'a segment of {twin} is translated once, for the virtual endpoint at {host}',
  async function (this: PrismWorld, twin: Twin, host: Host) {
    await expectOneRewrite(this, chained(twin.key, keyOf(client), host));
  },
);

Then(
  'a segment of {twin} is translated once, for {host}',
  async function (this: PrismWorld, { key }: Twin, host: Host) {
    await expectOneRewrite(this, ruleFor(key, ownerOf(host)));
  },
);

Then(
  'a segment of {host} is translated once, as from the virtual endpoint of {twin}',
  async function (this: PrismWorld, host: Host, { key }: Twin) {
    const rule = ruleFor(key, ownerOf(host));
    const frame = segment(ownerPath(rule.owner, rule, client), { payload: pattern(5) });
    const expectation = this.expectation(frame, 'owner-to-client', rule);
    await this.inject([{ role: host.role, frame, expectation }]);
    await this.expectNoFindings();
    await this.turnPage();
  },
);
