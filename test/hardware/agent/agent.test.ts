import test from 'ava';
import fc from 'fast-check';
import {
  advance,
  createAgent,
  findDue,
  perform,
  placeOf,
  type Agent,
  type Outcome,
} from '../../../hardware/agent/agent.ts';
import { PRISM } from '../../../hardware/bmv2/agent/entries.ts';
import type { TableEntry, Update } from '../../../hardware/entry.ts';
import type { Command } from '../../../reference/control/command.ts';
import type { ConnectionKey, Endpoint, Owner, Rule } from '../../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../../reference/rules/rule.ts';
import {
  BACKEND,
  CLIENT,
  HANDOFF,
  KEY,
  OTHER,
  VIRTUAL,
  ownerOf,
  withDeltas,
} from '../../reference/bed.ts';
import { runs } from '../../runs.ts';

const LIMITS = { capacity: 3, idleTimeoutMs: 60_000, lockLeaseMs: 10_000 };
const FLOWS = 'PrismIngress.prism.flows';
const RULES = 'PrismIngress.prism.rules';
const HOSTS = 'PrismIngress.prism.hosts';

/** What a switch has in its tables, by table and key. */
type Tables = Map<string, TableEntry>;

function nameOf(table: string, ...values: readonly (bigint | number)[]): string {
  return [table, ...values.map(BigInt)].join(' ');
}

function flowName(from: Endpoint, to: Endpoint): string {
  const version = typeof from.address === 'bigint' ? 6 : 4;
  return nameOf(FLOWS, version, from.address, from.port, to.address, to.port);
}

function entryName({ table, match }: Pick<TableEntry, 'table' | 'match'>): string {
  const fields = ['version', 'src', 'src_port', 'dst', 'dst_port', 'index'];
  return nameOf(table, ...fields.flatMap((field) => match[field]?.value ?? []));
}

/** As P4Runtime has it: an insert must be new, a modification and a deletion must find something. */
function apply(tables: Tables, update: Update): void {
  if (update.kind === 'count') return;
  const name = entryName(update.entry);
  if (tables.has(name) !== (update.kind !== 'insert')) throw new Error(`${update.kind} ${name}`);
  if (update.kind === 'delete') tables.delete(name);
  else tables.set(name, update.entry);
}

/** A rule that is in force has both its flows, at any moment. */
function findHalf(tables: Tables): string | undefined {
  for (const { table, match, params } of tables.values()) {
    if (table !== RULES) continue;
    const leading = [...tables.values()].filter(
      (entry) => entry.table === FLOWS && entry.params['index'] === match['index']?.value,
    );
    const fromClient = leading.filter(({ action }) => action.endsWith('client_of'));
    const fromOwner = leading.filter(
      (entry) =>
        entry.action.endsWith('owner_of') &&
        entry.match['src']?.value === params['owner'] &&
        entry.match['src_port']?.value === params['owner_port'],
    );
    if (fromClient.length !== 1 || fromOwner.length !== 1) return `rule ${match['index']?.value}`;
  }
  return undefined;
}

function applyAll(tables: Tables, { batches }: Outcome): void {
  for (const update of batches.flat()) apply(tables, update);
}

function sameEnd(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

const end = ({ address, port }: Endpoint): Endpoint => ({ address, port });
const CLIENTS = [end(CLIENT), { ...end(CLIENT), port: 40001 }];
const VIRTUALS = [end(VIRTUAL), { ...end(VIRTUAL), port: 81 }];
const DIRECT: Owner = { ...ownerOf(BACKEND), ...end(VIRTUAL) };
const OWNERS: readonly Owner[] = [ownerOf(BACKEND), ownerOf(OTHER), DIRECT];

const key: fc.Arbitrary<ConnectionKey> = fc.record({
  client: fc.constantFrom(...CLIENTS),
  virtual: fc.constantFrom(...VIRTUALS),
});
const owner = fc.constantFrom(...OWNERS);
const deltas = fc.constantFrom(NO_DELTAS, withDeltas({ ownerSeq: 7 }).deltas);
const epoch = fc.integer({ min: 1, max: 4 });
const rule: fc.Arbitrary<Rule> = fc.record({ key, owner, deltas, locked: fc.boolean() });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ op: fc.constant('add' as const), rule, epoch }),
  fc.record({ op: fc.constantFrom('lock' as const, 'unlock' as const), key, epoch }),
  fc.record({ op: fc.constant('delete' as const), key, epoch }),
  fc.record({
    op: fc.constant('chown' as const),
    key,
    owner,
    deltas,
    unlock: fc.boolean(),
    epoch,
  }),
);

interface Kept {
  readonly rule: Rule;
  readonly left: readonly Endpoint[];
}

/** The rules as their commands said, and whom each has left; what the reply says is believed. */
function follow(kept: readonly Kept[], given: Command): readonly Kept[] {
  if (given.op === 'get') return kept;
  const named = given.op === 'add' ? given.rule.key : given.key;
  const isIt = ({ rule: { key: each } }: Kept): boolean =>
    sameEnd(each.client, named.client) && sameEnd(each.virtual, named.virtual);
  if (given.op === 'add') {
    return kept.some(isIt) ? kept : [...kept, { rule: given.rule, left: [] }];
  }
  if (given.op === 'delete') return kept.filter((each) => !isIt(each));
  return kept.map((each): Kept => {
    if (!isIt(each)) return each;
    if (given.op !== 'chown') {
      return { ...each, rule: { ...each.rule, locked: given.op === 'lock' } };
    }
    const { owner: next, deltas: shift = each.rule.deltas, unlock } = given;
    return {
      rule: { ...each.rule, owner: next, deltas: shift, locked: each.rule.locked && !unlock },
      left: [...each.left, end(each.rule.owner)],
    };
  });
}

/** What the flow from `from` to `to` has to come to. */
function expectedOf(kept: readonly Kept[], from: Endpoint, to: Endpoint): string {
  for (const { rule: each } of kept) {
    const { client, virtual } = each.key;
    const brief = [each.owner.port, each.owner.mac, each.deltas.ownerSeq, Number(each.locked)];
    if (sameEnd(client, from) && sameEnd(virtual, to)) return `client ${brief.join(' ')}`;
    if (sameEnd(each.owner, from) && sameEnd(client, to)) return `owner ${brief.join(' ')}`;
  }
  const isBarred = kept.some(
    ({ rule: { key: each }, left }) =>
      sameEnd(each.client, to) && [each.virtual, ...left].some((bar) => sameEnd(bar, from)),
  );
  return isBarred ? 'drop' : 'nothing';
}

function found(tables: Tables, from: Endpoint, to: Endpoint): string {
  const flow = tables.get(flowName(from, to));
  if (flow === undefined) return 'nothing';
  if (flow.action === 'PrismIngress.prism.drop') return 'drop';
  const ruled = tables.get(nameOf(RULES, flow.params['index'] ?? -1n));
  const brief = ['owner_port', 'owner_mac', 'owner_seq', 'locked'].map(
    (name) => ruled?.params[name],
  );
  return `${flow.action === 'PrismIngress.prism.client_of' ? 'client' : 'owner'} ${brief.join(' ')}`;
}

test('after any commands the tables say of every flow what the commands said', (t) => {
  const ends = [...CLIENTS, ...VIRTUALS, ...OWNERS.map(end)];
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const agent = createAgent(LIMITS, PRISM);
      const tables: Tables = new Map();
      let kept: readonly Kept[] = [];
      for (const each of commands) {
        const outcome = perform(agent, each);
        applyAll(tables, outcome);
        const [effect] = outcome.effects;
        if (effect?.kind === 'reply' && effect.reply.ok) kept = follow(kept, each);
        for (const from of ends) {
          for (const to of ends) {
            const expected = expectedOf(kept, from, to);
            if (found(tables, from, to) !== expected) {
              throw new Error(`${flowName(from, to)}: ${found(tables, from, to)}, not ${expected}`);
            }
            const isRuled = [...tables.values()].some(
              ({ table, match }) =>
                table === FLOWS &&
                match['src']?.value === BigInt(from.address) &&
                match['dst']?.value === BigInt(to.address),
            );
            const hosts = nameOf(HOSTS, 4, from.address, to.address);
            if (tables.has(hosts) !== isRuled) throw new Error(`${hosts}, not ${isRuled}`);
          }
        }
      }
    }),
    runs(300),
  );
  t.pass();
});

test('whatever order a switch takes a batch in, no rule is in force in one direction only', (t) => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (given, dice) => {
        const agent = createAgent(LIMITS, PRISM);
        const tables: Tables = new Map();
        for (const each of given) {
          for (const batch of perform(agent, each).batches) {
            const shuffled = batch
              .map((update) => ({ update, at: Number(dice.next().value) }))
              .toSorted((a, b) => a.at - b.at);
            for (const { update } of shuffled) {
              apply(tables, update);
              const half = findHalf(tables);
              if (half !== undefined) throw new Error(`${half} in half after ${each.op}`);
            }
          }
        }
      },
    ),
    runs(300),
  );
  t.pass();
});

function agentWith(tables: Tables, given: Rule): Agent {
  const agent = createAgent(LIMITS, PRISM);
  applyAll(tables, perform(agent, { op: 'add', rule: given, epoch: 1 }));
  return agent;
}

test('a connection that comes again has another generation and counts from zero', (t) => {
  const tables: Tables = new Map();
  const agent = agentWith(tables, HANDOFF);
  const first = placeOf(agent, KEY);
  applyAll(tables, perform(agent, { op: 'delete', key: KEY, epoch: 2 }));
  t.is(tables.size, 0);
  const again = perform(agent, { op: 'add', rule: HANDOFF, epoch: 3 });
  const second = placeOf(agent, KEY);
  t.is(second?.index, first?.index);
  t.not(second?.generation, first?.generation);
  t.deepEqual(
    again.batches.flat().flatMap((update) => (update.kind === 'count' ? [update] : [])),
    ['PrismIngress.prism.from_client', 'PrismIngress.prism.from_owner'].map((counter) => ({
      kind: 'count',
      counter,
      index: first?.index ?? -1,
      reading: { packets: 0, octets: 0 },
    })),
  );
});

test('a lock keeps the generation, another owner makes one', (t) => {
  const agent = agentWith(new Map(), HANDOFF);
  const first = placeOf(agent, KEY)?.generation;
  perform(agent, { op: 'lock', key: KEY, epoch: 2 });
  t.is(placeOf(agent, KEY)?.generation, first);
  const owned = { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 3 } as const;
  perform(agent, owned);
  t.not(placeOf(agent, KEY)?.generation, first);
});

test('a rule that frames use lives on; one that they do not goes, and nothing of it is left', (t) => {
  const tables: Tables = new Map();
  const agent = agentWith(tables, HANDOFF);
  const lateNs = 60_001_000_000n;
  t.deepEqual(findDue(agent, 60_000_000_000n), []);
  t.deepEqual(findDue(agent, lateNs), [0]);
  t.deepEqual(advance(agent, lateNs, () => 1_000_000_000n).effects, []);
  const outcome = advance(agent, lateNs + 60_000_000_000n, () => undefined);
  t.deepEqual(outcome.effects, [{ kind: 'expired', key: KEY, reason: 'idle' }]);
  applyAll(tables, outcome);
  t.is(tables.size, 0);
});

test('a lock ends with its lease', (t) => {
  const tables: Tables = new Map();
  const agent = agentWith(tables, { ...HANDOFF, locked: true });
  const outcome = advance(agent, 10_000_000_000n, () => undefined);
  t.deepEqual(outcome.effects, [{ kind: 'expired', key: KEY, reason: 'lease' }]);
  applyAll(tables, outcome);
  t.is(tables.size, 0);
});

test('a fourth rule is refused where there is room for three', (t) => {
  const agent = createAgent(LIMITS, PRISM);
  const replies = [1, 2, 3, 4].flatMap((port) => {
    const client = { ...CLIENTS[0], address: CLIENT.address, port };
    const added = { op: 'add', rule: { ...HANDOFF, key: { ...KEY, client } }, epoch: 1 } as const;
    return perform(agent, added).effects.flatMap((effect) =>
      effect.kind === 'reply' ? [effect.reply.ok ? 'ok' : effect.reply.error] : [],
    );
  });
  t.deepEqual(replies, ['ok', 'ok', 'ok', 'full']);
});

/** Adds a rule at `port` of the client, and answers with the reply's name. */
function addAt(agent: Agent, tables: Tables, port: number, over: Partial<Rule> = {}): string {
  const client = { ...end(CLIENT), port };
  const added = { ...HANDOFF, ...over, key: { ...KEY, client } };
  const outcome = perform(agent, { op: 'add', rule: added, epoch: 1 });
  applyAll(tables, outcome);
  const [effect] = outcome.effects;
  return effect?.kind !== 'reply' ? 'no reply' : effect.reply.ok ? 'ok' : effect.reply.error;
}

/** A switch whose tables have room for so many entries beside rules. */
function withRoom(room: number): { readonly agent: Agent; readonly tables: Tables } {
  const tables: Tables = new Map();
  const used = (): number => [...tables.values()].filter(({ table }) => table !== RULES).length;
  const fits = (added: readonly TableEntry[]): boolean =>
    used() + added.filter(({ table }) => table !== RULES).length <= room;
  return { agent: createAgent(LIMITS, PRISM, fits), tables };
}

test('a rule that the tables have no room for is refused as full, and nothing of it is left', (t) => {
  // A rule needs three flows, and its hosts' three pairs are needed once for both.
  const { agent, tables } = withRoom(9);
  t.deepEqual(
    [1, 2, 3].map((port) => addAt(agent, tables, port)),
    ['ok', 'ok', 'full'],
  );
  t.is(tables.size, 3 + 3 + 3 + 2);
  t.is(addAt(agent, tables, 2), 'ok', 'what is there already needs no room');
  perform(agent, { op: 'get' });
  applyAll(tables, perform(agent, { op: 'delete', key: KEY, epoch: 2 }));
  t.is(tables.size, 3 + 3 + 3 + 2);
  const first = { ...KEY, client: { ...end(CLIENT), port: 1 } };
  applyAll(tables, perform(agent, { op: 'delete', key: first, epoch: 2 }));
  t.is(addAt(agent, tables, 3), 'ok');
});

test('what is wrong with a command is said before there being no room for it', (t) => {
  const { agent, tables } = withRoom(6);
  t.is(addAt(agent, tables, 1), 'ok');
  t.is(addAt(agent, tables, 1, withDeltas({ ownerSeq: 7 })), 'exists');
  const client = { ...end(CLIENT), port: 2 };
  t.is(addAt(agent, tables, 2), 'full');
  perform(agent, { op: 'delete', key: { ...KEY, client }, epoch: 2 });
  t.is(addAt(agent, tables, 2), 'stale');
  t.is(addAt(agent, tables, 3, { owner: { ...ownerOf(BACKEND), port: 0 } }), 'invalid');
});

test('a chown to an owner that there is no room for leaves the rule as it was', (t) => {
  const { agent, tables } = withRoom(6);
  applyAll(tables, perform(agent, { op: 'add', rule: HANDOFF, epoch: 1 }));
  const before = [...tables];
  const owned = { op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 } as const;
  const { effects, batches } = perform(agent, owned);
  t.like(effects[0], { kind: 'reply', reply: { ok: false, op: 'chown', error: 'full' } });
  t.deepEqual(batches, []);
  const listed = perform(agent, { op: 'get' }).effects[0];
  t.like(listed, { reply: { rules: [{ epoch: 1, rule: { owner: HANDOFF.owner } }] } });
  t.deepEqual([...tables], before);
});

test('a rule that needs what the switch has not is refused', (t) => {
  const agent = createAgent({ ...LIMITS, capabilities: new Set(['SPLICE'] as const) }, PRISM);
  const tables: Tables = new Map();
  t.is(addAt(agent, tables, 1, withDeltas({ ownerTimestamp: 7 })), 'unsupported');
  t.is(addAt(agent, tables, 1, withDeltas({ ownerSeq: 7 })), 'ok');
});
