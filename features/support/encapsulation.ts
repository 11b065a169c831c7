/**
 * A segment behind something that stands between the MAC addresses and the IP header.
 *
 *   | MAC addresses | tags, labels … | IP packet |
 */
import { compareFrames } from '../../conformance/observe/compare.ts';
import type { Hello, Rule } from '../../conformance/driver/device.ts';
import { translated, type Direction } from '../../conformance/observe/translate.ts';

/** Octets of the two MAC addresses, and of the EtherType of a frame without anything between. */
const MACS_OCTETS = 12;
const ETHER_TYPE_OCTETS = 2;

/** Builds what stands before an IP packet of `length` octets, the last EtherType being `type`. */
type Header = (type: readonly [number, number], length: number) => readonly number[];

/** The octets of a tag: its EtherType, then priority (3 bits), drop eligible (1) and VLAN (12). */
function tag(etherType: 0x8100 | 0x88a8 | 0x9100, vlan: number, priority = 0): readonly number[] {
  return [etherType >> 8, etherType & 0xff, (priority << 5) | (vlan >> 8), vlan & 0xff];
}

function high(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff];
}

const HEADERS: Readonly<Record<string, Header>> = {
  'VLAN 5': (type) => [...tag(0x8100, 5), ...type],
  'VLAN 1': (type) => [...tag(0x8100, 1), ...type],
  'VLAN 4094 with priority 7': (type) => [...tag(0x8100, 4094, 7), ...type],
  'VLAN 7 around VLAN 5': (type) => [...tag(0x88a8, 7), ...tag(0x8100, 5), ...type],
  'VLAN 7 around VLAN 5, both 802.1Q': (type) => [...tag(0x8100, 7), ...tag(0x8100, 5), ...type],
  'three tags': (type) => [...tag(0x88a8, 8), ...tag(0x8100, 7), ...tag(0x8100, 5), ...type],
  'a tag of type 9100': (type) => [...tag(0x9100, 5), ...type],
  // RFC 1042: LLC and SNAP before the EtherType; the length counts both.
  SNAP: (type, length) => [...high(length + 8), 0xaa, 0xaa, 0x03, 0, 0, 0, ...type],
  // RFC 3032: label 16, bottom of the stack, TTL 64.
  'an MPLS label': () => [0x88, 0x47, 0x00, 0x01, 0x01, 0x40],
  // RFC 2516: version and type 1, session 7; PPP protocol 0x0021 is IPv4, 0x0057 IPv6.
  'a PPPoE session': ([first], length) => {
    const session = [0x88, 0x64, 0x11, 0x00, 0x00, 0x07];
    return [...session, ...high(length + 2), 0x00, first === 0x86 ? 0x57 : 0x21];
  },
};

/** Whether `words` name something that a segment can stand behind. */
export function headerByWords(words: string): Header {
  const header = HEADERS[words];
  if (header === undefined) throw new Error(`nothing is called ${words} that a packet is behind`);
  return header;
}

/** `frame`, whose EtherType stands at octet 12, behind `header`. */
export function encapsulated(frame: Uint8Array, header: Header): Uint8Array {
  const packet = frame.subarray(MACS_OCTETS + ETHER_TYPE_OCTETS);
  const type = [frame[MACS_OCTETS] ?? 0, frame[MACS_OCTETS + 1] ?? 0] as const;
  const between = header(type, packet.length);
  return Uint8Array.of(...frame.subarray(0, MACS_OCTETS), ...between, ...packet);
}

/** Whether `seen` is the frame behind `header` as `rule` makes it, whole, `header` untouched. */
export function isTranslatedBehind(
  { frame, header, rule, direction }: Behind,
  seen: Uint8Array,
  { profile }: Hello,
): boolean {
  const wanted = translated(frame, rule, direction);
  const whole = encapsulated(wanted, header);
  const packetAt = whole.length - (wanted.length - MACS_OCTETS - ETHER_TYPE_OCTETS);
  const same = whole.subarray(MACS_OCTETS, packetAt).every((octet, at) => {
    return octet === seen[MACS_OCTETS + at];
  });
  const etherType = wanted.subarray(MACS_OCTETS, MACS_OCTETS + ETHER_TYPE_OCTETS);
  const bare = Uint8Array.of(
    ...seen.subarray(0, MACS_OCTETS),
    ...etherType,
    ...seen.subarray(packetAt),
  );
  return same && compareFrames(wanted, bare, { ttl: profile.ttl }).length === 0;
}

/** A frame that was sent behind a header, and the rule that it is for. */
export interface Behind {
  /** Without the header. */
  readonly frame: Uint8Array;
  readonly header: Header;
  readonly rule: Rule;
  readonly direction: Direction;
}
