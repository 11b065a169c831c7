/** Steps about IPv6 segments of the connection behind extension headers. RFC 8200 section 4. */
import { When } from '@cucumber/cucumber';
import { build, ipv6Extension, ipv6Fragment, type Layer } from 'scapy-ts';
import { pattern, segmentLayers, type Path } from '../../conformance/traffic/segment.ts';
import { HOSTS } from '../../conformance/traffic/testbed.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** Protocol numbers of extension headers. IANA. */
const PROTOCOL = { hopByHop: 0, routing: 43, destination: 60 } as const;
const PADDING = Uint8Array.of(1, 4, 0, 0, 0, 0);
const HOP_BY_HOP = ipv6Extension({ protocol: PROTOCOL.hopByHop, body: PADDING });
const DESTINATION = ipv6Extension({ protocol: PROTOCOL.destination, body: PADDING });
const ROUTING_TYPE = 253;
/** An option of an experiment, to be skipped by who does not know it. RFC 4727 section 3.3. */
const EXPERIMENT = 0x1e;
/** A TCP header of 5 words with ACK, from its data offset on. */
const LIKE_OFFSET = [0x50, 0x10, 0xfa, 0xf0] as const;
/** A sequence number that is a data offset and flags where a header is looked for too early. */
const LIKE_OFFSET_SEQ = 0x5010_0000;

/** A header of 16 or 24 octets; from the ninth on it looks like a TCP header of the connection. */
function longHeader(protocol: number, octets: 16 | 24): Layer {
  const [from, to] = [HOSTS.client.port, HOSTS.controller.port];
  const ports = [from >> 8, from & 0xff, to >> 8, to & 0xff];
  const alike = [...ports, 0, 0, 0, 0, 0, 0, 0, 0, ...LIKE_OFFSET].slice(0, octets - 8);
  const body = Uint8Array.of(EXPERIMENT, octets - 4, 0, 0, 0, 0, ...alike);
  return ipv6Extension({ protocol, body });
}

/** Extension headers by the words of a scenario. */
const EXTENSIONS: Readonly<Record<string, readonly Layer[]>> = {
  'a hop-by-hop options header': [HOP_BY_HOP],
  'a destination options header': [DESTINATION],
  'a hop-by-hop and a destination header': [HOP_BY_HOP, DESTINATION],
  'a hop-by-hop options header of 16 octets': [longHeader(PROTOCOL.hopByHop, 16)],
  'a hop-by-hop options header of 24 octets': [longHeader(PROTOCOL.hopByHop, 24)],
  'a destination options header of 16 octets': [longHeader(PROTOCOL.destination, 16)],
  'a destination options header of 24 octets': [longHeader(PROTOCOL.destination, 24)],
  'a hop-by-hop and a destination header of 16 octets': [
    HOP_BY_HOP,
    longHeader(PROTOCOL.destination, 16),
  ],
  'a routing header with no segments left': [
    ipv6Extension({ protocol: PROTOCOL.routing, body: Uint8Array.of(ROUTING_TYPE, 0, 0, 0, 0, 0) }),
  ],
  'a routing header with one segment left': [
    ipv6Extension({ protocol: PROTOCOL.routing, body: Uint8Array.of(ROUTING_TYPE, 1, 0, 0, 0, 0) }),
  ],
  'a fragment header of a whole packet': [ipv6Fragment({ id: 7, fragmentOffset: 0, mf: 0 })],
  'a header that claims to be longer than all': [{ ...DESTINATION, length: 255 }],
};

/** Sends a segment of the client on `path` behind the extension headers that `words` mean. */
async function sendBehind(world: PrismWorld, path: Path, words: string): Promise<void> {
  const headers = EXTENSIONS[words];
  if (headers === undefined) throw new Error(`no extension header is called ${words}`);
  const host = HOSTS.client;
  const [ether, ip, ...rest] = segmentLayers(path, {
    seq: LIKE_OFFSET_SEQ,
    payload: pattern(9),
  });
  if (ether === undefined || ip === undefined) throw new Error('a segment has two headers');
  const frame = build([ether, ip, ...headers, ...rest]);
  const expectation = expectationFrom(world, host, frame);
  await world.inject([{ role: host.role, frame, expectation }]);
}

When(
  /^the client sends an IPv6 segment behind ([^,]*)$/u,
  async function (this: PrismWorld, words: string) {
    await sendBehind(this, pathFrom(this, HOSTS.client), words);
  },
);

/** Of no host of the test bed. */
const UNHEARD_MAC = '02:00:00:00:00:ee';

When(
  /^the client sends an IPv6 segment behind ([^,]*), to a MAC address that was never heard$/u,
  async function (this: PrismWorld, words: string) {
    const path = { ...pathFrom(this, HOSTS.client), destinationMac: UNHEARD_MAC };
    await sendBehind(this, path, words);
  },
);
