/** The choices of a server switch as a target file has them. */
import { z } from 'zod';
import type { BalancerProfile } from '../driver/balancer.ts';
import type { HttpProfile } from '../driver/http-profile.ts';

/** A schema for each field, so that none is forgotten here. */
type FieldsOf<Profile> = Readonly<Record<keyof Profile, z.ZodType>>;

const hops = z.union([z.literal(0), z.literal(1)]);

const http = z.strictObject({
  escapes: z.enum(['raw', 'rfc3986', 'decode']),
  dots: z.enum(['keep', 'remove', 'remove-or-refuse']),
  slashes: z.enum(['keep', 'merge']),
  query: z.enum(['ignored', 'matched']),
  hostPort: z.enum(['compared', 'ignored', 'unless-default']),
  finalDot: z.enum(['compared', 'ignored']),
  precedence: z.enum(['first', 'longest-prefix', 'host-then-pattern']),
  numberSign: z.enum(['refused', 'cut']),
  asterisk: z.enum(['routed', 'refused']),
  requestLineOctets: z.int().min(1),
  headSeconds: z.number().positive(),
  deadCookie: z.enum(['another', 'refused']),
  urlHashInput: z.enum(['path', 'path-and-query']),
  urlHash: z.enum(['sdbm', 'djb2', 'crc32', 'crc32-high', 'own']),
  cookieHashMoves: z.number().min(0).max(1),
  lardTargets: z.int().min(0),
} satisfies FieldsOf<HttpProfile>);

const fields = {
  hops,
  tunnelHops: hops.default(0),
  strays: z.enum(['drop', 'reset', 'hash']),
  refusal: z.enum(['drop', 'reset']),
  departed: z.enum(['keep', 'reset']),
  down: z.enum(['keep', 'reset']).exactOptional(),
  fragments: z.enum(['follow', 'drop']),
  ipOptions: z.enum(['forward', 'drop']),
  establishedSeconds: z.number().positive(),
  halfOpenMax: z.int().min(1),
  turns: z.enum(['nginx', 'haproxy', 'haproxy-static', 'ipvs']).exactOptional(),
  ties: z.enum(['first', 'next']).exactOptional(),
  takeover: z.enum(['keep', 'lose']).exactOptional(),
  preempts: z.boolean().exactOptional(),
  http: http.exactOptional(),
} satisfies FieldsOf<BalancerProfile>;

/** What stands behind `choices:`. */
export const choicesSchema: z.ZodType<BalancerProfile> = z.strictObject(fields);
