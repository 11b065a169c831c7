/** Steps about rules that no connection can have. */
import { When } from '@cucumber/cucumber';
import type { Rule } from '../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

/** How a field of a rule is set, by the words of a scenario. */
const SET: Readonly<Record<string, (rule: Rule, value: string) => Rule>> = {
  'client port': (rule, value) => ({ ...rule, client: { ...rule.client, port: Number(value) } }),
  'virtual port': (rule, value) => ({ ...rule, virtual: { ...rule.virtual, port: Number(value) } }),
  'owner port': (rule, value) => ({ ...rule, owner: { ...rule.owner, port: Number(value) } }),
  'owner MAC': (rule, value) => ({ ...rule, owner: { ...rule.owner, mac: value } }),
  owner: (rule) => ({ ...rule, owner: ownerOf(HOSTS.client) }),
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
