import test from 'ava';
import { build, ether, layer, mac, parse } from 'scapy-ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { FORMER_OWNERS_MAX } from '../../../reference/switch/rule-table.ts';
import type { Bed, Host } from '../bed.ts';
import {
  AT,
  BACKEND,
  CLIENT,
  createBed,
  HANDOFF,
  KEY,
  OTHER,
  ownerOf,
  segment,
  VIRTUAL,
  withDeltas,
} from '../bed.ts';

function bedWith(rule: Rule, ...others: readonly Rule[]): Bed {
  const bed = createBed();
  for (const each of [rule, ...others]) {
    const reply = bed.tell({ op: 'add', rule: each, epoch: 1 });
    if (!reply.ok) throw new Error(reply.detail);
  }
  return bed;
}

/** Where a segment of `from` to `to` leaves, and between whom. */
function route(bed: Bed, from: Host, to: Host, flags: string = 'PA'): readonly string[] {
  return bed.send(build(segment(from, to, { flags })), from).map(({ port, octets }) => {
    const { layers } = parse(octets);
    const ports = layer(layers, 'tcp');
    const ip = layer(layers, 'ipv4');
    return `${port}: ${name(ip?.src, ports?.srcPort)} to ${name(ip?.dst, ports?.dstPort)}`;
  });
}

function name(address: number | undefined, port: number | undefined): string {
  const hosts = Object.entries({
    client: CLIENT,
    virtual: VIRTUAL,
    backend: BACKEND,
    other: OTHER,
  });
  const found = hosts.find(([, host]) => host.address === address && host.port === port);
  return found?.[0] ?? `${address}:${port}`;
}

test('PRISM-REW-01 the client’s segment leaves once, to the owner', (t) => {
  const bed = bedWith(HANDOFF);
  t.deepEqual(route(bed, CLIENT, VIRTUAL), ['2: client to backend']);
  const [out] = bed.send(build(segment(CLIENT, VIRTUAL)));
  t.is(out && layer(parse(out.octets).layers, 'ether')?.dst, BACKEND.mac);
  t.is(out && layer(parse(out.octets).layers, 'ether')?.src, CLIENT.mac);
});

test('PRISM-REW-02 the owner’s segment leaves once, as the virtual endpoint', (t) => {
  t.deepEqual(route(bedWith(HANDOFF), BACKEND, CLIENT), ['0: virtual to client']);
});

test('the frame that was given is not changed', (t) => {
  const frame = build(segment(CLIENT, VIRTUAL));
  const before = new Uint8Array(frame);
  bedWith(HANDOFF).send(frame);
  t.deepEqual(frame, before);
});

test('PRISM-RULE-03 the key is the whole 4-tuple', (t) => {
  const bed = bedWith(HANDOFF);
  t.deepEqual(route(bed, CLIENT, OTHER), ['3: client to other']);
  t.deepEqual(route(bed, { ...CLIENT, port: 40001 }, VIRTUAL), [
    `1: ${CLIENT.address}:40001 to virtual`,
  ]);
  t.deepEqual(route(bed, CLIENT, { ...VIRTUAL, port: 81 }), [`1: client to ${VIRTUAL.address}:81`]);
});

test('PRISM-RULE-18 keys that differ in one bit are distinct', (t) => {
  const bed = bedWith(HANDOFF);
  for (let bit = 0; bit < 16; bit += 1) {
    const other = { ...CLIENT, port: CLIENT.port ^ (1 << bit) };
    t.is(bed.send(build(segment(other, VIRTUAL)))[0]?.port, AT.controller, `port bit ${bit}`);
  }
});

test('PRISM-RULE-04 whoever is not the owner cannot speak as the virtual endpoint', (t) => {
  const bed = bedWith(HANDOFF);
  t.deepEqual(route(bed, VIRTUAL, CLIENT), []);
  t.deepEqual(route(bed, { ...VIRTUAL, mac: OTHER.mac, at: OTHER.at }, CLIENT), []);
  t.is(bed.state.counters.dropped['not-owner'], 2);
  t.deepEqual(route(bed, OTHER, CLIENT), ['0: other to client']);
});

test('PRISM-RULE-04 a former owner is not heard, until it owns again', (t) => {
  const bed = bedWith(HANDOFF);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 });
  t.deepEqual(route(bed, CLIENT, VIRTUAL), ['3: client to other']);
  t.deepEqual(route(bed, OTHER, CLIENT), ['0: virtual to client']);
  t.deepEqual(route(bed, BACKEND, CLIENT), []);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(BACKEND), unlock: true, epoch: 3 });
  t.deepEqual(route(bed, BACKEND, CLIENT), ['0: virtual to client']);
  t.deepEqual(route(bed, OTHER, CLIENT), []);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 4 });
  t.deepEqual(route(bed, BACKEND, CLIENT), []);
});

test('only so many former owners of a rule are barred', (t) => {
  const bed = bedWith(HANDOFF);
  for (let owner = 1; owner <= FORMER_OWNERS_MAX + 1; owner += 1) {
    const next = { ...ownerOf(OTHER), port: owner };
    t.true(bed.tell({ op: 'chown', key: KEY, owner: next, unlock: true, epoch: owner + 1 }).ok);
  }
  t.deepEqual(route(bed, BACKEND, CLIENT), ['0: backend to client']);
  t.deepEqual(route(bed, { ...OTHER, port: 1 }, CLIENT), []);
  bed.tell({ op: 'delete', key: KEY, epoch: 100 });
  t.is(bed.state.rules.barred.size, 0);
  t.is(bed.state.rules.hosts.size, 0);
  t.is(bed.state.rules.flows.size, 0);
});

test('PRISM-RULE-04 an endpoint that two rules bar stays barred until both are gone', (t) => {
  const key = { ...KEY, virtual: { ...KEY.virtual, port: 81 } };
  const toThird = { ...OTHER, port: 9000 };
  const bed = bedWith(HANDOFF);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 });
  bed.tell({ op: 'add', rule: { ...HANDOFF, key }, epoch: 1 });
  bed.tell({ op: 'chown', key, owner: ownerOf(toThird), unlock: true, epoch: 2 });
  t.deepEqual(route(bed, BACKEND, CLIENT), []);
  bed.tell({ op: 'delete', key: KEY, epoch: 3 });
  t.deepEqual(route(bed, BACKEND, CLIENT), []);
  bed.tell({ op: 'delete', key, epoch: 3 });
  t.deepEqual(route(bed, BACKEND, CLIENT), ['0: backend to client']);
});

test('PRISM-FWD-13 direct server return: only the MAC address changes', (t) => {
  const rule = { ...HANDOFF, owner: { ...KEY.virtual, mac: BACKEND.mac } };
  const bed = bedWith(rule);
  const frame = build(segment(CLIENT, VIRTUAL));
  const expected = build(segment(CLIENT, { ...VIRTUAL, mac: BACKEND.mac }));
  t.deepEqual(bed.send(frame), [{ port: AT.backend, octets: expected }]);
  const answer = build(segment({ ...VIRTUAL, mac: BACKEND.mac }, CLIENT));
  t.deepEqual(bed.send(answer, BACKEND), [{ port: AT.client, octets: answer }]);
});

test('PRISM-RULE-04 in direct server return the owner is known by its MAC address', (t) => {
  const bed = bedWith({ ...HANDOFF, owner: { ...KEY.virtual, mac: BACKEND.mac } });
  t.deepEqual(route(bed, VIRTUAL, CLIENT), []);
  t.is(bed.state.counters.dropped['not-owner'], 1);
  bed.tell({
    op: 'chown',
    key: KEY,
    owner: { ...KEY.virtual, mac: OTHER.mac },
    unlock: true,
    epoch: 2,
  });
  t.deepEqual(route(bed, { ...VIRTUAL, mac: BACKEND.mac, at: BACKEND.at }, CLIENT), []);
  t.is(route(bed, { ...VIRTUAL, mac: OTHER.mac, at: OTHER.at }, CLIENT).length, 1);
});

test('the controller can own a connection under the virtual endpoint itself', (t) => {
  const bed = bedWith({ ...HANDOFF, owner: ownerOf(VIRTUAL) });
  t.deepEqual(route(bed, CLIENT, VIRTUAL), ['1: client to virtual']);
  t.deepEqual(route(bed, VIRTUAL, CLIENT), ['0: virtual to client']);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(BACKEND), unlock: true, epoch: 2 });
  t.deepEqual(route(bed, VIRTUAL, CLIENT), []);
});

test('PRISM-RULE-22 a rule applies at every port', (t) => {
  const bed = bedWith(HANDOFF);
  for (const at of [AT.client, AT.controller, AT.other, AT.backend]) {
    t.deepEqual(route(bed, { ...CLIENT, at }, VIRTUAL), ['2: client to backend'], `port ${at}`);
  }
});

test('PRISM-SEC-06 a segment is rewritten once, though the result is another rule’s', (t) => {
  const chain = {
    ...HANDOFF,
    key: { client: KEY.client, virtual: { address: BACKEND.address, port: BACKEND.port } },
    owner: ownerOf(OTHER),
  };
  const bed = bedWith(HANDOFF, chain);
  t.deepEqual(route(bed, CLIENT, VIRTUAL), ['2: client to backend']);
  t.deepEqual(route(bed, CLIENT, BACKEND), ['3: client to other']);
  t.deepEqual(route(bed, OTHER, CLIENT), ['0: backend to client']);
});

test('PRISM-RULE-15 after DELETE segments are bridged', (t) => {
  const bed = bedWith(withDeltas({ clientSeq: 7, ownerSeq: 9 }));
  bed.tell({ op: 'delete', key: KEY, epoch: 2 });
  for (const [from, to] of [
    [CLIENT, VIRTUAL],
    [VIRTUAL, CLIENT],
    [BACKEND, CLIENT],
  ] as const) {
    const frame = build(segment(from, to));
    t.deepEqual(bed.send(frame, from), [{ port: to.at, octets: frame }]);
  }
});

for (const flags of ['S', 'SA', 'F', 'FA', 'R', 'RA', '', 'SF', 'FSRPAUECN']) {
  test(`PRISM-RST-03 PRISM-FIN-03 PRISM-SEC-05 flags '${flags}' pass and change no rule`, (t) => {
    const bed = bedWith(HANDOFF);
    t.deepEqual(route(bed, CLIENT, VIRTUAL, flags), ['2: client to backend']);
    t.deepEqual(route(bed, BACKEND, CLIENT, flags), ['0: virtual to client']);
    t.deepEqual(route(bed, CLIENT, VIRTUAL), ['2: client to backend']);
    const rules = bed.state.rules.entries.size;
    route(bed, { ...CLIENT, port: 5 }, VIRTUAL, flags);
    t.is(bed.state.rules.entries.size, rules);
  });
}

test('PRISM-RULE-24 a frame is counted once, for the direction it went', (t) => {
  const bed = bedWith(HANDOFF);
  const frame = build(segment(CLIENT, VIRTUAL));
  bed.send(frame);
  bed.send(frame);
  bed.send(build(segment(BACKEND, CLIENT, {}, 'a longer answer')), BACKEND);
  bed.send(build(segment(VIRTUAL, CLIENT)), VIRTUAL);
  const reply = bed.tell({ op: 'get' });
  t.like(reply.ok ? reply.rules[0] : reply, {
    rule: HANDOFF,
    epoch: 1,
    leaseLeftMs: undefined,
    fromClient: { packets: 2, octets: 2 * frame.length },
    fromOwner: { packets: 1, octets: frame.length + 10 },
  });
});

test('a rewritten segment for an unknown owner floods, away from where it came', (t) => {
  const bed = bedWith({
    ...HANDOFF,
    owner: { ...ownerOf(BACKEND), mac: mac('02:00:00:00:00:77') },
  });
  t.deepEqual(
    bed.send(build(segment(CLIENT, VIRTUAL))).map(({ port }) => port),
    [AT.controller, AT.backend, AT.other],
  );
});

test('learning needs no rule: a frame without payload beyond its header is bridged', (t) => {
  const frame = build([ether({ src: CLIENT.mac, dst: BACKEND.mac, etherType: 0x0800 })]);
  t.deepEqual(bedWith(HANDOFF).send(frame), [{ port: AT.backend, octets: frame }]);
});
