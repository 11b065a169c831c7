/**
 * Sequences of commands against a naive model: a list of rules that is searched from end to end.
 *
 * After each command the switch must list the model's rules, and every segment that any of the
 * hosts can send must end where the model says.
 */
import test from 'ava';
import fc from 'fast-check';
import { build } from 'scapy-ts';
import type { Command } from '../../../reference/control/command.ts';
import type { ConnectionKey, Rule } from '../../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../../reference/rules/rule.ts';
import { runs } from '../../runs.ts';
import type { Bed, Host } from '../bed.ts';
import { AT, BACKEND, CLIENT, createBed, OTHER, ownerOf, segment, VIRTUAL } from '../bed.ts';

const CAPACITY = 3;
const CLIENTS = [CLIENT, { ...CLIENT, port: 40001 }];
const VIRTUALS = [VIRTUAL, { ...VIRTUAL, port: 81 }];
const OWNERS = [BACKEND, OTHER, VIRTUAL];

interface ModelRule {
  readonly client: Host;
  readonly virtual: Host;
  owner: Host;
  locked: boolean;
  epoch: number;
  readonly former: Host[];
}

interface Model {
  rules: ModelRule[];
  readonly gone: { readonly client: Host; readonly virtual: Host; readonly epoch: number }[];
}

type Answer = 'ok' | 'exists' | 'unknown' | 'stale' | 'full' | 'conflict';

interface Order {
  readonly op: 'add' | 'lock' | 'unlock' | 'chown' | 'delete';
  readonly client: Host;
  readonly virtual: Host;
  readonly owner: Host;
  /** `locked` of an add, `unlock` of a chown. */
  readonly flag: boolean;
  readonly epoch: number;
}

function same(a: Host, b: Host): boolean {
  return a.address === b.address && a.port === b.port;
}

/** What the model says to an order; it changes only when that is 'ok'. */
function decide(model: Model, order: Order): Answer {
  const { op, client, virtual, owner, flag, epoch } = order;
  const isIt = (each: { client: Host; virtual: Host }): boolean =>
    same(each.client, client) && same(each.virtual, virtual);
  const rule = model.rules.find(isIt);
  const last = rule?.epoch ?? model.gone.findLast(isIt)?.epoch ?? 0;
  const isTaken = model.rules.some(
    (each) => !isIt(each) && same(each.client, client) && same(each.owner, owner),
  );
  if (op === 'add') {
    if (isTaken) return 'conflict';
    if (epoch < last) return 'stale';
    if (rule !== undefined) {
      if (!same(rule.owner, owner) || rule.locked !== flag) return 'exists';
      rule.epoch = epoch;
      return 'ok';
    }
    if (model.rules.length === CAPACITY) return 'full';
    model.rules.push({ client, virtual, owner, locked: flag, epoch, former: [] });
    return 'ok';
  }
  if (epoch < last) return 'stale';
  if (op === 'delete') {
    model.rules = model.rules.filter((each) => !isIt(each));
    model.gone.push({ client, virtual, epoch });
    return 'ok';
  }
  if (rule === undefined) return 'unknown';
  if (op === 'chown') {
    if (isTaken) return 'conflict';
    rule.former.push(rule.owner);
    rule.owner = owner;
    rule.locked = rule.locked && !flag;
  } else {
    rule.locked = op === 'lock';
  }
  rule.epoch = epoch;
  return 'ok';
}

/** The port at which a segment must come out; undefined if at none. */
function expectedPort(model: Model, from: Host, to: Host): number | undefined {
  const forward = model.rules.find((rule) => same(rule.client, from) && same(rule.virtual, to));
  if (forward !== undefined) return forward.locked ? undefined : forward.owner.at;
  const ofClient = model.rules.filter((rule) => same(rule.client, to));
  const reverse = ofClient.find((rule) => same(rule.owner, from));
  if (reverse !== undefined) return reverse.locked ? undefined : AT.client;
  const isBarred = ofClient.some((rule) =>
    [rule.virtual, ...rule.former].some((each) => same(each, from)),
  );
  return isBarred ? undefined : to.at;
}

function toCommand(order: Order): Command {
  const { op, owner, flag, epoch } = order;
  const key: ConnectionKey = { client: end(order.client), virtual: end(order.virtual) };
  if (op === 'add') {
    const rule: Rule = { key, owner: ownerOf(owner), deltas: NO_DELTAS, locked: flag };
    return { op, rule, epoch };
  }
  if (op === 'chown') return { op, key, owner: ownerOf(owner), unlock: flag, epoch };
  return { op, key, epoch };
}

function end({ address, port }: Host): Rule['key']['client'] {
  return { address, port };
}

const order: fc.Arbitrary<Order> = fc.record({
  op: fc.constantFrom('add', 'add', 'lock', 'unlock', 'chown', 'chown', 'delete'),
  client: fc.constantFrom(...CLIENTS),
  virtual: fc.constantFrom(...VIRTUALS),
  owner: fc.constantFrom(...OWNERS),
  flag: fc.boolean(),
  epoch: fc.nat(9),
});

const command = order.map((each): fc.Command<Model, Bed> => ({
  check: () => true,
  toString: () =>
    `${each.op} ${each.client.port}>${each.virtual.port} ${each.owner.at} ${each.flag} @${each.epoch}`,
  run: (model, bed): void => {
    const reply = bed.tell(toCommand(each));
    expectSame(reply.ok ? 'ok' : reply.error, decide(model, each), 'reply');
    expectRules(model, bed);
    for (const client of CLIENTS) {
      for (const far of [...VIRTUALS, ...OWNERS]) {
        expectPort(model, bed, client, far);
        expectPort(model, bed, far, client);
      }
    }
  },
}));

function expectRules(model: Model, bed: Bed): void {
  const reply = bed.tell({ op: 'get' });
  const found = reply.ok ? reply.rules : [];
  const text = found.map(({ rule, epoch }) => JSON.stringify([rule, epoch]));
  const expected = model.rules.map((each) => {
    const key = { client: end(each.client), virtual: end(each.virtual) };
    const { locked, epoch } = each;
    return JSON.stringify([{ key, owner: ownerOf(each.owner), deltas: NO_DELTAS, locked }, epoch]);
  });
  expectSame(text.toSorted().join(), expected.toSorted().join(), 'rules');
}

function expectPort(model: Model, bed: Bed, from: Host, to: Host): void {
  const out = bed.send(build(segment(from, to)), from).map(({ port }) => port);
  const expected = expectedPort(model, from, to);
  expectSame(out.join(), expected === undefined ? '' : String(expected), `${from.port}>${to.port}`);
}

function expectSame(found: string, expected: string, what: string): void {
  if (found !== expected) throw new Error(`${what}: expected '${expected}', found '${found}'`);
}

test('PRISM-RULE any commands in any order do what a searched list of rules does', (t) => {
  fc.assert(
    fc.property(fc.commands([command], { maxCommands: 40, size: 'max' }), (commands) => {
      fc.modelRun(
        () => ({ model: { rules: [], gone: [] }, real: createBed({ capacity: CAPACITY }) }),
        commands,
      );
    }),
    runs(200),
  );
  t.pass();
});
