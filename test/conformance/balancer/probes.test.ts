/** Which segments at servers are the switch's own. */
import test from 'ava';
import { build, ether, ipv4, tcp } from 'scapy-ts';
import { probesIn } from '../../../conformance/balancer/probes.ts';
import { tooBigFor } from '../../../conformance/balancer/quoted.ts';
import { packetsOf } from '../../../conformance/balancer/packet.ts';
import type { CapturedFrame, HostName } from '../../../conformance/driver/balancer.ts';
import { tooBig } from '../../../features/support/balancer/packets.ts';

type Direction = CapturedFrame['direction'];

function frame(host: HostName, direction: Direction, source: string, flags: string): CapturedFrame {
  const octets = build([
    ether({ src: '02:00:00:00:00:01', dst: '02:00:00:00:02:01' }),
    ipv4({ src: source, dst: '10.1.0.201' }),
    tcp({ srcPort: 5000, dstPort: 80, flags }),
  ]);
  return { host, direction, atMs: 1, octets };
}

test('a SYN that a server gets and no client has sent is a probe', (t) => {
  const own = '10.2.0.254';
  const frames = [
    frame('s1', 'received', own, 'S'),
    frame('s1', 'received', '10.1.0.100', 'S'),
    frame('s1', 'received', '10.1.0.1', 'S'),
    frame('s1', 'received', own, 'A'),
    frame('s1', 'received', own, 'SA'),
    frame('s1', 'sent', own, 'S'),
    frame('client 1', 'received', own, 'S'),
  ];
  t.deepEqual(
    probesIn({ frames }).map(({ host, packet }) => [host, packet.source, packet.destination]),
    [['s1', own, '10.1.0.201']],
  );
  t.is(probesIn({ frames: [frame('s4', 'received', '10.1.0.254', 'S')] }).length, 1);
});

test('of an ICMP error that a packet was too big the length is read, where its sender gets it', (t) => {
  const [client, service] = ['10.1.0.1', '10.1.0.201'];
  const quoted = { from: client, fromPort: 5000, to: service, toPort: 80 };
  const error = (direction: Direction): CapturedFrame => ({
    host: 'client 1',
    direction,
    atMs: 1,
    octets: build([
      ether({ src: '02:00:00:00:00:01', dst: '02:00:00:00:01:01', etherType: 0x0800 }),
      { kind: 'raw', octets: tooBig(service, quoted) },
    ]),
  });
  t.is(tooBigFor(packetsOf({ frames: [error('received')] }), client), 1400);
  t.is(tooBigFor(packetsOf({ frames: [error('sent')] }), client), undefined);
  t.is(tooBigFor(packetsOf({ frames: [error('received')] }), '10.1.0.2'), undefined);
});
