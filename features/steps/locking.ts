/** Steps about locks: what leaves while one is set, and what leaves when it ends. */
import { Given, Then, When } from '@cucumber/cucumber';
import { NotSupported, type PortRole } from '../../conformance/driver/device.ts';
import { compareFrames } from '../../conformance/observe/compare.ts';
import {
  describeFrame,
  type Expectation,
  type Output,
} from '../../conformance/observe/delivery.ts';
import { segments } from '../../conformance/traffic/arbitrary.ts';
import { ownerPath, pattern, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { forAny } from '../support/properties.ts';
import { twinOf, twinPath } from '../support/twins.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import fc from 'fast-check';
import { asSent, blocked, clientStimulus, connectionOf, ownedBy } from './state.ts';

/** Where a connection may have an owner. */
const OWNER_ROLES: readonly PortRole[] = ['controller', 'backend0', 'backend1'];

/** Fails when one of `outputs` is at one of `roles`. */
function expectNoneAt(roles: readonly PortRole[], outputs: readonly Output[]): void {
  const found = outputs.find(({ role }) => roles.includes(role));
  if (found === undefined) return;
  throw new Failure({
    expected: `no frame at ${roles.join(', ')}`,
    observed: `${describeFrame(found.frame)} at ${found.role}`,
  });
}

Then('no owner receives anything', async function (this: PrismWorld) {
  expectNoneAt(OWNER_ROLES, await this.outputs());
  await this.turnPage();
});

Then('nothing reaches {host}', async function (this: PrismWorld, host: Host) {
  expectNoneAt([host.role], await this.outputs());
  await this.turnPage();
});

/** What the device declares of a client's frame while its rule is locked. */
function declared(world: PrismWorld, frame: Uint8Array): Expectation {
  const expectation = blocked(world, frame);
  return expectation.kind === 'frame' ? { ...expectation, optional: false } : expectation;
}

Then('it is dropped, held or punted, as the device declares', async function (this: PrismWorld) {
  await this.expectEither(({ frame }) => declared(this, frame));
  await this.turnPage();
});

/** How many locked rules are tried, and how many segments under each. */
const RULES = 8;
const SEGMENTS = 30;

Then(
  'for any segments of the client while locked, no owner receives one',
  async function (this: PrismWorld) {
    const sent = fc.array(segments(), { minLength: 1, maxLength: SEGMENTS, size: 'max' });
    const rule = ruleFor(keyOf(HOSTS.client), ownerOf(HOSTS['backend 1']));
    const path = twinPath(twinOf(rule));
    await forAny(this, sent, RULES, async (all) => {
      await this.restartWith({ ...rule, locked: true });
      const frames = all.map((fields) => segment(path, fields));
      await this.inject(
        frames.map((frame) => {
          return { role: HOSTS.client.role, frame, expectation: blocked(this, frame) };
        }),
      );
      await this.expectNoFindings();
    });
  },
);

Then(
  'for any segments of the owner while locked, the client receives none',
  async function (this: PrismWorld) {
    const sent = fc.array(segments(), { minLength: 1, maxLength: SEGMENTS, size: 'max' });
    const owner = HOSTS['backend 1'];
    const rule = ruleFor(keyOf(HOSTS.client), ownerOf(owner));
    const path = ownerPath(rule.owner, rule, HOSTS.client);
    await forAny(this, sent, RULES, async (all) => {
      await this.restartWith({ ...rule, locked: true });
      const expectation = { kind: 'nothing' } as const;
      const frames = all.map((fields) => segment(path, fields));
      await this.inject(frames.map((frame) => ({ role: owner.role, frame, expectation })));
      expectNoneAt([HOSTS.client.role], await this.outputs());
    });
  },
);

Then(
  'the connection is no longer locked: it goes to {host}, or it has no rule',
  async function (this: PrismWorld, host: Host) {
    const rule = ownedBy(this, host);
    await this.observe();
    this.stimuli = [];
    await this.inject([
      clientStimulus(this, rule, (frame, way) => this.expectation(frame, way, rule)),
    ]);
    await this.expectEither(
      ({ expectation }) => expectation,
      ({ frame }) => asSent(this, HOSTS.controller, frame),
    );
    await this.turnPage();
  },
);

Given('a device that holds what it locks', function (this: PrismWorld) {
  const { lock, holdFrames } = this.hello.profile;
  if (lock !== 'hold' || holdFrames < 1) throw new NotSupported('a lock that holds');
});

/** The numbered segments that a scenario has sent, in order. */
const numbered = new WeakMap<PrismWorld, readonly Uint8Array[]>();

/** Sends `count` segments of the client that follow each other as those of one transfer do. */
async function sendNumbered(world: PrismWorld, count: number): Promise<void> {
  const before = numbered.get(world) ?? [];
  const path = twinPath(twinOf(connectionOf(world)));
  const frames = Array.from({ length: count }, (_, index) =>
    segment(path, { seq: 1000 + (before.length + index) * 20, flags: 'A', payload: pattern(20) }),
  );
  numbered.set(world, [...before, ...frames]);
  const expectation = { kind: 'nothing' } as const;
  await world.inject(frames.map((frame) => ({ role: HOSTS.client.role, frame, expectation })));
}

When(
  /^the client sends (\d+) (?:more )?numbered segments?$/u,
  async function (this: PrismWorld, count: string) {
    await sendNumbered(this, Number(count));
  },
);

When(
  /^the client sends (\d+) (?:more )?numbered segments, if so many are held$/u,
  async function (this: PrismWorld, count: string) {
    const room = this.hello.profile.holdFrames - (numbered.get(this)?.length ?? 0);
    await sendNumbered(this, Math.min(Number(count), room));
  },
);

/** How many segments more than a device holds are sent to it. */
const EXCESS = 20;

When(
  'the client sends more numbered segments than the device holds',
  async function (this: PrismWorld) {
    await sendNumbered(this, this.hello.profile.holdFrames + EXCESS);
  },
);

/**
 * The places, among the numbered segments, of those that left; all must be at `host`, in order,
 * each once, and translated for `host` as the rule stands.
 */
async function placesAt(world: PrismWorld, host: Host): Promise<readonly number[]> {
  // A command may have set frames free after the last look.
  world.observation = undefined;
  const rule = ownedBy(world, host);
  const leeway = { ttl: world.hello.profile.ttl };
  const outputs = await world.outputs();
  await world.turnPage();
  const wanted = (numbered.get(world) ?? []).map((frame) => {
    const expectation = world.expectation(frame, 'client-to-owner', rule);
    return expectation.kind === 'frame' ? expectation.frame : frame;
  });
  let next = 0;
  return outputs.map(({ role, frame }) => {
    const found = wanted.findIndex(
      (want, at) => at >= next && compareFrames(want, frame, leeway).length === 0,
    );
    if (role !== host.role || found < 0) {
      throw new Failure({
        expected: `segments in order, each once, as the rule says, at ${host.name}`,
        observed: `${describeFrame(frame)} at ${role}, after ${next} segments`,
      });
    }
    next = found + 1;
    return found;
  });
}

function expectCount(observed: readonly number[], count: number): void {
  if (observed.length === count) return;
  throw new Failure({ expected: `${count} segments`, observed: `${observed.length} segments` });
}

Then(
  'all numbered segments leave once, in order, at {host}',
  async function (this: PrismWorld, host: Host) {
    expectCount(await placesAt(this, host), (numbered.get(this) ?? []).length);
    numbered.delete(this);
  },
);

// Which of them were dropped, the oldest or the newest, is the device's choice.
Then(
  'as many numbered segments leave as the device holds, once and in order, at {host}',
  async function (this: PrismWorld, host: Host) {
    expectCount(await placesAt(this, host), this.hello.profile.holdFrames);
    numbered.delete(this);
  },
);
