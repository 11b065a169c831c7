/** What a controller counts of its migrations and splices. */
import test from 'ava';
import { ipv4Address, mac } from 'scapy-ts';
import { parseRequestHead } from '../../reference/http/request-head.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import {
  createConnection,
  type Connection,
  type Phase,
} from '../../reference/controller/connection.ts';
import { createProxying } from '../../reference/controller/proxy.ts';
import { createMeter, type SpliceStep } from '../../reference/host/prism/metrics.ts';

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

function proxying(maySplice: boolean): Extract<Phase, { readonly kind: 'proxying' }> {
  const head = parseRequestHead('GET / HTTP/1.1\r\nHost: x');
  if (!head.ok) throw new Error('no head');
  const decision = {
    pool: '0',
    backend: 'b3',
    ask: undefined,
    setCookie: undefined,
    isPassedOn: false,
  };
  return createProxying(head.value, decision, maySplice);
}

function splicing(step: SpliceStep): Connection {
  return connectionIn({
    kind: 'splicing',
    step,
    proxying: proxying(true),
    server: { address: ipv4Address('192.0.2.23'), port: 80, mac: mac('02:00:00:00:00:17') },
    tries: 0,
    local: undefined,
    serverSide: undefined,
    clientSide: undefined,
    deltas: NO_DELTAS,
  });
}

const SPLICED: Phase = { kind: 'spliced', owner: 'b3', sinceBeat: 1, packets: 0, seenBeat: 1 };

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
    [migrating('chowning', 'b1', 'controller'), splicing('binding')],
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
  t.deepEqual(migrations, { 'handed-off': 1, 'handed-back': 2, kept: 2, failed: 2 });
});

test('connections are timed each for itself', (t) => {
  const meter = createMeter();
  for (let number = 1; number <= 100; number += 1) {
    meter.look(`${number}`, migrating('moving', 'b1', 'b2'), 0);
  }
  for (let number = 1; number <= 100; number += 1) meter.look(`${number}`, away('b2'), number);
  t.deepEqual(meter.read(NOW).handOff, { count: 100, p50: 51, p99: 100 });
});

test('a splice is timed from the freeze to the end, and each of its steps before and after', (t) => {
  const meter = createMeter();
  meter.look('a', splicing('binding'), 100);
  meter.look('a', splicing('turning'), 101);
  meter.look('a', connectionIn(proxying(true)), 103);
  meter.look('a', connectionIn(proxying(false)), 140);
  meter.look('a', splicing('freezing'), 150);
  meter.look('a', splicing('locking'), 154);
  meter.look('a', splicing('uncovering'), 159);
  meter.look('a', connectionIn(SPLICED), 165);
  meter.look('a', connectionIn(SPLICED), 200);
  const { migrations, splices, splice, spliceSteps } = meter.read(NOW);
  t.deepEqual(splices, { spliced: 1, kept: 0, failed: 0 });
  t.deepEqual(splice, { count: 1, p50: 15, p99: 15 });
  t.deepEqual(
    [...spliceSteps].map(([step, { p50 }]) => [step, p50]),
    [
      ['binding', 1],
      ['turning', 2],
      ['freezing', 4],
      ['locking', 5],
      ['uncovering', 6],
    ],
  );
  t.deepEqual(Object.values(migrations), [0, 0, 0, 0]);
});

test('a splice ends at the server, at the controller, or with the connection', (t) => {
  const meter = createMeter();
  const ends: readonly [SpliceStep, Connection | undefined][] = [
    ['uncovering', connectionIn(SPLICED)],
    ['guarding', connectionIn(proxying(false))],
    ['unlocking', connectionIn(proxying(false))],
    ['binding', connectionIn({ kind: 'reading' })],
    ['freezing', connectionIn({ kind: 'closing' })],
    ['binding', migrating('locking', 'controller', 'b1')],
    ['joining', undefined],
    [
      'clearing',
      connectionIn({ kind: 'deleting', tries: 0, remains: undefined, holder: undefined }),
    ],
  ];
  for (const [step, after] of ends) {
    meter.look('a', splicing(step), 1);
    meter.look('a', after, 2);
    meter.look('a', connectionIn({ kind: 'reading' }), 3);
  }
  t.deepEqual(meter.read(NOW).splices, { spliced: 1, kept: 5, failed: 2 });
});
