/** Steps about marks, and about what the switch says itself. */
import { Then } from '@cucumber/cucumber';
import { formatIpv4, layer, parse, TCP_FLAG } from 'scapy-ts';
import { serverNamed, trafficOf } from '../../../conformance/balancer/connection.ts';
import { innerOf, packetsOf } from '../../../conformance/balancer/packet.ts';
import { repliesFrom } from '../../../conformance/balancer/quoted.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

Then(
  /^the SYN arrives with DSCP (\d+) and ECN (\d)(, the packet around it too)?$/u,
  async function (this: BalancerWorld, dscp: string, ecn: string, outside: string | null) {
    const [caller] = this.callers;
    if (caller === undefined) throw new Error('nobody has sent a SYN');
    const [syn] = trafficOf(await this.seen(), caller).server.received;
    const wanted = Number(dscp) * 4 + Number(ecn);
    const inner = syn === undefined || outside === null ? undefined : innerOf(syn)?.service;
    const found = outside === null ? [syn?.service] : [syn?.service, inner];
    if (found.every((service) => service === wanted)) return;
    const expected = `${wanted} in the field of DSCP and ECN`;
    throw new Failure({ expected, observed: found.map((each) => each ?? 'no SYN').join(', ') });
  },
);

Then(
  'the answer arrives with DSCP {int} and ECN {int}',
  async function (this: BalancerWorld, dscp: number, ecn: number) {
    const [caller] = this.callers;
    if (caller === undefined) throw new Error('nobody has sent a SYN');
    const { received } = trafficOf(await this.seen(), caller).client;
    const answer = received.find(({ flags }) => flags === TCP_FLAG.ACK);
    const wanted = dscp * 4 + ecn;
    if (answer?.service === wanted) return;
    const observed = String(answer?.service ?? 'no answer');
    throw new Failure({ expected: `${wanted} in the field of DSCP and ECN`, observed });
  },
);

Then(
  'client {int} has one answer of {word}, as it pinged',
  async function (this: BalancerWorld, client: number, address: string) {
    const packets = packetsOf(await this.seen());
    const own = packets.filter(({ host }) => host === `client ${client}`);
    const asked = own.find(({ protocol, direction }) => protocol === 1 && direction === 'sent');
    const replies = repliesFrom(own, address);
    const sent = asked?.octets.subarray(asked.headerOctets + 4).join();
    if (replies.length === 1 && replies[0]?.join() === sent) return;
    throw new Failure({ expected: 'one echo reply', observed: `${replies.length}, or another` });
  },
);

Then(
  'client {int} has one answer, of no server, that tells who has {word}',
  async function (this: BalancerWorld, client: number, address: string) {
    const { frames } = await this.seen();
    const answers = frames.flatMap(({ host, direction, octets }) => {
      const message = layer(parse(octets).layers, 'arp');
      const isAnswer = message?.operation === 2 && formatIpv4(message.senderIp) === address;
      return isAnswer && host === `client ${client}` && direction === 'received' ? [message] : [];
    });
    const said = frames.filter(({ host, direction, octets }) => {
      const message = layer(parse(octets).layers, 'arp');
      return serverNamed(host) !== undefined && direction === 'sent' && message !== undefined;
    });
    if (answers.length === 1 && said.length === 0) return;
    const observed = `${answers.length} answers, ${said.length} of them of servers`;
    throw new Failure({ expected: 'one answer, of no server', observed });
  },
);
