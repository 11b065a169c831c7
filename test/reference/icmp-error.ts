/** ICMP errors about segments of a rule, as each side sees them. */
import type { GivenTcp, Packet } from 'scapy-ts';
import { build, ether, icmpv4, ipv4, raw, tcp } from 'scapy-ts';
import { BACKEND, CLIENT, VIRTUAL } from './bed.ts';

/** How the far end of the connection looks from one side. */
export interface Side {
  readonly sender: { readonly mac: typeof CLIENT.mac; readonly address: typeof CLIENT.address };
  readonly receiver: typeof CLIENT;
  /** Of the segment that is quoted: who sent it, and to whom. */
  readonly from: typeof CLIENT;
  readonly to: typeof CLIENT;
}

/** An error that says "fragmentation needed", with as much of the segment as `quoted` builds. */
export function errorFrame(side: Side, quoted: Packet, error: Packet[0] = TOO_BIG): Uint8Array {
  return build([
    ether({ src: side.sender.mac, dst: side.receiver.mac }),
    ipv4({ src: side.sender.address, dst: side.receiver.address }),
    error,
    ipv4({ src: side.from.address, dst: side.to.address, ttl: 61, id: 77, protocol: 6 }),
    ...quoted,
  ]);
}

/** Fragmentation needed. RFC 1191. */
export const TOO_BIG: Packet[0] = icmpv4({ type: 3, code: 4, mtu: 1400 });

/** A whole quoted segment. */
export function whole(side: Side, fields: GivenTcp): Packet {
  return [
    tcp({ flags: 'PA', ...fields, srcPort: side.from.port, dstPort: side.to.port }),
    raw('quoted payload'),
  ];
}

/** An error as it leaves the client. */
export const AT_CLIENT: Side = { sender: CLIENT, receiver: VIRTUAL, from: VIRTUAL, to: CLIENT };
/** AT_CLIENT as the owner must see it. */
export const FOR_OWNER: Side = { sender: CLIENT, receiver: BACKEND, from: BACKEND, to: CLIENT };
/** An error as it leaves the owner. */
export const AT_OWNER: Side = { sender: BACKEND, receiver: CLIENT, from: CLIENT, to: BACKEND };
/** AT_OWNER as the client must see it. */
export const FOR_CLIENT: Side = {
  sender: { ...VIRTUAL, mac: BACKEND.mac },
  receiver: CLIENT,
  from: CLIENT,
  to: VIRTUAL,
};
