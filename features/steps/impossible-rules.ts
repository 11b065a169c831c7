/** Steps about rules that no connection can have. */
import { When } from '@cucumber/cucumber';
import type { Endpoint, Rule } from '../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

const IPV6_RULE = ruleFor(keyOf(HOSTS.client, 6), ownerOf(HOSTS['backend 1'], 6));

/** The ends of a rule, by the words of a scenario. */
const ENDS = ['client', 'virtual', 'owner'] as const;

type Setters = Readonly<Record<string, (rule: Rule, value: string) => Rule>>;

function withEnd(rule: Rule, end: (typeof ENDS)[number], change: Partial<Endpoint>): Rule {
  return { ...rule, [end]: { ...rule[end], ...change } };
}

const SET_ENDS: Setters = Object.fromEntries(
  ENDS.flatMap((end) => [
    [`${end} port`, (rule: Rule, value: string) => withEnd(rule, end, { port: Number(value) })],
    [`${end} address`, (rule: Rule, value: string) => withEnd(rule, end, { address: value })],
    [
      `IPv6 ${end} address`,
      (_: Rule, value: string) => withEnd(IPV6_RULE, end, { address: value }),
    ],
  ]),
);

function withScale(way: 'clientWindow' | 'ownerWindow', side: 'in' | 'out'): Setters[string] {
  return (rule, value) => ({
    ...rule,
    deltas: { ...rule.deltas, [way]: { ...rule.deltas[way], [side]: Number(value) } },
  });
}

function withDelta(name: 'clientSeq' | 'ownerSeq' | 'clientTimestamp' | 'ownerTimestamp') {
  return (rule: Rule, value: string): Rule => ({
    ...rule,
    deltas: { ...rule.deltas, [name]: Number(value) },
  });
}

/** How a field of a rule is set, by the words of a scenario. */
const SET: Setters = {
  ...SET_ENDS,
  'owner MAC': (rule, value) => ({ ...rule, owner: { ...rule.owner, mac: value } }),
  owner: (rule) => ({ ...rule, owner: ownerOf(HOSTS.client) }),
  'virtual endpoint': (rule) => ({ ...rule, virtual: rule.client }),
  'client sequence delta': withDelta('clientSeq'),
  'owner sequence delta': withDelta('ownerSeq'),
  'client timestamp delta': withDelta('clientTimestamp'),
  'owner timestamp delta': withDelta('ownerTimestamp'),
  "client's window scale": withScale('clientWindow', 'in'),
  'scale the owner assumes': withScale('clientWindow', 'out'),
  "owner's window scale": withScale('ownerWindow', 'in'),
  'scale the client assumes': withScale('ownerWindow', 'out'),
};

function withField(rule: Rule, field: string, value: string): Rule {
  const set = SET[field];
  if (set === undefined) throw new Error(`no field of a rule is called ${field}`);
  return set(rule, value);
}

When(
  /^the controller adds a rule whose (.*) is (\S+|the client)$/u,
  async function (this: PrismWorld, field: string, value: string) {
    const rule = withField(ruleFor(keyOf(HOSTS.client), ownerOf(HOSTS['backend 1'])), field, value);
    await this.command({ op: 'add', rule, epoch: this.nextEpoch() });
  },
);

When(
  /^the controller sends a chown to an owner whose (owner port|owner MAC) is (\S+)$/u,
  async function (this: PrismWorld, field: string, value: string) {
    const { owner, deltas } = withField(this.theRule(), field, value);
    const epoch = this.nextEpoch();
    await this.command({ op: 'chown', key: this.theRule(), owner, deltas, unlock: true, epoch });
  },
);
