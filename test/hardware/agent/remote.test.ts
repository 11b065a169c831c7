/** What a switch in another process is written, and in which order. */
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { createAgent } from '../../../hardware/agent/agent.ts';
import { openRemoteAgent, type RemoteAgent } from '../../../hardware/agent/remote.ts';
import { PRISM } from '../../../hardware/bmv2/agent/entries.ts';
import type { Update } from '../../../hardware/entry.ts';
import { HANDOFF, KEY } from '../../reference/bed.ts';

const LEASE_NS = 10_000_000_000n;
const ADD = { op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 } as const;

/** A switch whose writes end when the test says so. */
interface Slow {
  readonly agent: RemoteAgent;
  readonly written: (readonly Update[])[];
  /** Ends the write that is under way. */
  end(error?: Error): Promise<void>;
  nowNs: bigint;
  readonly idleMs: Map<number, number>;
  readonly idleAsked: (readonly number[])[];
}

function slow(): Slow {
  const limits = { capacity: 2, idleTimeoutMs: 60_000, lockLeaseMs: 10_000 };
  const written: (readonly Update[])[] = [];
  let ended: (error?: Error) => void = () => undefined;
  const tables = {
    write: (updates: readonly Update[]) =>
      new Promise<void>((resolve, reject) => {
        written.push(updates);
        ended = (error) => (error === undefined ? resolve() : reject(error));
      }),
    readCounter: async (name: string) => ({
      packets: name.endsWith('from_client') ? 3 : 5,
      octets: 100,
    }),
    readIdleMs: async (indices: readonly number[]) => {
      bed.idleAsked.push(indices);
      return bed.idleMs;
    },
  };
  const bed: Slow = {
    agent: openRemoteAgent(createAgent(limits, PRISM), tables, () => bed.nowNs),
    written,
    nowNs: 0n,
    idleMs: new Map(),
    idleAsked: [],
    async end(error?: Error) {
      await turn();
      ended(error);
      await turn();
    },
  };
  return bed;
}

/** The tables of each write. */
function tablesOf({ written }: Slow): readonly (readonly string[])[] {
  const nameOf = (update: Update): string =>
    update.kind === 'count' ? 'counter' : (update.entry.table.split('.').at(-1) ?? '');
  return written.map((batch) => [...new Set(batch.map(nameOf))].toSorted());
}

test('a batch is written when the one before it has been, and then the reply is given', async (t) => {
  const bed = slow();
  let reply: unknown;
  void bed.agent.ask(ADD).then((told) => (reply = told));
  const order = [['counter', 'flows', 'hosts'], ['rules'], ['flows']];
  for (let count = 1; count <= order.length; count += 1) {
    await turn();
    t.deepEqual(tablesOf(bed), order.slice(0, count));
    t.is(reply, undefined);
    await bed.end();
  }
  t.like(reply, { ok: true, op: 'add' });
});

test('what is asked meanwhile waits', async (t) => {
  const bed = slow();
  void bed.agent.ask(ADD);
  const unlocked = bed.agent.ask({ op: 'unlock', key: KEY, epoch: 1 });
  for (let count = 0; count < 3; count += 1) await bed.end();
  t.deepEqual(tablesOf(bed).slice(3), [['rules']]);
  await bed.end();
  t.like(await unlocked, { ok: true });
});

test('rules are told with what the switch has counted', async (t) => {
  const bed = slow();
  void bed.agent.ask(ADD);
  for (let count = 0; count < 3; count += 1) await bed.end();
  const reply = await bed.agent.ask({ op: 'get' });
  t.like(reply.ok && reply.rules[0], {
    fromClient: { packets: 3, octets: 100 },
    fromOwner: { packets: 5, octets: 100 },
  });
});

test('a lock whose lease is over is ended by the next tick', async (t) => {
  const bed = slow();
  void bed.agent.ask(ADD);
  for (let count = 0; count < 3; count += 1) await bed.end();
  t.deepEqual(await bed.agent.tick(), []);
  bed.nowNs = LEASE_NS;
  const ticked = bed.agent.tick();
  for (let count = 0; count < 3; count += 1) await bed.end();
  t.deepEqual(await ticked, [{ kind: 'expired', key: KEY, reason: 'lease' }]);
  t.true(bed.written.slice(3).length > 0);
});

test('what has run out of time is gone when the next command comes', async (t) => {
  const bed = slow();
  void bed.agent.ask(ADD);
  for (let count = 0; count < 3; count += 1) await bed.end();
  bed.nowNs = LEASE_NS;
  const unlocked = bed.agent.ask({ op: 'unlock', key: KEY, epoch: 1 });
  for (let count = 0; count < 3; count += 1) await bed.end();
  t.like(await unlocked, { ok: false, error: 'unknown' });
});

test('a write that fails fails the command, and what is asked later is still done', async (t) => {
  const bed = slow();
  const added = bed.agent.ask(ADD);
  const listed = bed.agent.ask({ op: 'get' });
  await bed.end(new Error('the table is full'));
  await t.throwsAsync(added, { message: 'the table is full' });
  t.true((await listed).ok);
});

test('idle times are asked only of rules that may end', async (t) => {
  const bed = slow();
  const added = bed.agent.ask({ ...ADD, rule: HANDOFF });
  for (let count = 0; count < 3; count += 1) await bed.end();
  await added;
  bed.nowNs = 60_000_000_000n;
  await bed.agent.tick();
  t.deepEqual(bed.idleAsked, []);
  bed.nowNs += 1n;
  bed.idleMs.set(0, 1000);
  t.deepEqual(await bed.agent.tick(), []);
  t.deepEqual(bed.idleAsked, [[0]]);
});
