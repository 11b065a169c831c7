/** Steps about segments that come from where they should not, or by another way than usual. */
import { Then, When } from '@cucumber/cucumber';
import { NotSupported, type PortRole } from '../../conformance/driver/device.ts';
import { describeFrame, type Expectation } from '../../conformance/observe/delivery.ts';
import { clientPath, ownerPath, pattern, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { fieldOf } from '../support/fields.ts';
import type { PrismWorld } from '../support/world.ts';
import { handTo, spliceDeltas } from './rules.ts';
import { connectionOf, ownedBy } from './state.ts';

const { client } = HOSTS;
const NOTHING: Expectation = { kind: 'nothing' };

/** Sends a segment from `host` to the client, as from `address` and `port`. */
async function sendToClient(
  world: PrismWorld,
  host: Host,
  from: { readonly address: string; readonly port: number },
): Promise<void> {
  const owner = { ...from, mac: host.mac };
  const path = ownerPath(owner, connectionOf(world), client);
  const frame = segment(path, { flags: 'PA', payload: pattern(10) });
  await world.inject([{ role: host.role, frame, expectation: NOTHING }]);
}

When('{host} sends as the virtual endpoint', async function (this: PrismWorld, host: Host) {
  await sendToClient(this, host, connectionOf(this).virtual);
});

When('{host} sends from its own address', async function (this: PrismWorld, host: Host) {
  await sendToClient(this, host, ownerOf(host));
});

When('{host} sends from port {int}', async function (this: PrismWorld, host: Host, port: number) {
  await sendToClient(this, host, { ...ownerOf(host), port });
});

Then('nothing comes to the client from the virtual endpoint', async function (this: PrismWorld) {
  const { virtual } = connectionOf(this);
  for (const { role, frame } of await this.outputs()) {
    if (role !== client.role || fieldOf(frame, 'source address') !== virtual.address) continue;
    const observed = describeFrame(frame);
    throw new Failure({ expected: `nothing at the client from ${virtual.address}`, observed });
  }
  await this.turnPage();
});

When('every host is heard of again', async function (this: PrismWorld) {
  await this.observe();
});

When('a segment of the client comes in at each client port', async function (this: PrismWorld) {
  const hosts = [client, HOSTS['other client']];
  if (hosts.some(({ role }) => this.hello.ports[role] === undefined)) {
    throw new NotSupported('a second client port');
  }
  await this.inject(
    hosts.map((host, index) => {
      // By way of the other port's host, so that the client's address is not learned there.
      const frame = segment(clientPath(this.theRule(), host), { seq: index, flags: 'PA' });
      const expectation = this.expectation(frame, 'client-to-owner');
      return { role: host.role, frame, expectation };
    }),
  );
});

Then('it leaves for {host} as the rule says', async function (this: PrismWorld, host: Host) {
  const rule = ownedBy(this, host);
  await this.expectEither(({ frame }) => this.expectation(frame, 'client-to-owner', rule));
  await this.turnPage();
});

Then('no backend receives anything', async function (this: PrismWorld) {
  const roles: readonly PortRole[] = ['backend0', 'backend1'];
  const found = (await this.outputs()).find(({ role }) => roles.includes(role));
  if (found !== undefined) {
    const observed = `${describeFrame(found.frame)} at ${found.role}`;
    throw new Failure({ expected: 'no frame at a backend', observed });
  }
  await this.turnPage();
});

When(
  'the controller sends a chown to {host} with deltas',
  async function (this: PrismWorld, host: Host) {
    await handTo(this, host, spliceDeltas(this));
  },
);
