/** What of a request a policy looks at. */
import { valuesOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { UrlSubject } from './url-request.ts';

/** A request in short, so that one who has not read it can say whose it is. */
export interface RequestBrief {
  readonly method: string;
  /** The path with its query, as it came; `*` and the empty one of CONNECT too. */
  readonly path: string;
  /** Host without port, in lower case; empty in an HTTP/1.0 request that names none. */
  readonly host: string;
  /** The port beside the host; undefined where there is none. */
  readonly port?: number | undefined;
  /** The Host field beside a target that names a host itself. */
  readonly field?: string | undefined;
  /** The Cookie field; empty when there is none. */
  readonly cookie: string;
}

/** The brief of a request. */
export function briefOf({ method, form, path, host, fields }: RequestHead): RequestBrief {
  const cookie = valuesOf(fields, 'cookie').join('; ');
  const isOfTarget = form === 'absolute' || form === 'authority';
  const [field] = isOfTarget ? valuesOf(fields, 'host') : [];
  return {
    method,
    path,
    host: host?.name ?? '',
    ...(host?.port === undefined ? {} : { port: host.port }),
    ...(field === undefined ? {} : { field }),
    cookie,
  };
}

/** What routes are held against, of a brief. */
export function subjectOf({ path, host, port, field, cookie }: RequestBrief): UrlSubject {
  const cookies = cookie === '' ? [] : [{ name: 'Cookie', value: cookie }];
  return {
    form: formOf(path, field),
    path,
    host: host === '' ? undefined : { name: host, port },
    fields: field === undefined ? cookies : [{ name: 'Host', value: field }, ...cookies],
  };
}

/** Without a Host field absolute-form is read as origin-form: there is one host only. */
function formOf(path: string, field: string | undefined): UrlSubject['form'] {
  if (path === '') return 'authority';
  if (path === '*') return 'asterisk';
  return field === undefined ? 'origin' : 'absolute';
}
