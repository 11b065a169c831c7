/** A core's tables as the driver writes them, on a core that only has registers and rows. */
import test from 'ava';
import fc from 'fast-check';
import { createAgent, perform, type Agent } from '../../../../hardware/agent/agent.ts';
import { MAPPING } from '../../../../hardware/netfpga/driver/entries.ts';
import type { FlowKey } from '../../../../hardware/netfpga/driver/hash.ts';
import { limitsOf } from '../../../../hardware/netfpga/driver/limits.ts';
import { openTables, type Tables } from '../../../../hardware/netfpga/driver/tables.ts';
import type { Command } from '../../../../reference/control/command.ts';
import type { Endpoint, Rule } from '../../../../reference/rules/rule.ts';
import { BACKEND, CLIENT, HANDOFF, KEY, OTHER, VIRTUAL, ownerOf } from '../../../reference/bed.ts';
import { runs } from '../../../runs.ts';
import { fakeCore, type FakeCore } from './fake-core.ts';

const [CLIENT_OF, OWNER_OF, DROP, PUNT] = [0, 1, 2, 3];
const ERROR = 0x3c;
const SECONDS = 0x50;

interface Bed {
  readonly core: FakeCore;
  readonly tables: Tables;
  readonly agent: Agent;
  nowMs: number;
}

async function bedOf(rulesLog2 = 3, flowsLog2 = 6): Promise<Bed> {
  const core = fakeCore(rulesLog2, flowsLog2);
  const clock = { nowMs: 0 };
  const tables = await openTables(core, { nowMs: () => clock.nowMs });
  await tables.reset();
  const limits = limitsOf(2 ** rulesLog2, 10_000);
  const agent = createAgent(limits, MAPPING, (added) => tables.fits(added));
  return Object.assign(clock, { core, tables, agent });
}

/** Has a command done, and answers with what the reply says. */
async function tell({ agent, tables }: Bed, command: Command): Promise<string> {
  const { effects, batches } = perform(agent, command);
  for (const batch of batches) await tables.write(batch);
  const [effect] = effects;
  return effect?.kind !== 'reply' ? 'no reply' : effect.reply.ok ? 'ok' : effect.reply.error;
}

function flow(from: Endpoint, to: Endpoint): FlowKey {
  const [src, dst] = [Number(from.address), Number(to.address)];
  return { hosts: false, src, dst, srcPort: from.port, dstPort: to.port };
}

function hosts(from: Endpoint, to: Endpoint): FlowKey {
  return { ...flow(from, to), hosts: true, srcPort: 0, dstPort: 0 };
}

const end = ({ address, port }: Endpoint): Endpoint => ({ address, port });

test('a rule is found from both sides, and who is not its owner is barred', async (t) => {
  const bed = await bedOf();
  t.is(await tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 }), 'ok');
  const { core } = bed;
  const owner = [1, 0x0a00_0015, 0x1f90_0050];
  for (const [from, to, action] of [
    [CLIENT, VIRTUAL, CLIENT_OF],
    [BACKEND, CLIENT, OWNER_OF],
  ] as const) {
    const [found, ...others] = core.find(flow(from, to));
    t.is(found?.action, action);
    t.deepEqual(found?.rule?.slice(0, 3), owner);
    t.deepEqual(others, []);
  }
  t.is(core.find(flow(VIRTUAL, CLIENT))[0]?.action, DROP);
  t.deepEqual(core.find(flow(OTHER, CLIENT)), []);
  t.is(core.find(hosts(BACKEND, CLIENT))[0]?.action, PUNT);
  t.is(core.rows.get('2 0')?.[0], 0);
  t.is(await tell(bed, { op: 'delete', key: KEY, epoch: 2 }), 'ok');
  const left = [...core.rows].filter(
    ([name, [, , , last = 0]]) => name.startsWith('0') && last > 0,
  );
  t.deepEqual(left, []);
  t.is(core.rows.get('1 0')?.[0], 0);
});

const CLIENTS = [1, 2, 3, 4, 5].map((port) => ({ address: CLIENT.address, port }));
const OWNERS = [BACKEND, OTHER].flatMap((host) =>
  [1, 2, 3].map((port) => ({ ...ownerOf(host), port })),
);
const key = fc.constantFrom(...CLIENTS).map((client) => ({ client, virtual: end(VIRTUAL) }));
const owner = fc.constantFrom(...OWNERS);
const epoch = fc.integer({ min: 1, max: 3 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ op: fc.constant('add' as const), rule: ruled(), epoch }),
  fc.record({ op: fc.constantFrom('lock' as const, 'delete' as const), key, epoch }),
  fc.record({ op: fc.constant('chown' as const), key, owner, unlock: fc.boolean(), epoch }),
);

function ruled(): fc.Arbitrary<Rule> {
  return fc.record({ key, owner }).map((each) => ({ ...HANDOFF, ...each }));
}

/** Each rule that is in force is found from both sides, whatever moves. */
function demandWhole({ core }: Bed): void {
  for (const [name, [flags = 0, address, ports = 0]] of core.rows) {
    if (!name.startsWith('1') || (flags & 1) === 0) continue;
    const own = OWNERS.find((each) => each.address === address && each.port === ports >>> 16);
    const isWhole = CLIENTS.some((client) => {
      const towards = core.find(flow(client, VIRTUAL));
      const back = own === undefined ? [] : core.find(flow(own, client));
      const leads = [towards[0]?.action === CLIENT_OF, back[0]?.action === OWNER_OF];
      const indices = [...towards, ...back].map(({ index }) => `1 ${index}`);
      return leads.every(Boolean) && indices.every((each) => each === name);
    });
    if (!isWhole) throw new Error(`rule ${name} is in force, and not from both sides`);
  }
}

/** All flows that lead somewhere, as text. */
function flowsOf({ core }: Bed): readonly string[] {
  return [...core.rows].flatMap(([name, [src, dst, ports, last = 0]]) =>
    name.startsWith('0') && (last & 1) === 1 ? [[src, dst, ports, last].join(' ')] : [],
  );
}

test('whatever is commanded, no rule is in force in one direction only, at any moment', async (t) => {
  const replies = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 40 }), async (commands) => {
      // Room for four rules, or for fewer with owners that they have left.
      const bed = await bedOf(3, 4);
      bed.core.onWrite = () => demandWhole(bed);
      for (const each of commands) {
        const before = flowsOf(bed);
        const reply = await tell(bed, each);
        replies.set(reply, (replies.get(reply) ?? 0) + 1);
        if (reply !== 'ok' && flowsOf(bed).join() !== before.join()) throw new Error('half done');
        const asked = [...bed.agent.claims.keys()].filter((name) => name.startsWith('flows '));
        const there = flowsOf(bed);
        if (new Set(there).size !== asked.length || there.length !== asked.length) {
          throw new Error(`${there.length} flows in the core, ${asked.length} asked for`);
        }
      }
    }),
    runs(60),
  );
  t.true((replies.get('full') ?? 0) > 5, `full: ${replies.get('full')}`);
  t.true((replies.get('ok') ?? 0) > 300, `ok: ${replies.get('ok')}`);
});

test('what a later driver has begun an earlier one cannot change', async (t) => {
  const bed = await bedOf();
  const later = await openTables(bed.core, { nowMs: () => 0 });
  await later.reset();
  const error = await t.throwsAsync(tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 }));
  t.like(error, { name: 'TableError', reason: 'refused-epoch' });
  t.deepEqual(flowsOf(bed), []);
  t.deepEqual(await bed.tables.readErrors(), ['REFUSED_EPOCH']);
  // What was refused before does not make a reset fail.
  await (await openTables(bed.core, { nowMs: () => 0, epoch: 1000 })).reset();
  t.is(await bed.core.read(0x6c), 1000);
});

test('a row that the core has not is told', async (t) => {
  const { tables } = await bedOf(3, 6);
  await t.throwsAsync(tables.readCounter('from_owner', 8), { message: /no such table or row/u });
  await t.throwsAsync(tables.readCounter('from_nobody', 0), { instanceOf: RangeError });
});

test('a command that takes its time is waited for', async (t) => {
  const bed = await bedOf();
  bed.core.busyReads = 3;
  t.is(await tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 }), 'ok');
  t.is(flowsOf(bed).length, 6);
  t.deepEqual(await bed.tables.readErrors(), []);
});

test('a command that never ends is told', async (t) => {
  const bed = await bedOf();
  bed.core.busyReads = Number.POSITIVE_INFINITY;
  const error = await t.throwsAsync(tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 }));
  t.like(error, { reason: 'stuck' });
});

test('what is no Prism core is told', async (t) => {
  const core = fakeCore(3, 6);
  core.registers.set(0x04, 0x0002_0000);
  const error = await t.throwsAsync(openTables(core, { nowMs: () => 0 }));
  t.like(error, { reason: 'unknown-core' });
  t.regex(error.message, /0x5052534d 0x20000/u);
  const vast = fakeCore(3, 19);
  await t.throwsAsync(openTables(vast, { nowMs: () => 0 }), { message: /2\^19 flows/u });
});

test('errors are named, and a refusal loses none', async (t) => {
  const { core, tables } = await bedOf(3, 6);
  core.registers.set(ERROR, 0b10_0101);
  await t.throwsAsync(tables.readCounter('from_owner', 8));
  core.registers.set(ERROR, 0b10);
  const names = await tables.readErrors();
  t.deepEqual(names.toSorted(), ['CUT', 'OVERSIZE', 'REFUSED_ADDRESS', 'RUNT', 'SOURCE']);
  t.deepEqual(await tables.readErrors(), []);
});

test('frames and octets of each direction are read, beyond 32 bits', async (t) => {
  const bed = await bedOf();
  await tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 });
  bed.core.rows.set('2 0', [7, 100, 1]);
  bed.core.rows.set('2 1', [2, 0xffff_ffff, 0x0005_0002]);
  t.deepEqual(await bed.tables.readCounter('from_client', 0), {
    packets: 7,
    octets: 4_294_967_396,
  });
  t.deepEqual(await bed.tables.readCounter('from_owner', 0), {
    packets: 2,
    octets: 12_884_901_887,
  });
});

test('what is asked for at once is done one after the other', async (t) => {
  const { core, tables } = await bedOf();
  for (let row = 0; row < 4; row += 1) core.rows.set(`2 ${row}`, [row, row * 10, 0]);
  const readings = [0, 1].flatMap((index) => [
    tables.readCounter('from_client', index),
    tables.readCounter('from_owner', index),
  ]);
  t.deepEqual(
    await Promise.all(readings),
    [0, 1, 2, 3].map((row) => ({ packets: row, octets: row * 10 })),
  );
  // What fails keeps nobody waiting.
  const failing = tables.readCounter('from_owner', 8);
  const next = tables.readCounter('from_owner', 1);
  await t.throwsAsync(failing);
  t.is((await next).packets, 3);
});

test('a rule is idle since its last frame, within two seconds, and never for longer than it is', async (t) => {
  const bed = await bedOf();
  await tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 });
  const idle = async (nowMs: number): Promise<number | undefined> => {
    bed.nowMs = nowMs;
    bed.core.registers.set(SECONDS, Math.floor(nowMs / 1000));
    return (await bed.tables.readIdleMs([0])).get(0);
  };
  t.is(await idle(40_000), 39_000, 'no frame: since it was set');
  // A frame of the client at 50.9 s, seen at 60.1 s: 9.2 s.
  bed.core.rows.set('2 0', [1, 60, 50 << 16]);
  t.is(await idle(60_100), 9000);
  t.is(await idle(61_100), 10_000);
  // A frame of the owner is later.
  bed.core.rows.set('2 1', [1, 60, 62 << 16]);
  t.is(await idle(62_500), 0);
  // The core's seconds begin again, and what was read before counts on.
  t.is(await idle(62_500 + 65_536_000), 65_535_000);
  t.is(await idle(62_500 + 80_000_000), 79_999_000);
  // A frame that is not counted, for the rule was locked.
  bed.core.rows.set('2 1', [1, 60, (80_060 - 65_536) << 16]);
  t.is(await idle(80_062_000), 1000);
  // The same second again, 65,536 later: only its counter tells.
  bed.core.rows.set('2 1', [2, 120, (62 << 16) | 0]);
  t.is(await idle(62_500 + 131_072_000), 0);
  t.is((await bed.tables.readIdleMs([1])).get(1), undefined);
});

test('a stamp of the seconds before they began again is taken for what it is', async (t) => {
  const bed = await bedOf();
  await tell(bed, { op: 'add', rule: HANDOFF, epoch: 1 });
  bed.nowMs = 65_546_000;
  bed.core.registers.set(SECONDS, 10);
  bed.core.rows.set('2 0', [1, 60, 65_530 * 65_536]);
  t.is((await bed.tables.readIdleMs([0])).get(0), 15_000);
});
