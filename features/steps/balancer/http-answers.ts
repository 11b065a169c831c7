/** Steps about who answered a request, and what a client saw of it. */
import { Then } from '@cucumber/cucumber';
import { answererOf, httpAnswersFault } from '../../../conformance/balancer/http-answers.ts';
import { serverNamed } from '../../../conformance/balancer/connection.ts';
import { packetsOf, type CapturedPacket } from '../../../conformance/balancer/packet.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import type { Ask } from '../../../conformance/system/request.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import {
  answersOf,
  connectionsOf,
  destinationFor,
  httpChoices,
  nameOf,
} from '../../support/balancer/http.ts';
import type { BalancerWorld, Draft } from '../../support/balancer/world.ts';

const PROTOCOL_TCP = 6;
/** How much later than declared a machine in real time may be. */
const LATE_MS = 2000;

/** The servers that may answer each request of a connection; none where it is refused. */
function serversFor(
  world: BalancerWorld,
  draft: Draft,
  asks: readonly Ask[],
): readonly (readonly ServerName[])[] {
  const destinations = asks.map((ask) => destinationFor(world, draft, ask));
  const isOne = draft.service.locality === 'connection';
  return destinations.map((each, nth) => {
    const found = isOne ? destinations[0] : destinations[nth];
    return found === undefined || each === 'refused' || found === 'refused'
      ? []
      : found.pool.servers;
  });
}

/** All answers are whole, in order, and each of a server that its request may be answered by. */
async function eachAnswered(world: BalancerWorld, drafts: readonly Draft[]): Promise<void> {
  const seen = await world.seen();
  for (const draft of drafts) {
    for (const { outcome, asks } of connectionsOf(world, seen, draft)) {
      const servers = serversFor(world, draft, asks);
      const fault = httpAnswersFault(outcome, asks, (_, nth) => servers[nth] ?? []);
      if (fault === undefined) continue;
      const observed = `${nameOf(draft)}: ${fault.observed}`;
      throw new Failure({ ...fault, observed });
    }
  }
}

Then('each request is answered by its pool, in order', async function (this: BalancerWorld) {
  if (this.visitors.length === 0) throw new Error('nobody has come');
  await eachAnswered(this, this.visitors);
});

Then(
  'client {int} is answered by its pool, in order',
  async function (this: BalancerWorld, client: number) {
    await eachAnswered(this, this.visitorsOf(client));
  },
);

/** What became of a client's requests: each a server's name, or a status. */
async function outcomesOf(world: BalancerWorld, client: number): Promise<readonly string[]> {
  const answers = answersOf(world, await world.seen(), client);
  return answers.map((each) => {
    const name = answererOf(each);
    return name === undefined || each.status !== 200 ? String(each.status) : name;
  });
}

Then(
  /^client (\d+) is answered by (s\d(?:, s\d)*)$/u,
  async function (this: BalancerWorld, client: string, wanted: string) {
    const observed = (await outcomesOf(this, Number(client))).join(', ') || 'nobody';
    if (observed !== wanted) throw new Failure({ expected: wanted, observed });
    await eachAnswered(this, this.visitorsOf(Number(client)));
  },
);

Then(
  /^client (\d+) is answered with status (\d+(?: or \d+)*), and by no server$/u,
  async function (this: BalancerWorld, client: string, wanted: string) {
    const outcomes = await outcomesOf(this, Number(client));
    const observed = outcomes.join(', ') || 'no answer';
    if (outcomes.length !== 1 || !wanted.split(' or ').includes(observed)) {
      throw new Failure({ expected: `status ${wanted}`, observed });
    }
    await unheard(this, this.visitor(Number(client)));
  },
);

/** No server has carried out what a visitor asked. */
async function unheard(world: BalancerWorld, draft: Draft): Promise<void> {
  const { served } = await world.seen();
  for (const { target } of draft.asked.flat()) {
    const found = served.find(({ head }) => head.split(' ', 2)[1] === target);
    if (found === undefined) continue;
    throw new Failure({ expected: `no ${target} at a server`, observed: `one at ${found.server}` });
  }
}

Then(
  'client {int} is answered by its pool, or refused, as declared',
  async function (this: BalancerWorld, client: number) {
    const draft = this.visitor(client);
    const [ask] = draft.asked.flat();
    if (ask === undefined) throw new Error('nothing was asked');
    const wanted = destinationFor(this, draft, ask);
    const observed = (await outcomesOf(this, client)).join(', ') || 'no answer';
    if (wanted !== 'refused' && wanted.pool.servers.some((name) => name === observed)) return;
    // Its server may refuse what the switch should have, or say nothing to it. RFC 9112 section 3.
    const isNoTarget = wanted !== 'refused' && ask.target.includes('#');
    if (wanted !== 'refused' && (!isNoTarget || /^s\d$/u.test(observed))) {
      throw new Failure({ expected: wanted.pool.servers.join(' or '), observed });
    }
    // What is no request is 400; a method that is not for such a target may be said otherwise.
    if (!isNoTarget && !/^4\d\d$|^501$/u.test(observed)) {
      throw new Failure({ expected: 'status 400', observed });
    }
    await unheard(this, draft);
  },
);

/** TCP packets that servers received. */
function atServers(packets: readonly CapturedPacket[]): readonly CapturedPacket[] {
  return packets.filter(
    ({ host, direction, protocol }) =>
      serverNamed(host) !== undefined && direction === 'received' && protocol === PROTOCOL_TCP,
  );
}

/** When a client had sent all its octets for the first time; never, if it had not. */
function wholeAtMs(packets: readonly CapturedPacket[], client: number, octets: number): number {
  const sent = packets.filter(({ host, direction, seq }) => {
    return host === `client ${client}` && direction === 'sent' && seq !== undefined;
  });
  const first = sent[0]?.seq ?? 0;
  const whole = sent.find(({ seq = 0, octets: all, headerOctets }) => {
    const words = (all[headerOctets + 12] ?? 0) >> 4;
    const end = seq + all.length - headerOctets - 4 * words;
    // The SYN has the number before the first octet; numbers wrap.
    return ((end - first - 1) | 0) >= octets;
  });
  return whole?.atMs ?? Infinity;
}

Then(
  'no server hears of client {int} before its head is whole',
  async function (this: BalancerWorld, client: number) {
    const packets = packetsOf(await this.seen());
    const asked = this.visitor(client).asked.flat();
    const octets = asked.reduce((sum, ask) => sum + ask.octets.length, 0);
    const wholeMs = octets === 0 ? Infinity : wholeAtMs(packets, client, octets);
    const early = atServers(packets).find(({ atMs }) => atMs < wholeMs);
    if (early === undefined) return;
    const observed = `one at ${early.host} after ${Math.round(early.atMs)} ms`;
    throw new Failure({ expected: 'no packet at a server', observed });
  },
);

Then(
  'client {int} is given up by the declared time',
  async function (this: BalancerWorld, client: number) {
    const seen = await this.seen();
    const [first] = connectionsOf(this, seen, this.visitor(client));
    const { end, endMs } = first?.outcome ?? { end: 'open', endMs: Infinity };
    const { headSeconds } = httpChoices(this);
    const opened = packetsOf(seen).find(({ host }) => host === `client ${client}`)?.atMs ?? 0;
    const tookMs = endMs - opened;
    const isGivenUp = end === 'finished' || end === 'reset';
    if (isGivenUp && tookMs <= headSeconds * 1000 + LATE_MS) return;
    const expected = `FIN or RST after ${headSeconds} s at most`;
    throw new Failure({ expected, observed: `${end} after ${Math.round(tookMs)} ms` });
  },
);

Then(
  /^the server of client (\d+) finds the host (\S+) in its request$/u,
  async function (this: BalancerWorld, client: string, wanted: string) {
    const { served } = await this.seen();
    const [ask] = this.visitor(Number(client)).asked.flat();
    const own = served.at(-1);
    if (own === undefined || ask === undefined) {
      throw new Inconclusive('not-exercised', 'no server has a request');
    }
    const target = own.head.split(' ', 2)[1] ?? '';
    const named = /^https?:\/\/(?<host>[^/]*)/iu.exec(target)?.groups?.['host'];
    const field = /\r\nhost:[ \t]*(?<host>[^\r]*)\r\n/iu.exec(own.head)?.groups?.['host'];
    const observed = named ?? field ?? 'none';
    if (observed.toLowerCase() === wanted) return;
    throw new Failure({ expected: wanted, observed });
  },
);

Then(
  'client {int} has one answer, or status 400, and then the end of its connection',
  async function (this: BalancerWorld, client: number) {
    const seen = await this.seen();
    const outcomes = await outcomesOf(this, client);
    const observed = outcomes.join(', ') || 'no answer';
    const isRefused = observed === '400';
    if (!isRefused && !/^s\d$/u.test(observed)) {
      throw new Failure({ expected: 'status 400, or one answer of a server', observed });
    }
    const [first] = connectionsOf(this, seen, this.visitor(client));
    if (first?.outcome?.end === 'open') {
      throw new Failure({ expected: 'a close', observed: 'an open connection' });
    }
    if (isRefused) await unheard(this, this.visitor(client));
  },
);

Then('no server gets a request with Content-Length', async function (this: BalancerWorld) {
  const { served } = await this.seen();
  const found = served.find(({ head }) => /\r\ncontent-length:/iu.test(head));
  if (found === undefined) return;
  throw new Failure({ expected: 'no Content-Length', observed: JSON.stringify(found.head) });
});
