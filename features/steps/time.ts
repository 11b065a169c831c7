/** Steps about the time that rules and locks live, on a device whose clock the suite moves. */
import { Given, Then, When } from '@cucumber/cucumber';
import { NotSupported, type Notice } from '../../conformance/driver/device.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import type { PrismWorld } from '../support/world.ts';
import { connectionOf, expectOwned, ownedBy } from './state.ts';

/** Moves the clock on, and lets every host be seen again: addresses may have been forgotten. */
async function pass(world: PrismWorld, seconds: number): Promise<void> {
  if (world.hello.clock !== 'virtual') throw new NotSupported('a virtual clock');
  await world.advance(seconds);
  await world.observe();
}

function expiries(world: PrismWorld, reason: Notice['reason']): readonly Notice[] {
  const { client, virtual } = connectionOf(world);
  return world.told.filter(
    ({ kind, key, reason: told }) =>
      kind === 'expired' &&
      told === reason &&
      key.client.address === client.address &&
      key.client.port === client.port &&
      key.virtual.address === virtual.address &&
      key.virtual.port === virtual.port,
  );
}

function expectTold(world: PrismWorld, reason: Notice['reason']): void {
  const { length } = expiries(world, reason);
  if (length === 1) return;
  throw new Failure({
    expected: `one notice that the connection expired, reason ${reason}`,
    observed: `${length} such among ${world.told.length} notices`,
  });
}

When('{int} second(s) of silence pass(es)', async function (this: PrismWorld, seconds: number) {
  if (this.hello.clock !== 'virtual') throw new NotSupported('a virtual clock');
  await this.advance(seconds);
});

When('{int} seconds pass', async function (this: PrismWorld, seconds: number) {
  await pass(this, seconds);
});

/** The idle time of the device in seconds, for devices that have one. */
function idleSeconds(world: PrismWorld): number {
  const { idleSeconds: seconds } = world.hello.profile;
  if (seconds <= 0) throw new NotSupported('an idle time-out');
  return seconds;
}

When(
  "{int} percent of the device's idle time pass(es)",
  async function (this: PrismWorld, percent: number) {
    await pass(this, (idleSeconds(this) * percent) / 100);
  },
);

Given('a device that gives up locks', function (this: PrismWorld) {
  if (this.hello.profile.leaseMs <= 0) throw new NotSupported('a lease of locks');
});

When(
  "{int} percent of a lock's lease pass(es)",
  async function (this: PrismWorld, percent: number) {
    await pass(this, (this.hello.profile.leaseMs * percent) / 100_000);
  },
);

Then('the end of its lock was told', function (this: PrismWorld) {
  expectTold(this, 'lease');
});

Then('the end of the connection was told', function (this: PrismWorld) {
  expectTold(this, 'idle');
});

Then('nothing was told of the connection', function (this: PrismWorld) {
  const [notice] = [...expiries(this, 'idle'), ...expiries(this, 'lease')];
  if (notice === undefined) return;
  throw new Failure({ expected: 'no notice', observed: `expired, reason ${notice.reason}` });
});

Then(
  'the connection goes to {host}, or its expiry was told',
  async function (this: PrismWorld, host: Host) {
    if (expiries(this, 'idle').length === 0) await expectOwned(this, ownedBy(this, host));
  },
);
