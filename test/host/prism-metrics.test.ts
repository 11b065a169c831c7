/** What a controller counts of its migrations. */
import test from 'ava';
import { ipv4Address } from 'scapy-ts';
import {
  createConnection,
  type Connection,
  type Phase,
} from '../../reference/controller/connection.ts';
import { createMeter } from '../../reference/host/prism/metrics.ts';

function connectionIn(phase: Phase): Connection {
  const key = {
    client: { address: ipv4Address('192.0.2.9'), port: 40_000 },
    virtual: { address: ipv4Address('192.0.2.1'), port: 80 },
  };
  return { ...createConnection(key, 1, true), phase };
}

type Step = Extract<Phase, { readonly kind: 'migrating' }>['step'];

function migrating(step: Step, from: string, to: string): Connection {
  return connectionIn({
    kind: 'migrating',
    step,
    epoch: 1,
    from,
    to,
    tries: 0,
    transfer: undefined,
    early: [],
  });
}

function away(owner: string): Connection {
  return connectionIn({ kind: 'away', owner, from: 'controller', epoch: 1 });
}

const NOW = { connections: 0, present: [] };

test('a hand-off is timed from the lock to the end, and each of its steps', (t) => {
  const meter = createMeter();
  meter.look('a', migrating('locking', 'controller', 'b1'), 100);
  meter.look('a', migrating('exporting', 'controller', 'b1'), 103);
  meter.look('a', migrating('exporting', 'controller', 'b1'), 104);
  meter.look('a', migrating('committing', 'controller', 'b1'), 110);
  meter.look('a', away('b1'), 115);
  const { migrations, handOff, steps } = meter.read(NOW);
  t.deepEqual(migrations, { 'handed-off': 1, 'handed-back': 0, kept: 0, failed: 0 });
  t.deepEqual(handOff, { count: 1, p50: 15, p99: 15 });
  t.deepEqual(
    [...steps].map(([step, { p50 }]) => [step, p50]),
    [
      ['locking', 3],
      ['exporting', 7],
      ['committing', 5],
    ],
  );
});

test('a migration ends at the next owner, here, where it was, or nowhere', (t) => {
  const meter = createMeter();
  const ends: readonly [Connection, Connection | undefined][] = [
    [migrating('moving', 'b1', 'b2'), away('b2')],
    [migrating('chowning', 'b1', 'controller'), connectionIn({ kind: 'reading' })],
    [migrating('unlocking', 'b1', 'b2'), away('b1')],
    [migrating('unlocking', 'controller', 'b2'), connectionIn({ kind: 'reading' })],
    [
      migrating('moving', 'b1', 'b2'),
      connectionIn({ kind: 'deleting', tries: 0, remains: undefined, holder: undefined }),
    ],
    [migrating('locking', 'b1', 'b2'), undefined],
  ];
  for (const [during, after] of ends) {
    meter.look('a', during, 1);
    meter.look('a', after, 2);
    meter.look('a', after, 3);
  }
  const { migrations } = meter.read(NOW);
  t.deepEqual(migrations, { 'handed-off': 1, 'handed-back': 1, kept: 2, failed: 2 });
});

test('connections are timed each for itself', (t) => {
  const meter = createMeter();
  for (let number = 1; number <= 100; number += 1) {
    meter.look(`${number}`, migrating('moving', 'b1', 'b2'), 0);
  }
  for (let number = 1; number <= 100; number += 1) meter.look(`${number}`, away('b2'), number);
  t.deepEqual(meter.read(NOW).handOff, { count: 100, p50: 51, p99: 100 });
});
