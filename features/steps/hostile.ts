/** Steps about what a client must not see, and frames that no honest host sends. */
import { Then, When } from '@cucumber/cucumber';
import { build, ether, formatIpv4, icmpv4, ipv4, parse } from 'scapy-ts';
import type { Rule } from '../../conformance/driver/device.ts';
import { describeFrame } from '../../conformance/observe/delivery.ts';
import { bridgedRoles } from '../../conformance/observe/observer.ts';
import { fuzzed, seedFrames } from '../../conformance/traffic/fuzz.ts';
import { createRandom } from '../../conformance/traffic/random.ts';
import {
  clientPath,
  ownerPath,
  pattern,
  segment,
  segmentLayers,
} from '../../conformance/traffic/segment.ts';
import { HOSTS } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectNoRuleChange } from './listing.ts';

const { client, 'backend 1': backend } = HOSTS;
const NOTHING = { kind: 'nothing' } as const;

/** Packets of the owner that a device may find hard to translate. */
const HARD: Readonly<Record<string, (rule: Rule) => Uint8Array>> = {
  'a first fragment': (rule) =>
    segment(ownerPath(rule.owner, rule, client), {
      ipv4: { mf: 1, df: 0 },
      payload: pattern(36),
    }),
  'a last fragment': (rule) =>
    segment(ownerPath(rule.owner, rule, client), {
      ipv4: { fragmentOffset: 7, df: 0 },
      payload: pattern(36),
    }),
  "an ICMP error about the client's segment": (rule) => {
    const reached = { ...clientPath(rule, client), destination: rule.owner };
    const [, ...quote] = segmentLayers(reached, { payload: pattern(8) });
    return build([
      ether({ src: rule.owner.mac, dst: client.mac }),
      ipv4({ src: rule.owner.address, dst: rule.client.address }),
      icmpv4({ type: 3, code: 3 }),
      ...quote,
    ]);
  },
};

When(
  /^backend 1 sends (an? (?:first|last|ICMP) .*)$/u,
  async function (this: PrismWorld, words: string) {
    const make = HARD[words];
    if (make === undefined) throw new Error(`no packet is called ${words}`);
    await this.inject([{ role: backend.role, frame: make(this.theRule()), expectation: NOTHING }]);
  },
);

Then("no frame at the client shows a backend's address", async function (this: PrismWorld) {
  const addresses = [HOSTS['backend 1'], HOSTS['backend 2']].map((host) => host.ipv4);
  for (const { role, frame } of await this.outputs()) {
    if (role !== client.role) continue;
    const shown = parse(frame)
      .layers.flatMap((each) => (each.kind === 'ipv4' ? [each.src, each.dst] : []))
      .map(formatIpv4)
      .find((address) => addresses.includes(address));
    if (shown === undefined) continue;
    throw new Failure({
      expected: 'the virtual address alone',
      observed: `${shown} in ${describeFrame(frame)}`,
    });
  }
  await this.turnPage();
});

/** Frames of one injection. */
const BATCH = 2000;

async function fuzz(world: PrismWorld, count: number): Promise<void> {
  const { device } = world.session;
  const random = createRandom(world.session.seed);
  const seeds = seedFrames(world.theRule());
  const ports = bridgedRoles(world.hello).map((role) => world.hello.ports[role] ?? 0);
  for (let sent = 0; sent < count; sent += BATCH) {
    const frames = Array.from({ length: Math.min(BATCH, count - sent) }, () => ({
      port: ports[random.below(ports.length)] ?? 0,
      frame: fuzzed(seeds[random.below(seeds.length)] ?? new Uint8Array(0), random),
    }));
    await device.inject(frames);
    // What leaves is anyone's guess; it is taken away, so that no queue of the device is full.
    await device.collect();
  }
}

Then(
  '{int} damaged frames, times the effort of the run, change no rule',
  async function (this: PrismWorld, count: number) {
    const all = Math.ceil(count * this.session.effort);
    if (this.has('RULES')) await expectNoRuleChange(this, async () => fuzz(this, all));
    else await fuzz(this, all);
  },
);
