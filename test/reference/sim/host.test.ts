/** What a host takes for its own, and what it answers below TCP. */
import test from 'ava';
import type { Packet } from 'scapy-ts';
import { arp, build, ether, ipv4, ipv6, ipv6Fragment, layer, parse, raw, tcp, udp } from 'scapy-ts';
import type { HostOptions, HostState } from '../../../reference/sim/tcp/host.ts';
import { step } from '../../../reference/sim/tcp/host.ts';
import { CLIENT_MAC, ENDS, ENDS_V6, hostWith, SERVER_MAC } from './bed.ts';

const { local: CLIENT, remote: SERVER } = ENDS;

/** A host that listens at SERVER, over IPv6 too. */
function server(options: Partial<HostOptions> = {}): HostState {
  const host = hostWith({
    mac: SERVER_MAC,
    addresses: [SERVER.address, ENDS_V6.remote.address],
    gateway: CLIENT_MAC,
    ...options,
  });
  step(host, { kind: 'listen', local: SERVER });
  step(host, { kind: 'listen', local: ENDS_V6.remote });
  return host;
}

const LINK = ether({ src: CLIENT_MAC, dst: SERVER_MAC });
const IP = ipv4({ src: '192.0.2.10', dst: '198.51.100.1' });
const IP6 = ipv6({ src: '2001:db8::10', dst: '2001:db8:1::1' });
const SYN = tcp({ srcPort: CLIENT.port, dstPort: SERVER.port, seq: 1 });

function give(host: HostState, packet: Packet): readonly Uint8Array[] {
  return step(host, { kind: 'frame', octets: build(packet) }).flatMap((effect) =>
    effect.kind === 'frame' ? [effect.octets] : [],
  );
}

test('a SYN is answered to the station that has the address, over IPv4 and IPv6', (t) => {
  for (const network of [IP, IP6]) {
    const [frame, ...others] = give(server(), [LINK, network, SYN]);
    t.deepEqual(others, []);
    const { layers } = parse(frame ?? new Uint8Array());
    t.like(layer(layers, 'ether'), { src: SERVER_MAC, dst: CLIENT_MAC });
    t.like(layer(layers, 'tcp'), { srcPort: 80, dstPort: 40000, flags: 0x12, ack: 2 });
    t.like(layer(layers, network.kind), { src: network.dst, dst: network.src });
  }
});

test('SYN and ACK offer what the SYN offered, in the layout of Linux', (t) => {
  const timestamps = { kind: 'timestamps', value: 9, echo: 0 } as const;
  const all = [
    { kind: 'mss', mss: 1460 },
    { kind: 'sackPermitted' },
    timestamps,
    { kind: 'windowScale', shift: 3 },
  ] as const;
  const kinds = (options: readonly (typeof all)[number][]): string => {
    const [frame] = give(server(), [LINK, IP, { ...SYN, options }]);
    const answer = layer(parse(frame ?? new Uint8Array()).layers, 'tcp');
    const stamp = answer?.options.find((option) => option.kind === 'timestamps');
    if (stamp !== undefined) t.is(stamp.echo, 9);
    return (answer?.options ?? []).map(({ kind }) => kind).join(' ');
  };
  t.is(kinds(all), 'mss sackPermitted timestamps nop windowScale');
  t.is(kinds([]), 'mss');
  t.is(kinds([timestamps]), 'mss nop nop timestamps');
  t.is(kinds([{ kind: 'sackPermitted' }]), 'mss nop nop sackPermitted');
});

test('a SYN that is to look signed has the option, and the other end knows', (t) => {
  for (const [signing, begin] of [
    ['TCP-MD5', [1, 1, 19, 18]],
    ['TCP-AO', [29, 16]],
  ] as const) {
    const client = hostWith({ mac: CLIENT_MAC, addresses: [CLIENT.address], gateway: SERVER_MAC });
    const [sent] = step(client, { kind: 'connect', ...ENDS, settings: { signing } });
    const octets = sent?.kind === 'frame' ? sent.octets : new Uint8Array();
    const options = octets.subarray(14 + 20 + 20);
    // Behind MSS, SACK permitted, timestamps and window scale.
    t.deepEqual([...options.subarray(20, 20 + begin.length)], [...begin]);
    const host = server();
    step(host, { kind: 'frame', octets });
    t.deepEqual(
      [...host.connections.values()].map(({ isSigned }) => isSigned),
      [true],
    );
  }
  const host = server();
  give(host, [LINK, IP, SYN]);
  t.deepEqual(
    [...host.connections.values()].map(({ isSigned }) => isSigned),
    [false],
  );
});

test('what is corrupt, cut off, in parts or for another is dropped and counted', (t) => {
  const good = build([LINK, IP, SYN, raw('x')]);
  const elsewhere = ether({ src: CLIENT_MAC, dst: CLIENT_MAC });
  const rows: readonly (readonly [keyof HostState['dropped'], Packet | Uint8Array])[] = [
    ['checksum', [LINK, IP, { ...SYN, checksum: 1 }]],
    ['checksum', [LINK, { ...IP, checksum: 1 }, SYN]],
    ['checksum', good.map((octet, at) => (at === good.length - 1 ? octet ^ 1 : octet))],
    ['illegible', good.subarray(0, 50)],
    ['illegible', [LINK, IP, { ...SYN, dataOffset: 4 }]],
    ['other', [LINK, { ...IP, mf: 1 }, SYN]],
    ['other', [LINK, { ...IP, fragmentOffset: 5 }, SYN]],
    ['other', [LINK, IP6, ipv6Fragment({}), SYN]],
    ['other', [LINK, IP, udp({ dstPort: 80 })]],
    ['not-mine', [elsewhere, IP, SYN]],
    ['not-mine', [LINK, ipv4({ src: '192.0.2.10', dst: '198.51.100.2' }), SYN]],
  ];
  for (const [reason, packet] of rows) {
    const host = server();
    const octets = packet instanceof Uint8Array ? packet : build(packet);
    t.deepEqual(step(host, { kind: 'frame', octets }), [], reason);
    t.is(host.dropped[reason], 1, reason);
    t.is(host.connections.size, 0);
  }
  const host = server();
  t.is(step(host, { kind: 'frame', octets: good }).length, 1, 'the good one is taken');
});

test('Ethernet padding is no payload', (t) => {
  const host = server();
  const octets = build([
    LINK,
    IP,
    { ...SYN, seq: 7 },
    { kind: 'padding', octets: raw('pad').octets },
  ]);
  const [effect] = step(host, { kind: 'frame', octets });
  const frame = effect?.kind === 'frame' ? effect.octets : new Uint8Array();
  t.is(layer(parse(frame).layers, 'tcp')?.ack, 8);
});

test('ARP is answered for its own addresses, and not for those of its loopback', (t) => {
  const ask = (targetIp: string): Packet => [
    ether({ src: CLIENT_MAC, dst: 'ff:ff:ff:ff:ff:ff' }),
    arp({ senderMac: CLIENT_MAC, senderIp: '192.0.2.10', targetIp }),
  ];
  const host = server({ hidden: [SERVER.address], addresses: [CLIENT.address] });
  t.deepEqual(give(host, ask('198.51.100.1')), []);
  const [reply] = give(host, ask('192.0.2.10'));
  t.like(layer(parse(reply ?? new Uint8Array()).layers, 'arp'), {
    operation: 2,
    senderMac: SERVER_MAC,
    targetMac: CLIENT_MAC,
  });
  t.is(give(host, [LINK, IP, SYN]).length, 1, 'though it takes packets for it');
});

test('without a neighbour and a gateway nothing leaves', (t) => {
  const host = hostWith({ mac: SERVER_MAC, addresses: [SERVER.address] });
  t.deepEqual(give(host, [LINK, IP, SYN]), []);
  t.is(host.dropped['no-neighbour'], 1);
  const other = server({ neighbours: [[CLIENT.address, SERVER_MAC]] });
  const [frame] = give(other, [LINK, IP, SYN]);
  t.is(layer(parse(frame ?? new Uint8Array()).layers, 'ether')?.dst, SERVER_MAC);
});

test('what is asked of a connection that is gone does nothing; wrong use throws', (t) => {
  const host = server();
  t.deepEqual(step(host, { kind: 'write', id: 'gone', octets: new Uint8Array(1) }), []);
  const connect = { kind: 'connect', local: SERVER, remote: CLIENT } as const;
  const [{ octets: syn } = { octets: new Uint8Array() }] = step(host, connect).flatMap((effect) =>
    effect.kind === 'frame' ? [effect] : [],
  );
  t.is(layer(parse(syn).layers, 'tcp')?.flags, 2);
  t.throws(() => step(host, connect), { message: /already/ });
  const [id = ''] = host.connections.keys();
  t.deepEqual(step(host, { kind: 'finish', id }), [{ kind: 'closed', id }], 'in SYN-SENT');
  step(host, { kind: 'unlisten', local: SERVER });
  const [refusal] = give(host, [LINK, IP, SYN]);
  t.is(layer(parse(refusal ?? new Uint8Array()).layers, 'tcp')?.flags, 0x14);
});

test('write after finish throws', (t) => {
  const host = server();
  give(host, [LINK, IP, SYN]);
  const [id = ''] = host.connections.keys();
  step(host, { kind: 'finish', id });
  t.throws(() => step(host, { kind: 'write', id, octets: new Uint8Array(1) }), {
    message: /write after the end/,
  });
});
