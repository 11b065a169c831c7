/** Steps about what clients got, and what servers carried out. */
import { Then } from '@cucumber/cucumber';
import type { ClientOutcome, Observation, Part } from '../../../conformance/driver/system.ts';
import {
  answersFault,
  anyConnection,
  boundFault,
  consumedFault,
  countAnswers,
  executionFault,
  prefixFault,
  remnantFault,
  rulesFault,
  waitFault,
} from '../../../conformance/system/judge.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import type { SystemWorld } from '../../support/system/world.ts';

/** The last connection of the first client. */
export function lastOf({ clients }: Observation): ClientOutcome {
  const outcome = clients[0]?.at(-1);
  if (outcome === undefined) throw new Failure({ expected: 'a connection', observed: 'none' });
  return outcome;
}

/** Fails unless every client got every answer, whole and in order, and nothing else. */
export async function expectAnswers(world: SystemWorld): Promise<void> {
  const seen = await world.seen();
  world.fail(
    anyConnection(seen, world.asked(), (outcome, asks) =>
      answersFault(outcome, asks, world.policy),
    ),
  );
}

/** Fails unless clients got answers, of one more at most a part or 5xx, and all once at most. */
export async function expectRemnants(world: SystemWorld): Promise<void> {
  const seen = await world.seen();
  world.fail(
    anyConnection(seen, world.asked(), (outcome, asks) =>
      remnantFault(outcome, asks, world.policy),
    ),
  );
  world.fail(executionFault(seen, world.asked(), world.policy, false));
}

/** Fails unless the switch has no rule. */
export async function expectNoRules(world: SystemWorld): Promise<void> {
  world.fail(rulesFault(await world.seen()));
}

/** Fails unless each request was executed once, and by a backend that the policy names. */
export async function expectExecutions(world: SystemWorld): Promise<void> {
  const seen = await world.seen();
  world.fail(executionFault(seen, world.asked(), world.policy, true));
  world.fail(consumedFault(seen, world.asked()));
}

Then('every answer is whole and in order', async function (this: SystemWorld) {
  await expectAnswers(this);
});

/** Legal wherever requests are pipelined: RFC 9112 section 9.6. */
Then(
  'the answers are whole and in order, if need be with a close before the last',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    this.fail(
      anyConnection(seen, this.asked(), (outcome, asks) => prefixFault(outcome, asks, this.policy)),
    );
  },
);

Then(
  'every request is executed once, by the backend of the policy',
  async function (this: SystemWorld) {
    await expectExecutions(this);
  },
);

Then(
  'no request is executed twice, or by a backend that the policy does not name',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    this.fail(executionFault(seen, this.asked(), this.policy, false));
  },
);

Then('every answered request is executed once', async function (this: SystemWorld) {
  const seen = await this.seen();
  const answered = this.asked().map((connections, client) =>
    connections.map((asks, nth) => {
      const outcome = seen.clients[client]?.[nth];
      return outcome === undefined
        ? []
        : asks.slice(0, countAnswers(outcome, asks, this.policy).answers);
    }),
  );
  const wanted = new Set(answered.flat(2).map(({ target }) => target));
  const executions = seen.executions.filter(({ target }) => wanted.has(target));
  this.fail(executionFault({ executions }, answered, this.policy, true));
});

Then(
  'the content of every request reaches its server to the octet',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    this.fail(consumedFault(seen, this.asked()));
  },
);

Then('no client waits longer than the bound', async function (this: SystemWorld) {
  const seen = await this.seen();
  this.fail(
    anyConnection(seen, this.asked(), (outcome, asks) =>
      waitFault(outcome, asks, this.policy, this.hello),
    ),
  );
});

Then('no rule is left', async function (this: SystemWorld) {
  await expectNoRules(this);
});

Then('no backend executes anything', async function (this: SystemWorld) {
  const { executions } = await this.seen();
  const [first] = executions;
  if (first === undefined) return;
  const observed = `${first.backend} executed ${first.method} ${first.target}`;
  throw new Failure({ expected: 'no request executed', observed });
});

Then('{part} executes nothing', async function (this: SystemWorld, part: Part) {
  const { executions } = await this.seen();
  const found = executions.find(({ backend }) => backend === part);
  if (found === undefined) return;
  throw new Failure({ expected: `nothing executed by ${part}`, observed: found.target });
});

Then('{int} requests are executed', async function (this: SystemWorld, count: number) {
  const { executions } = await this.seen();
  if (executions.length === count) return;
  throw new Failure({ expected: `${count} executions`, observed: String(executions.length) });
});

Then(
  'the client has an answer, a close or a reset within the bound',
  async function (this: SystemWorld) {
    this.fail(boundFault(lastOf(await this.seen()), 0, this.hello));
  },
);

Then('the client is answered before {int} ms', async function (this: SystemWorld, ms: number) {
  const { lastOctetMs = Infinity } = lastOf(await this.seen());
  if (lastOctetMs < ms) return;
  throw new Failure({ expected: `the last octet before ${ms} ms`, observed: `at ${lastOctetMs}` });
});

Then(
  'the client has whole answers, and of one more at most a part or 5xx',
  async function (this: SystemWorld) {
    await expectRemnants(this);
  },
);

/** How a connection ended, as scenarios say it. */
Then(
  /^the connection ends with (a FIN|a RST|a FIN or a RST) of the server$/u,
  async function (this: SystemWorld, how: string) {
    const { end } = lastOf(await this.seen());
    const wanted = how.includes('FIN') ? ['finished'] : [];
    if (how.includes('RST')) wanted.push('reset');
    if (!wanted.includes(end)) throw new Failure({ expected: how, observed: `it is ${end}` });
  },
);

Then('no connection is reset', async function (this: SystemWorld) {
  const { clients } = await this.seen();
  const found = clients.flat().find(({ end }) => end === 'reset' || end === 'timeout');
  if (found === undefined) return;
  throw new Failure({ expected: 'no reset', observed: `a connection ended by ${found.end}` });
});

Then('the answer to {string} is whole', async function (this: SystemWorld, target: string) {
  const seen = await this.seen();
  const asks = this.asked()[0]?.at(-1) ?? [];
  const { answers } = countAnswers(lastOf(seen), asks, this.policy);
  const place = asks.findIndex((ask) => ask.target === target);
  if (place >= 0 && place < answers) return;
  throw new Failure({
    expected: `${target} answered`,
    observed: `${answers} answers, and the connection is ${lastOf(seen).end}`,
  });
});
