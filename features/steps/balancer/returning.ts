/** Steps about clients that come again, or stay while the servers change. */
import { Then } from '@cucumber/cucumber';
import { serversOf, trafficOf } from '../../../conformance/balancer/connection.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import {
  comingBetween,
  inOrder,
  isAnswered,
  serversInOrder,
  serversOfVisitor,
} from '../../support/balancer/answerers.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/** For each visitor the servers of its two connections. */
async function beforeAndAfter(
  world: BalancerWorld,
): Promise<readonly (readonly [before: ServerName, after: ServerName])[]> {
  const all = await Promise.all(inOrder(world).map((draft) => serversOfVisitor(world, draft)));
  return all.map(([before, after]) => {
    if (before === undefined || after === undefined) throw new Error('nobody has come again');
    return [before, after];
  });
}

Then('each client has the server that it had before', async function (this: BalancerWorld) {
  const moved = (await beforeAndAfter(this)).filter(([before, after]) => before !== after);
  const [first] = moved;
  if (first === undefined) return;
  const observed = `${moved.length} of ${this.visitors.length} have not, one of ${first.join(' ')}`;
  throw new Failure({ expected: 'all have the server that they had', observed });
});

Then(
  /^of those who had another server than (s\d) at most 1 of (\d+) has another now$/u,
  async function (this: BalancerWorld, gone: string, most: string) {
    const others = (await beforeAndAfter(this)).filter(([before]) => before !== gone);
    const moved = others.filter(([before, after]) => before !== after).length;
    const back = others.filter(([, after]) => after === gone).length;
    if (back > 0) throw new Failure({ expected: `nobody has ${gone}`, observed: `${back} have` });
    if (moved <= others.length / Number(most)) return;
    const expected = `at most ${Math.floor(others.length / Number(most))} of ${others.length}`;
    throw new Failure({ expected, observed: String(moved) });
  },
);

/** For each client the servers of its visits that begin in a time. */
async function byClient(
  world: BalancerWorld,
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<number, readonly ServerName[]>> {
  const drafts = comingBetween(world, fromMs, toMs);
  const servers = await serversInOrder(world, drafts);
  const found = new Map<number, readonly ServerName[]>();
  for (const [nth, { client }] of drafts.entries()) {
    found.set(client, [...(found.get(client) ?? []), ...servers.slice(nth, nth + 1)]);
  }
  return found;
}

Then(
  /^each client that comes before (\d+) ms has one server$/u,
  async function (this: BalancerWorld, before: string) {
    for (const [client, servers] of await byClient(this, 0, Number(before))) {
      if (new Set(servers).size === 1) continue;
      const expected = `one server for client ${client}`;
      throw new Failure({ expected, observed: servers.join(', ') });
    }
  },
);

Then(
  /^not every client that comes after (\d+) ms has the server that it had before$/u,
  async function (this: BalancerWorld, after: string) {
    const before = await byClient(this, 0, Number(after));
    const now = await byClient(this, Number(after), Infinity);
    const isSame = [...now].every(([client, [name]]) => before.get(client)?.[0] === name);
    if (!isSame) return;
    throw new Failure({ expected: 'servers chosen anew', observed: 'all have theirs again' });
  },
);

Then(
  'those whose servers are still there have their answers',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    const { servers: still } = this.service();
    for (const [nth, draft] of this.visitors.entries()) {
      const [server] = serversOf(trafficOf(seen, draft).server.received);
      const outcome = seen.visitors[nth]?.[0];
      if (server === undefined || !still.includes(server)) continue;
      if (outcome !== undefined && isAnswered(draft, outcome)) continue;
      const observed = `client ${draft.client} has not all answers of ${server}`;
      throw new Failure({ expected: 'all answers', observed });
    }
  },
);
