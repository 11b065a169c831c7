/** Why octets are refused, and with which status. */

/** The status of the response to a refused request, or 502 for a refused response. */
export type RejectStatus = 400 | 413 | 414 | 431 | 501 | 502 | 505;

/** The rule that the octets break. */
export type RejectReason =
  | 'bare-cr'
  | 'bare-lf'
  | 'control-octet'
  | 'empty-line'
  | 'request-line'
  | 'method'
  | 'version'
  | 'target'
  | 'status-line'
  | 'field-line'
  | 'field-name'
  | 'space-before-colon'
  | 'obs-fold'
  | 'host-missing'
  | 'host-repeated'
  | 'host-invalid'
  | 'length-and-coding'
  | 'length-repeated'
  | 'length-invalid'
  | 'coding-invalid'
  | 'coding-not-final'
  | 'coding-unknown'
  | 'coding-version'
  | 'connect-content'
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-end'
  | 'trailer-field'
  | 'start-line-octets'
  | 'head-octets'
  | 'field-count'
  | 'content-octets'
  | 'chunk-extension-octets'
  | 'truncated'
  | 'not-requested'
  | 'not-upgraded';

/** A broken rule, and where: an offset from the first octet of the text that was read. */
export interface Fault {
  readonly reason: RejectReason;
  readonly at: number;
}

/** What is known of a rule: status towards a client, RFC and section, one sentence for people. */
interface Rule {
  readonly status: RejectStatus;
  readonly source: string;
  readonly text: string;
}

function rule(status: RejectStatus, source: string, text: string): Rule {
  return { status, source: `RFC ${source}`, text };
}

const RULES: Readonly<Record<RejectReason, Rule>> = {
  'bare-cr': rule(400, '9112 2.2', 'CR stands without LF'),
  'bare-lf': rule(400, '9112 2.2', 'a line ends in LF alone'),
  'control-octet': rule(400, '9110 5.5', 'a control character stands in a line'),
  'empty-line': rule(400, '9112 2.2', 'more than one empty line comes before a request'),
  'request-line': rule(400, '9112 3', 'the first line is not method, target, version'),
  method: rule(400, '9110 9.1', 'the method is no token'),
  version: rule(505, '9112 2.3', 'the version is neither HTTP/1.0 nor HTTP/1.1'),
  target: rule(400, '9112 3.2', 'the request target has none of the four forms'),
  'status-line': rule(502, '9112 4', 'the first line is not version, status, reason'),
  'field-line': rule(400, '9112 5', 'a field line has no colon'),
  'field-name': rule(400, '9110 5.1', 'a field name is no token'),
  'space-before-colon': rule(400, '9112 5.1', 'a field name ends in whitespace'),
  'obs-fold': rule(400, '9112 5.2', 'a field line begins with whitespace'),
  'host-missing': rule(400, '9112 3.2', 'there is no Host field'),
  'host-repeated': rule(400, '9112 3.2', 'there is more than one Host field'),
  'host-invalid': rule(400, '9112 3.2', 'the Host field names no host'),
  'length-and-coding': rule(400, '9112 6.1', 'both Content-Length and Transfer-Encoding'),
  'length-repeated': rule(400, '9110 8.6', 'more than one Content-Length'),
  'length-invalid': rule(400, '9110 8.6', 'the Content-Length is no decimal number'),
  'coding-invalid': rule(400, '9112 6.1', 'the Transfer-Encoding is no list of codings'),
  'coding-not-final': rule(400, '9112 6.3', 'chunked is not the one final transfer coding'),
  'coding-unknown': rule(501, '9112 6.1', 'a transfer coding other than chunked'),
  'coding-version': rule(400, '9112 6.1', 'Transfer-Encoding in an HTTP/1.0 message'),
  'connect-content': rule(400, '9110 9.3.6', 'CONNECT with content'),
  'chunk-size': rule(400, '9112 7.1', 'a chunk size is no hexadecimal number'),
  'chunk-extension': rule(400, '9112 7.1.1', 'a chunk extension is malformed'),
  'chunk-end': rule(400, '9112 7.1', 'a chunk does not end where its size says'),
  'trailer-field': rule(400, '9110 6.5.1', 'a trailer field that has to stand in the head'),
  'start-line-octets': rule(414, '9112 3', 'the first line is too long'),
  'head-octets': rule(431, '6585 5', 'the fields are too long'),
  'field-count': rule(431, '6585 5', 'there are too many fields'),
  'content-octets': rule(413, '9110 15.5.14', 'the content is too long'),
  'chunk-extension-octets': rule(413, '9112 7.1.1', 'the chunk extensions are too long'),
  truncated: rule(400, '9112 8', 'the stream ends within a message'),
  'not-requested': rule(502, '9112 9.2', 'a response that no request asked for'),
  'not-upgraded': rule(502, '9110 15.2.2', 'status 101 to a request without Upgrade'),
};

/** The status of the response to a request that breaks a rule. */
export function rejectStatus(reason: RejectReason): RejectStatus {
  return RULES[reason].status;
}

/** One sentence for people, with the RFC and the section. */
export function formatReject(reason: RejectReason): string {
  const { text, source } = RULES[reason];
  return `${text} (${source})`;
}
