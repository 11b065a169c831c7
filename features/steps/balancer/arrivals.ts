/** Steps about single packets: whom they reach, and what is answered. */
import { Then } from '@cucumber/cucumber';
import { TCP_FLAG } from 'scapy-ts';
import {
  clientAddress,
  hasFlags,
  trafficOf,
  serverAddress,
  serverNamed,
  serversOf,
  type Caller,
} from '../../../conformance/balancer/connection.ts';
import { innerOf, packetsOf } from '../../../conformance/balancer/packet.ts';
import { errorsIn } from '../../../conformance/balancer/quoted.ts';
import { checksumFault } from '../../../conformance/balancer/unchanged.ts';
import type { BalancerObservation } from '../../../conformance/driver/balancer.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/**
 * What became of a segment that was refused: nothing, or a RST that its sender would believe.
 *
 * What its sender heard before `fromMs` is not about it.
 */
function refusalFault(
  seen: BalancerObservation,
  caller: Caller,
  how: 'drop' | 'reset',
  fromMs = 0,
): Failure | undefined {
  const { client: all, server } = trafficOf(seen, caller);
  const client = { received: all.received.filter(({ atMs }) => atMs >= fromMs) };
  const who = `client ${caller.client}:${caller.port}`;
  if (server.received.length > 0) {
    const observed = `${server.received.length} at ${serversOf(server.received).join(', ')}`;
    return new Failure({ expected: `no segment of ${who} at a server`, observed });
  }
  const resets = client.received.filter((each) => hasFlags(each, TCP_FLAG.RST));
  const isRight = how === 'drop' ? client.received.length === 0 : resets.length > 0;
  if (isRight && resets.length === client.received.length) return undefined;
  const expected = how === 'drop' ? `no answer to ${who}` : `a RST to ${who}`;
  const others = client.received.length - resets.length;
  return new Failure({ expected, observed: `${resets.length} RSTs, ${others} others` });
}

function refused(world: BalancerWorld, seen: BalancerObservation, how: 'drop' | 'reset'): void {
  for (const caller of world.callers) {
    const fault = refusalFault(seen, caller, how);
    if (fault !== undefined) throw fault;
  }
}

Then(
  'they are dealt with as declared, those of one connection alike',
  async function (this: BalancerWorld) {
    const seen = await this.seen();
    const { strays } = this.hello.choices;
    if (strays !== 'hash') return refused(this, seen, strays);
    for (const caller of this.callers) {
      const { client, server } = trafficOf(seen, caller);
      const servers = serversOf(server.received);
      const isWhole = server.received.length === client.sent.length;
      if (servers.length === 1 && isWhole) continue;
      const observed = `${server.received.length} at ${servers.join(' and ') || 'none'}`;
      throw new Failure({ expected: `${client.sent.length} segments at one server`, observed });
    }
    return undefined;
  },
);

Then('the segment is a stray, and dealt with as declared', async function (this: BalancerWorld) {
  const seen = await this.seen();
  const [caller] = this.callers;
  if (caller === undefined) throw new Error('nobody has sent a segment');
  const { client, server } = trafficOf(seen, caller);
  const syns = server.received.filter((each) => hasFlags(each, TCP_FLAG.SYN));
  if (syns.length > 0) throw new Failure({ expected: 'no SYN at a server', observed: 'one' });
  const { strays } = this.hello.choices;
  if (strays === 'hash') return;
  // A denied SYN may be answered with RST, too.
  const stray = client.sent.find((each) => !hasFlags(each, TCP_FLAG.SYN));
  const fault = refusalFault(seen, caller, strays, stray?.atMs);
  if (fault !== undefined) throw fault;
});

Then('it reaches no server, and is refused as declared', async function (this: BalancerWorld) {
  refused(this, await this.seen(), this.hello.choices.refusal);
});

Then('client {int} reaches no server', async function (this: BalancerWorld, client: number) {
  const source = clientAddress(client);
  const found = packetsOf(await this.seen()).find(
    (each) =>
      each.direction === 'received' &&
      serverNamed(each.host) !== undefined &&
      (each.source === source || innerOf(each)?.source === source),
  );
  if (found === undefined) return;
  throw new Failure({ expected: 'no packet at a server', observed: `one at ${found.host}` });
});

Then(
  "the error reaches the server of client {int}, about the server's own packet",
  async function (this: BalancerWorld, client: number) {
    const seen = await this.seen();
    const visitor = this.visitor(client);
    const [server] = serversOf(trafficOf(seen, visitor).server.received);
    if (server === undefined) throw new Inconclusive('not-exercised', 'no server has been chosen');
    const { port, serverPort = port } = visitor.service;
    const errors = errorsIn(packetsOf(seen)).filter(({ host }) => serverNamed(host) !== undefined);
    const expected = `${server}: ${serverAddress(server)}:${serverPort} > ${clientAddress(client)}:${visitor.port}`;
    const observed = errors
      .map(({ host, quotedSource, quotedDestination }) => {
        return `${host}: ${quotedSource} > ${quotedDestination}`;
      })
      .join(', ');
    if (observed !== expected) throw new Failure({ expected, observed: observed || 'none' });
    this.fail(checksumFault(seen));
  },
);

Then(
  'the error reaches client {int}, about its own packet',
  async function (this: BalancerWorld, client: number) {
    const seen = await this.seen();
    const { port, service } = this.visitor(client);
    const expected = `${clientAddress(client)}:${port} > ${service.address}:${service.port}`;
    const observed = errorsIn(packetsOf(seen))
      .filter(({ host }) => host === `client ${client}`)
      .map(({ quotedSource, quotedDestination }) => `${quotedSource} > ${quotedDestination}`)
      .join(', ');
    if (observed !== expected) throw new Failure({ expected, observed: observed || 'none' });
    this.fail(checksumFault(seen));
  },
);

/** Where the packets of `source` went that are not like any that its stack sends. */
function reached(
  seen: BalancerObservation,
  source: string,
  isOdd: (packet: ReturnType<typeof packetsOf>[number]) => boolean,
): readonly string[] {
  return packetsOf(seen)
    .filter((each) => each.direction === 'received' && each.source === source && isOdd(each))
    .map(({ host }) => host);
}

Then(
  /^(the segment with options|both fragments) of client (\d+) reach(?:es)? its server, or nobody, as declared$/u,
  async function (this: BalancerWorld, what: string, client: string) {
    const seen = await this.seen();
    const isFragments = what === 'both fragments';
    const { fragments, ipOptions } = this.hello.choices;
    const isCarried = isFragments ? fragments === 'follow' : ipOptions === 'forward';
    const { received } = trafficOf(seen, this.visitor(Number(client))).server;
    const [server] = serversOf(received.filter((each) => hasFlags(each, TCP_FLAG.SYN)));
    if (server === undefined) throw new Inconclusive('not-exercised', 'no server has been chosen');
    const hosts = reached(seen, clientAddress(Number(client)), (each) =>
      isFragments
        ? each.fragmentOffset > 0 || (each.octets[6] ?? 0) >> 5 === 1
        : each.headerOctets > 20,
    );
    const wanted = isCarried ? Array.from({ length: isFragments ? 2 : 1 }, () => server) : [];
    if (hosts.join() === wanted.join()) return;
    const expected = wanted.join(', ') || 'nobody';
    throw new Failure({ expected, observed: hosts.join(', ') || 'nobody' });
  },
);

Then('what servers answer does not pass the switch', async function (this: BalancerWorld) {
  const packets = packetsOf(await this.seen());
  const toSwitch = new Set(
    packets
      .filter(({ host, direction }) => serverNamed(host) === undefined && direction === 'sent')
      .map(({ destinationMac }) => destinationMac),
  );
  const passing = packets.find(
    ({ host, direction, destinationMac, sourceMac }) =>
      (serverNamed(host) !== undefined && direction === 'sent' && toSwitch.has(destinationMac)) ||
      (serverNamed(host) === undefined && direction === 'received' && toSwitch.has(sourceMac)),
  );
  const answered = packets.some(
    ({ host, direction }) => serverNamed(host) === undefined && direction === 'received',
  );
  if (!answered) throw new Failure({ expected: 'answers of servers', observed: 'none' });
  if (passing === undefined) return;
  const observed = `${passing.source} > ${passing.destination} at ${passing.host}`;
  throw new Failure({ expected: 'nothing by way of the switch', observed });
});

Then('the setup is refused', async function (this: BalancerWorld) {
  const { setups } = await this.seen();
  if (setups[0] !== undefined) return;
  throw new Failure({ expected: 'a fault in words', observed: 'the setup was taken' });
});

Then('each tunnel leads to its server', async function (this: BalancerWorld) {
  const outer = packetsOf(await this.seen()).filter(
    ({ host, direction, protocol }) =>
      serverNamed(host) !== undefined && direction === 'received' && protocol === 4,
  );
  if (outer.length === 0) throw new Failure({ expected: 'packets in packets', observed: 'none' });
  for (const { host, destination } of outer) {
    const name = serverNamed(host);
    const expected = name === undefined ? '' : serverAddress(name);
    if (destination !== expected) throw new Failure({ expected, observed: destination });
  }
  this.fail(checksumFault(await this.seen()));
});
