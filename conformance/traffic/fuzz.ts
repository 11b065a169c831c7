/**
 * Frames that no host would send: ordinary ones with a few octets changed, cut off or added.
 *
 * Most changes are behind the Ethernet addresses, where a device has something to read; the values
 * that lengths and offsets have trouble with are chosen more often than others.
 */
import { arp, build, dot1q, ether, icmpv4, ipv4, raw, udp, type Layer } from 'scapy-ts';
import type { Rule } from '../driver/device.ts';
import type { Random } from './random.ts';
import { clientPath, ownerPath, pattern, segment, segmentLayers } from './segment.ts';
import { HOSTS, keyOf, ownerOf } from './testbed.ts';

const EDGES = [0x00, 0x01, 0x04, 0x05, 0x0f, 0x40, 0x45, 0x4f, 0x7f, 0x80, 0xf0, 0xff];
/** Octets of the two Ethernet addresses. */
const ADDRESSES_OCTETS = 12;
/** Most octets that are changed in one frame. */
const MAX_CHANGES = 4;
/** Most octets that are added to a frame. */
const MAX_ADDED = 64;

/** Ordinary frames of every class, most of them of the connection of `rule`, to be fuzzed. */
export function seedFrames(rule: Rule): readonly Uint8Array[] {
  const { client } = HOSTS;
  const fromClient = clientPath(rule, client);
  const fromOwner = ownerPath(rule.owner, rule, client);
  const sack = [
    { kind: 'nop' },
    { kind: 'nop' },
    {
      kind: 'sack',
      blocks: [
        { left: 1, right: 2 },
        { left: 5, right: 9 },
      ],
    },
  ] as const;
  const times = [
    { kind: 'nop' },
    { kind: 'nop' },
    { kind: 'timestamps', value: 7, echo: 8 },
  ] as const;
  const path6 = clientPath(keyOf(client, 6), client);
  const link = ether({ src: client.mac, dst: HOSTS.controller.mac });
  const [, ip, ...inner] = segmentLayers(fromOwner, { payload: pattern(8) });
  const quoted: readonly Layer[] = ip === undefined ? [] : [ip, ...inner];
  return [
    segment(fromClient, { flags: 'PA', payload: pattern(40) }),
    segment(fromOwner, { flags: 'PA', payload: pattern(41) }),
    segment(fromClient, { options: sack }),
    segment(fromOwner, { options: times, payload: pattern(3) }),
    segment(fromClient, { flags: 'S', options: [{ kind: 'mss', mss: 1460 }] }),
    segment(fromClient, { vlans: [7], payload: pattern(6) }),
    segment(fromClient, { vlans: [7, 8], payload: pattern(6) }),
    segment(fromClient, { ipv4: { mf: 1, df: 0 }, payload: pattern(64) }),
    segment(fromClient, { ipv4: { fragmentOffset: 8, df: 0 }, payload: pattern(64) }),
    segment(fromClient, { ipv4: { options: [{ kind: 'routerAlert', value: 0 }] } }),
    segment(path6, { payload: pattern(20) }),
    segment(ownerPath(ownerOf(HOSTS['backend 1'], 6), keyOf(client, 6), client)),
    build([
      link,
      ipv4({ src: client.ipv4, dst: rule.virtual.address }),
      icmpv4({ type: 3, code: 4, mtu: 1400 }),
      ...quoted,
    ]),
    build([
      link,
      dot1q({ vid: 9 }),
      ipv4({ src: client.ipv4, dst: rule.virtual.address }),
      udp({ srcPort: rule.client.port, dstPort: rule.virtual.port }),
      raw('datagram'),
    ]),
    build([link, arp({ operation: 1, senderIp: client.ipv4, targetIp: rule.virtual.address })]),
  ];
}

/** `frame` with something changed; a new array, never `frame` itself. */
export function fuzzed(frame: Uint8Array, random: Random): Uint8Array {
  const shape = random.below(16);
  if (shape === 0) return frame.slice(0, random.below(frame.length + 1));
  const added = shape === 1 ? random.below(MAX_ADDED) : 0;
  const changed = new Uint8Array(frame.length + added);
  changed.set(frame);
  const from = random.below(32) === 0 ? 0 : ADDRESSES_OCTETS;
  for (let left = 1 + random.below(MAX_CHANGES); left > 0; left -= 1) {
    const at = from + random.below(changed.length - from);
    const octet = random.below(2) === 0 ? EDGES[random.below(EDGES.length)] : random.below(256);
    changed[at] = octet ?? 0;
  }
  return changed;
}
