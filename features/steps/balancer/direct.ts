/** Steps about what only time can tell a switch that servers do not answer through, and length. */
import { Then, When } from '@cucumber/cucumber';
import { PROTOCOL, TCP_FLAG } from 'scapy-ts';
import {
  clientAddress,
  hasFlags,
  serverNamed,
  serversOf,
  trafficOf,
} from '../../../conformance/balancer/connection.ts';
import { packetsOf, type CapturedPacket } from '../../../conformance/balancer/packet.ts';
import { tooBigFor } from '../../../conformance/balancer/quoted.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { segmentOf } from '../../support/balancer/packets.ts';
import { stay, type BalancerWorld, type Draft } from '../../support/balancer/world.ts';

/** How much less than the declared time a connection is silent. */
const MARGIN_MS = 2000;
/** The number of a segment that is made by hand, so that it is known again. */
const MADE_SEQ = 0x5e95_e95e;

When(
  /^client (\d+) sends a segment of its connection (just before its time is over|after twice its time)$/u,
  function (this: BalancerWorld, client: string, when: string) {
    const timeMs = this.hello.choices.establishedSeconds * 1000;
    const atMs = when.startsWith('just') ? timeMs - MARGIN_MS : 2 * timeMs + MARGIN_MS;
    const header = { flags: 'A', seq: MADE_SEQ, ack: 1 };
    const draft = this.visitor(Number(client));
    this.send(`client ${Number(client)}`, segmentOf(draft, { tcp: header }), atMs);
    stay(this, atMs);
  },
);

/** Where the segment that was made by hand has come out, and what its client got for it. */
async function fateOf(
  world: BalancerWorld,
  draft: Draft,
): Promise<{
  readonly atServers: readonly CapturedPacket[];
  readonly answers: readonly CapturedPacket[];
}> {
  const { client, server } = trafficOf(await world.seen(), draft);
  const made = client.sent.find(({ seq }) => seq === MADE_SEQ);
  if (made === undefined) throw new Inconclusive('not-exercised', 'the segment was not sent');
  return {
    atServers: server.received.filter(({ seq }) => seq === MADE_SEQ),
    answers: client.received.filter(({ atMs }) => atMs >= made.atMs),
  };
}

Then(
  'the segment of client {int} reaches its server',
  async function (this: BalancerWorld, client: number) {
    const draft = this.visitor(client);
    const { atServers } = await fateOf(this, draft);
    const [expected = 'a server'] = serversOf(trafficOf(await this.seen(), draft).server.received);
    const observed = serversOf(atServers).join(' and ') || 'nobody';
    if (observed !== expected) throw new Failure({ expected, observed });
  },
);

Then(
  'that of client {int} is a stray, and dealt with as declared',
  async function (this: BalancerWorld, client: number) {
    const { strays } = this.hello.choices;
    if (strays === 'hash') {
      throw new Inconclusive('hashed', 'a stray goes where its connection went');
    }
    const { atServers, answers } = await fateOf(this, this.visitor(client));
    const resets = answers.filter((each) => hasFlags(each, TCP_FLAG.RST));
    const isRight = strays === 'drop' ? answers.length === 0 : resets.length > 0;
    if (atServers.length === 0 && isRight) return;
    const observed = `${atServers.length} at servers, ${resets.length} RSTs`;
    const expected = strays === 'drop' ? 'nothing' : 'a RST, and nothing at servers';
    throw new Failure({ expected, observed });
  },
);

/** Octets of the IP payload of a segment that fills a packet of 1500 octets, but for its header. */
const FULL_PAYLOAD = 1500 - 40;

When(
  'client {int} sends a segment that fills its link, and may not be cut, after {int} ms',
  function (this: BalancerWorld, client: number, ms: number) {
    const header = { flags: 'PA', seq: MADE_SEQ, ack: 1 };
    const fields = { tcp: header, payloadOctets: FULL_PAYLOAD };
    this.send(`client ${client}`, segmentOf(this.visitor(client), fields), ms);
    stay(this, ms);
  },
);

/** Octets of packets in packets that a server got from the switch for the segment. */
function carriedOctets(packets: readonly CapturedPacket[], sinceMs: number): number {
  return packets
    .filter(
      ({ host, direction, protocol, atMs }) =>
        serverNamed(host) !== undefined &&
        direction === 'received' &&
        protocol === PROTOCOL.ipv4 &&
        atMs >= sinceMs,
    )
    .reduce((sum, { octets, headerOctets }) => sum + octets.length - headerOctets, 0);
}

Then(
  'the segment of client {int} arrives in its tunnel, or its sender is told what is not too long',
  async function (this: BalancerWorld, client: number) {
    const seen = await this.seen();
    const packets = packetsOf(seen);
    const { mtu } = this.hello;
    const own = packets.filter(({ host }) => host === `client ${client}`);
    const sent = own.find(({ direction, seq }) => direction === 'sent' && seq === MADE_SEQ);
    if (sent === undefined) throw new Inconclusive('not-exercised', 'the segment was not sent');
    const long = packets.find(({ octets }) => octets.length > mtu);
    if (long !== undefined) {
      const observed = `${long.octets.length} at ${long.host}`;
      throw new Failure({ expected: `packets of at most ${mtu} octets`, observed });
    }
    const told = tooBigFor(own, clientAddress(client));
    if (told !== undefined && told >= 68 && told < mtu) return;
    if (carriedOctets(packets, sent.atMs) >= sent.octets.length) return;
    const observed = told === undefined ? 'neither' : `an MTU of ${told}`;
    throw new Failure({ expected: 'all of it at its server, or an ICMP error', observed });
  },
);
