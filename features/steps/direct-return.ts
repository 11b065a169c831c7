/** Steps about rules whose owner has the virtual endpoint's own address: direct server return. */
import { Given, Then } from '@cucumber/cucumber';
import fc from 'fast-check';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { segments } from '../../conformance/traffic/arbitrary.ts';
import { segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, type Host } from '../../conformance/traffic/testbed.ts';
import { forAny } from '../support/properties.ts';
import { judgeUnchanged } from '../../conformance/observe/unchanged.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import type { Rule } from '../../conformance/driver/device.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** How many batches a property tries, and how many segments are in each. */
const BATCHES = 8;
const SEGMENTS = 40;

/** The rule under which `owner` serves the virtual endpoint under that endpoint's own address. */
function directRule(owner: Host, family: 4 | 6): Rule {
  const key = keyOf(HOSTS.client, family);
  return ruleFor(key, { ...key.virtual, mac: owner.mac });
}

Given(
  "{host} owns the client's connection under the virtual address",
  async function (this: PrismWorld, owner: Host) {
    await this.addRule(directRule(owner, 4));
  },
);

Given(
  "{host} owns the client's IPv6 connection under the virtual address",
  async function (this: PrismWorld, owner: Host) {
    await this.addRule(directRule(owner, 6));
  },
);

/** Octets 0 to 5 of a frame to `host`. */
function towards(host: Host, frame: Uint8Array): Uint8Array {
  const address = host.mac.split(':').map((pair) => Number.parseInt(pair, 16));
  return Uint8Array.of(...address, ...frame.subarray(6));
}

/** `seen` with the Ethernet source of `sent`, which a device may choose. */
function withSourceOf(sent: Uint8Array | undefined, seen: Uint8Array): Uint8Array {
  const source = (sent ?? seen).subarray(6, 12);
  return Uint8Array.of(...seen.subarray(0, 6), ...source, ...seen.subarray(12));
}

/** Fails unless every frame left at the other side with its MAC addresses changed and no more. */
async function expectOnlyMacs(world: PrismWorld): Promise<void> {
  const [owner, client] = [world.ownerHost(), world.clientHost()];
  const wanted = world.stimuli.map(({ role, frame }) => {
    const to = role === client.role ? owner : client;
    return { frame: towards(to, frame), at: [to.role] };
  });
  const [first] = wanted;
  const outputs = (await world.outputs()).map(({ role, frame }) => {
    return { role, frame: withSourceOf(first?.frame, frame) };
  });
  world.fail(judgeUnchanged(wanted, outputs, world.hello));
  await world.turnPage();
}

Then('nothing but its MAC addresses changes', async function (this: PrismWorld) {
  await expectOnlyMacs(this);
});

Then(
  /^for any segment of (the client|the owner) under the virtual address, nothing but its MAC addresses changes$/u,
  async function (this: PrismWorld, sender: string) {
    const owner = HOSTS['backend 1'];
    const host = sender === 'the client' ? HOSTS.client : owner;
    const many = fc.array(segments(), { minLength: 1, maxLength: SEGMENTS, size: 'max' });
    await forAny(this, many, BATCHES, async (values) => {
      await this.restartWith(directRule(owner, 4));
      await this.inject(
        values.map((fields): Stimulus => {
          const frame = segment(pathFrom(this, host), fields);
          return { role: host.role, frame, expectation: expectationFrom(this, host, frame) };
        }),
      );
      await expectOnlyMacs(this);
    });
  },
);
