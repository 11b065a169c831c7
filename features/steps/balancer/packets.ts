/** Steps in which packets are sent of which no stack knows. */
import { When } from '@cucumber/cucumber';
import { build, ipv4, raw, tcp } from 'scapy-ts';
import {
  clientAddress,
  serverAddress,
  type Caller,
} from '../../../conformance/balancer/connection.ts';
import { echoRequest, fragmentsOf, segmentOf, tooBig } from '../../support/balancer/packets.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/** Above the ports of visitors. */
const STRANGE_PORT = 50_000;
/** When a visitor who came at once has its answers. */
const SETTLED_MS = 500;
const APART_MS = 10;

/** Somebody at a client's address whose packets its stack does not know. */
function newCaller(world: BalancerWorld, client: number): Caller {
  const port = STRANGE_PORT + world.callers.length;
  const caller = { client, port, service: world.service() };
  world.callers.push(caller);
  return caller;
}

When(
  'client {int} sends a SYN, and the same SYN again {int} ms later',
  function (this: BalancerWorld, client: number, ms: number) {
    const syn = segmentOf(newCaller(this, client), { tcp: { flags: 'S' } });
    this.send(`client ${client}`, syn, 0);
    this.send(`client ${client}`, syn, ms);
  },
);

When(
  /^client (\d+) sends (\d+) segments with (\S+) of (\d+) connections that nobody has opened$/u,
  function (this: BalancerWorld, client: string, times: string, flags: string, count: string) {
    const number = Number(client);
    for (let nth = 0; nth < Number(count); nth += 1) {
      const caller = newCaller(this, number);
      for (let time = 0; time < Number(times); time += 1) {
        const header = { flags, seq: 1000 + 10 * time, ack: 7000 };
        const octets = segmentOf(caller, { tcp: header, payloadOctets: 10 });
        this.send(`client ${number}`, octets, SETTLED_MS + APART_MS * time);
      }
    }
  },
);

When(
  'SYNs come from {int} times as many addresses as there may be half-open connections',
  function (this: BalancerWorld, times: number) {
    const { service } = newCaller(this, 99);
    const count = this.hello.choices.halfOpenMax * times;
    for (let nth = 0; nth < count; nth += 1) {
      const octets = build([
        ipv4({ src: `10.9.${nth >> 8}.${nth & 255}`, dst: service.address, ttl: 64 }),
        tcp({ srcPort: 1024 + nth, dstPort: service.port, seq: nth, flags: 'S' }),
      ]);
      this.send('client 99', octets, SETTLED_MS + nth);
    }
  },
);

When(
  "a router of client {int} says that the server's packet was too big",
  function (this: BalancerWorld, client: number) {
    const { port, service } = this.visitor(client);
    const quoted = {
      from: service.address,
      fromPort: service.port,
      to: clientAddress(client),
      toPort: port,
    };
    this.send(`client ${client}`, tooBig(clientAddress(client), quoted), SETTLED_MS);
  },
);

When(
  "a router of {word} says that client {int}'s packet was too big",
  function (this: BalancerWorld, name: string, client: number) {
    const { port, service } = this.visitor(client);
    const server = service.servers.find((each) => each === name);
    if (server === undefined) throw new Error(`${name} serves no client`);
    const quoted = {
      from: clientAddress(client),
      fromPort: port,
      to: serverAddress(server),
      toPort: service.serverPort ?? service.port,
    };
    this.send(server, tooBig(serverAddress(server), quoted), SETTLED_MS);
  },
);

When(
  'client {int} sends a segment with IP options on its connection',
  function (this: BalancerWorld, client: number) {
    const header = { flags: 'PA', seq: 1, ack: 1 };
    const options = [{ kind: 'routerAlert', value: 0 }] as const;
    const octets = segmentOf(this.visitor(client), { tcp: header, ipv4: { options } });
    this.send(`client ${client}`, octets, SETTLED_MS);
  },
);

When(
  'client {int} sends a segment in two fragments on its connection',
  function (this: BalancerWorld, client: number) {
    const header = { flags: 'PA', seq: 1, ack: 1 };
    for (const octets of fragmentsOf(this.visitor(client), header)) {
      this.send(`client ${client}`, octets, SETTLED_MS);
    }
  },
);

When(
  'client {int} sends a SYN with DSCP {int} and ECN {int}',
  function (this: BalancerWorld, client: number, dscp: number, ecn: number) {
    const caller = newCaller(this, client);
    const octets = segmentOf(caller, { tcp: { flags: 'S' }, ipv4: { dscp, ecn } });
    this.send(`client ${client}`, octets, 0);
  },
);

When(
  'the server answers with DSCP {int} and ECN {int}',
  function (this: BalancerWorld, dscp: number, ecn: number) {
    const caller = this.callers.at(-1);
    const [server] = caller === undefined ? [] : this.service().servers;
    if (caller === undefined || server === undefined) throw new Error('nobody has asked');
    const { port, serverPort = port } = this.service();
    const octets = build([
      ipv4({ src: serverAddress(server), dst: clientAddress(caller.client), ttl: 64, dscp, ecn }),
      tcp({ srcPort: serverPort, dstPort: caller.port, seq: 5000, ack: 1001, flags: 'A' }),
      raw(new Uint8Array(10)),
    ]);
    this.send(server, octets, SETTLED_MS);
  },
);

When(
  /^client (\d+) sends a SYN to (\S+)$/u,
  function (this: BalancerWorld, client: string, endpoint: string) {
    const [address = '', port = ''] = endpoint.split(':');
    const service = { address, port: Number(port) };
    const caller = { client: Number(client), port: STRANGE_PORT + this.callers.length, service };
    this.callers.push(caller);
    const octets = segmentOf(caller, { tcp: { flags: 'S' } });
    this.send(`client ${caller.client}`, octets, SETTLED_MS);
  },
);

When(
  'client {int} sends a segment of that connection after {int} ms',
  function (this: BalancerWorld, client: number, ms: number) {
    const caller = this.callers.at(-1);
    if (caller === undefined) throw new Error('nobody has asked');
    const header = { flags: 'A', seq: 1001, ack: 7000 };
    this.send(`client ${client}`, segmentOf(caller, { tcp: header, payloadOctets: 10 }), ms);
  },
);

When('client {int} pings {word}', function (this: BalancerWorld, client: number, address: string) {
  this.send(`client ${client}`, echoRequest(client, address), SETTLED_MS);
});

When(
  'client {int} asks who has {word}',
  function (this: BalancerWorld, client: number, address: string) {
    this.happen({ kind: 'ask', from: `client ${client}`, address, atMs: SETTLED_MS });
  },
);
