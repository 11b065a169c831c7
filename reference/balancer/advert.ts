/**
 * Adverts of switches in frames. RFC 9568 section 5.
 *
 *   Ethernet to 01:00:5e:00:00:12 ─ IPv4 to 224.0.0.18, TTL 255, protocol 112 ─ message
 *
 *   | version 4 | type 4 | group 8 | priority 8 | addresses 8 |
 *   | reserved 4 | interval 12 (10 ms) | checksum 16 |
 *   | address 32 … |
 *
 * The checksum is of the message alone. RFC 5798 could be read so that a pseudo-header belongs to it,
 * and is by some: what is received may have either.
 */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import {
  build,
  checksum,
  ether,
  ipv4,
  ipv4Address,
  layer,
  mac,
  parse,
  pseudoHeaderSum,
  raw,
} from 'scapy-ts';
import { addressOctets } from '../rules/plan.ts';
import { readUint16, readUint8, writeUint16 } from '../tcp/word.ts';
import type { Advert } from './election.ts';

/** The MAC address of all switches that take part. */
export const ADVERT_MAC: MacAddress = mac('01:00:5e:00:00:12');

const ADVERT_ADDRESS = ipv4Address('224.0.0.18');
const PROTOCOL_VRRP = 112;
const TTL = 255;
const VERSION_AND_TYPE = 0x31;
const HEAD_OCTETS = 8;
const CHECKSUM_AT = 6;
const UNIT_MS = 10;

/** The frame in which `from` says something for some addresses, at most 255. */
export function encodeAdvert(
  advert: Advert,
  addresses: readonly Ipv4Address[],
  from: MacAddress,
): Uint8Array {
  const message = new Uint8Array(HEAD_OCTETS + 4 * addresses.length);
  message.set([VERSION_AND_TYPE, advert.group, advert.priority, addresses.length]);
  writeUint16(message, 4, advert.intervalMs / UNIT_MS);
  for (const [index, address] of addresses.entries()) {
    message.set(addressOctets(address), HEAD_OCTETS + 4 * index);
  }
  writeUint16(message, CHECKSUM_AT, checksum(message, 0, message.length));
  return build([
    ether({ dst: ADVERT_MAC, src: from }),
    ipv4({ src: advert.source, dst: ADVERT_ADDRESS, ttl: TTL, protocol: PROTOCOL_VRRP }),
    raw(message),
  ]);
}

/** The advert in a frame; undefined unless it is sound, and from this network. RFC 9568 section 7.1. */
export function decodeAdvert(frame: Uint8Array): Advert | undefined {
  const { layers } = parse(frame);
  const ip = layer(layers, 'ipv4');
  const message = layer(layers, 'raw')?.octets;
  if (ip === undefined || message === undefined) return undefined;
  const isAdvert = ip.protocol === PROTOCOL_VRRP && ip.dst === ADVERT_ADDRESS && ip.ttl === TTL;
  const count = readUint8(message, 3);
  const isWhole = count > 0 && message.length === HEAD_OCTETS + 4 * count;
  if (!isAdvert || !isWhole || readUint8(message, 0) !== VERSION_AND_TYPE) return undefined;
  const pseudo = pseudoHeaderSum(ip, PROTOCOL_VRRP, message.length);
  const isSound = [0, pseudo].some((sum) => checksum(message, 0, message.length, sum) === 0);
  const intervalMs = (readUint16(message, 4) & 0xfff) * UNIT_MS;
  if (!isSound || intervalMs === 0) return undefined;
  const [group, priority] = [readUint8(message, 1), readUint8(message, 2)];
  return { group, priority, intervalMs, source: ip.src };
}
