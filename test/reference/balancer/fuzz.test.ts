/** Frames that were damaged anyhow: none makes the switch throw, and none leaves it half way. */
import test from 'ava';
import fc from 'fast-check';
import type { GivenIcmp, Icmpv4 } from 'scapy-ts';
import { arp, build, dot1q, ether, icmpv4, ipv4, ipv4Address, mac, parse, raw } from 'scapy-ts';
import { encodeAdvert } from '../../../reference/balancer/advert.ts';
import { readStatistics } from '../../../reference/balancer/statistics.ts';
import type { BalancerOptions, Mode } from '../../../reference/balancer/config.ts';
import { BROADCAST } from '../../../reference/balancer/link.ts';
import { runs } from '../../runs.ts';
import {
  CLIENT,
  createBed,
  datagram,
  DATAGRAMS,
  GATEWAY,
  handshake,
  hostOf,
  optionsOf,
  PLAIN_SERVERS,
  segment,
  segmentLayers,
  SERVICE,
  SWITCH_MAC,
  syn,
  VIRTUAL,
} from './bed.ts';

const OWN = { group: 1, priority: 100, intervalMs: 100, source: ipv4Address('10.0.0.251') };

function icmp(fields: GivenIcmp<Icmpv4>, quoted: Uint8Array): Uint8Array {
  return build([
    ether({ src: CLIENT.mac, dst: SWITCH_MAC }),
    ipv4({ src: CLIENT.address, dst: VIRTUAL.address }),
    icmpv4(fields),
    raw(quoted),
  ]);
}

const [link, ...packet] = segmentLayers(CLIENT, VIRTUAL, { flags: 'S' });

/** One sound frame of each kind that the switch reads. */
const FRAMES: readonly Uint8Array[] = [
  syn(),
  segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 }, 'on'),
  segment(hostOf('a'), CLIENT, { seq: 5001, ack: 1001 }, 'back'),
  datagram(CLIENT, VIRTUAL),
  datagram(hostOf('a'), CLIENT),
  icmp({ type: 8, id: 1 }, new Uint8Array(8)),
  icmp({ type: 3, code: 4 }, segment(VIRTUAL, CLIENT, { seq: 5001 }).subarray(14)),
  icmp({ type: 11 }, datagram(VIRTUAL, CLIENT).subarray(14)),
  build([
    ether({ src: CLIENT.mac, dst: BROADCAST }),
    arp({ senderMac: CLIENT.mac, senderIp: CLIENT.address, targetIp: VIRTUAL.address }),
  ]),
  encodeAdvert({ ...OWN, source: GATEWAY }, [GATEWAY], mac('02:00:00:00:00:77')),
  ...(link?.kind === 'ether' ? [build([{ ...link, etherType: 0x8100 }, dot1q(), ...packet])] : []),
];

/** A frame with octets changed, its end cut off, or others put behind it. */
const damaged = fc
  .record({
    frame: fc.constantFrom(...FRAMES),
    changes: fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 4 }),
    length: fc.oneof({ weight: 2, arbitrary: fc.constant(1e6) }, fc.nat(120)),
    more: fc.uint8Array({ maxLength: 20 }),
    repairs: fc.boolean(),
  })
  .map(({ frame, changes, length, more, repairs }) => {
    const copy = Uint8Array.from([...frame.subarray(0, length), ...more]);
    for (const [at, octet] of changes) if (at < copy.length) copy[at] = octet;
    return repairs ? repaired(copy) : copy;
  });

/** The frame with an IPv4 checksum that is right, so that it is read further. */
function repaired(frame: Uint8Array): Uint8Array {
  const { layers, errors } = parse(frame);
  if (errors.length > 0) return frame;
  return build(
    layers.map((each) => (each.kind === 'ipv4' ? { ...each, checksum: undefined } : each)),
  );
}

function optionsFor(mode: Mode): BalancerOptions {
  const servers = mode === 'nat' ? SERVICE.servers : PLAIN_SERVERS;
  const services = [SERVICE, DATAGRAMS].map((each) => ({ ...each, mode, servers }));
  return {
    ...optionsOf(...services),
    ipOptions: 'forward',
    redundancy: { ...OWN, preempts: true },
  };
}

for (const mode of ['nat', 'dsr', 'ipip'] as const) {
  test(`whatever octets come, under ${mode} each frame is forwarded, answered or counted`, (t) => {
    const bed = createBed(optionsFor(mode));
    bed.wait(1000);
    t.true(bed.state.isActive);
    if (mode === 'nat') handshake(bed);
    fc.assert(
      fc.property(damaged, fc.nat(3), (octets, at) => {
        // An advert may have been made to say more than ours: then nobody speaks until that is over.
        if (!bed.state.isActive) bed.wait(200_000);
        const before = { ...bed.state.counters.dropped };
        const out = bed.send(octets, { ...CLIENT, at });
        const { counters } = bed.state;
        const dropped = Object.values(counters.dropped).reduce((a, b) => a + b);
        const were = Object.values(before).reduce((a, b) => a + b);
        t.true(out.length > 0 || dropped === were + 1);
        t.true(dropped <= were + 1);
        t.true(out.every((each) => each.octets.length >= 14));
      }),
      runs(3000),
    );
    const [service] = readStatistics(bed.state).services;
    t.true((service?.opened ?? 0) > 0);
  });
}
