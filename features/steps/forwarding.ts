/** Steps about frames that no rule matches, and about the bridge that carries them. */
import { Given, Then, When } from '@cucumber/cucumber';
import fc from 'fast-check';
import { arp, build, ether, formatMac, mac, padding } from 'scapy-ts';
import type { Output, Stimulus } from '../../conformance/observe/delivery.ts';
import { bridgedRoles } from '../../conformance/observe/observer.ts';
import { segments } from '../../conformance/traffic/arbitrary.ts';
import { pattern, segment, type Path } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, OTHER_VIRTUAL, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { forAny } from '../support/properties.ts';
import { isUnchanged, judgeUnchanged, judgeUntouched, MIN_FRAME_OCTETS, type Sent } from '../support/unchanged.ts';
import { frameOfSize, underProtocol, type FrameMaker } from '../support/unruled.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { spliceDeltas } from './rules.ts';
import { pathFrom } from './segments.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** How many tables of rules a property tries, and how many segments pass beside each. */
const BATCHES = 10;
const SEGMENTS = 40;

/** The way of a frame between two hosts, from the discard port to a port that no rule has. */
function pathBetween(from: Host, to: Host): Path {
  return {
    sourceMac: from.mac,
    destinationMac: to.mac,
    source: { address: from.ipv4, port: 9 },
    destination: { address: to.ipv4, port: 1009 },
  };
}

/** A frame from `host` that no rule is for; a bridge knows by its MAC addresses where it goes. */
function unruled(host: Host, frame: Uint8Array): Stimulus {
  return { role: host.role, frame, expectation: { kind: 'nothing' } };
}

/** Where a bridge that has seen every host must let a frame out. */
function sent(world: PrismWorld, { role, frame }: Stimulus, optional = false): Sent {
  const others = bridgedRoles(world.hello).filter((each) => each !== role);
  const destination = [...frame.subarray(0, 6)].map((octet) => octet.toString(16).padStart(2, '0'));
  const host = Object.values(HOSTS).find(({ mac: address }) => address === destination.join(':'));
  const isGroup = ((frame[0] ?? 0) & 1) === 1;
  return { frame, at: isGroup || host === undefined ? others : [host.role], optional };
}

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
    const path = { ...pathBetween(from, from), destinationMac: '01:00:5e:00:00:01' };
    const destination = { address: '224.0.0.1', port: 1009 };
    await this.inject([unruled(from, make({ ...path, destination }))]);
  },
);

When(
  '{host} sends frames of every size that the MTU allows to {host}',
  async function (this: PrismWorld, from: Host, to: Host) {
    const largest = Math.min(this.hello.mtu, 1500) + 14;
    const sizes = Array.from(
      { length: largest - MIN_FRAME_OCTETS + 1 },
      (_, index) => MIN_FRAME_OCTETS + index,
    );
    const path = pathBetween(from, to);
    await this.inject(sizes.map((octets) => unruled(from, frameOfSize(path, octets))));
  },
);

When(
  '{host} sends {frame} in the place of a segment',
  async function (this: PrismWorld, host: Host, make: FrameMaker) {
    await this.inject([unruled(host, make(pathFrom(this, host)))]);
  },
);

/** Protocols that a rule may be for: TCP, and ICMP about it. */
const RULED_PROTOCOLS: readonly number[] = [1, 6];

When(
  '{host} sends its segment under every other IP protocol number',
  async function (this: PrismWorld, host: Host) {
    const path = pathFrom(this, host);
    const numbers = Array.from({ length: 256 }, (_, number) => number);
    const others = numbers.filter((number) => !RULED_PROTOCOLS.includes(number));
    await this.inject(others.map((number) => unruled(host, underProtocol(path, number))));
  },
);

Then('it arrives as it was sent', async function (this: PrismWorld) {
  const wanted = this.stimuli.map((stimulus) => sent(this, stimulus));
  this.fail(judgeUnchanged(wanted, await this.outputs(), this.hello));
  await this.turnPage();
});

Then('it is left as it was sent, or goes nowhere', async function (this: PrismWorld) {
  const frames = this.stimuli.map(({ frame }) => frame);
  this.fail(judgeUntouched(frames, await this.outputs(), this.hello));
  await this.turnPage();
});

Then(
  'it arrives as it was sent, or goes nowhere if the device is no bridge',
  async function (this: PrismWorld) {
    const isBridge = this.has('BRIDGE');
    const wanted = this.stimuli.map((stimulus) => sent(this, stimulus, !isBridge));
    const frames = this.stimuli.map(({ frame }) => frame);
    const outputs = await this.outputs();
    this.fail(
      isBridge
        ? judgeUnchanged(wanted, outputs, this.hello)
        : judgeUntouched(frames, outputs, this.hello),
    );
    await this.turnPage();
  },
);

/** Adds one to the last octet: the checksums over it are wrong from then on. */
function damaged(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy[copy.length - 1] = ((copy.at(-1) ?? 0) + 1) & 0xff;
  return copy;
}

Then(
  'for any segment of another connection, right or damaged, not an octet changes',
  async function (this: PrismWorld) {
    const rule = ruleFor(
      keyOf(HOSTS.client),
      ownerOf(HOSTS['backend 1']),
      ...(this.has('SPLICE') ? [spliceDeltas(this)] : []),
    );
    const [client, owner] = [HOSTS.client, HOSTS['backend 1']];
    const port = client.port + 1;
    const ways: readonly (readonly [Host, Path])[] = [
      [client, { ...pathBetween(client, HOSTS.controller), source: { address: client.ipv4, port }, destination: rule.virtual }],
      [owner, { ...pathBetween(owner, client), source: rule.owner, destination: { address: client.ipv4, port } }],
    ];
    const one = fc.record({ way: fc.constantFrom(...ways), fields: segments(), damage: fc.boolean() });
    const many = fc.array(one, { minLength: 1, maxLength: SEGMENTS, size: 'max' });
    await forAny(this, many, BATCHES, async (values) => {
      await this.restartWith(rule);
      const stimuli = values.map(({ way: [host, path], fields, damage }) => {
        const frame = segment(path, { ...fields, payload: pattern(7) });
        return { ...unruled(host, damage ? damaged(frame) : frame), damage };
      });
      await this.inject(stimuli);
      // A bridge need not look at checksums, but one that does may drop what is damaged.
      const wanted = stimuli.map((stimulus) => sent(this, stimulus, stimulus.damage));
      this.fail(judgeUnchanged(wanted, await this.outputs(), this.hello));
    });
  },
);

/** An ARP message from `from`, padded as a network card does. RFC 826. */
function arpFrame(
  from: Host,
  destination: string,
  { operation, senderIp, targetIp, targetMac }: Message,
): Uint8Array {
  const sender = { senderMac: from.mac, senderIp };
  return build([
    ether({ src: from.mac, dst: destination }),
    arp({ operation, ...sender, targetMac: targetMac ?? '00:00:00:00:00:00', targetIp }),
    padding(new Uint8Array(18)),
  ]);
}

interface Message {
  readonly operation: 1 | 2;
  readonly senderIp: string;
  readonly targetIp: string;
  readonly targetMac?: string;
}

/** The IPv4 address that a scenario speaks of. */
function addressByWords(words: string): string {
  if (words === 'the virtual address') return HOSTS.controller.ipv4;
  if (words === 'the second virtual address') return OTHER_VIRTUAL.address;
  const host = Object.values(HOSTS).find(({ name }) => `the address of ${words}`.endsWith(name));
  if (host === undefined) throw new Error(`nobody has ${words}`);
  return host.ipv4;
}

When(
  /^(.*) asks by ARP who has (.*)$/u,
  async function (this: PrismWorld, asker: string, words: string) {
    const from = hostCalled(asker);
    const message = { operation: 1, senderIp: from.ipv4, targetIp: addressByWords(words) } as const;
    await this.inject([unruled(from, arpFrame(from, BROADCAST, message))]);
  },
);
