/** Single values of a document: how they are read, and what is expected where they cannot be. */
import {
  formatIpv4,
  ipv4FromNumber,
  parseIpv4,
  parseMac,
  type Ipv4Address,
  type MacAddress,
} from 'scapy-ts';
import { z } from 'zod';
import type { Prefix } from '../access.ts';

/** Two numbers, both of them included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

const PREFIX = /^(?<letters>[\d.]+)\/(?<length>\d{1,2})$/u;
const RANGE = /^(?<first>\d{1,5})-(?<last>\d{1,5})$/u;

/** A text. */
export const text: z.ZodType<string> = z.string({ error: 'a text' });
/** Yes or no. */
export const truth: z.ZodType<boolean> = z.boolean({ error: 'true or false' });
/** An IPv4 address. */
export const address: z.ZodType<Ipv4Address> = written(
  readIpv4,
  'an IPv4 address such as 192.0.2.1',
);
/** A MAC address. */
export const hardware: z.ZodType<MacAddress> = written((letters) => {
  const read = parseMac(letters);
  return read.ok ? read.value : undefined;
}, 'a MAC address such as 02:00:00:00:00:01');
/** Addresses by their first bits. RFC 4632. */
export const prefix: z.ZodType<Prefix> = written(
  readPrefix,
  'an IPv4 prefix such as 192.0.2.0/24, with no bit set after its length',
);
/** Ports of TCP or UDP. */
export const ports: z.ZodType<Range> = range(1, 0xffff, 'a port', '8000-8100');
/** Statuses of HTTP. */
export const statuses: z.ZodType<Range> = range(100, 599, 'a status', '200-299');

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): z.ZodInt {
  const end = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
  const error = `a whole number from ${least} ${end}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** One of some words. */
export function choice<const Word extends string>(...words: readonly Word[]): z.ZodType<Word> {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}

/** A list of what is alike. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(item, { error: 'a list' });
}

/** Fields of which no other may be there. */
export function record<const Shape extends z.ZodRawShape>(
  expected: string,
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, { error: expecting(expected, Object.keys(shape)) });
}

/** What is said where fields are expected, and where none has that name or none has that kind. */
export function expecting(
  expected: string,
  names: readonly string[],
): (issue: { readonly code?: string }) => string {
  return ({ code }) => (code === 'invalid_type' ? expected : `one of ${names.join(', ')}`);
}

/** A prefix as `prefix` reads it. */
export function formatPrefix({ address: first, length }: Prefix): string {
  return `${formatIpv4(first)}/${length}`;
}

/** A range as `ports` and `statuses` read it. */
export function formatRange({ first, last }: Range): number | string {
  return first === last ? first : `${first}-${last}`;
}

function written<T>(read: (letters: string) => T | undefined, expected: string): z.ZodType<T> {
  return z.string({ error: expected }).transform((letters, context): T => {
    const value = read(letters);
    if (value !== undefined) return value;
    context.addIssue(expected);
    return z.NEVER;
  });
}

function range(least: number, most: number, what: string, example: string): z.ZodType<Range> {
  const expected = `${what} from ${least} to ${most}, or a range such as ${example}`;
  return z.union([z.int(), z.string()], { error: expected }).transform((value, context): Range => {
    const groups = typeof value === 'string' ? RANGE.exec(value)?.groups : undefined;
    const [first, last] =
      typeof value === 'number'
        ? [value, value]
        : [Number(groups?.['first']), Number(groups?.['last'])];
    if (first >= least && first <= last && last <= most) return { first, last };
    context.addIssue(expected);
    return z.NEVER;
  });
}

function readIpv4(letters: string): Ipv4Address | undefined {
  const read = parseIpv4(letters);
  return read.ok ? read.value : undefined;
}

/** A bit after the length would count for nothing, and is a slip of the pen. */
function readPrefix(letters: string): Prefix | undefined {
  const groups = PREFIX.exec(letters)?.groups;
  const first = readIpv4(groups?.['letters'] ?? '');
  const length = Number(groups?.['length']);
  if (first === undefined || length > 32) return undefined;
  const size = 2 ** (32 - length);
  const start = ipv4FromNumber(Math.floor(first / size) * size);
  return start === first ? { address: first, length } : undefined;
}
