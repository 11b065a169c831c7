/** Steps about LARD: requests one after the other, and who was chosen for each. */
import { Then, When } from '@cucumber/cucumber';
import { answererOf, answersIn } from '../../../conformance/balancer/http-answers.ts';
import {
  lardFault,
  mostActive,
  type Decision,
  type LardRules,
} from '../../../conformance/balancer/http-lard.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { connectionsOf, httpChoices, nameOf } from '../../support/balancer/http.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/** How long the last to come waits for an answer. */
const PATIENCE_MS = 10_000;
/** More targets than that take too long to be asked for. */
const TARGETS_MAX = 4096;

When(
  /^from (\d+) ms on (\d+) clients get "([^"]+)", (\d+) ms apart$/u,
  function (this: BalancerWorld, from: string, count: string, words: string, apart: string) {
    const service = this.service();
    for (let nth = 0; nth < Number(count); nth += 1) {
      const client = this.visitors.length + 1;
      const afterMs = Number(from) + nth * Number(apart);
      this.visit({ client, words: words.replace('#', String(client)), service, afterMs });
      this.patienceMs = Math.max(this.patienceMs, afterMs + PATIENCE_MS);
    }
  },
);

When(
  /^from (\d+) ms on a client gets (as many|half as many) others as targets are remembered$/u,
  function (this: BalancerWorld, from: string, share: string) {
    const { lardTargets } = httpChoices(this);
    if (lardTargets > TARGETS_MAX) {
      throw new Inconclusive('not-exercised', `${lardTargets} targets are remembered`);
    }
    const count = share === 'as many' ? lardTargets : Math.ceil(lardTargets / 2);
    const client = this.visitors.length + 1;
    const words = `${count} times GET /other/1/${client}-#`;
    this.visit({ client, words, service: this.service(), afterMs: Number(from) });
  },
);

/** Who answered each visitor's first request; of a client each is the one visitor. */
async function serversOf(world: BalancerWorld): Promise<readonly (ServerName | undefined)[]> {
  const seen = await world.seen();
  return world.visitors.map((draft) => {
    const [first] = connectionsOf(world, seen, draft);
    const [answer] = first?.outcome === undefined ? [] : answersIn(first.outcome, first.asks);
    return answer === undefined ? undefined : answererOf(answer);
  });
}

/** What was decided about each request that was answered, one on each connection. */
async function decisionsOf(world: BalancerWorld): Promise<readonly Decision[]> {
  const seen = await world.seen();
  const servers = await serversOf(world);
  return world.visitors.flatMap((draft, nth): readonly Decision[] => {
    const [first] = connectionsOf(world, seen, draft);
    const [ask] = first?.asks ?? [];
    const server = servers[nth];
    const served = seen.served.find(({ head }) => head.split(' ', 2)[1] === ask?.target);
    const [line] = draft.lines;
    if (ask === undefined || first?.outcome === undefined || server === undefined) return [];
    const cameMs = line?.cue.kind === 'after' ? line.cue.ms : 0;
    const isOnly = world.visitors.filter(({ asked }) => asked[0]?.[0]?.target === ask.target);
    const fromMs = isOnly.length === 1 ? (served?.atMs ?? cameMs) : cameMs;
    return [{ target: ask.target, server, fromMs, untilMs: first.outcome.endMs }];
  });
}

function rulesOf(world: BalancerWorld): LardRules {
  const { choosing } = world.service();
  if (typeof choosing === 'string' || choosing.kind === 'cookie-hash') {
    throw new Error('the service does not choose by LARD');
  }
  return choosing;
}

Then('each choice is one that LARD makes', async function (this: BalancerWorld) {
  const { servers } = this.service();
  const decisions = await decisionsOf(this);
  const missing = this.visitors.length - decisions.length;
  if (missing > 0) {
    throw new Failure({ expected: 'an answer for each', observed: `${missing} are missing` });
  }
  this.fail(lardFault(decisions, { rules: rulesOf(this), servers, outages: [] }));
});

/** The servers of clients, as they are written: `1, 2`. */
async function serversOfClients(
  world: BalancerWorld,
  clients: string,
): Promise<readonly ServerName[]> {
  const servers = await serversOf(world);
  return clients.split(', ').map((client) => {
    const nth = world.visitors.indexOf(world.visitor(Number(client)));
    const server = servers[nth];
    if (server === undefined) {
      const who = nameOf(world.visitor(Number(client)));
      throw new Failure({ expected: `an answer for ${who}`, observed: 'none' });
    }
    return server;
  });
}

Then(
  /^clients ((?:\d+, )*\d+) have one server$/u,
  async function (this: BalancerWorld, clients: string) {
    const servers = await serversOfClients(this, clients);
    if (new Set(servers).size === 1) return;
    throw new Failure({ expected: 'one server', observed: servers.join(', ') });
  },
);

Then(
  /^clients ((?:\d+, )*\d+) have servers of their own$/u,
  async function (this: BalancerWorld, clients: string) {
    const servers = await serversOfClients(this, clients);
    if (new Set(servers).size === servers.length) return;
    throw new Failure({ expected: `${servers.length} servers`, observed: servers.join(', ') });
  },
);

Then('no more are active at once than LARD admits', async function (this: BalancerWorld) {
  const { servers } = this.service();
  const { low, high } = rulesOf(this);
  const admitted = (servers.length - 1) * high + low - 1;
  const active = mostActive(await decisionsOf(this));
  if (active <= admitted) return;
  throw new Failure({ expected: `${admitted} at most`, observed: String(active) });
});

Then('each client has an answer of a server, or status 503', async function (this: BalancerWorld) {
  const seen = await this.seen();
  for (const draft of this.visitors) {
    for (const { outcome, asks } of connectionsOf(this, seen, draft)) {
      const [answer] = outcome === undefined ? [] : answersIn(outcome, asks);
      if (answer?.status === 503 || (answer !== undefined && answererOf(answer))) continue;
      const observed = `${nameOf(draft)}: ${answer === undefined ? 'none' : answer.status}`;
      throw new Failure({ expected: 'an answer, or status 503', observed });
    }
  }
});
