/** The embedded reference as a device: what it claims, and that each claim can be taken away. */
import test from 'ava';
import { PRISM_CAPABILITIES, type Capability } from '../../../conformance/catalogue/capability.ts';
import type { Command, Rule } from '../../../conformance/driver/device.ts';
import { openInProcess, OPTIONAL } from '../../../conformance/drivers/in-process.ts';
import { judgeDelivery } from '../../../conformance/observe/delivery.ts';
import { atPorts, createObserver } from '../../../conformance/observe/observer.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { ruleWith, SPLICE, stimuliOf } from '../bed.ts';

const HANDOFF = ruleWith();

function without(capability: Capability): readonly Capability[] {
  return OPTIONAL.filter((each) => each !== capability);
}

test('everything is claimed but L3, which changes every frame, and TLS, which no switch has', async (t) => {
  const { capabilities } = await openInProcess().hello();
  t.deepEqual(
    PRISM_CAPABILITIES.filter((each) => !capabilities.includes(each)),
    ['L3', 'TLS'],
  );
});

for (const capability of OPTIONAL) {
  test(`${capability} can be taken away, and nothing goes with it`, async (t) => {
    const device = openInProcess({ claims: without(capability) });
    const { capabilities, profile } = await device.hello();
    t.false(capabilities.includes(capability));
    t.false(await device.claims(capability));
    for (const other of without(capability)) t.true(capabilities.includes(other), other);
    t.not(profile.lock, capability === 'HOLD' ? 'hold' : 'punt');
  });

  test(`without ${capability} a plain connection passes`, async (t) => {
    const device = openInProcess({ claims: without(capability) });
    const hello = await device.hello();
    const observer = createObserver(device, hello);
    await observer.observe();
    t.deepEqual(await device.command({ op: 'add', rule: HANDOFF, epoch: 1 }), { ok: true });
    const leeway = { ttl: hello.profile.ttl };
    const stimuli = stimuliOf(20, HANDOFF).map((each) => ({
      ...each,
      expectation:
        each.expectation.kind === 'nothing' ? each.expectation : { ...each.expectation, leeway },
    }));
    await device.inject(atPorts(hello, stimuli));
    const { outputs } = await observer.observe();
    t.is(outputs.length, 20);
    t.deepEqual(judgeDelivery(stimuli, outputs), []);
  });
}

test('a made-up capability is not claimed', async (t) => {
  t.false(await openInProcess().claims('CANARYX'));
  t.false(await openInProcess().claims('toString'));
});

for (const [inBand, way] of [
  [false, ''],
  [true, ', in band'],
] as const) {
  test(`rules come back as they were given, in both families${way}`, async (t) => {
    const device = openInProcess({ inBand });
    const v6: Rule = {
      ...SPLICE,
      ...keyOf(HOSTS['other client'], 6),
      owner: ownerOf(HOSTS['backend 2'], 6),
      locked: true,
    };
    await device.command({ op: 'add', rule: SPLICE, epoch: 1 });
    await device.command({ op: 'add', rule: v6, epoch: 7 });
    const rules = await device.rules();
    t.like(rules[0], { rule: SPLICE, epoch: 1, clientFrames: 0, ownerFrames: 0 });
    t.like(rules[1], { rule: v6, epoch: 7 });
    t.is(typeof rules[1]?.leaseMs, 'number');
    t.is(rules[0]?.leaseMs, undefined);
  });

  test(`a refused command says why${way}`, async (t) => {
    const device = openInProcess({ inBand });
    const { client, virtual } = SPLICE;
    const reply = await device.command({ op: 'lock', key: { client, virtual }, epoch: 1 });
    t.false(reply.ok);
    t.like(reply, { error: 'unknown', detail: 'the connection has no rule' });
  });

  test(`a long list comes whole${way}`, async (t) => {
    const device = openInProcess({ inBand });
    const rules = Array.from({ length: 35 }, (_, at) => ({
      ...HANDOFF,
      client: { ...HANDOFF.client, port: 1000 + at },
    }));
    for (const rule of rules) await device.command({ op: 'add', rule, epoch: 1 });
    t.deepEqual(
      (await device.rules()).map(({ rule }) => rule),
      rules,
    );
  });

  test(`what a command lets go leaves, and nothing else${way}`, async (t) => {
    const device = openInProcess({ lock: 'hold', inBand });
    const hello = await device.hello();
    const observer = createObserver(device, hello);
    await observer.observe();
    await device.command({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
    const stimuli = stimuliOf(2, HANDOFF);
    await device.inject(atPorts(hello, stimuli));
    const { client, virtual } = HANDOFF;
    await device.command({ op: 'unlock', key: { client, virtual }, epoch: 2 });
    const { frames } = await device.collect();
    t.deepEqual(
      frames.map(({ port }) => port),
      [hello.ports.backend0, hello.ports.backend0],
    );
  });
}

test('reset takes rules, learned addresses, time and waiting frames', async (t) => {
  const device = openInProcess();
  const hello = await device.hello();
  await device.command({ op: 'add', rule: SPLICE, epoch: 9 });
  await device.inject(atPorts(hello, stimuliOf(3)));
  await device.reset();
  t.deepEqual(await device.collect(), { frames: [], notices: [] });
  t.deepEqual(await device.rules(), []);
  t.deepEqual(await device.command({ op: 'add', rule: SPLICE, epoch: 1 }), { ok: true });
});

test('the suite may use its octets again after injecting them', async (t) => {
  const device = openInProcess({ lock: 'hold' });
  const hello = await device.hello();
  const observer = createObserver(device, hello);
  await observer.observe();
  await device.command({ op: 'add', rule: { ...SPLICE, locked: true }, epoch: 1 });
  const stimuli = stimuliOf(1);
  const scratch = stimuli.map(({ role, frame }) => ({ role, frame: frame.slice() }));
  await device.inject(atPorts(hello, scratch));
  for (const { frame } of scratch) frame.fill(0);
  t.deepEqual((await observer.observe()).outputs, []);
  const { client, virtual } = SPLICE;
  await device.command({ op: 'unlock', key: { client, virtual }, epoch: 2 });
  t.deepEqual(judgeDelivery(stimuli, (await observer.observe()).outputs), []);
});

test('time moves only when it is moved, and what expires is told', async (t) => {
  const device = openInProcess();
  const { profile } = await device.hello();
  const { client, virtual } = SPLICE;
  await device.command({ op: 'add', rule: SPLICE, epoch: 1 });
  await device.advance(profile.idleSeconds - 1);
  t.is((await device.rules()).length, 1);
  await device.advance(2);
  t.deepEqual(await device.rules(), []);
  t.deepEqual((await device.collect()).notices, [
    { kind: 'expired', key: { client, virtual }, reason: 'idle' },
  ]);
});

test('every command has a frame of its own', async (t) => {
  const device = openInProcess();
  const { client, virtual, owner, deltas } = SPLICE;
  const key = { client, virtual };
  const commands: readonly Command[] = [
    { op: 'add', rule: SPLICE, epoch: 1 },
    { op: 'lock', key, epoch: 1 },
    { op: 'unlock', key, epoch: 1 },
    { op: 'delete', key, epoch: 1 },
    { op: 'chown', key, owner, deltas, unlock: true, epoch: 1 },
    { op: 'chown', key, owner, deltas, unlock: false, epoch: 1 },
  ];
  const frames = await Promise.all(commands.map((command) => device.controlFrame(command)));
  t.is(new Set(frames.map((frame) => frame.join())).size, commands.length);
});
