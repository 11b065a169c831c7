/**
 * Where the fields of a TCP header are, in octets from its start. RFC 9293 section 3.1.
 *
 *    0                 2                 4
 *    ┌─────────────────┬─────────────────┐
 *  0 │   source port   │ destination port│
 *  4 │          sequence number          │
 *  8 │       acknowledgement number      │
 * 12 │doff·rsv·flags(9)│     window      │
 * 16 │    checksum     │ urgent pointer  │
 * 20 │             options …             │
 */

/** Offsets in octets; `options` is also the least length of a header. */
export const TCP_AT = {
  srcPort: 0,
  dstPort: 2,
  seq: 4,
  ack: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  options: 20,
} as const;

/** Flag bits within the octet at `TCP_AT.flags`. */
export const FLAG_BIT = { syn: 0x02, ack: 0x10 } as const;
