import test from 'ava';
import fc from 'fast-check';
import type { Packet } from 'scapy-ts';
import {
  build,
  ether,
  icmpv4,
  icmpv6,
  ipv4Address,
  ipv6,
  ipv6Address,
  padding,
  parse,
  raw,
  tcp,
  tcpQuote,
} from 'scapy-ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../../reference/rules/rule.ts';
import { runs } from '../../runs.ts';
import { word32 } from '../arbitrary.ts';
import {
  AT,
  BACKEND,
  bedWith,
  CLIENT,
  HANDOFF,
  KEY,
  OTHER,
  ownerOf,
  VIRTUAL,
  withDeltas,
  without,
} from '../bed.ts';
import {
  AT_CLIENT,
  AT_OWNER,
  errorFrame,
  FOR_CLIENT,
  FOR_OWNER,
  type Side,
  whole,
} from '../icmp-error.ts';

const ROUTER = ipv4Address('203.0.113.9');
const DELTAS = { clientSeq: 0xfffffff0, ownerSeq: 0x12345678 };

test('PRISM-FWD-06 an error about the owner’s segment reaches the owner as its own', (t) => {
  const bed = bedWith(withDeltas(DELTAS));
  fc.assert(
    fc.property(word32, word32, (seq, ack) => {
      const owned = Number(BigInt.asUintN(32, BigInt(seq) + BigInt(DELTAS.ownerSeq)));
      const out = bed.send(errorFrame(AT_CLIENT, whole(AT_CLIENT, { seq, ack })));
      const expected = errorFrame(FOR_OWNER, whole(FOR_OWNER, { seq: owned, ack }));
      t.deepEqual(out, [{ port: AT.backend, octets: expected }]);
    }),
    runs(300),
  );
});

test('PRISM-FWD-06 an error about the client’s segment reaches the client as its own', (t) => {
  const bed = bedWith(withDeltas(DELTAS));
  fc.assert(
    fc.property(word32, word32, (seq, ack) => {
      const own = Number(BigInt.asUintN(32, BigInt(seq) - BigInt(DELTAS.clientSeq)));
      const out = bed.send(errorFrame(AT_OWNER, whole(AT_OWNER, { seq, ack })), BACKEND);
      const expected = errorFrame(FOR_CLIENT, whole(FOR_CLIENT, { seq: own, ack }));
      t.deepEqual(out, [{ port: AT.client, octets: expected }]);
    }),
    runs(300),
  );
});

test('PRISM-FWD-06 a router keeps its own address', (t) => {
  const bed = bedWith(HANDOFF);
  for (const [seen, meant, from, at] of [
    [AT_OWNER, FOR_CLIENT, BACKEND, AT.client],
    [AT_CLIENT, FOR_OWNER, CLIENT, AT.backend],
  ] as const) {
    const byRouter = { mac: seen.sender.mac, address: ROUTER };
    const given = errorFrame({ ...seen, sender: byRouter }, whole(seen, { seq: 1 }));
    const expected = errorFrame({ ...meant, sender: byRouter }, whole(meant, { seq: 1 }));
    t.deepEqual(bed.send(given, from), [{ port: at, octets: expected }]);
  }
});

function quote(side: Side, seq: number): Packet {
  return [tcpQuote({ srcPort: side.from.port, dstPort: side.to.port, seq })];
}

test('PRISM-FWD-06 eight quoted octets are enough', (t) => {
  const bed = bedWith(withDeltas(DELTAS));
  const out = bed.send(errorFrame(AT_CLIENT, quote(AT_CLIENT, 0xffffffff)));
  const expected = errorFrame(FOR_OWNER, quote(FOR_OWNER, 0x12345677));
  t.deepEqual(out, [{ port: AT.backend, octets: expected }]);
});

const QUOTE_AT = 14 + 20 + 8 + 20;
const CHECKSUM_AT = QUOTE_AT + 16;

/** The headers of `frame`, the first `octets` of the segment in `quoted`, and padding. */
function cut(frame: Uint8Array, quoted: Uint8Array, octets: number): Uint8Array {
  const [link, ip, error, inner] = parse(frame.subarray(0, QUOTE_AT)).layers;
  if (link === undefined || ip?.kind !== 'ipv4' || error?.kind !== 'icmpv4' || !inner) {
    throw new Error('no ICMP error');
  }
  const segment = raw(quoted.subarray(QUOTE_AT, QUOTE_AT + octets));
  const outer = { ...ip, totalLength: undefined, checksum: undefined };
  const header = { ...error, checksum: undefined };
  return build([link, outer, header, inner, segment, padding(new Uint8Array(4).fill(0xee))]);
}

test('PRISM-FWD-06 a quoted TCP checksum is moved if all of it is quoted', (t) => {
  const bed = bedWith(withDeltas(DELTAS));
  const given = errorFrame(AT_CLIENT, whole(AT_CLIENT, { seq: 1 }));
  const meant = errorFrame(FOR_OWNER, whole(FOR_OWNER, { seq: 1 + DELTAS.ownerSeq }));
  const unmoved = new Uint8Array(meant);
  unmoved.set(given.subarray(CHECKSUM_AT, CHECKSUM_AT + 2), CHECKSUM_AT);
  for (let octets = 8; octets <= 20; octets += 1) {
    const expected = cut(meant, octets < 18 ? unmoved : meant, octets);
    const out = bed.send(cut(given, given, octets));
    t.deepEqual(out, [{ port: AT.backend, octets: expected }], `${octets} octets`);
  }
});

for (const [type, name] of [
  [3, 'unreachable'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
] as const) {
  test(`PRISM-FWD-06 ICMP ${name} is translated`, (t) => {
    const error = icmpv4({ type, code: 1 });
    const out = bedWith(HANDOFF).send(errorFrame(AT_CLIENT, whole(AT_CLIENT, {}), error));
    t.is(out[0]?.port, AT.backend);
  });
}

test('PRISM-FWD-07 an error changes no rule', (t) => {
  const bed = bedWith(HANDOFF);
  for (let code = 0; code < 16; code += 1) {
    const error = icmpv4({ type: 3, code });
    bed.send(errorFrame(AT_CLIENT, whole(AT_CLIENT, {}), error));
    bed.send(errorFrame(AT_OWNER, whole(AT_OWNER, {}), error), BACKEND);
  }
  const reply = bed.tell({ op: 'get' });
  t.like(reply.ok ? reply.rules : [], [{ rule: HANDOFF, epoch: 1 }]);
});

test('PRISM-RULE-11 PRISM-RULE-12 while locked, errors go the way of segments', (t) => {
  const ofClient = errorFrame(AT_CLIENT, whole(AT_CLIENT, {}));
  for (const lock of ['drop', 'hold', 'punt'] as const) {
    const bed = bedWith({ ...HANDOFF, locked: true }, { lock });
    const punted = lock === 'punt' ? [{ port: AT.punt, octets: ofClient }] : [];
    t.deepEqual(bed.send(ofClient), punted);
    t.deepEqual(bed.send(errorFrame(AT_OWNER, whole(AT_OWNER, {})), BACKEND), []);
    t.is(bed.state.counters.dropped.locked, lock === 'drop' ? 2 : 1);
  }
});

test('PRISM-FWD-08 without ICMP, errors about a rule’s segments are dropped, others bridged', (t) => {
  const bed = bedWith(HANDOFF, { capabilities: without('L3', 'ICMP') });
  t.deepEqual(bed.send(errorFrame(AT_CLIENT, whole(AT_CLIENT, {}))), []);
  t.deepEqual(bed.send(errorFrame(AT_OWNER, whole(AT_OWNER, {})), BACKEND), []);
  t.is(bed.state.counters.dropped.incapable, 2);
  const stranger: Side = { ...AT_CLIENT, receiver: OTHER, from: OTHER };
  t.is(bed.send(errorFrame(stranger, whole(stranger, {})))[0]?.port, AT.other);
});

test('PRISM-RULE-04 errors from a former owner are dropped', (t) => {
  const bed = bedWith(HANDOFF);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 });
  t.deepEqual(bed.send(errorFrame(AT_OWNER, whole(AT_OWNER, {})), BACKEND), []);
  t.is(bed.state.counters.dropped['not-owner'], 1);
});

test('PRISM-FWD-13 in direct server return an error changes only its MAC address', (t) => {
  const bed = bedWith({ ...HANDOFF, owner: { ...KEY.virtual, mac: BACKEND.mac } });
  const frame = errorFrame(AT_CLIENT, whole(AT_CLIENT, { seq: 9 }));
  const [out] = bed.send(frame);
  t.is(out?.port, AT.backend);
  t.deepEqual(out?.octets.subarray(6), frame.subarray(6));
});

test('PRISM-FWD-06 in direct server return a router on the way has a MAC address of its own', (t) => {
  const bed = bedWith({ ...HANDOFF, owner: { ...KEY.virtual, mac: BACKEND.mac } });
  // About what the client has sent, by a router behind which the owner is.
  const side: Side = {
    sender: { mac: OTHER.mac, address: ROUTER },
    receiver: CLIENT,
    from: CLIENT,
    to: VIRTUAL,
  };
  const frame = errorFrame(side, whole(side, { seq: 9 }));
  t.deepEqual(bed.send(frame, BACKEND), [{ port: AT.client, octets: frame }]);
});

const V6 = {
  client: { ...CLIENT, address: ipv6Address('2001:db8::10') },
  virtual: { ...VIRTUAL, address: ipv6Address('2001:db8:1::1') },
  backend: { ...BACKEND, address: ipv6Address('fd00::21') },
};
const RULE_V6: Rule = {
  key: {
    client: { address: V6.client.address, port: CLIENT.port },
    virtual: { address: V6.virtual.address, port: VIRTUAL.port },
  },
  owner: { address: V6.backend.address, port: BACKEND.port, mac: BACKEND.mac },
  deltas: { ...NO_DELTAS, ownerSeq: 100 },
  locked: false,
};

for (const type of [1, 2, 3, 4]) {
  test(`PRISM-FWD-06 ICMPv6 type ${type} is translated, its pseudo-header too`, (t) => {
    const error = (
      far: { address: typeof V6.client.address; port: number; mac: typeof CLIENT.mac },
      seq: number,
    ): Uint8Array =>
      build([
        ether({ src: CLIENT.mac, dst: far.mac }),
        ipv6({ src: V6.client.address, dst: far.address }),
        icmpv6({ type, mtu: 1280 }),
        ipv6({ src: far.address, dst: V6.client.address, hopLimit: 3 }),
        tcp({ srcPort: far.port, dstPort: CLIENT.port, seq, flags: 'A' }),
        raw('odd'),
      ]);
    const out = bedWith(RULE_V6).send(error(V6.virtual, 0xffffffff));
    t.deepEqual(out, [{ port: AT.backend, octets: error(V6.backend, 99) }]);
  });
}
