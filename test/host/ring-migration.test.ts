/** Connections of this kernel migrate behind the ring switch, by the order that a Prism keeps. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { closeExported } from '../../reference/host/export.ts';
import { importConnection, probePeer } from '../../reference/host/import.ts';
import {
  MSG_DONTWAIT,
  poll,
  POLLIN,
  send,
  setOption,
  SO_SNDBUFFORCE,
} from '../../reference/host/socket.ts';
import type { ConnectionKey } from '../../reference/rules/rule.ts';
import { runs } from '../runs.ts';
import { hangUp, isKernelOurs } from './bed.ts';
import { exported } from './migrate.ts';
import type { OwnerName, RingBed, RingBedOptions } from './ring-bed.ts';
import { accept, counter, dialRing, endsAt, OWNERS, raiseRingBed, ruleOf } from './ring-bed.ts';
import type { Talker } from './talker.ts';
import { read, readAll, settle, talker, write } from './talker.ts';

const LIMIT_MS = 120_000;

/** A connection and its place in the switch. */
interface Line {
  readonly key: ConnectionKey;
  readonly client: Talker;
  readonly owner: Talker;
  at: OwnerName;
  epoch: number;
}

function openLine(bed: RingBed, port: number): Line {
  const rule = ruleOf(port);
  const { client, owner } = dialRing(bed, rule);
  return {
    key: rule.key,
    client: talker('client', client),
    owner: talker('owner', owner),
    at: 'a',
    epoch: 1,
  };
}

/** Lock, export, close, import, chown; `meanwhile` happens while nobody has the connection. */
function move({ lab, control }: RingBed, line: Line, meanwhile: () => void = () => {}): void {
  const { key } = line;
  line.epoch += 1;
  accept(control.execute({ op: 'lock', key, epoch: line.epoch }));
  const { ends, snapshot } = take(line);
  meanwhile();
  line.at = line.at === 'a' ? 'b' : 'a';
  const result = lab.inside(line.at, () => importConnection(endsAt(line.at, ends), snapshot));
  if (!result.ok) throw new Error(`not imported: ${JSON.stringify(result.error)}`);
  line.owner.fd = result.value;
  line.epoch += 1;
  const owner = OWNERS[line.at];
  accept(control.execute({ op: 'chown', key, owner, unlock: true, epoch: line.epoch }));
  // What the lock has swallowed of acknowledgments is said again.
  probePeer(line.owner.fd);
  if (snapshot.unsent.length > 0) send(line.owner.fd, snapshot.unsent, MSG_DONTWAIT);
}

function take({ owner }: Line): ReturnType<typeof exported> {
  const taken = exported(owner.fd);
  closeExported(taken);
  return taken;
}

async function withBed(
  t: ExecutionContext,
  name: string,
  options: RingBedOptions,
  work: (bed: RingBed) => void,
): Promise<void> {
  t.timeout(LIMIT_MS);
  if (!isKernelOurs(t)) return;
  const bed = await raiseRingBed(name, options);
  try {
    work(bed);
  } finally {
    bed.down();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const ROUNDS = 10;

/** Milliseconds from the unlock until what the client said while locked is there, of many times. */
function gaps(t: ExecutionContext, bed: RingBed): readonly number[] {
  const line = openLine(bed, 40_000);
  const found = Array.from({ length: ROUNDS }, () => {
    write(line.client, 1000);
    readAll(t, line.owner, line.client);
    settle(line.client.fd, line.owner.fd);
    move(bed, line, () => write(line.client, 1000));
    const start = performance.now();
    readAll(t, line.owner, line.client);
    return performance.now() - start;
  });
  hangUp(line.client.fd, line.owner.fd);
  return found;
}

test.serial(
  'PRISM-RULE-13 what a client says while locked costs no time-out with HOLD',
  async (t) => {
    const timeouts = (bed: RingBed): number => counter(bed.lab, 'client', 'TcpExt', 'TCPTimeouts');
    let held = 0;
    await withBed(t, 'ring-gap-hold', { lock: 'hold' }, (bed) => {
      held = median(gaps(t, bed));
      // A machine that is busy may let one pass.
      t.true(timeouts(bed) < ROUNDS / 4);
    });
    let dropped = 0;
    await withBed(t, 'ring-gap-drop', { lock: 'drop' }, (bed) => {
      dropped = median(gaps(t, bed));
      t.true(counter(bed.lab, 'client', 'Tcp', 'RetransSegs') >= ROUNDS / 2);
    });
    t.log(`median gap: held ${held.toFixed(1)} ms, dropped ${dropped.toFixed(1)} ms`);
    t.true(held < dropped / 4, `held ${held} ms, dropped ${dropped} ms`);
  },
);

test.serial(
  'PRISM-MIG-01 a client that does not stop sending loses nothing with HOLD',
  async (t) => {
    await withBed(t, 'ring-stream', { lock: 'hold' }, (bed) => {
      const line = openLine(bed, 40_000);
      // Its kernel goes on sending while this thread migrates the other end.
      setOption(line.client.fd, SO_SNDBUFFORCE, 16 << 20);
      write(line.client, 8 << 20);
      let migrations = 0;
      while (line.owner.read < line.client.written) {
        for (let round = 0; round < 3; round += 1) {
          poll(line.owner.fd, POLLIN, 100);
          read(t, line.owner, 100_000);
        }
        move(bed, line);
        migrations += 1;
      }
      t.true(migrations > 20, `${migrations} migrations`);
      // Nothing was lost; what a busy machine has made late may have been said again.
      t.true(counter(bed.lab, 'client', 'Tcp', 'RetransSegs') < migrations);
      t.is(bed.complaints(), '');
      hangUp(line.client.fd, line.owner.fd);
    });
  },
);

const CONNECTIONS = 20;

test.serial(
  'PRISM-MIG-01 connections migrate again and again, requests on their way',
  async (t) => {
    await withBed(t, 'ring-many', { lock: 'hold' }, (bed) => {
      const lines = Array.from({ length: CONNECTIONS }, (_, at) => openLine(bed, 40_000 + at));
      for (let round = 0; round < (runs(20).numRuns ?? 0); round += 1) {
        for (const line of lines) {
          write(line.client, 100);
          move(bed, line);
          readAll(t, line.owner, line.client);
          write(line.owner, 1000);
          readAll(t, line.client, line.owner);
        }
      }
      for (const { client, owner } of lines) hangUp(client.fd, owner.fd);
      t.is(bed.complaints(), '');
    });
  },
);
