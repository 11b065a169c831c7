/** Steps where a correct device may do one of several things. */
import { Then } from '@cucumber/cucumber';
import type { Expectation, Stimulus } from '../../conformance/observe/delivery.ts';
import { HOSTS } from '../../conformance/traffic/testbed.ts';
import type { PrismWorld } from '../support/world.ts';

/** As the scenario sent it. */
function asExpected({ expectation }: Stimulus): Expectation {
  return expectation;
}

/** No frame. */
export function dropped(): Expectation {
  return { kind: 'nothing' };
}

/** Unchanged at the port for exceptions, where the device has one. */
export function punted(world: PrismWorld): (stimulus: Stimulus) => Expectation {
  return ({ frame }) =>
    world.hello.ports.punt === undefined
      ? { kind: 'nothing' }
      : { kind: 'frame', at: 'punt', frame, leeway: { ttl: 'unchanged', bridged: true } };
}

/** Unchanged at the host that it is addressed to: the controller, for a client's frame. */
export function bridged(world: PrismWorld): (stimulus: Stimulus) => Expectation {
  return ({ frame, role }) => ({
    kind: 'frame',
    at: role === world.clientHost().role ? HOSTS.controller.role : world.clientHost().role,
    frame,
    leeway: { ttl: world.hello.profile.ttl, bridged: true },
  });
}

Then(
  'it leaves as the rule says, or is punted, or no frame leaves',
  async function (this: PrismWorld) {
    await this.expectEither(asExpected, punted(this), dropped);
    await this.turnPage();
  },
);

Then(
  'it leaves as the rule says, or unchanged, or is punted, or no frame leaves',
  async function (this: PrismWorld) {
    await this.expectEither(asExpected, bridged(this), punted(this), dropped);
    await this.turnPage();
  },
);

Then(
  'it reaches the controller as it was sent, or goes nowhere',
  async function (this: PrismWorld) {
    await this.expectEither(bridged(this), dropped);
    await this.turnPage();
  },
);

Then('its TTL is unchanged, or a router drops it', async function (this: PrismWorld) {
  const { ttl } = this.hello.profile;
  const kept = { ttl: 'unchanged' } as const;
  const unchanged = ({ expectation }: Stimulus): Expectation =>
    expectation.kind === 'frame' ? { ...expectation, leeway: kept } : expectation;
  await this.expectEither(unchanged, ...(ttl === 'decrement' ? [dropped] : []));
  await this.turnPage();
});
