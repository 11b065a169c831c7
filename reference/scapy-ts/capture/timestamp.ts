/**
 * Ticks of a capture's clock <-> seconds and nanoseconds.
 *
 * A pcapng timestamp is a 64-bit count of ticks; the `if_tsresol` octet says how long a tick is
 * (draft-ietf-opsawg-pcapng, section 4.2). 10^-9 s and coarser decimal ticks take the fast way,
 * in doubles; powers of two and finer ticks are computed in bigints.
 */

/** The `if_tsresol` octet of microseconds, the default. */
export const MICROSECONDS = 6;

/** The `if_tsresol` octet of nanoseconds. */
export const NANOSECONDS = 9;

/** Ticks per second where n in `if_tsresol` is 0 to 9: the fast way. */
const TICKS_PER_SECOND: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** A point in time, or a length of time: 0 <= nanoseconds < 10^9. */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A 64-bit count of ticks as two unsigned 32-bit halves. */
export interface Ticks {
  readonly high: number;
  readonly low: number;
}

/** Seconds and nanoseconds of `high * 2^32 + low` ticks; cuts off what is finer than 1 ns. */
export function fromTicks(resolution: number, high: number, low: number): Instant {
  const perSecond = TICKS_PER_SECOND[resolution];
  if (perSecond === undefined) return fromRareTicks(resolution, high, low);
  // Long division by digits of 16 bits: every partial dividend is below 2^46, so exact.
  const top = Math.floor(high / perSecond);
  const upper = (high - top * perSecond) * 0x10000 + (low >>> 16);
  const middle = Math.floor(upper / perSecond);
  const lower = (upper - middle * perSecond) * 0x10000 + (low & 0xffff);
  const bottom = Math.floor(lower / perSecond);
  return {
    seconds: top * 0x1_0000_0000 + middle * 0x10000 + bottom,
    nanoseconds: (lower - bottom * perSecond) * (1e9 / perSecond),
  };
}

/**
 * Ticks of a point in time, which `fromTicks` turns back into it when the resolution can say it.
 *
 * A part of a tick is cut off where ticks are decimal and no finer than 1 ns, else rounded up.
 * Throws a RangeError when the time is negative, not whole, or needs more than 64 bits.
 */
export function toTicks(resolution: number, seconds: number, nanoseconds: number): Ticks {
  requireWhole('resolution', resolution, 0xff);
  requireWhole('seconds', seconds, Number.MAX_SAFE_INTEGER);
  requireWhole('nanoseconds', nanoseconds, 999_999_999);
  const perSecond = TICKS_PER_SECOND[resolution];
  if (perSecond === undefined) return toRareTicks(resolution, seconds, nanoseconds);
  const upper = Math.floor(seconds / 0x10000) * perSecond;
  const lower =
    (upper % 0x10000) * 0x10000 +
    (seconds % 0x10000) * perSecond +
    Math.floor(nanoseconds / (1e9 / perSecond));
  const high = Math.floor(upper / 0x10000) + Math.floor(lower / 0x1_0000_0000);
  requireWhole('the upper half of the timestamp', high, 0xffff_ffff);
  return { high, low: lower % 0x1_0000_0000 };
}

/** Throws a RangeError unless `value` is a whole number from 0 to `maximum`. */
export function requireWhole(what: string, value: number, maximum: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(`${what}: expected a whole number from 0 to ${maximum}, found ${value}`);
}

function fromRareTicks(resolution: number, high: number, low: number): Instant {
  const perSecond = rarePerSecond(resolution);
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  return {
    seconds: Number(ticks / perSecond),
    nanoseconds: Number(((ticks % perSecond) * 1_000_000_000n) / perSecond),
  };
}

function toRareTicks(resolution: number, seconds: number, nanoseconds: number): Ticks {
  const perSecond = rarePerSecond(resolution);
  // Rounded up, because reading rounds down: a time that was read is written as it was.
  const part = (BigInt(nanoseconds) * perSecond + 999_999_999n) / 1_000_000_000n;
  const ticks = BigInt(seconds) * perSecond + part;
  if (ticks >> 64n !== 0n) throw new RangeError(`timestamp: ${ticks} ticks need over 64 bits`);
  return { high: Number(ticks >> 32n), low: Number(ticks & 0xffff_ffffn) };
}

function rarePerSecond(resolution: number): bigint {
  return (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
}
