/** Steps about two switches that stand for one. */
import { Given, Then, When } from '@cucumber/cucumber';
import { serverFault } from '../../../conformance/balancer/connection.ts';
import { answersIn } from '../../../conformance/balancer/http-answers.ts';
import { redundancyFault, reignsOf } from '../../../conformance/balancer/redundancy.ts';
import { DriverFault } from '../../../conformance/driver/device.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { serversOfVisitor } from '../../support/balancer/answerers.ts';
import { stay, type BalancerWorld, type Draft } from '../../support/balancer/world.ts';

/** After the last question somebody may still answer. */
const ASKED_MS = 1000;
/** How late a busy machine may lose a switch, and another one on it notice. */
const LATE_MAX_MS = 1000;

Given(
  'two switches, of which the active one says every {int} ms that it is',
  function (this: BalancerWorld, ms: number) {
    this.pair = { intervalMs: ms };
  },
);

When(
  /^switch ([12]) is (lost|back) after (\d+) ms$/u,
  function (this: BalancerWorld, place: string, what: string, ms: string) {
    const state = what === 'lost' ? 'dead' : 'up';
    this.happen({ kind: 'switch', place: place === '1' ? 1 : 2, state, atMs: Number(ms) });
    stay(this, Number(ms));
  },
);

When(
  'client {int} asks every {int} ms who has the virtual addresses, from {int} ms to {int} ms',
  function (this: BalancerWorld, client: number, everyMs: number, fromMs: number, toMs: number) {
    const addresses = new Set(this.services.map(({ address }) => address));
    for (let atMs = fromMs; atMs <= toMs; atMs += everyMs) {
      for (const address of addresses) {
        this.happen({ kind: 'ask', from: `client ${client}`, address, atMs });
      }
    }
    stay(this, toMs + ASKED_MS);
  },
);

/** A choice that whoever claims PAIR must have declared. */
function declared<Choice>(choice: Choice | undefined, what: string): Choice {
  if (choice === undefined) throw new DriverFault('profile', `the choice ${what} is not declared`);
  return choice;
}

Then(
  'the active switch alone has each virtual address, and whoever takes over announces it',
  async function (this: BalancerWorld) {
    const { choices, clock } = this.hello;
    const lateMs = clock === 'virtual' ? 0 : LATE_MAX_MS;
    const reigns = reignsOf(this.story(), declared(choices.preempts, 'preempts'), lateMs);
    const seen = await this.seen();
    const [question] = this.happenings.flatMap((each) => (each.kind === 'ask' ? [each] : []));
    if (question === undefined) throw new Error('nobody has asked');
    for (const address of new Set(this.services.map((each) => each.address))) {
      this.fail(redundancyFault(seen, { host: question.from, address }, reigns));
    }
  },
);

Then('each client has the same server both times', async function (this: BalancerWorld) {
  const chosen = new Set<string>();
  for (const draft of this.visitors) {
    // oxlint-disable-next-line no-await-in-loop -- the first that fails is told
    const servers = await serversOfVisitor(this, draft);
    for (const name of servers) chosen.add(name);
    if (new Set(servers).size === 1) continue;
    const expected = `one server for client ${draft.client}:${draft.port}, before and after`;
    throw new Failure({ expected, observed: servers.join(', then ') });
  }
  if (chosen.size > 1) return;
  throw new Inconclusive('not-exercised', `all clients came to ${[...chosen].join('')}`);
});

Then(
  /^the servers of (\S+) alone have answered$/u,
  async function (this: BalancerWorld, endpoint: string) {
    const { servers } = this.service(endpoint);
    for (const draft of this.visitors) {
      // oxlint-disable-next-line no-await-in-loop -- the first that fails is told
      const found = await serversOfVisitor(this, draft);
      if (found.every((name) => servers.includes(name))) continue;
      throw new Failure({ expected: servers.join(', '), observed: found.join(', then ') });
    }
  },
);

/** What was asked before a takeover has its answer, and what was asked after it has none. */
async function expectLost(world: BalancerWorld, draft: Draft): Promise<void> {
  const [asks = []] = draft.asked;
  const [outcome] = (await world.seen()).visitors[world.visitors.indexOf(draft)] ?? [];
  const count = outcome === undefined ? 0 : answersIn(outcome, asks).length;
  if (count === 1) return;
  const expected = `one answer for client ${draft.client}:${draft.port}, and no other, as declared`;
  throw new Failure({ expected, observed: `${count} of ${asks.length}` });
}

Then(
  'each client goes on at its server, or is lost, as declared',
  async function (this: BalancerWorld) {
    const takeover = declared(this.hello.choices.takeover, 'takeover');
    const seen = await this.seen();
    for (const draft of this.visitors) {
      // Either way nothing of a connection comes to another server; a proxy has others there.
      if (draft.service.mode !== 'http') this.fail(serverFault(seen, draft));
      // oxlint-disable-next-line no-await-in-loop -- the first that fails is told
      await (takeover === 'lose' ? expectLost(this, draft) : serversOfVisitor(this, draft));
    }
  },
);
