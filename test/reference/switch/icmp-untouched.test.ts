import test from 'ava';
import type { Packet } from 'scapy-ts';
import { build, ether, icmpv4, ipv4, ipv4FromNumber, parse, raw, tcp, udp } from 'scapy-ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { AT, bedWith, CLIENT, HANDOFF, KEY, OTHER, VIRTUAL } from '../bed.ts';
import { AT_CLIENT, errorFrame, TOO_BIG, whole } from '../icmp-error.ts';

for (const type of [0, 4, 5, 8]) {
  test(`PRISM-FWD-08 ICMP type ${type} is bridged untouched`, (t) => {
    const frame = errorFrame(AT_CLIENT, whole(AT_CLIENT, {}), icmpv4({ type }));
    t.deepEqual(bedWith(HANDOFF).send(frame), [{ port: AT.controller, octets: frame }]);
  });
}

test('PRISM-FWD-08 an error that is not for the sender of what it quotes is untouched', (t) => {
  const frame = errorFrame({ ...AT_CLIENT, receiver: OTHER }, whole(AT_CLIENT, {}));
  t.deepEqual(bedWith(HANDOFF).send(frame), [{ port: AT.other, octets: frame }]);
});

test('PRISM-FWD-08 one octet of its destination tells that an error is not for the sender', (t) => {
  const bed = bedWith(HANDOFF);
  for (let octet = 0; octet < 4; octet += 1) {
    const address = ipv4FromNumber((VIRTUAL.address ^ (1 << (8 * octet))) >>> 0);
    const frame = errorFrame(
      { ...AT_CLIENT, receiver: { ...VIRTUAL, address } },
      whole(AT_CLIENT, {}),
    );
    t.deepEqual(bed.send(frame), [{ port: AT.controller, octets: frame }]);
  }
});

// Where the header of the quote is one word short, the client's address stands for the ports.
const SHORT_HEADER: Rule = {
  ...HANDOFF,
  key: {
    client: { ...KEY.client, port: CLIENT.address & 0xffff },
    virtual: { ...KEY.virtual, port: CLIENT.address >>> 16 },
  },
};

const INNER = { src: VIRTUAL.address, dst: CLIENT.address, protocol: 6 };
const PORTS = { srcPort: VIRTUAL.port, dstPort: CLIENT.port };
const UNQUOTED: readonly (readonly [string, Packet, Rule?])[] = [
  ['seven octets of TCP', [ipv4(INNER), raw(build([tcp(PORTS)]).subarray(0, 7))]],
  ['a later fragment', [ipv4({ ...INNER, fragmentOffset: 1 }), tcp(PORTS)]],
  ['a header of four words', [ipv4({ ...INNER, ihl: 4 }), tcp(PORTS)], SHORT_HEADER],
  ['a header past the end', [ipv4({ ...INNER, ihl: 15 }), tcp(PORTS)]],
  ['UDP', [ipv4({ ...INNER, protocol: 17 }), udp(PORTS)]],
  ['a cut IP header', [raw(build([ipv4(INNER)]).subarray(0, 19))]],
  ['nothing', []],
];

for (const [name, quoted, rule = HANDOFF] of UNQUOTED) {
  test(`PRISM-FWD-08 an error that quotes ${name} is untouched`, (t) => {
    const link = ether({ src: CLIENT.mac, dst: VIRTUAL.mac });
    const frame = build([
      link,
      ipv4({ src: CLIENT.address, dst: VIRTUAL.address, protocol: 1 }),
      TOO_BIG,
      ...quoted,
    ]);
    t.deepEqual(bedWith(rule).send(frame), [{ port: AT.controller, octets: frame }]);
  });
}

test('PRISM-FWD-05 PRISM-FWD-08 a fragment of an error is untouched', (t) => {
  const bed = bedWith(HANDOFF);
  const [link, ip, ...rest] = parse(errorFrame(AT_CLIENT, whole(AT_CLIENT, {}))).layers;
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const error = raw(build(rest));
  for (const change of [{ mf: 1 }, { fragmentOffset: 1 }]) {
    const frame = build([link, { ...ip, ...change, checksum: undefined }, error]);
    t.deepEqual(bed.send(frame), [{ port: AT.controller, octets: frame }]);
  }
});

test('PRISM-FWD-03 UDP that looks like an error is untouched', (t) => {
  const [link, ip, ...rest] = parse(errorFrame(AT_CLIENT, whole(AT_CLIENT, {}))).layers;
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const frame = build([link, { ...ip, protocol: 17, checksum: undefined }, raw(build(rest))]);
  t.deepEqual(bedWith(HANDOFF).send(frame), [{ port: AT.controller, octets: frame }]);
});
