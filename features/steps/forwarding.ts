/** Steps about frames that no rule matches. */
import { Then, When } from '@cucumber/cucumber';
import fc from 'fast-check';
import { NotSupported } from '../../conformance/driver/device.ts';
import { describeFrame, type Stimulus } from '../../conformance/observe/delivery.ts';
import { segments } from '../../conformance/traffic/arbitrary.ts';
import { segment, type Path } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import {
  expectArrived,
  expectUnchanged,
  expectUntouched,
  pathBetween,
  sentBy,
  unruled,
} from '../support/bridge.ts';
import { forAny } from '../support/properties.ts';
import { isUnchanged, MIN_FRAME_OCTETS } from '../../conformance/observe/unchanged.ts';
import { frameOfSize, underProtocol, type FrameMaker } from '../support/unruled.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { spliceDeltas } from './rules.ts';
import { pathFrom } from './segments.ts';

When(
  '{host} sends {frame} to {host}',
  async function (this: PrismWorld, from: Host, make: FrameMaker, to: Host) {
    await this.inject([unruled(from, make(pathBetween(from, to)))]);
  },
);

When(
  '{host} sends {frame} to all hosts',
  async function (this: PrismWorld, from: Host, make: FrameMaker) {
    // 224.0.0.1: what is sent to 224.0.0.0/24 goes to every port. RFC 4541 section 2.1.2.
    const destination = { address: '224.0.0.1', port: 1009 };
    const path = { ...pathBetween(from, from), destinationMac: '01:00:5e:00:00:01', destination };
    await this.inject([unruled(from, make(path))]);
  },
);

When(
  '{host} sends frames of every size that the MTU allows to {host}',
  async function (this: PrismWorld, from: Host, to: Host) {
    const path = pathBetween(from, to);
    const largest = Math.min(this.hello.mtu, 1500) + 14;
    const stimuli: Stimulus[] = [];
    for (let octets = MIN_FRAME_OCTETS; octets <= largest; octets += 1) {
      stimuli.push(unruled(from, frameOfSize(path, octets)));
    }
    await this.inject(stimuli);
  },
);

When(
  '{host} sends {frame} in the place of a segment',
  async function (this: PrismWorld, host: Host, make: FrameMaker) {
    await this.inject([unruled(host, make(pathFrom(this, host)))]);
  },
);

/** What a rule may be for: TCP, and ICMP about it; ICMPv6 has another number. */
const RULED_PROTOCOLS = { 4: [1, 6], 6: [6, 58] } as const;

When(
  '{host} sends its segment under every other IP protocol number',
  async function (this: PrismWorld, host: Host) {
    const path = pathFrom(this, host);
    const ruled: readonly number[] = RULED_PROTOCOLS[path.source.address.includes(':') ? 6 : 4];
    const numbers = Array.from({ length: 256 }, (_, number) => number);
    const others = numbers.filter((number) => !ruled.includes(number));
    await this.inject(others.map((number) => unruled(host, underProtocol(path, number))));
  },
);

When('the client sends a frame from the address of a group', async function (this: PrismWorld) {
  const { client, 'backend 1': to } = HOSTS;
  // 224.0.0.1, to which 'all hosts' are sent.
  const path = { ...pathBetween(client, to), sourceMac: '01:00:5e:00:00:01' };
  await this.inject([unruled(client, frameOfSize(path, 100))]);
});

/** A second host behind the client's port. */
const NEIGHBOUR_MAC = '02:00:00:00:00:c9';

When(
  'the client and a neighbour behind its port send each other a frame',
  async function (this: PrismWorld) {
    const { client } = HOSTS;
    const way = pathBetween(client, client);
    const [to, from] = [
      { ...way, sourceMac: NEIGHBOUR_MAC },
      { ...way, destinationMac: NEIGHBOUR_MAC },
    ];
    await this.inject([to, from].map((path) => unruled(client, frameOfSize(path, 100))));
  },
);

Then('neither frame comes back to their port', async function (this: PrismWorld) {
  const { role } = HOSTS.client;
  const back = (await this.outputs()).find((output) => output.role === role);
  if (back !== undefined) {
    throw new Failure({ expected: `no frame at ${role}`, observed: describeFrame(back.frame) });
  }
  await this.turnPage();
});

When("the client's segment comes back from the punt port", async function (this: PrismWorld) {
  if (this.hello.ports.punt === undefined) throw new NotSupported('a port for punt');
  const frame = segment(pathFrom(this, HOSTS.client), { flags: 'PA', seq: 5000 });
  await this.inject([{ role: 'punt', frame, expectation: { kind: 'nothing' } }]);
});

Then('it arrives as it was sent', async function (this: PrismWorld) {
  await expectUnchanged(this);
});

Then('it is left as it was sent, or goes nowhere', async function (this: PrismWorld) {
  await expectUntouched(this);
});

Then(
  'it arrives as it was sent, or may go nowhere without a bridge',
  async function (this: PrismWorld) {
    await (this.has('BRIDGE') ? expectUnchanged(this) : expectUntouched(this));
  },
);

/** How many batches a property tries, and how many segments are in each. */
const BATCHES = 10;
const SEGMENTS = 40;

/** Adds one to the last octet: the checksum over it is wrong from then on. */
function damaged(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy[copy.length - 1] = ((copy.at(-1) ?? 0) + 1) & 0xff;
  return copy;
}

/** Both directions of a connection of the client that has no rule, beside the one that has. */
function unruledWays(): readonly { readonly host: Host; readonly path: Path }[] {
  const { client, controller, 'backend 1': owner } = HOSTS;
  const own = { address: client.ipv4, port: client.port + 1 };
  const [there, back] = [pathBetween(client, controller), pathBetween(owner, client)];
  return [
    { host: client, path: { ...there, source: own, destination: keyOf(client).virtual } },
    { host: owner, path: { ...back, source: ownerOf(owner), destination: own } },
  ];
}

Then(
  'for any segment of another connection, right or damaged, not an octet changes',
  async function (this: PrismWorld) {
    const shifts = this.has('SPLICE') ? [spliceDeltas(this)] : [];
    const rule = ruleFor(keyOf(HOSTS.client), ownerOf(HOSTS['backend 1']), ...shifts);
    const one = fc.record({
      way: fc.constantFrom(...unruledWays()),
      fields: segments({ anyFlags: true, payloadOctets: 1400, options: true }),
      damage: fc.boolean(),
    });
    const many = fc.array(one, { minLength: 1, maxLength: SEGMENTS, size: 'max' });
    await forAny(this, many, BATCHES, async (values) => {
      await this.restartWith(rule);
      const sent = values.map(({ way: { host, path }, fields, damage }) => {
        const frame = segment(path, fields);
        return { damage, stimulus: unruled(host, damage ? damaged(frame) : frame) };
      });
      await this.inject(sent.map(({ stimulus }) => stimulus));
      // A bridge need not look at checksums; one that does may drop what is damaged.
      const wanted = sent.map(({ damage, stimulus }) => sentBy(this, stimulus, damage));
      await expectArrived(this, wanted);
    });
  },
);

/** Where each probe came out, in the order in which they were sent. */
const PROBE_TARGETS: readonly Host[] = [HOSTS.client, HOSTS.controller, HOSTS['backend 1']];

Then(
  'a frame of {host} to each host arrives there and nowhere else',
  async function (this: PrismWorld, from: Host) {
    const targets = PROBE_TARGETS.filter((to) => to !== from);
    const probes = targets.map((to) => ({ to, frame: frameOfSize(pathBetween(from, to), 100) }));
    // What was sent before has not been looked at: a look would teach the bridge where hosts are.
    await this.inject(probes.map(({ frame }) => unruled(from, frame)));
    const outputs = await this.outputs();
    for (const { to, frame } of probes) {
      const seen = outputs.filter((each) => isUnchanged(frame, each.frame, this.hello));
      const ports = seen.map(({ role }) => role).toSorted();
      if (ports.join() === to.role) continue;
      throw new Failure({
        expected: `a frame from ${from.name} to ${to.name} at ${to.role} only`,
        observed: ports.length === 0 ? 'it left nowhere' : `it left at ${ports.join(', ')}`,
      });
    }
    await this.turnPage();
  },
);
