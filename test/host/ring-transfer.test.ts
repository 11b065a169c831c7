/** Real TCP through the ring switch: what is written at one end is read at the other. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { adoptConnection } from '../../reference/host/connection.ts';
import type { Deltas, Rule } from '../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import { oracle } from '../oracle.ts';
import { isKernelOurs } from './bed.ts';
import type { RingBed, RingBedOptions } from './ring-bed.ts';
import { accept, counter, dialRing, raiseRingBed, ruleOf } from './ring-bed.ts';

const MAIN = fileURLToPath(new URL('../../reference/host/ring/ring-main.ts', import.meta.url));
const REGISTER = `--import=${new URL('../../tools/register.mjs', import.meta.url).href}`;
const OCTETS = 20 << 20;
const LIMIT_MS = 60_000;

/** All wrap within the transfer. */
const SPLICE: Deltas = {
  ...NO_DELTAS,
  clientSeq: 0x9abc_def0,
  ownerSeq: 0x7654_3211,
  clientTimestamp: 0xffff_f000,
  ownerTimestamp: 77,
};

async function digest(from: Socket): Promise<string> {
  const hash = createHash('sha256');
  from.on('data', (octets) => hash.update(octets));
  await once(from, 'end');
  return hash.digest('hex');
}

/** Sends `OCTETS` each way and closes; nothing may be lost, damaged, or seen as wrong. */
async function transfer(
  t: ExecutionContext,
  bed: RingBed,
  rule: Rule,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const { client, owner } = dialRing(bed, rule);
  const ends = [adoptConnection(client), adoptConnection(owner)];
  const octets = randomBytes(OCTETS);
  const sha256 = createHash('sha256').update(octets).digest('hex');
  const digests = ends.map(digest);
  for (const socket of ends) socket.end(octets);
  await meanwhile();
  t.deepEqual(await Promise.all(digests), [sha256, sha256]);
  for (const host of ['client', 'a']) t.is(counter(bed.lab, host, 'Tcp', 'InCsumErrors'), 0);
}

async function withBed(
  t: ExecutionContext,
  name: string,
  options: RingBedOptions,
  work: (bed: RingBed) => Promise<void>,
): Promise<void> {
  t.timeout(LIMIT_MS);
  if (!isKernelOurs(t)) return;
  const bed = await raiseRingBed(name, options);
  try {
    await work(bed);
  } finally {
    bed.down();
  }
}

for (const lock of ['drop', 'hold'] as const) {
  test.serial(`20 MiB each way, HANDOFF and SPLICE, frames of up to 64 KiB, ${lock}`, async (t) => {
    await withBed(t, `ring-${lock}`, { lock }, async (bed) => {
      await transfer(t, bed, ruleOf(40_000));
      await transfer(t, bed, ruleOf(40_001, SPLICE));
      const got = accept(bed.control.execute({ op: 'get' }));
      for (const { fromClient, fromOwner } of got.ok ? got.rules : []) {
        t.true(fromClient.octets > OCTETS);
        t.true(fromOwner.octets > OCTETS);
        // Fewer frames than segments: the kernel's frames were not cut.
        t.true(fromClient.packets < OCTETS / 1460, `${fromClient.packets} packets`);
      }
      t.is(bed.complaints(), '');
    });
  });
}

test.serial('20 MiB each way where every frame is as on a wire', async (t) => {
  await withBed(t, 'ring-wire', { hasOffloads: false }, async (bed) => {
    await transfer(t, bed, ruleOf(40_000, SPLICE));
  });
});

test.serial(
  'a switch that takes the place of a killed one and knows its rules goes on',
  async (t) => {
    await withBed(t, 'ring-kill', {}, async (bed) => {
      const rule = ruleOf(40_000, SPLICE);
      await transfer(t, bed, rule, async () => {
        for (let round = 0; round < 2; round += 1) {
          await sleep(10);
          await bed.restart([rule]);
        }
      });
      const got = accept(bed.control.execute({ op: 'get' }));
      // It was not over before.
      t.true(got.ok && (got.rules[0]?.fromClient.octets ?? 0) > 1_000_000);
    });
  },
);

test.serial('PRISM-RULE-23 the lease of a lock ends in time', async (t) => {
  await withBed(t, 'ring-lease', { lockLeaseMs: 300 }, async ({ control }) => {
    const { key } = ruleOf(40_000);
    accept(control.execute({ op: 'add', rule: { ...ruleOf(40_000), locked: true }, epoch: 1 }));
    const before = accept(control.execute({ op: 'get' }));
    t.true(before.ok && (before.rules[0]?.leaseLeftMs ?? 0) > 200);
    await sleep(500);
    t.deepEqual(control.execute({ op: 'get' }), { ok: true, op: 'get', rules: [] });
    t.like(control.execute({ op: 'unlock', key, epoch: 1 }), { ok: false, error: 'unknown' });
  });
});

test.serial('root of a user namespace may run a switch there', async (t) => {
  t.timeout(LIMIT_MS);
  if (!isKernelOurs(t) || !oracle(t, 'unshare')) return;
  const links = ['x', 'y'].map((name) => `ip link add ${name}0 up type veth peer name ${name}1`);
  const run = `exec "$0" "$@" '{"devices": ["x0", "y0"], "slots": 16}' < /dev/null`;
  const words = ['-Urn', 'sh', '-ec', [...links, run].join('; '), process.execPath];
  const child = spawn('unshare', [...words, REGISTER, MAIN], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const said: unknown[] = await Promise.race([
      once(child.stdout, 'data'),
      once(child.stderr, 'data'),
    ]);
    t.is(String(said[0]), 'ready\n');
  } finally {
    child.kill('SIGKILL');
  }
});
