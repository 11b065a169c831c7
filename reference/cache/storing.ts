/**
 * What a cache that all clients share may keep, and for how long. RFC 9111 sections 3 and 4.2.
 *
 * It keeps less than it may: only answers to GET with status 200, that say themselves how long they
 * are fresh, and that were asked for by nobody in particular.
 */
import { listOf, valuesOf, type Field } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { ResponseHead } from '../http/response-head.ts';
import { directivesOf, secondsOf } from './directives.ts';

/** What of a request decides. */
export type Asked = Pick<RequestHead, 'method' | 'fields'>;

const MS_PER_S = 1000;
/** With these a request wants more than what is kept. RFC 9110 sections 13.1 and 14.2. */
const PARTICULAR = [
  'authorization',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
] as const;

/** A cache must not know better than whoever asks. RFC 9111 sections 5.2.1 and 5.4. */
const REFUSALS = ['no-cache', 'no-store', 'max-age', 'min-fresh'] as const;

/** Whether a request may be answered from what is kept, and its answer be kept. */
export function mayUseCache({ method, fields }: Asked): boolean {
  if (method !== 'GET') return false;
  if (PARTICULAR.some((name) => valuesOf(fields, name).length > 0)) return false;
  const directives = directivesOf(fields);
  if (REFUSALS.some((name) => directives.has(name))) return false;
  return !listOf(valuesOf(fields, 'pragma')).includes('no-cache');
}

/**
 * For how many milliseconds a response is fresh from `nowMs` (Unix time) on, when it has just come;
 * undefined where it may not be kept.
 */
export function freshFor(
  { status, fields, framing }: ResponseHead,
  nowMs: number,
): number | undefined {
  if (status !== 200 || framing.kind !== 'length') return undefined;
  const directives = directivesOf(fields);
  const isForbidden = ['no-store', 'private', 'no-cache'].some((name) => directives.has(name));
  // What is said to one client by a cookie is not for the next one.
  if (isForbidden || valuesOf(fields, 'set-cookie').length > 0) return undefined;
  if (listOf(valuesOf(fields, 'vary')).includes('*')) return undefined;
  const lifetime =
    secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age') ?? expiryOf(fields);
  if (lifetime === undefined) return undefined;
  const leftMs = (lifetime - ageOf(fields, nowMs)) * MS_PER_S;
  return leftMs > 0 ? leftMs : undefined;
}

/** Seconds from Date to Expires; undefined where either says nothing. RFC 9111 section 5.3. */
function expiryOf(fields: readonly Field[]): number | undefined {
  const [expires, ...others] = valuesOf(fields, 'expires');
  const date = dateOf(fields);
  if (expires === undefined || others.length > 0 || date === undefined) return undefined;
  const end = Date.parse(expires);
  return Number.isNaN(end) ? 0 : (end - date) / MS_PER_S;
}

/** How old a response is that has just come, in seconds. RFC 9111 section 4.2.3. */
export function ageOf(fields: readonly Field[], nowMs: number): number {
  const [said] = valuesOf(fields, 'age');
  const age = said !== undefined && /^\d+$/u.test(said) ? Number(said) : 0;
  const date = dateOf(fields);
  const apparent = date === undefined ? 0 : Math.max(0, (nowMs - date) / MS_PER_S);
  return Math.max(age, apparent);
}

function dateOf(fields: readonly Field[]): number | undefined {
  const [date] = valuesOf(fields, 'date');
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}
