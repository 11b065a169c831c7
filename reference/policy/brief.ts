/** What of a request a policy looks at. */
import { valuesOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { RequestBrief } from './policy.ts';

/** The brief of a request. */
export function briefOf({ method, path, host, fields }: RequestHead): RequestBrief {
  const cookie = valuesOf(fields, 'cookie').join('; ');
  return { method, path, host: host?.name ?? '', cookie };
}
