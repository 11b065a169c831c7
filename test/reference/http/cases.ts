/** Requests that break one rule each: the octets, the rule, the status, where it is broken. */
import type { RejectReason, RejectStatus } from '../../../reference/http/reject.ts';

/** Octets that must be rejected. */
export interface RejectedCase {
  /** RFC and section first. */
  readonly name: string;
  /** One character an octet. */
  readonly text: string;
  readonly status: RejectStatus;
  readonly reason: RejectReason;
  readonly at: number;
}

const HOST = 'Host: a\r\n';
const GET = 'GET / HTTP/1.1\r\n';
const POST = `POST / HTTP/1.1\r\n${HOST}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

function bad(
  status: RejectStatus,
  reason: RejectReason,
  at: number,
  name: string,
  text: string,
): RejectedCase {
  return { name: `RFC ${name}`, text, status, reason, at };
}

/** Lines, characters, first lines. */
const LINES: readonly RejectedCase[] = [
  bad(
    400,
    'bare-lf',
    14,
    '9112 2.2: LF alone ends the request line',
    `GET / HTTP/1.1\n${HOST}\r\n`,
  ),
  bad(400, 'bare-lf', 23, '9112 2.2: LF alone ends a field line', `${GET}Host: a\n\r\n`),
  bad(400, 'bare-lf', 25, '9112 2.2: LF alone ends the head', `${GET}${HOST}\n`),
  bad(400, 'bare-lf', 0, '9112 2.2: LF alone before the request line', `\n${GET}${HOST}\r\n`),
  bad(
    400,
    'bare-cr',
    14,
    '9112 2.2: CR alone ends the request line',
    `GET / HTTP/1.1\r${HOST}\r\n`,
  ),
  bad(400, 'bare-cr', 22, '9112 2.2: CR alone within a value', `${GET}Host: \ra\r\n\r\n`),
  bad(400, 'bare-cr', 25, '9112 2.2: CR alone ends the head', `${GET}${HOST}\rX: y\r\n\r\n`),
  bad(400, 'bare-cr', 23, '9112 2.2: CR CR LF', `${GET}Host: a\r\r\n\r\n`),
  bad(400, 'empty-line', 2, '9112 2.2: two empty lines', `\r\n\r\n${GET}${HOST}\r\n`),
  bad(400, 'request-line', 0, '9112 2.2: whitespace before the method', ` ${GET}${HOST}\r\n`),
  bad(
    400,
    'obs-fold',
    16,
    '9112 2.2: whitespace before the first field',
    `${GET} X: y\r\n${HOST}\r\n`,
  ),
  bad(
    400,
    'control-octet',
    0,
    '9112 3: a TLS client hello',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ),
  bad(400, 'control-octet', 5, '9112 3: NUL in the target', `GET /\x00 HTTP/1.1\r\n${HOST}\r\n`),
  bad(
    400,
    'request-line',
    0,
    '9112 3: two spaces after the method',
    `GET  / HTTP/1.1\r\n${HOST}\r\n`,
  ),
  bad(
    400,
    'request-line',
    0,
    '9112 3: two spaces before the version',
    `GET /  HTTP/1.1\r\n${HOST}\r\n`,
  ),
  bad(
    400,
    'request-line',
    0,
    '9112 3: a space after the version',
    `GET / HTTP/1.1 \r\n${HOST}\r\n`,
  ),
  bad(400, 'request-line', 0, '9112 3: a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'request-line', 0, '9112 3: HTAB for SP', `GET\t/\tHTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'request-line', 0, '9112 3: no version (HTTP/0.9)', `GET /\r\n${HOST}\r\n`),
  bad(400, 'request-line', 2, '9112 3: no version after an empty line', `\r\nGET /\r\n${HOST}\r\n`),
  bad(400, 'request-line', 0, '9112 2.3: version in lower case', `GET / http/1.1\r\n${HOST}\r\n`),
  bad(400, 'request-line', 0, '9112 2.3: version of two digits', `GET / HTTP/1.10\r\n${HOST}\r\n`),
  bad(
    400,
    'request-line',
    0,
    '9112 2.3: version with a leading zero',
    `GET / HTTP/01.1\r\n${HOST}\r\n`,
  ),
  bad(505, 'version', 0, '9110 15.6.6: HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`),
  bad(505, 'version', 0, '9110 15.6.6: HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`),
  bad(505, 'version', 0, '9110 15.6.6: HTTP/0.9', `GET / HTTP/0.9\r\n${HOST}\r\n`),
  bad(505, 'version', 0, '9113 3.4: the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  bad(400, 'method', 0, '9110 9.1: no method', ` / HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'method', 0, '9110 9.1: a method with a slash', `G/T / HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'method', 0, '9110 9.1: a method with obs-text', `G\xc9T / HTTP/1.1\r\n${HOST}\r\n`),
];

const TARGETS: readonly RejectedCase[] = [
  bad(400, 'target', 0, '9112 3.2: a target without a slash', `GET index HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2: an empty target', `GET  HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.1: a fragment', `GET /#a HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.1: obs-text', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'control-octet', 5, '9112 3.2.1: DEL', `GET /\x7f HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.2: no host', `GET http:/// HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.2: another scheme', `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n`),
  bad(
    400,
    'target',
    0,
    '9110 4.2.4: a user in the target',
    `GET http://u@a/ HTTP/1.1\r\n${HOST}\r\n`,
  ),
  bad(400, 'target', 0, '9112 3.2.3: authority-form with GET', `GET a:80 HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.3: CONNECT without a port', `CONNECT a HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.3: CONNECT with a path', `CONNECT / HTTP/1.1\r\n${HOST}\r\n`),
  bad(
    400,
    'target',
    0,
    '9112 3.2.3: CONNECT with a URI',
    `CONNECT http://a:1/ HTTP/1.1\r\n${HOST}\r\n`,
  ),
  bad(400, 'target', 0, '9112 3.2.4: asterisk-form with GET', `GET * HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'target', 0, '9112 3.2.4: options in lower case', `options * HTTP/1.1\r\n${HOST}\r\n`),
  bad(400, 'host-missing', 0, '9112 3.2: no Host', `${GET}Accept: x\r\n\r\n`),
  bad(400, 'host-missing', 0, '9112 3.2: no field at all', `${GET}\r\n`),
  bad(400, 'host-repeated', 0, '9112 3.2: two hosts', `${GET}${HOST}Host: b\r\n\r\n`),
  bad(400, 'host-repeated', 0, '9112 3.2: the same host twice', `${GET}${HOST}hOST: a\r\n\r\n`),
  bad(400, 'host-repeated', 0, '9112 3.2: two hosts, 1.0', `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: a path in Host', `${GET}Host: a/b\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: a user in Host', `${GET}Host: u@a\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: a space in Host', `${GET}Host: a b\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: a list in Host', `${GET}Host: a, b\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: letters for a port', `${GET}Host: a:b\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: port 65536', `${GET}Host: a:65536\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: two ports', `${GET}Host: a:1:2\r\n\r\n`),
  bad(400, 'host-invalid', 0, '3986 3.2.2: no address in brackets', `${GET}Host: [a]\r\n\r\n`),
  bad(400, 'host-invalid', 0, '3986 3.2.2: IPv6 without brackets', `${GET}Host: ::1\r\n\r\n`),
  bad(400, 'host-invalid', 0, '3986 2.1: a percent sign alone', `${GET}Host: a%2\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9112 3.2: obs-text in Host', `${GET}Host: \xe9\r\n\r\n`),
  bad(400, 'host-invalid', 0, '9110 4.2.1: an empty Host', `${GET}Host:\r\n\r\n`),
  bad(
    400,
    'host-invalid',
    0,
    '9112 3.2: an invalid Host, 1.0',
    'GET / HTTP/1.0\r\nHost: a b\r\n\r\n',
  ),
];

const FIELDS: readonly RejectedCase[] = [
  bad(
    400,
    'space-before-colon',
    16,
    '9112 5.1: a space before the colon',
    `${GET}Host : a\r\n\r\n`,
  ),
  bad(400, 'space-before-colon', 16, '9112 5.1: HTAB before the colon', `${GET}Host\t: a\r\n\r\n`),
  bad(400, 'obs-fold', 25, '9112 5.2: a folded value', `${GET}${HOST} b\r\n\r\n`),
  bad(400, 'obs-fold', 25, '9112 5.2: a value folded by HTAB', `${GET}${HOST}\tb\r\n\r\n`),
  bad(400, 'obs-fold', 25, '9112 5.2: a line of whitespace', `${GET}${HOST} \r\n\r\n`),
  bad(400, 'field-line', 25, '9112 5: a line without a colon', `${GET}${HOST}junk\r\n\r\n`),
  bad(400, 'field-name', 25, '9110 5.1: no name', `${GET}${HOST}: x\r\n\r\n`),
  bad(400, 'field-name', 25, '9110 5.1: a name with a space', `${GET}${HOST}a b: x\r\n\r\n`),
  bad(400, 'field-name', 25, '9110 5.1: a name with obs-text', `${GET}${HOST}a\xe9: x\r\n\r\n`),
  bad(400, 'field-name', 25, '9110 5.1: a name in brackets', `${GET}${HOST}[a]: x\r\n\r\n`),
  bad(400, 'control-octet', 26, '9110 5.1: a name with NUL', `${GET}${HOST}a\x00: x\r\n\r\n`),
  bad(400, 'control-octet', 28, '9110 5.5: NUL in a value', `${GET}${HOST}a: \x00\r\n\r\n`),
  bad(400, 'control-octet', 28, '9110 5.5: VT in a value', `${GET}${HOST}a: \x0bx\r\n\r\n`),
  bad(400, 'control-octet', 28, '9110 5.5: FF in a value', `${GET}${HOST}a: \x0cx\r\n\r\n`),
  bad(400, 'control-octet', 28, '9110 5.5: DEL in a value', `${GET}${HOST}a: \x7f\r\n\r\n`),
  bad(400, 'control-octet', 28, '9110 5.5: ESC in a value', `${GET}${HOST}a: \x1b[1m\r\n\r\n`),
];

function length(
  value: string,
  reason: RejectReason,
  name: string,
  status: RejectStatus = 400,
): RejectedCase {
  return bad(
    status,
    reason,
    0,
    `9110 8.6: ${name}`,
    `${POST}Content-Length: ${value}\r\n\r\nabcde`,
  );
}

function coding(
  value: string,
  reason: RejectReason,
  name: string,
  status: RejectStatus = 400,
): RejectedCase {
  const text = `${POST}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`;
  return bad(status, reason, 0, `9112 6.1: ${name}`, text);
}

const FRAMING: readonly RejectedCase[] = [
  bad(
    400,
    'length-and-coding',
    0,
    '9112 6.1: Content-Length, then Transfer-Encoding',
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  bad(
    400,
    'length-and-coding',
    0,
    '9112 6.1: Transfer-Encoding, then Content-Length',
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  ),
  length('5\r\nContent-Length: 6', 'length-repeated', 'two lengths'),
  length('5\r\nContent-Length: 5', 'length-repeated', 'the same length twice'),
  length('5, 5', 'length-repeated', 'a list of the same length'),
  length('5, 6', 'length-repeated', 'a list of two lengths'),
  length('5,', 'length-repeated', 'a list that ends in a comma'),
  length('+5', 'length-invalid', 'a sign'),
  length('-5', 'length-invalid', 'a negative number'),
  length('5.0', 'length-invalid', 'a fraction'),
  length('0x5', 'length-invalid', 'hexadecimal'),
  length('5e0', 'length-invalid', 'an exponent'),
  length('5 5', 'length-invalid', 'two numbers'),
  length('5;a', 'length-invalid', 'a parameter'),
  length('"5"', 'length-invalid', 'quotes'),
  length('\xa05', 'length-invalid', 'a no-break space'),
  length('five', 'length-invalid', 'letters'),
  length('', 'length-invalid', 'no number'),
  length('9007199254740992', 'content-octets', '2^53', 413),
  length('18446744073709551621', 'content-octets', '2^64 + 5', 413),
  length('1'.repeat(400), 'content-octets', '400 digits', 413),
  coding('gzip, chunked', 'coding-unknown', 'gzip before chunked', 501),
  coding('gzip;q=1 , chunked', 'coding-unknown', 'a coding with a parameter', 501),
  coding('identity, chunked', 'coding-unknown', 'identity before chunked', 501),
  coding('gzip', 'coding-not-final', 'gzip alone'),
  coding('identity', 'coding-not-final', 'identity alone'),
  coding('chunked, gzip', 'coding-not-final', 'chunked before gzip'),
  coding('chunked, identity', 'coding-not-final', 'chunked before identity'),
  coding('chunked, chunked', 'coding-not-final', 'chunked twice'),
  coding('chunked\r\nTransfer-Encoding: chunked', 'coding-not-final', 'two fields, both chunked'),
  coding('xchunked', 'coding-not-final', 'a name that ends in chunked'),
  coding('chunkedx', 'coding-not-final', 'a name that begins with chunked'),
  coding('chunked;a=b', 'coding-invalid', 'chunked with a parameter'),
  coding('chunked ;a', 'coding-invalid', 'chunked, a space, a parameter'),
  coding('chunked,', 'coding-invalid', 'an empty member after chunked'),
  coding(', chunked', 'coding-invalid', 'an empty member before chunked'),
  coding('', 'coding-invalid', 'no coding'),
  coding('"chunked"', 'coding-invalid', 'quotes'),
  coding('chunked chunked', 'coding-invalid', 'no comma'),
  coding('\xa0chunked', 'coding-invalid', 'a no-break space'),
  bad(
    400,
    'coding-version',
    0,
    '9112 6.1: Transfer-Encoding in HTTP/1.0',
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  bad(
    400,
    'connect-content',
    0,
    '9110 9.3.6: CONNECT with content',
    `CONNECT a:80 HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nabcde`,
  ),
  bad(
    400,
    'connect-content',
    0,
    '9110 9.3.6: CONNECT with chunks',
    `CONNECT a:80 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
];

function chunks(
  text: string,
  reason: RejectReason,
  at: number,
  name: string,
  status: RejectStatus = 400,
): RejectedCase {
  return bad(status, reason, CHUNKED.length + at, `9112 7.1: ${name}`, CHUNKED + text);
}

const CHUNKS: readonly RejectedCase[] = [
  chunks('g\r\n', 'chunk-size', 0, 'a size that is no number'),
  chunks('\r\n', 'chunk-size', 0, 'no size'),
  chunks(';a\r\n', 'chunk-size', 0, 'an extension without a size'),
  chunks('-1\r\n', 'chunk-size', 0, 'a negative size'),
  chunks('+1\r\na\r\n', 'chunk-size', 0, 'a sign'),
  chunks(' 1\r\na\r\n', 'chunk-size', 0, 'a space before the size'),
  chunks('0x1\r\na\r\n', 'chunk-extension', 0, 'a prefix'),
  chunks('1 \r\na\r\n', 'chunk-extension', 0, 'a space after the size'),
  chunks('1 1\r\na\r\n', 'chunk-extension', 0, 'two sizes'),
  chunks('1_0\r\na\r\n', 'chunk-extension', 0, 'an underscore'),
  chunks('20000000000000\r\n', 'content-octets', 0, '2^53', 413),
  chunks('10000000000000001\r\n', 'content-octets', 0, '2^64 + 1', 413),
  chunks('f'.repeat(300), 'content-octets', 0, '300 digits', 413),
  chunks('1\r\na\r\n1fffffffffffff\r\n', 'content-octets', 6, 'a sum of 2^53', 413),
  chunks('1;\r\na\r\n', 'chunk-extension', 0, 'an extension without a name'),
  chunks('1;a=\r\na\r\n', 'chunk-extension', 0, 'an extension without a value'),
  chunks('1;a="b\r\na\r\n', 'chunk-extension', 0, 'an open quote'),
  chunks('1;a b\r\na\r\n', 'chunk-extension', 0, 'two words'),
  chunks('1;a;\xe9\r\na\r\n', 'chunk-extension', 0, 'obs-text'),
  chunks('1;a\x00\r\na\r\n', 'control-octet', 3, 'NUL in an extension'),
  chunks('1\na\r\n', 'bare-lf', 1, 'LF alone ends a chunk line'),
  chunks('1;a\nb\r\na\r\n', 'bare-lf', 3, 'LF alone in an extension'),
  chunks('1\ra\r\n', 'bare-cr', 1, 'CR alone ends a chunk line'),
  chunks('1\r\r\na\r\n', 'bare-cr', 1, 'CR CR LF'),
  chunks('1\r\nab\r\n', 'chunk-end', 4, 'more octets than the size'),
  chunks('1\r\na0\r\n\r\n', 'chunk-end', 4, 'no CRLF after a chunk'),
  chunks('1\r\na\n0\r\n\r\n', 'chunk-end', 4, 'LF alone after a chunk'),
  chunks('1\r\na\r0\r\n\r\n', 'chunk-end', 5, 'CR alone after a chunk'),
  ...[
    'Content-Length',
    'transfer-encoding',
    'Host',
    'Connection',
    'Upgrade',
    'Expect',
    'TE',
    'Trailer',
  ].map((name) =>
    chunks(`0\r\na: b\r\n${name}: 1\r\n\r\n`, 'trailer-field', 3, `${name} as a trailer`),
  ),
  chunks('0\r\na: b\r\n c\r\n\r\n', 'obs-fold', 9, 'a folded trailer'),
  chunks('0\r\na: b\r\njunk\r\n\r\n', 'field-line', 9, 'a trailer without a colon'),
  chunks('0\r\nGET / HTTP/1.1\r\n', 'field-line', 3, 'a request for a trailer'),
  chunks('0\r\na: b\n\r\n', 'bare-lf', 7, 'LF alone ends a trailer'),
];

/** All of them. */
export const REJECTED: readonly RejectedCase[] = [
  ...LINES,
  ...TARGETS,
  ...FIELDS,
  ...FRAMING,
  ...CHUNKS,
];
