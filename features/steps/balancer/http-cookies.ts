/** Steps about cookies: those of the switch's own, and those that it hashes. */
import { Then, When } from '@cucumber/cucumber';
import { answererOf, answersIn } from '../../../conformance/balancer/http-answers.ts';
import { fieldValues, type HttpAnswer } from '../../../conformance/balancer/http-reading.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { answersOf, connectionsOf, httpChoices, writtenAsk } from '../../support/balancer/http.ts';
import { BalancerWorld } from '../../support/balancer/world.ts';

/** What each server's cookie is, where a scenario has had it learned. */
const learned = new WeakMap<BalancerWorld, ReadonlyMap<ServerName, string>>();
const APART_MS = 20;

/** The name of the cookie that the switch sets. */
function cookieName({ services }: BalancerWorld): string {
  const session = services[0]?.session;
  if (session?.kind !== 'cookie') throw new Error('the service has no cookie');
  return session.name;
}

/** The values that an answer gives to a cookie. RFC 6265 section 4.1.1. */
function given(answer: HttpAnswer, name: string): readonly string[] {
  return fieldValues(answer, 'set-cookie').flatMap((field) => {
    const [pair = ''] = field.split(';', 1);
    return pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : [];
  });
}

When('the cookie of each server is known', async function (this: BalancerWorld) {
  const name = cookieName(this);
  const service = this.service();
  // A story of its own, with the same setup: each server has its turn.
  const scout = new BalancerWorld({
    attach: this.attach,
    log: this.log,
    link: this.link,
    parameters: {},
  });
  scout.services = this.services;
  for (let client = 1; client <= 2 * service.servers.length; client += 1) {
    scout.visit({ client, words: 'GET /a/10', service, afterMs: client * APART_MS });
  }
  const seen = await scout.seen();
  const cookies = new Map<ServerName, string>();
  for (const draft of scout.visitors) {
    for (const { outcome, asks } of connectionsOf(scout, seen, draft)) {
      for (const answer of outcome === undefined ? [] : answersIn(outcome, asks)) {
        const [value] = given(answer, name);
        const server = answererOf(answer);
        if (value !== undefined && server !== undefined) cookies.set(server, value);
      }
    }
  }
  const missing = service.servers.find((server) => !cookies.has(server));
  if (missing !== undefined) {
    throw new Failure({ expected: `a cookie of ${missing}`, observed: 'none' });
  }
  learned.set(this, cookies);
});

/** The words, with what the switch calls a server in the place of `[s1]`. */
function withCookies(world: BalancerWorld, words: string): string {
  return words.replaceAll(/\[(s\d)\]/gu, (_, server: string) => {
    const value = [...(learned.get(world) ?? [])].find(([name]) => name === server)?.[1];
    if (value === undefined) throw new Error(`the cookie of ${server} is not known`);
    return value;
  });
}

When(
  /^client (\d+) asks with the cookies "([^"]*)"(?: after (\d+) ms)?$/u,
  function (this: BalancerWorld, client: string, cookies: string, ms: string | null) {
    const service = this.service();
    const afterMs = ms === null ? {} : { afterMs: Number(ms) };
    const draft = this.begin({ client: Number(client), service, ...afterMs });
    const field = `Cookie: ${withCookies(this, cookies)}`;
    const ask = writtenAsk(`GET /a/10 HTTP/1.1, Host: site.test, ${field}`);
    this.write(draft, [ask], { kind: 'opened' });
  },
);

/** The one answer of a client. */
async function answerOf(world: BalancerWorld, client: number): Promise<HttpAnswer> {
  const answers = answersOf(world, await world.seen(), client);
  const [answer] = answers;
  if (answer !== undefined && answers.length === 1) return answer;
  throw new Failure({ expected: 'one answer', observed: `${answers.length}` });
}

// Who is told again what he has said is not harmed.
Then(
  /^client (\d+) is given no cookie but that of (s\d)$/u,
  async function (this: BalancerWorld, client: string, server: string) {
    const values = given(await answerOf(this, Number(client)), cookieName(this));
    const own = withCookies(this, `[${server}]`);
    if (values.every((value) => value === own)) return;
    throw new Failure({ expected: `no Set-Cookie but ${own}`, observed: values.join(', ') });
  },
);

Then(
  'client {int} is given the cookie of its server',
  async function (this: BalancerWorld, client: number) {
    const answer = await answerOf(this, client);
    const server = answererOf(answer);
    const values = given(answer, cookieName(this));
    const known = server === undefined ? undefined : learned.get(this)?.get(server);
    const isRight = known === undefined ? values.length === 1 : values.join() === known;
    if (server !== undefined && isRight) return;
    const observed = values.join(', ') || `none, from ${server ?? 'no server'}`;
    throw new Failure({ expected: `the cookie of ${server ?? 'a server'}`, observed });
  },
);

Then(
  'client {int} has another server with its cookie, or a status of 5xx, as declared',
  async function (this: BalancerWorld, client: number) {
    const answer = await answerOf(this, client);
    const server = answererOf(answer);
    const observed = server ?? `status ${answer.status}`;
    if (httpChoices(this).deadCookie === 'refused') {
      if (server === undefined && answer.status >= 500) return;
      throw new Failure({ expected: 'a status of 5xx', observed });
    }
    const values = given(answer, cookieName(this));
    const known = server === undefined ? undefined : learned.get(this)?.get(server);
    if (known !== undefined && values.join() === known) return;
    const expected = 'an answer of another server, with its cookie';
    throw new Failure({ expected, observed: `${observed}, ${values.join(', ') || 'no cookie'}` });
  },
);

When(
  /^client (\d+) asks with (\d+) values of the cookie (\S+)(?:, after (\d+) ms)?$/u,
  function (this: BalancerWorld, client: string, count: string, name: string, ms: string | null) {
    const service = this.service();
    const afterMs = ms === null ? {} : { afterMs: Number(ms) };
    const draft = this.begin({ client: Number(client), service, ...afterMs });
    const asks = Array.from({ length: Number(count) }, (_, nth) =>
      writtenAsk(`GET /a/10/${nth} HTTP/1.1, Host: site.test, Cookie: a=1; ${name}=user-${nth}`),
    );
    this.write(draft, asks, { kind: 'opened' });
  },
);

/** Which server answered each request of a client. */
async function serversOf(
  world: BalancerWorld,
  client: number,
): Promise<readonly (ServerName | undefined)[]> {
  return answersOf(world, await world.seen(), client).map(answererOf);
}

Then(
  'clients {int} and {int} have the same servers, several of them',
  async function (this: BalancerWorld, one: number, other: number) {
    const [a, b] = [await serversOf(this, one), await serversOf(this, other)];
    const nth = a.findIndex((server, at) => server === undefined || server !== b[at]);
    if (nth >= 0 || a.length !== b.length) {
      const observed = `${b[nth] ?? 'nobody'} for the key ${nth}`;
      throw new Failure({ expected: a[nth] ?? 'a server', observed });
    }
    if (new Set(a).size > 1) return;
    throw new Failure({ expected: 'more than one server', observed: a[0] ?? 'none' });
  },
);

Then(
  /^of the servers of client (\d+) and client (\d+), who has (s\d) no more, the declared share differs$/u,
  async function (this: BalancerWorld, one: string, other: string, gone: string) {
    const [a, b] = [await serversOf(this, Number(one)), await serversOf(this, Number(other))];
    const stays = [...a.keys()].filter((nth) => a[nth] !== gone);
    if (a.length !== b.length || stays.length === 0) {
      throw new Inconclusive('not-exercised', `${a.length} and ${b.length} answers`);
    }
    if (b.some((server) => server === gone || server === undefined)) {
      throw new Failure({ expected: `no answer of ${gone}`, observed: 'one' });
    }
    const moved = stays.filter((nth) => a[nth] !== b[nth]).length / stays.length;
    const { cookieHashMoves } = httpChoices(this);
    if (moved <= cookieHashMoves) return;
    throw new Failure({ expected: `${cookieHashMoves} at most`, observed: moved.toFixed(2) });
  },
);
