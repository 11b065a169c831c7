/** Steps about which server was chosen, told by who has answered. */
import { Then } from '@cucumber/cucumber';
import { leastFault, type Job } from '../../../conformance/balancer/busy.ts';
import { chanceFault } from '../../../conformance/balancer/chance.ts';
import { trafficOf } from '../../../conformance/balancer/connection.ts';
import { cycleOf, follows } from '../../../conformance/balancer/turns.ts';
import {
  SERVERS,
  type ServerName,
  type VirtualService,
} from '../../../conformance/driver/balancer.ts';
import { NotSupported } from '../../../conformance/driver/device.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import {
  comesAtMs,
  comingBetween,
  inOrder,
  serverOfVisitor,
  serversInOrder,
} from '../../support/balancer/answerers.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/** What is blamed on chance, so that it is next to never blamed wrongly, in one run of many. */
const MAGLEV_BLAME = 1e-6;
/** Clients who were to come 100 ms apart, and come closer than this, are too late to be judged. */
const APART_MS = 30;

function weightOf({ weights = {} }: VirtualService, name: ServerName): number {
  return weights[name] ?? 1;
}

function countsIn(names: readonly ServerName[]): string {
  const counts = SERVERS.map((name) => [name, names.filter((each) => each === name).length]);
  return counts.flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`])).join(', ');
}

Then(
  /^of each (\d+) clients in a row (s\d \d+(?:, s\d \d+)*) are answered by these$/u,
  async function (this: BalancerWorld, length: string, words: string) {
    const servers = await serversInOrder(this);
    const size = Number(length);
    for (let from = 0; from + size <= servers.length; from += size) {
      const observed = countsIn(servers.slice(from, from + size));
      if (observed === words) continue;
      // oxlint-disable-next-line no-await-in-loop -- it ends the loop
      expectApart(await begunMs(this));
      throw new Failure({ expected: words, observed });
    }
  },
);

Then('turns come in the declared order', async function (this: BalancerWorld) {
  const { turns } = this.hello.choices;
  if (turns === undefined) throw new NotSupported('an order of weighted turns');
  const service = this.service();
  const { servers: names } = service;
  const cycle = cycleOf(
    turns,
    names.map((name) => weightOf(service, name)),
  ).flatMap((place) => names[place] ?? []);
  const servers = await serversInOrder(this);
  if (follows(servers, cycle)) return;
  expectApart(await begunMs(this));
  throw new Failure({
    expected: `${cycle.join(' ')} again and again`,
    observed: servers.join(' '),
  });
});

Then(
  /^(s\d(?:, s\d)*) answer (?:all|everybody) who comes? (?:after (\d+) ms|between (\d+) and (\d+) ms), each of them some$/u,
  async function (
    this: BalancerWorld,
    words: string,
    after: string | null,
    from: string | null,
    to: string | null,
  ) {
    const drafts = comingBetween(this, Number(after ?? from), Number(to ?? Infinity));
    const servers = await serversInOrder(this, drafts);
    const observed = SERVERS.filter((name) => servers.includes(name)).join(', ');
    if (observed !== words) throw new Failure({ expected: words, observed });
  },
);

Then(
  /^(s\d) is still chosen after (\d+) ms$/u,
  async function (this: BalancerWorld, name: string, after: string) {
    const servers = await serversInOrder(this, comingBetween(this, Number(after), Infinity));
    if (servers.some((each) => each === name)) return;
    throw new Failure({ expected: `${name} answers some`, observed: countsIn(servers) });
  },
);

/** When each visitor has sent its first segment, in the order in which they were to come. */
async function begunMs(world: BalancerWorld): Promise<readonly number[]> {
  const seen = await world.seen();
  return inOrder(world).map((draft) => {
    const [first] = trafficOf(seen, draft).client.sent;
    return first?.atMs ?? comesAtMs(draft);
  });
}

/** Whoever were to be apart and came together may have been taken in any order: nothing is told. */
function expectApart(timesMs: readonly number[]): void {
  const nth = timesMs.findIndex((time, at) => at > 0 && time - (timesMs[at - 1] ?? 0) < APART_MS);
  if (nth < 0) return;
  throw new Inconclusive('late', `two clients came together after ${timesMs[nth]} ms`);
}

/** How long each request was with its server, by the captures. */
async function jobsOf(world: BalancerWorld): Promise<readonly Job[]> {
  const seen = await world.seen();
  const times = await begunMs(world);
  const jobs = await Promise.all(
    inOrder(world).map(async (draft, nth): Promise<Job> => {
      const server = await serverOfVisitor(world, draft);
      const toMs = seen.visitors[world.visitors.indexOf(draft)]?.[0]?.lastOctetMs ?? Infinity;
      return { fromMs: times[nth] ?? 0, toMs, server };
    }),
  );
  return jobs.toSorted((a, b) => a.fromMs - b.fromMs);
}

Then(
  'each client is answered by who has least to do, of several by the declared one',
  async function (this: BalancerWorld) {
    const service = this.service();
    const jobs = await jobsOf(this);
    expectApart(jobs.map(({ fromMs }) => fromMs));
    const pool = service.servers
      .map((name) => [name, weightOf(service, name)] as const)
      .filter(([, weight]) => weight > 0);
    this.fail(leastFault(jobs, pool, this.hello.choices.ties));
  },
);

Then(
  /^the last (\d+) clients have (\d+) servers, each as often$/u,
  async function (this: BalancerWorld, count: string, wanted: string) {
    const servers = await serversInOrder(this, inOrder(this).slice(-Number(count)));
    const share = Number(count) / Number(wanted);
    const expected = SERVERS.slice(0, Number(wanted))
      .map((name) => `${name} ${share}`)
      .join(', ');
    const observed = countsIn(servers);
    if (observed !== expected) throw new Failure({ expected, observed });
  },
);

/** The probability of each server of a service. */
function sharesOf(service: VirtualService): readonly number[] {
  const total = service.servers.reduce((sum, name) => sum + weightOf(service, name), 0);
  return service.servers.map((name) => weightOf(service, name) / total);
}

Then('who answers is chance, in proportion to the weights', async function (this: BalancerWorld) {
  const service = this.service();
  const { servers: names } = service;
  const shares = sharesOf(service);
  const servers = await serversInOrder(this);
  const places = servers.map((name) => names.indexOf(name));
  this.fail(
    chanceFault(
      names.map((_, place) => places.filter((each) => each === place).length),
      shares,
    ),
  );
  // Two that follow each other have nothing to do with each other: what comes by turns is no chance.
  const pairs = places.flatMap((place, nth) =>
    nth % 2 === 0 && nth + 1 < places.length ? [place * names.length + (places[nth + 1] ?? 0)] : [],
  );
  const both = shares.flatMap((share) => shares.map((other) => share * other));
  this.fail(
    chanceFault(
      both.map((_, pair) => pairs.filter((each) => each === pair).length),
      both,
    ),
  );
});

Then('servers have shares in proportion to their weights', async function (this: BalancerWorld) {
  const service = this.service();
  const servers = await serversInOrder(this);
  const counts = service.servers.map((name) => servers.filter((each) => each === name).length);
  this.fail(chanceFault(counts, sharesOf(service), MAGLEV_BLAME));
});
