/**
 * Steps that ask by segments what state a connection is in: owned, locked, or without a rule.
 *
 * What was sent and seen before is done with: frames that a lock held may leave in between.
 */
import { Then } from '@cucumber/cucumber';
import type { Rule } from '../../conformance/driver/device.ts';
import type { Expectation, Stimulus } from '../../conformance/observe/delivery.ts';
import type { Direction } from '../../conformance/observe/translate.ts';
import { pattern, segment, type Path } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { twinOf, twinOwnerPath, twinPath, type Twin } from '../support/twins.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

/** A frame of `path` that no other step sends. */
function probe(world: PrismWorld, path: Path): Uint8Array {
  return segment(path, {
    seq: 0x10000 + world.journal.frames(),
    flags: 'PA',
    payload: pattern(12),
  });
}

/** The rule that the scenario speaks of, or one that could be added for the client's connection. */
export function connectionOf(world: PrismWorld): Rule {
  return world.rule ?? ruleFor(keyOf(HOSTS.client), ownerOf(HOSTS['backend 1']));
}

/** The rule of `world`, as it is when `host` owns the connection. */
export function ownedBy(world: PrismWorld, host: Host): Rule {
  const rule = connectionOf(world);
  return rule.owner.mac === host.mac ? rule : { ...rule, owner: ownerOf(host) };
}

/** Unchanged at `host`; a device that does not bridge may also drop it. */
export function asSent(world: PrismWorld, host: Host, frame: Uint8Array): Expectation {
  const leeway = { ttl: world.hello.profile.ttl, bridged: true } as const;
  return { kind: 'frame', at: host.role, frame, leeway, optional: !world.has('BRIDGE') };
}

/** Nothing, or what the device declares to punt. */
export function blocked(world: PrismWorld, frame: Uint8Array): Expectation {
  const { profile, ports } = world.hello;
  if (profile.lock !== 'punt' || ports.punt === undefined) return { kind: 'nothing' };
  const leeway = { ttl: 'unchanged', bridged: true } as const;
  return { kind: 'frame', at: 'punt', frame, leeway, optional: true };
}

/** A segment of the client under `rule`. */
export function clientStimulus(
  world: PrismWorld,
  rule: Rule,
  expect: (frame: Uint8Array, direction: Direction) => Expectation,
): Stimulus {
  const { host, key } = { ...twinOf(rule), host: world.clientHost(rule) };
  const frame = probe(world, twinPath({ host, key }));
  return { role: host.role, frame, expectation: expect(frame, 'client-to-owner') };
}

/** A segment of the client and one of the owner, with what is expected of each. */
function both(
  world: PrismWorld,
  rule: Rule,
  expect: (frame: Uint8Array, direction: Direction) => Expectation,
): readonly Stimulus[] {
  const fromClient = clientStimulus(world, rule, expect);
  if (!world.has('REVERSE')) return [fromClient];
  const twin = { ...twinOf(rule), host: world.clientHost(rule) };
  const frame = probe(world, twinOwnerPath(twin, rule.owner));
  const expectation = expect(frame, 'owner-to-client');
  return [fromClient, { role: world.ownerHost(rule).role, frame, expectation }];
}

async function ask(world: PrismWorld, stimuli: readonly Stimulus[]): Promise<void> {
  // Frames that the lock held may have left since the last look.
  await world.observe();
  world.stimuli = [];
  await world.inject(stimuli);
  await world.expectNoFindings();
  await world.turnPage();
}

/** Fails unless segments of both directions pass as `rule` says. */
export async function expectOwned(world: PrismWorld, rule: Rule): Promise<void> {
  const pass = (frame: Uint8Array, way: Direction): Expectation =>
    world.expectation(frame, way, rule);
  await ask(world, both(world, rule, pass));
}

/** Fails unless segments of both directions, where the device claims so, are blocked. */
export async function expectLocked(world: PrismWorld, rule: Rule): Promise<void> {
  const stimuli = both(world, rule, (frame) => blocked(world, frame));
  await ask(world, world.has('LOCKBOTH') ? stimuli : stimuli.slice(0, 1));
}

/** Fails unless segments of client, controller and `backends` pass as if there were no rule. */
export async function expectUnruled(
  world: PrismWorld,
  rule: Rule,
  backends: readonly Host[] = [HOSTS['backend 1'], HOSTS['backend 2']],
): Promise<void> {
  const twin = { ...twinOf(rule), host: world.clientHost(rule) };
  const fromClient = clientStimulus(world, rule, (frame) => asSent(world, HOSTS.controller, frame));
  const senders = [
    { ...rule.virtual, mac: HOSTS.controller.mac },
    ...backends.map((each) => ownerOf(each)),
  ];
  const toClient = senders.map((owner): Stimulus => {
    const frame = probe(world, twinOwnerPath(twin, owner));
    const role = world.ownerHost({ ...rule, owner }).role;
    return { role, frame, expectation: asSent(world, twin.host, frame) };
  });
  await ask(world, [fromClient, ...toClient]);
}

function twinRule({ key }: Twin, host: Host = HOSTS['backend 1']): Rule {
  return ruleFor(key, ownerOf(host));
}

Then('the connection goes to {host}', async function (this: PrismWorld, host: Host) {
  await expectOwned(this, ownedBy(this, host));
});

Then('{twin} goes to {host}', async function (this: PrismWorld, twin: Twin, host: Host) {
  await expectOwned(this, twinRule(twin, host));
});

Then('the connection is locked', async function (this: PrismWorld) {
  await expectLocked(this, connectionOf(this));
});

Then(
  '{twin} is locked, owned by {host}',
  async function (this: PrismWorld, twin: Twin, host: Host) {
    await expectLocked(this, twinRule(twin, host));
  },
);

Then('the connection has no rule', async function (this: PrismWorld) {
  await expectUnruled(this, connectionOf(this));
});

Then('{twin} has no rule', async function (this: PrismWorld, twin: Twin) {
  // Where the twin has the same client endpoint, backends reach that by the connection's own rule.
  const alike = twin.key.client.port === HOSTS.client.port && twin.host === HOSTS.client;
  await expectUnruled(this, twinRule(twin), alike ? [] : undefined);
});
