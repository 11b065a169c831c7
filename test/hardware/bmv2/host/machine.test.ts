/** `prism.p4` on the model takes the reference switch's own events, and answers as that does. */
import test from 'ava';
import { build, ether } from 'scapy-ts';
import { createMachine, type Step } from '../../../../hardware/bmv2/host/machine.ts';
import { portsOf } from '../../../../hardware/bmv2/host/ports.ts';
import { PRISM_JSON, readProgram } from '../../../../hardware/bmv2/program.ts';
import type { Command, Reply } from '../../../../reference/control/command.ts';
import type { Effect } from '../../../../reference/switch/switch.ts';
import {
  AT,
  BACKEND,
  bedWith,
  CLIENT,
  HANDOFF,
  KEY,
  OTHER,
  segment,
  VIRTUAL,
  withDeltas,
} from '../../../reference/bed.ts';

const PROGRAM = readProgram(PRISM_JSON);
const SIDEBAND = Uint8Array.of(1, 2, 3);
const LEASE_MS = 10_000;
/** RFC 5382 REQ-5. */
const IDLE_MS = 7_440_000;
const SPLICE = withDeltas({ clientSeq: 0x89abcdef, ownerSeq: 0x7654fedc });

/** All hosts of the bed have been heard. */
function machine(capacity: number = 16): Step {
  const step = createMachine(PROGRAM, [0, 1, 2, 3], { capacity, lockLeaseMs: LEASE_MS });
  tick(step, 0);
  for (const { at, mac: src } of [CLIENT, VIRTUAL, BACKEND, OTHER]) {
    step({ kind: 'frame', port: at, octets: build([ether({ src, dst: src })]) });
  }
  return step;
}

function tick(step: Step, ms: number): readonly string[] {
  const effects = step({ kind: 'tick', nowNs: BigInt(ms) * 1_000_000n });
  return effects.flatMap((effect) => (effect.kind === 'expired' ? [effect.reason] : []));
}

function tell(step: Step, command: Command): Reply {
  const [effect, ...more] = step({ kind: 'command', command });
  if (effect?.kind !== 'reply' || more.length > 0) throw new Error('not one reply');
  return effect.reply;
}

function out(effects: readonly Effect[]): readonly unknown[] {
  return effects.map((effect) =>
    effect.kind === 'emit' ? [effect.port, Buffer.from(effect.octets), effect.sideband] : effect,
  );
}

test('a frame leaves as the pure switch would send it, beside it what came beside it', (t) => {
  const step = machine();
  t.true(tell(step, { op: 'add', rule: SPLICE, epoch: 1 }).ok);
  const pure = bedWith(SPLICE);
  for (const [from, frame] of [
    [CLIENT, segment(CLIENT, VIRTUAL, { seq: 7, ack: 9, flags: 'A' })],
    [BACKEND, segment(BACKEND, CLIENT, { seq: 7, ack: 9, flags: 'A' })],
    [CLIENT, segment(CLIENT, OTHER)],
    [OTHER, [ether({ src: OTHER.mac, dst: 'ff:ff:ff:ff:ff:ff' })]],
  ] as const) {
    const octets = build([...frame]);
    const event = { kind: 'frame', port: from.at, octets } as const;
    const wanted = pure.send(octets, from).map((each) => [each.port, Buffer.from(each.octets)]);
    t.true(wanted.length > 0);
    t.deepEqual(
      out(step({ ...event, sideband: SIDEBAND })),
      wanted.map((each) => [...each, SIDEBAND]),
    );
    t.deepEqual(
      out(step(event)),
      wanted.map((each) => [...each, undefined]),
    );
  }
});

test('PRISM-RULE-24 a rule tells its frames and octets', (t) => {
  const step = machine();
  tell(step, { op: 'add', rule: HANDOFF, epoch: 1 });
  const octets = build(segment(CLIENT, VIRTUAL));
  for (let count = 0; count < 3; count += 1) step({ kind: 'frame', port: AT.client, octets });
  const reply = tell(step, { op: 'get' });
  const [status] = reply.ok ? reply.rules : [];
  t.deepEqual(status?.fromClient, { packets: 3, octets: 3 * octets.length });
  t.deepEqual(status?.fromOwner, { packets: 0, octets: 0 });
});

test('PRISM-RULE-23 the lease of a lock ends the rule, and its flow is bridged', (t) => {
  const step = machine();
  tell(step, { op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
  const event = {
    kind: 'frame',
    port: AT.client,
    octets: build(segment(CLIENT, VIRTUAL)),
  } as const;
  t.deepEqual(tick(step, LEASE_MS - 1), []);
  t.deepEqual(step(event), []);
  t.deepEqual(tick(step, LEASE_MS), ['lease']);
  t.deepEqual(out(step(event)), [[AT.controller, Buffer.from(event.octets), undefined]]);
});

test('PRISM-RULE-20 a rule ages from the last frame that used it', (t) => {
  const step = machine();
  tell(step, { op: 'add', rule: HANDOFF, epoch: 1 });
  t.deepEqual(tick(step, 5000), []);
  step({ kind: 'frame', port: AT.client, octets: build(segment(CLIENT, VIRTUAL)) });
  t.deepEqual(tick(step, IDLE_MS + 5000), []);
  t.deepEqual(tick(step, IDLE_MS + 5001), ['idle']);
});

test('a rule for which there is no room is refused', (t) => {
  const step = machine(1);
  tell(step, { op: 'add', rule: HANDOFF, epoch: 1 });
  const key = { ...KEY, client: { ...KEY.client, port: 40_001 } };
  t.like(tell(step, { op: 'add', rule: { ...HANDOFF, key }, epoch: 1 }), { error: 'full' });
});

test('devices go round the ports that are the own ones of prism.p4', (t) => {
  const names = Array.from({ length: 7 }, (_, at) => `to-${at}`);
  t.deepEqual(
    [...portsOf(names)],
    [0, 1, 2, 3, 4, 8, 9].map((port, at) => [port, `to-${at}`]),
  );
});
