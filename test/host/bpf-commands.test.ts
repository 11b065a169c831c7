/** Sequences of commands: the kernel follows the pure switch, command by command. */
import test from 'ava';
import fc from 'fast-check';
import { build, icmpv4, ipv4 } from 'scapy-ts';
import type { Command } from '../../reference/control/command.ts';
import { openDataPath } from '../../reference/host/bpf/datapath.ts';
import { createSlots, waitForPrograms } from '../../reference/host/bpf/slots.ts';
import type { Host } from '../reference/bed.ts';
import {
  BACKEND,
  CLIENT,
  HANDOFF,
  KEY,
  OTHER,
  ownerOf,
  segment,
  VIRTUAL,
  withDeltas,
} from '../reference/bed.ts';
import { AT_CLIENT, AT_OWNER, errorFrame, whole } from '../reference/icmp-error.ts';
import { runs } from '../runs.ts';
import type { Outcome, Twins } from './bpf-bed.ts';
import { createTwins, isBpfOurs, runOnce } from './bpf-bed.ts';

const NS_PER_MS = 1_000_000n;
const CLIENTS = [CLIENT, { ...CLIENT, port: 40001 }];
const VIRTUALS = [VIRTUAL, { ...VIRTUAL, port: 81 }];
const OWNERS = [BACKEND, OTHER, VIRTUAL];

/** Every segment that one of the hosts can send. */
const FRAMES = CLIENTS.flatMap((client) => [
  ...VIRTUALS.map((virtual) => build(segment(client, virtual))),
  ...[...OWNERS, ...VIRTUALS].map((from) => build(segment(from, client))),
]);

const end = ({ address, port }: Host): typeof KEY.client => ({ address, port });

const order: fc.Arbitrary<Command> = fc
  .record({
    op: fc.constantFrom('add', 'add', 'lock', 'unlock', 'chown', 'chown', 'delete', 'get'),
    client: fc.constantFrom(...CLIENTS),
    virtual: fc.constantFrom(...VIRTUALS),
    owner: fc.constantFrom(...OWNERS),
    clientSeq: fc.constantFrom(0, 5, 0xffffffff),
    flag: fc.boolean(),
    epoch: fc.nat(5),
  })
  .map(({ op, client, virtual, owner, clientSeq, flag, epoch }): Command => {
    const key = { client: end(client), virtual: end(virtual) };
    const { deltas } = withDeltas({ clientSeq });
    if (op === 'get') return { op };
    if (op === 'add') {
      return { op, rule: { key, owner: ownerOf(owner), deltas, locked: flag }, epoch };
    }
    if (op === 'chown') return { op, key, owner: ownerOf(owner), deltas, unlock: flag, epoch };
    return { op: op === 'lock' || op === 'unlock' ? op : 'delete', key, epoch };
  });

function asText(outcome: Outcome): string {
  return typeof outcome === 'string' ? outcome : Buffer.from(outcome).toString('hex');
}

test('after each of many commands every segment ends where the model says', (t) => {
  if (!isBpfOurs(t)) return;
  fc.assert(
    fc.property(fc.array(order, { minLength: 1, maxLength: 30 }), (orders) => {
      const twins = createTwins({ capacity: 3 });
      try {
        for (const command of orders) {
          twins.tell(t, command);
          for (const frame of FRAMES) t.is(asText(twins.run(frame)), asText(twins.expect(frame)));
        }
        twins.tell(t, { op: 'get' });
      } finally {
        twins.path.close();
      }
    }),
    runs(40),
  );
});

function twinsWith(t: Parameters<Twins['tell']>[0], locked = false): Twins {
  const twins = createTwins({ idleTimeoutMs: 1000, lockLeaseMs: 100 });
  t.true(twins.tell(t, { op: 'add', rule: { ...HANDOFF, locked }, epoch: 1 }).ok);
  return twins;
}

test('a lock ends with its lease, and the rule with it', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t, true);
  const frame = build(segment(CLIENT, VIRTUAL));
  t.deepEqual(twins.tick(99n * NS_PER_MS), []);
  t.is(twins.run(frame), 'drop');
  t.is(twins.path.drops().locked, 1);
  t.deepEqual(twins.tick(100n * NS_PER_MS), ['expired']);
  t.deepEqual(twins.run(frame), frame);
  twins.path.close();
});

test('a rule that frames use does not become idle, one that they do not use does', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  const frame = build(segment(BACKEND, CLIENT));
  for (let ms = 900n; ms < 5000n; ms += 900n) {
    t.not(twins.run(frame), 'drop');
    t.deepEqual(twins.tick(ms * NS_PER_MS), []);
  }
  t.deepEqual(twins.tick(5501n * NS_PER_MS), ['expired']);
  twins.path.close();
});

test('ICMP errors about a ruled flow are dropped, others pass as they are', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  for (const side of [AT_CLIENT, AT_OWNER]) {
    t.is(twins.run(errorFrame(side, whole(side, { seq: 7 }))), 'drop');
    const echo = errorFrame(side, whole(side, { seq: 7 }), icmpv4({ type: 8 }));
    t.deepEqual(twins.run(echo), echo);
    const other = { ...side, from: { ...side.from, port: 9 } };
    const foreign = errorFrame(other, whole(other, { seq: 7 }));
    t.deepEqual(twins.run(foreign), foreign);
  }
  t.is(twins.path.drops().incapable, 2);
  twins.path.close();
});

test('fragments between the hosts of a rule are dropped, first and later ones', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  const [link, , header, payload] = segment(CLIENT, VIRTUAL);
  if (link === undefined || header === undefined || payload === undefined) throw new Error('frame');
  for (const fields of [{ mf: 1 as const }, { fragmentOffset: 64 }]) {
    const fragment = (src: typeof CLIENT.address): Uint8Array =>
      build([link, ipv4({ src, dst: VIRTUAL.address, ...fields }), header, payload]);
    t.is(twins.run(fragment(CLIENT.address)), 'drop');
    const foreign = fragment(OTHER.address);
    t.deepEqual(twins.run(foreign), foreign);
  }
  t.is(twins.path.drops().opaque, 2);
  twins.path.close();
});

test('rules beyond its capacity are refused', (t) => {
  if (!isBpfOurs(t)) return;
  const path = openDataPath({ capacity: 1 });
  t.like(path.execute({ op: 'add', rule: HANDOFF, epoch: 1 }), { ok: true });
  const second = { ...HANDOFF, key: { ...KEY, client: { ...KEY.client, port: 9 } } };
  t.like(path.execute({ op: 'add', rule: second, epoch: 1 }), { error: 'full' });
  path.close();
  t.throws(() => path.execute({ op: 'get' }), { message: /closed/u });
});

test('owners without end: there is always a record left', (t) => {
  if (!isBpfOurs(t)) return;
  const path = openDataPath({ capacity: 1 });
  path.execute({ op: 'add', rule: HANDOFF, epoch: 1 });
  const owners = [ownerOf(BACKEND), ownerOf(OTHER)];
  for (let round = 0; round < 20_000; round += 1) {
    const owner = owners[round % 2] ?? ownerOf(OTHER);
    const reply = path.execute({ op: 'chown', key: KEY, owner, unlock: true, epoch: 1 });
    if (!reply.ok) t.fail(reply.detail);
  }
  const frame = build(segment(OTHER, CLIENT));
  t.deepEqual(runOnce(path, frame), build(segment({ ...VIRTUAL, mac: OTHER.mac }, CLIENT)));
  path.close();
});

test('a number is given out again only after a wait, and all that were retired at once', (t) => {
  let waits = 0;
  const slots = createSlots(3, () => (waits += 1));
  t.deepEqual([slots.take(), slots.take(), slots.take(), slots.take()], [0, 1, 2, undefined]);
  slots.retire(1);
  slots.retire(0);
  t.deepEqual([slots.take(), slots.take(), slots.take(), waits], [0, 1, undefined, 1]);
});

test('the kernel can be asked to wait for its programs', (t) => {
  if (isBpfOurs(t)) t.notThrows(waitForPrograms);
});
