/** Fields, addresses and options for the property tests. */
import fc from 'fast-check';

import { ipv4FromNumber, ipv6FromBigInt, macFromNumber } from '../index.ts';
import type { Ipv4Address, Ipv4Option, Ipv6Address, MacAddress, TcpOption } from '../index.ts';

/** A field of `bits` bits; the edges come often. */
export function field(bits: number): fc.Arbitrary<number> {
  const max = 2 ** bits - 1;
  const edges = [0, 1, max, max - (bits > 1 ? 1 : 0), 2 ** (bits - 1)];
  return fc.oneof(
    { arbitrary: fc.integer({ min: 0, max }), weight: 4 },
    { arbitrary: fc.constantFrom(...edges), weight: 1 },
  );
}

/** Octets of any length up to `maxLength`. */
export function octets(maxLength: number, minLength = 0): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength, size: 'max' });
}

export const macAddress: fc.Arbitrary<MacAddress> = fc
  .tuple(field(16), field(32))
  .map(([high, low]) => macFromNumber(high * 2 ** 32 + low));

export const ipv4Address: fc.Arbitrary<Ipv4Address> = field(32).map(ipv4FromNumber);

export const ipv6Address: fc.Arbitrary<Ipv6Address> = fc
  .bigInt({ min: 0n, max: 2n ** 128n - 1n })
  .map(ipv6FromBigInt);

const sackBlock = fc.record({ left: field(32), right: field(32) });

/** Any option but the end of the list, with the octets that it takes. */
const tcpOption: fc.Arbitrary<{ option: TcpOption; size: number }> = fc.oneof(
  fc.constant({ option: { kind: 'nop' } as const, size: 1 }),
  field(16).map((mss) => ({ option: { kind: 'mss', mss } as const, size: 4 })),
  field(8).map((shift) => ({ option: { kind: 'windowScale', shift } as const, size: 3 })),
  fc.constant({ option: { kind: 'sackPermitted' } as const, size: 2 }),
  fc
    .array(sackBlock, { minLength: 1, maxLength: 4 })
    .map((blocks) => ({ option: { kind: 'sack', blocks } as const, size: 2 + 8 * blocks.length })),
  fc
    .tuple(field(32), field(32))
    .map(([value, echo]) => ({ option: { kind: 'timestamps', value, echo } as const, size: 10 })),
  octets(16, 16).map((digest) => ({ option: { kind: 'md5', digest } as const, size: 18 })),
  fc.tuple(field(8), field(8), octets(20)).map(([keyId, nextKeyId, mac]) => ({
    option: { kind: 'authentication', keyId, nextKeyId, mac } as const,
    size: 4 + mac.length,
  })),
  fc
    .oneof(fc.constant(new Uint8Array(0)), octets(16, 4))
    .map((cookie) => ({ option: { kind: 'fastOpen', cookie } as const, size: 2 + cookie.length })),
  fc.tuple(fc.constantFrom(28, 40, 200, 253, 254), octets(12)).map(([type, o]) => ({
    option: { kind: 'unknown', type, octets: o } as const,
    size: 2 + o.length,
  })),
);

const route = fc.array(ipv4Address, { maxLength: 9 });

const ipv4Option: fc.Arbitrary<{ option: Ipv4Option; size: number }> = fc.oneof(
  fc.constant({ option: { kind: 'nop' } as const, size: 1 }),
  field(16).map((value) => ({ option: { kind: 'routerAlert', value } as const, size: 4 })),
  fc
    .tuple(fc.constantFrom('recordRoute', 'looseSourceRoute', 'strictSourceRoute'), field(8), route)
    .map(([kind, pointer, addresses]) => ({
      option: { kind, pointer, route: addresses },
      size: 3 + 4 * addresses.length,
    })),
  fc.tuple(fc.constantFrom(30, 94, 158, 222), octets(12)).map(([type, o]) => ({
    option: { kind: 'unknown', type, octets: o } as const,
    size: 2 + o.length,
  })),
);

/** As many of the options as fit 40 octets, filled up to whole words with `nop`. */
function fitting<O extends { readonly kind: string }>(
  options: readonly { option: O; size: number }[],
  nop: O,
): readonly O[] {
  let size = 0;
  const fit: O[] = [];
  for (const one of options) {
    if (size + one.size > 40) break;
    fit.push(one.option);
    size += one.size;
  }
  while (size % 4 !== 0) {
    fit.push(nop);
    size += 1;
  }
  return fit;
}

export const tcpOptions: fc.Arbitrary<readonly TcpOption[]> = fc
  .array(tcpOption, { maxLength: 8 })
  .map((options) => fitting(options, { kind: 'nop' }));

export const ipv4Options: fc.Arbitrary<readonly Ipv4Option[]> = fc.oneof(
  { arbitrary: fc.constant([]), weight: 4 },
  {
    arbitrary: fc
      .array(ipv4Option, { maxLength: 4 })
      .map((options) => fitting<Ipv4Option>(options, { kind: 'nop' })),
    weight: 1,
  },
);
