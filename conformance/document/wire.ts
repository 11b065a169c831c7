/**
 * Rules as they are written in JSON, checked before anything is made of them.
 *
 * Devices and bundles are strangers: every number has a range, every list a limit. Addresses may be
 * written in any way that their RFC allows; they come out as the suite writes them.
 */
import { formatIpv4, formatIpv6, formatMac, parseIpv4, parseIpv6, parseMac } from 'scapy-ts';
import { z } from 'zod';
import type { Deltas, Endpoint, Owner } from '../driver/device.ts';

/** A number of 32 bits. */
export const word: z.ZodInt = z.int().min(0).max(0xffffffff);
/** A TCP port, or the number of a device's port. */
export const port: z.ZodInt = z.int().min(0).max(0xffff);
const shift = z.int().min(0).max(14);
/** What frames are written in. RFC 4648 section 4; the length is a multiple of four. */
export const BASE64: RegExp = /^[A-Za-z0-9+/]*={0,2}$/u;

/** Octets in base64, at most `most` of them. */
export function octetsUpTo(most: number): z.ZodType<Uint8Array> {
  return z
    .string()
    .max(Math.ceil(most / 3) * 4)
    .transform((letters, context): Uint8Array => {
      if (letters.length % 4 === 0 && BASE64.test(letters)) {
        return Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
      }
      context.addIssue('expected base64');
      return z.NEVER;
    });
}

/** A list of at most `most` items; reading ends with the first that is wrong. */
export function listOf<T>(item: z.ZodType<T>, most: number): z.ZodType<readonly T[]> {
  return z.unknown().transform((value, context): readonly T[] => {
    const items: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
    if (items === undefined || items.length > most) {
      context.addIssue(`expected a list of at most ${most}`);
      return z.NEVER;
    }
    const good: T[] = [];
    for (const [index, each] of items.entries()) {
      const parsed = item.safeParse(each);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const path = [index, ...(issue?.path ?? [])];
        context.addIssue({ code: 'custom', path, message: issue?.message ?? 'invalid' });
        return z.NEVER;
      }
      good.push(parsed.data);
    }
    return good;
  });
}

/** An IPv4 or IPv6 address. */
export const address: z.ZodType<string> = z.string().transform((letters, context): string => {
  const four = parseIpv4(letters);
  if (four.ok) return formatIpv4(four.value);
  const six = parseIpv6(letters);
  if (six.ok) return formatIpv6(six.value);
  context.addIssue('expected an IPv4 or IPv6 address');
  return z.NEVER;
});

const mac = z.string().transform((letters, context): string => {
  const parsed = parseMac(letters);
  if (parsed.ok) return formatMac(parsed.value);
  context.addIssue('expected a MAC address');
  return z.NEVER;
});

/** One end of a connection. */
export const endpoint: z.ZodType<Endpoint> = z.strictObject({ address, port });
/** Who serves a connection. */
export const owner: z.ZodType<Owner> = z.strictObject({ address, port, mac });
const window = z.strictObject({ in: shift, out: shift });
/** What a rule adds to a segment. */
export const deltas: z.ZodType<Deltas> = z.strictObject({
  clientSeq: word,
  ownerSeq: word,
  clientTimestamp: word,
  ownerTimestamp: word,
  clientWindow: window,
  ownerWindow: window,
});
