/** IPv4 packets that are no segments: where their parts stand, and how to change one of them. */
import { formatIpv4, ipv4FromNumber, sumWords, updateChecksum } from 'scapy-ts';
import type { Endpoint, Owner } from '../driver/device.ts';
import { IPV4, viewOf, writeAddress, writeMac } from './edit.ts';

/** Where an untagged IPv4 header begins. */
export const IP = 14;
/** Where what follows an IPv4 header of 5 words begins. */
export const BODY = 34;

/** The protocol number of an untagged IPv4 packet without options; undefined for other frames. */
export function protocolOf(frame: Uint8Array): number | undefined {
  const isPlain =
    frame.length >= BODY && frame[12] === 0x08 && frame[13] === 0 && frame[IP] === 0x45;
  return isPlain ? frame[IP + 9] : undefined;
}

/** Fragment offset of a plain IPv4 packet in units of 8 octets; 0 for other frames too. */
export function fragmentOffset(frame: Uint8Array): number {
  return protocolOf(frame) === undefined ? 0 : viewOf(frame).getUint16(IP + IPV4.fragment) & 0x1fff;
}

/** The addresses of a plain IPv4 packet, with the two words that follow its header as ports. */
export function endsOf(frame: Uint8Array): { readonly from: Endpoint; readonly to: Endpoint } {
  const view = viewOf(frame);
  const end = (address: number, port: number): Endpoint => ({
    address: formatIpv4(ipv4FromNumber(view.getUint32(address))),
    port: frame.length < port + 2 ? 0 : view.getUint16(port),
  });
  return { from: end(IP + IPV4.source, BODY), to: end(IP + IPV4.destination, BODY + 2) };
}

/** A copy of a plain IPv4 packet after `change`, with the checksum of its header patched. */
export function repaired(frame: Uint8Array, change: (octets: DataView) => void): Uint8Array {
  const after = frame.slice();
  const octets = viewOf(after);
  change(octets);
  const sum = (all: Uint8Array): number =>
    sumWords(all, IP + IPV4.source, BODY, sumWords(all, IP, IP + IPV4.checksum));
  const at = IP + IPV4.checksum;
  octets.setUint16(at, updateChecksum(octets.getUint16(at), sum(frame), sum(after)));
  return after;
}

/** A copy of a plain IPv4 packet, sent to an owner; what follows its header is left alone. */
export function sentTo(frame: Uint8Array, { address, mac }: Owner): Uint8Array {
  return repaired(frame, (octets) => {
    writeAddress(octets, IP + IPV4.destination, address);
    writeMac(octets, mac);
  });
}
