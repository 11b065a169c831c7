/** The head of a response: status line and fields. RFC 9112 sections 4 and 5. */
import type { Result } from 'scapy-ts';
import type { Field } from './fields.ts';
import { parseFields } from './fields.ts';
import type { Framing, FramingResult, HttpVersion } from './framing.ts';
import { isKeptAlive, NO_CONTENT, responseFraming } from './framing.ts';
import type { Fault, RejectReason } from './reject.ts';

/** What of a request decides how its response is framed. */
export interface RequestAsked {
  readonly method: string;
  readonly upgrade: boolean;
}

/** What a status line and its fields say. */
export interface ResponseHead {
  readonly version: HttpVersion;
  /** 100 … 999; below 200, but for 101, another response to the same request follows. */
  readonly status: number;
  readonly fields: readonly Field[];
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** Whether what follows is no longer HTTP. RFC 9110 sections 7.8 and 9.3.6. */
  readonly tunnel: boolean;
}

// The space after the status is due, but so many senders leave it out with the reason that
// refusing them serves nobody: a reason is ignored anyway.
const STATUS_LINE = /^HTTP\/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: |$)/;

/** Reads the lines of a head, CRLF between them, the blank line not among them. */
export function parseResponseHead(text: string, asked: RequestAsked): Result<ResponseHead, Fault> {
  const lines = text.split('\r\n');
  const [first = ''] = lines;
  const [, version, digits = ''] = STATUS_LINE.exec(first) ?? [];
  if (version === undefined) return refuse('status-line');
  if (version !== '1.0' && version !== '1.1') return refuse('version');
  const status = Number(digits);
  if (status === 101 && !asked.upgrade) return refuse('not-upgraded');
  const read = parseFields(lines, 1, first.length + 2);
  if (!read.ok) return read;
  const fields = read.value;
  const tunnel = status === 101 || (asked.method === 'CONNECT' && isSuccess(status));
  const framing = framingOf(version, status, tunnel, asked.method, fields);
  if (!framing.ok) return refuse(framing.error);
  const keepAlive = isKeptAlive(version, fields) && framing.value.kind !== 'until-close';
  return {
    ok: true,
    value: { version, status, fields, framing: framing.value, keepAlive, tunnel },
  };
}

/** RFC 9112 section 6.3. Fields that frame no content are ignored only where a tunnel begins. */
function framingOf(
  version: HttpVersion,
  status: number,
  tunnel: boolean,
  method: string,
  fields: readonly Field[],
): FramingResult {
  if (tunnel) return { ok: true, value: NO_CONTENT };
  const framing = responseFraming(version, fields);
  const isBare = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  return framing.ok && isBare ? { ok: true, value: NO_CONTENT } : framing;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function refuse(reason: RejectReason): Result<never, Fault> {
  return { ok: false, error: { reason, at: 0 } };
}
