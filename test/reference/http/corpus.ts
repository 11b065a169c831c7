/** Messages with one place, `@`, in which any octet may come. */

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';
const CHUNKS = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
const OK = 'HTTP/1.1 200 OK\r\n';
const COUNTED = `${OK}Content-Length: 2\r\n\r\nab`;

/** Requests. */
export const REQUESTS: readonly string[] = [
  `@${GET}\r\n`,
  'GE@T / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET@ / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /@ HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /?@ HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://a@/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / @HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1@.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1@\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\n@Host: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost@: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost:@a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a@\r\n\r\n',
  `${GET}X@Y: z\r\n\r\n`,
  `${GET}X: y@z\r\n\r\n`,
  `${GET}X:@\r\n\r\n`,
  `${GET}X: y\r@\n\r\n`,
  `${GET}X: y\r\n@\r\n`,
  `${GET}Content-Length: @5\r\n\r\nabcde`,
  `${GET}Content-Length: 5@\r\n\r\nabcde`,
  `${GET}Content-Length: 5\r\n\r\nabcde@${GET}\r\n`,
  `${GET}Transfer-Encoding: @chunked\r\n\r\n0\r\n\r\n`,
  `${GET}Transfer-Encoding: chunked@\r\n\r\n0\r\n\r\n`,
  `${CHUNKS}@5\r\nabcde\r\n0\r\n\r\n`,
  `${CHUNKS}5@\r\nabcde\r\n0\r\n\r\n`,
  `${CHUNKS}5;a@=b\r\nabcde\r\n0\r\n\r\n`,
  `${CHUNKS}5;a="b@"\r\nabcde\r\n0\r\n\r\n`,
  `${CHUNKS}5;a=b@\r\nabcde\r\n0\r\n\r\n`,
  `${CHUNKS}5\r\n@abcde\r\n0\r\n\r\n`,
  `${CHUNKS}5\r\nabcde@\r\n0\r\n\r\n`,
  `${CHUNKS}5\r\nabcde\r@\n0\r\n\r\n`,
  `${CHUNKS}5\r\nabcde\r\n@0\r\n\r\n`,
  `${CHUNKS}5\r\nabcde\r\n0\r\n@\r\n`,
  `${CHUNKS}0\r\nX@: y\r\n\r\n`,
  `${CHUNKS}0\r\nX: @y\r\n\r\n`,
];

/** Responses. */
export const RESPONSES: readonly string[] = [
  `@${COUNTED}`,
  `HTTP/1.1 100 \r\n\r\n@${COUNTED}`,
  'HTTP@/1.1 200 OK\r\n\r\nab',
  'HTTP/1@.1 200 OK\r\n\r\n',
  'HTTP/1.1@ 200 OK\r\n\r\n',
  'HTTP/1.1 2@0 OK\r\n\r\n',
  'HTTP/1.1 200@ OK\r\n\r\n',
  'HTTP/1.1 200 @OK\r\n\r\n',
  'HTTP/1.1 200 OK@\r\n\r\n',
  'HTTP/1.1 200@\r\n\r\n',
  `${OK}@X: y\r\n\r\nabc`,
  `${OK}X@: y\r\n\r\nabc`,
  `${OK}X: y@\r\n\r\nabc`,
  `${OK}X: y\r@\n\r\nabc`,
  `${OK}Content-Length: @2\r\n\r\nab`,
  `${OK}Content-Length: 2@\r\n\r\nab`,
  'HTTP/1.1 204 OK\r\nContent-Length: 2@\r\n\r\n',
  `${OK}Transfer-Encoding: @chunked\r\n\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked@\r\n\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: gzip@chunked\r\n\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n5@\r\nabcde\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde@\r\n0\r\n\r\n`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX@: y\r\n\r\n`,
];

const PRINTABLE = ['!', '"', '#', ',', '/', '0', ':', ';', '=', 'A', '[', '\\', '{'];
const CONTROLS = ['\0', '\x01', '\t', '\n', '\v', '\f', '\r', '\x7f', '\r\n', '\r\n\r\n'];
const FILLINGS = ['', ' ', ...PRINTABLE, ...CONTROLS, '\x80', '\xff'];

/** One message of the corpus. */
export interface Filled {
  readonly template: string;
  readonly filling: string;
  readonly text: string;
}

/** Each template with each filling. */
export function filled(templates: readonly string[]): readonly Filled[] {
  return templates.flatMap((template) =>
    FILLINGS.map((filling) => ({ template, filling, text: template.replace('@', () => filling) })),
  );
}
