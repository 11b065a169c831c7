/** All clients on one device: each is found, and hears what is its own. */
import test from 'ava';
import { arp, build, ether, formatMac, ipv4, ipv4Address, layer, parse, tcp } from 'scapy-ts';
import type { ProcessEffect } from '../../../../reference/sim/network/process.ts';
import type { Visitor } from '../../../../conformance/driver/balancer.ts';
import { createClients } from '../../../../conformance/drivers/balancer-lab/clients.ts';

const SWITCH = '02:00:00:00:00:01';
const SERVICE = { address: '10.1.0.201', port: 80 };

function visitor(client: number, port: number): Visitor {
  const lines = [{ cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } }] as const;
  return { client, port, service: SERVICE, lines };
}

function layersOf(effects: readonly ProcessEffect[]): ReturnType<typeof parse>['layers'][] {
  return effects.flatMap((each) => (each.kind === 'frame' ? [[...parse(each.octets).layers]] : []));
}

test('each client answers for its address, whoever has come, and for no other', (t) => {
  const { process } = createClients([visitor(3, 5000)], 1);
  const answersTo = (address: string): readonly string[] => {
    const question = { senderIp: ipv4Address('10.1.0.254'), targetIp: ipv4Address(address) };
    const octets = build([
      ether({ src: SWITCH, dst: 'ff:ff:ff:ff:ff:ff' }),
      arp({ operation: 1, senderMac: SWITCH, ...question }),
    ]);
    return layersOf(process.step({ kind: 'frame', port: 0, octets }, 0)).map((layers) => {
      const answer = layer(layers, 'arp');
      return answer === undefined ? '' : `${answer.operation} ${formatMac(answer.senderMac)}`;
    });
  };
  t.deepEqual(answersTo('10.1.0.1'), ['2 02:00:00:00:01:01']);
  t.deepEqual(answersTo('10.1.0.100'), ['2 02:00:00:00:01:64']);
  for (const address of ['10.1.0.0', '10.1.0.101', '10.1.0.201', '10.1.0.254', '10.2.0.1']) {
    t.deepEqual(answersTo(address), [], address);
  }
});

const VISITORS = [visitor(3, 5000), visitor(3, 5001), visitor(4, 5000)];

/** Who says something when the SYN of visitor `nth` is answered from `source`. */
function spokenBy(nth: number, source: string): readonly string[] {
  const { process } = createClients(VISITORS, 1);
  const syns = layersOf(process.step({ kind: 'tick' }, 0));
  const syn = layer(syns[nth] ?? [], 'tcp');
  const { client, port } = VISITORS[nth] ?? visitor(0, 0);
  const octets = build([
    ether({ src: SWITCH, dst: `02:00:00:00:01:0${client}` }),
    ipv4({ src: source, dst: `10.1.0.${client}` }),
    tcp({ srcPort: 80, dstPort: port, seq: 9, ack: (syn?.seq ?? 0) + 1, flags: 'SA' }),
  ]);
  return layersOf(process.step({ kind: 'frame', port: 0, octets }, 1)).map((layers) => {
    const [from, header] = [layer(layers, 'ether'), layer(layers, 'tcp')];
    return `${from === undefined ? '' : formatMac(from.src)} ${header?.srcPort}`;
  });
}

test('an answer is heard by the visitor whose connection it is of, and by nobody else', (t) => {
  t.deepEqual(spokenBy(0, SERVICE.address), ['02:00:00:00:01:03 5000']);
  t.deepEqual(spokenBy(1, SERVICE.address), ['02:00:00:00:01:03 5001']);
  t.deepEqual(spokenBy(2, SERVICE.address), ['02:00:00:00:01:04 5000']);
});

test('what does not come from the virtual endpoint is heard by nobody', (t) => {
  t.deepEqual(spokenBy(0, '10.2.0.1'), []);
});
