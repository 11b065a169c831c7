/** Steps about servers behind a switch that reads requests: which is chosen, and what it hears. */
import { Then } from '@cucumber/cucumber';
import { answererOf } from '../../../conformance/balancer/http-answers.ts';
import { serversOf, trafficOf } from '../../../conformance/balancer/connection.ts';
import { hashedPart, hashedServer } from '../../../conformance/balancer/http-hash.ts';
import { streamFault } from '../../../conformance/balancer/http-stream.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { answersOf, connectionsOf, httpChoices, nameOf } from '../../support/balancer/http.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

Then(
  /^nobody (?:who comes after (\d+) ms )?is answered by (s\d)$/u,
  async function (this: BalancerWorld, after: string | null, server: string) {
    const seen = await this.seen();
    for (const draft of this.visitors) {
      const cue = draft.lines[0]?.cue;
      const cameMs = cue?.kind === 'after' ? cue.ms : 0;
      if (after !== null && cameMs <= Number(after)) continue;
      const found = answersOf(this, seen, draft.client).map(answererOf);
      if (!found.some((name) => name === server)) continue;
      throw new Failure({
        expected: `no answer of ${server}`,
        observed: `one to ${nameOf(draft)}`,
      });
    }
  },
);

Then('the server of each URL is the declared one', async function (this: BalancerWorld) {
  const seen = await this.seen();
  const choices = httpChoices(this);
  for (const draft of this.visitors) {
    const answers = answersOf(this, seen, draft.client);
    for (const [nth, { target }] of draft.asked.flat().entries()) {
      const wanted = hashedServer(target, draft.service.servers, choices);
      const answer = answers[nth];
      const found = answer === undefined ? undefined : answererOf(answer);
      if (wanted === undefined || wanted === found) continue;
      const expected = `${target} at ${wanted}, by ${choices.urlHash}`;
      throw new Failure({ expected, observed: found ?? 'no answer' });
    }
  }
});

Then(
  'each URL has one server, and queries count as declared',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    const known = new Map<string, string>();
    for (const draft of this.visitors) {
      const answers = answersOf(this, seen, draft.client);
      for (const [nth, { target }] of draft.asked.flat().entries()) {
        const answer = answers[nth];
        const found = (answer && answererOf(answer)) ?? 'nobody';
        const part = hashedPart(target, httpChoices(this));
        const wanted = known.get(part) ?? found;
        known.set(part, wanted);
        if (wanted === found) continue;
        throw new Failure({ expected: `${target} at ${wanted}`, observed: found });
      }
    }
    if (known.size === 1 || new Set(known.values()).size > 1) return;
    const observed = `one for ${known.size} URLs`;
    throw new Failure({ expected: 'more than one server', observed });
  },
);

Then(
  'client {int} sees one connection from its SYN on',
  async function (this: BalancerWorld, client: number) {
    this.fail(streamFault(trafficOf(await this.seen(), this.visitor(client))));
  },
);

/** The servers that answered a client, and those that got its segments. */
async function holdersOf(
  world: BalancerWorld,
  client: number,
): Promise<{ readonly answered: readonly ServerName[]; readonly reached: readonly ServerName[] }> {
  const seen = await world.seen();
  const answered = answersOf(world, seen, client).flatMap((each) => answererOf(each) ?? []);
  const { received } = trafficOf(seen, world.visitor(client)).server;
  return { answered, reached: serversOf(received) };
}

Then(
  'the segments of client {int} reach the server that answers it',
  async function (this: BalancerWorld, client: number) {
    const { answered, reached } = await holdersOf(this, client);
    const [first] = answered;
    if (first !== undefined && reached.includes(first)) return;
    const expected = `segments of client ${client} at ${first ?? 'a server'}`;
    throw new Failure({ expected, observed: reached.join(', ') || 'none' });
  },
);

Then(
  'the segments of client {int} reach several of the servers that answer it',
  async function (this: BalancerWorld, client: number) {
    const { answered, reached } = await holdersOf(this, client);
    // Who has an answer ready before the client is heard again may leave it to the next to send.
    if (reached.filter((name) => answered.includes(name)).length > 1) return;
    const expected = `segments of client ${client} at several of ${answered.join(', ')}`;
    throw new Failure({ expected, observed: reached.join(', ') || 'none' });
  },
);

Then(
  'servers carry out {string} {int} time(s)',
  async function (this: BalancerWorld, words: string, times: number) {
    const { served } = await this.seen();
    const [method = '', target = ''] = words.split(' ');
    const found = served.filter(({ head }) => head.startsWith(`${method} ${target} `));
    if (found.length === times) return;
    const expected = `${words} carried out ${times} times`;
    const by = found.map(({ server }) => server).join(', ');
    throw new Failure({ expected, observed: `${found.length} times, by ${by || 'nobody'}` });
  },
);

Then('no POST is carried out twice', async function (this: BalancerWorld) {
  const { served } = await this.seen();
  const posts = served.filter(({ head }) => head.startsWith('POST '));
  const targets = posts.map(({ head }) => head.split(' ', 2)[1]);
  const twice = targets.find((target, nth) => targets.indexOf(target) !== nth);
  if (twice === undefined) return;
  const by = posts.filter((_, nth) => targets[nth] === twice).map(({ server }) => server);
  throw new Failure({ expected: `POST ${twice} once`, observed: `by ${by.join(' and ')}` });
});

Then(
  /^a request was being carried out by (s\d) when it died$/u,
  async function (this: BalancerWorld, name: string) {
    const { served } = await this.seen();
    const death = this.happenings.find(
      (each) => each.kind === 'server' && each.server === name && each.state === 'dead',
    );
    const found = served.some(
      ({ server, atMs, head }) =>
        server === name && atMs < (death?.atMs ?? 0) && !head.includes('/check/'),
    );
    if (!found) throw new Inconclusive('not-exercised', `${name} had no request when it died`);
  },
);

Then('each client has its whole answer, or an error', async function (this: BalancerWorld) {
  const seen = await this.seen();
  for (const draft of this.visitors) {
    const [first] = connectionsOf(this, seen, draft);
    const [answer] = answersOf(this, seen, draft.client);
    const hasEnded = first?.outcome?.end === 'finished' || first?.outcome?.end === 'reset';
    const isError = answer === undefined ? hasEnded : answer.status >= 500 || !answer.isWhole;
    if (isError || (answer !== undefined && answererOf(answer) !== undefined)) continue;
    const observed = `${nameOf(draft)}: ${answer?.status ?? first?.outcome?.end ?? 'nothing'}`;
    throw new Failure({ expected: 'an answer, a status of 5xx, FIN or RST', observed });
  }
});
