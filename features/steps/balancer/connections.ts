/** Steps about what became of connections. */
import { Then } from '@cucumber/cucumber';
import { TCP_FLAG } from 'scapy-ts';
import { answererOf, answerFault } from '../../../conformance/balancer/answers.ts';
import {
  destinationFault,
  hasFlags,
  trafficOf,
  serverFault,
  serversOf,
  sourceFault,
  type Caller,
} from '../../../conformance/balancer/connection.ts';
import {
  checksumFault,
  identityFault,
  optionsFault,
  translationFault,
  tunnelFault,
} from '../../../conformance/balancer/unchanged.ts';
import { httpAnswersFault } from '../../../conformance/balancer/http-answers.ts';
import { innerOf } from '../../../conformance/balancer/packet.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { serversOfVisitor } from '../../support/balancer/answerers.ts';
import type { BalancerWorld, Draft } from '../../support/balancer/world.ts';

/** Who a scenario asks about: those who came. */
function visitorsOf({ visitors }: BalancerWorld): readonly Draft[] {
  if (visitors.length === 0) throw new Error('nobody has come');
  return visitors;
}

async function eachAnswered(world: BalancerWorld, drafts: readonly Draft[]): Promise<void> {
  const seen = await world.seen();
  for (const draft of drafts) {
    const outcomes = seen.visitors[world.visitors.indexOf(draft)] ?? [];
    const { mode, servers } = draft.service;
    for (const [nth, asks] of draft.asked.entries()) {
      const fault =
        mode === 'http'
          ? httpAnswersFault(outcomes[nth], asks, () => servers)
          : answerFault(outcomes[nth], asks, servers);
      if (fault === undefined) continue;
      const observed = `client ${draft.client}:${draft.port}: ${fault.observed}`;
      throw new Failure({ ...fault, observed });
    }
  }
}

Then('each client has its answers', async function (this: BalancerWorld) {
  await eachAnswered(this, visitorsOf(this));
});

Then('client {int} has its answers', async function (this: BalancerWorld, client: number) {
  await eachAnswered(this, this.visitorsOf(client));
});

Then('each connection has one server, from its SYN on', async function (this: BalancerWorld) {
  const seen = await this.seen();
  for (const visitor of visitorsOf(this)) this.fail(serverFault(seen, visitor));
});

Then(
  'each segment of a client reaches its server, with nothing changed but what NAT changes',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    for (const visitor of visitorsOf(this)) {
      const { client, server } = trafficOf(seen, visitor);
      const { hops } = this.hello.choices;
      this.fail(translationFault(client.sent, server.received, 'destination', hops));
      this.fail(destinationFault(seen, visitor, visitor.service));
    }
  },
);

Then(
  'each segment of a server reaches its client, with nothing changed but what NAT changes',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    for (const visitor of visitorsOf(this)) {
      const { client, server } = trafficOf(seen, visitor);
      this.fail(translationFault(server.sent, client.received, 'source', this.hello.choices.hops));
      this.fail(sourceFault(seen, visitor));
    }
  },
);

Then('all that arrives has right checksums', async function (this: BalancerWorld) {
  this.fail(checksumFault(await this.seen()));
});

Then('the segments of a client arrive to the octet', async function (this: BalancerWorld) {
  const seen = await this.seen();
  for (const visitor of visitorsOf(this)) {
    const { client, server } = trafficOf(seen, visitor);
    this.fail(identityFault(client.sent, server.received));
  }
});

Then(
  'the segments of a client arrive in packets to its server, with nothing changed but TTL',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    for (const visitor of visitorsOf(this)) {
      const { client, server } = trafficOf(seen, visitor);
      const inner = server.received.flatMap((each) => innerOf(each) ?? []);
      this.fail(tunnelFault(client.sent, inner, this.hello.choices.tunnelHops));
    }
  },
);

/** The servers that answered the connections of a client, in order. */
async function answerersOf(world: BalancerWorld, client: number): Promise<readonly string[]> {
  const seen = await world.seen();
  return world.visitorsOf(client).flatMap((draft) =>
    draft.asked.map((asks, nth) => {
      const outcome = seen.visitors[world.visitors.indexOf(draft)]?.[nth];
      const found = outcome && answererOf(outcome, asks, draft.service.servers);
      return found ?? 'nobody';
    }),
  );
}

Then(
  /^the connections of client (\d+) are answered by (\S+(?:, \S+)*)$/u,
  async function (this: BalancerWorld, client: string, wanted: string) {
    const observed = (await answerersOf(this, Number(client))).join(', ');
    if (observed !== wanted) throw new Failure({ expected: wanted, observed });
  },
);

Then(
  'the clients are answered by {int} servers, each as often as the others',
  async function (this: BalancerWorld, count: number) {
    const seen = await this.seen();
    const counts = new Map<ServerName, number>();
    for (const visitor of visitorsOf(this)) {
      for (const name of serversOf(trafficOf(seen, visitor).server.received)) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    const share = this.visitors.length / count;
    if (counts.size === count && [...counts.values()].every((each) => each === share)) return;
    const observed = [...counts].map(([name, times]) => `${name} ${times} times`).join(', ');
    throw new Failure({ expected: `${count} servers, each ${share} times`, observed });
  },
);

Then(
  /^client (\d+) has (\d) servers at (\S+) and (\d) at (\S+)$/u,
  async function (
    this: BalancerWorld,
    client: string,
    count: string,
    endpoint: string,
    otherCount: string,
    other: string,
  ) {
    for (const [wanted, where] of [
      [Number(count), this.service(endpoint)],
      [Number(otherCount), this.service(other)],
    ] as const) {
      const visitors = this.visitorsOf(Number(client)).filter(({ service }) => service === where);
      // oxlint-disable-next-line no-await-in-loop -- the story is played once
      const servers = await Promise.all(visitors.map((each) => serversOfVisitor(this, each)));
      const observed = new Set(servers.flat()).size;
      if (observed === wanted) continue;
      const expected = `${wanted} servers at ${where.name}`;
      throw new Failure({ expected, observed: String(observed) });
    }
  },
);

Then(
  'each SYN arrives with its options, and so does its answer',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    for (const visitor of visitorsOf(this)) {
      const { client, server } = trafficOf(seen, visitor);
      this.fail(optionsFault(client.sent, server.received));
      this.fail(optionsFault(server.sent, client.received));
    }
  },
);

Then(
  'each client sees port {int} alone, and each server port {int}',
  async function (this: BalancerWorld, port: number, inner: number) {
    const seen = await this.seen();
    for (const visitor of visitorsOf(this)) {
      this.fail(sourceFault(seen, { ...visitor, service: { ...visitor.service, port } }));
      this.fail(destinationFault(seen, visitor, { ...visitor.service, serverPort: inner }));
    }
  },
);

/** How often a segment with these flags reached which servers. */
async function arrivals(
  world: BalancerWorld,
  caller: Caller,
  flags: number,
): Promise<readonly ServerName[]> {
  const { received } = trafficOf(await world.seen(), caller).server;
  return received.filter((each) => hasFlags(each, flags)).flatMap((each) => serversOf([each]));
}

Then('both SYNs reach the same server', async function (this: BalancerWorld) {
  const [caller] = this.callers;
  if (caller === undefined) throw new Error('nobody has sent a SYN');
  const servers = await arrivals(this, caller, TCP_FLAG.SYN);
  if (servers.length === 2 && new Set(servers).size === 1) return;
  throw new Failure({ expected: 'one server, twice', observed: servers.join(', ') || 'none' });
});

Then(
  'the FIN of client {int} reaches the server of its connection each time',
  async function (this: BalancerWorld, client: number) {
    const visitor = this.visitor(client);
    const { sent } = trafficOf(await this.seen(), visitor).client;
    const fins = sent.filter((each) => hasFlags(each, TCP_FLAG.FIN)).length;
    if (fins < 2) throw new Inconclusive('not-exercised', `it sent ${fins} FINs`);
    this.fail(serverFault(await this.seen(), visitor));
    const servers = await arrivals(this, visitor, TCP_FLAG.FIN);
    if (servers.length === fins) return;
    throw new Failure({ expected: `${fins} FINs`, observed: String(servers.length) });
  },
);

Then(
  'client {int} is reset, or has its answers, as declared',
  async function (this: BalancerWorld, client: number) {
    if (this.hello.choices.departed === 'keep') return eachAnswered(this, this.visitorsOf(client));
    const seen = await this.seen();
    const ends = (seen.visitors[this.visitors.indexOf(this.visitor(client))] ?? []).map(
      ({ end }) => end,
    );
    if (ends.join() === 'reset') return undefined;
    throw new Failure({ expected: 'a reset, as declared', observed: ends.join() });
  },
);
