/** The head of a request: request line and fields. RFC 9112 sections 3 and 5. */
import type { Result } from 'scapy-ts';
import type { Field } from './fields.ts';
import { isToken, parseFields, valuesOf } from './fields.ts';
import type { Framing, HttpVersion } from './framing.ts';
import { isKeptAlive, isUpgrade, requestFraming } from './framing.ts';
import type { Fault, RejectReason } from './reject.ts';
import type { Host, Target } from './target.ts';
import { parseHost, parseTarget } from './target.ts';

/** What a request line and its fields say. */
export interface RequestHead {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly form: Target['form'];
  /** Path and query of the target; '*' in asterisk-form, '' for CONNECT. */
  readonly path: string;
  readonly version: HttpVersion;
  readonly fields: readonly Field[];
  /** Of the target, else of the Host field; undefined only in HTTP/1.0. */
  readonly host: Host | undefined;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  /** Whether the client waits for status 100 before it sends content. RFC 9110 section 10.1.1. */
  readonly expectContinue: boolean;
  readonly upgrade: boolean;
}

const VERSION = /^HTTP\/([0-9]\.[0-9])$/;

/** Reads the lines of a head, CRLF between them, the blank line not among them. */
export function parseRequestHead(text: string): Result<RequestHead, Fault> {
  const lines = text.split('\r\n');
  const [first = ''] = lines;
  const [method = '', target = '', written = '', ...more] = first.split(' ');
  const version = VERSION.exec(written)?.[1];
  if (version === undefined || more.length > 0) return refuse('request-line');
  if (version !== '1.0' && version !== '1.1') return refuse('version');
  if (!isToken(method)) return refuse('method');
  const parts = parseTarget(method, target);
  if (parts === undefined) return refuse('target');
  const read = parseFields(lines, 1, first.length + 2);
  if (!read.ok) return read;
  const fields = read.value;
  const host = hostOf(version, parts, fields);
  if (!host.ok) return refuse(host.error);
  const framing = requestFraming(version, fields);
  if (!framing.ok) return refuse(framing.error);
  if (method === 'CONNECT' && hasContent(framing.value)) return refuse('connect-content');
  const value: RequestHead = {
    method,
    target,
    form: parts.form,
    path: parts.path,
    version,
    fields,
    host: host.value,
    framing: framing.value,
    keepAlive: isKeptAlive(version, fields),
    expectContinue: version === '1.1' && expectsContinue(fields) && hasContent(framing.value),
    upgrade: isUpgrade(version, fields),
  };
  return { ok: true, value };
}

/**
 * The host that is asked. RFC 9112 section 3.2.2: that of the target goes before the field's, which
 * is replaced by it where the request is passed on (`replace-host.ts`).
 */
function hostOf(
  version: HttpVersion,
  target: Target,
  fields: readonly Field[],
): Result<Host | undefined, RejectReason> {
  const [text, ...more] = valuesOf(fields, 'host');
  if (more.length > 0) return { ok: false, error: 'host-repeated' };
  if (text === undefined) {
    if (version === '1.1') return { ok: false, error: 'host-missing' };
    return { ok: true, value: target.host };
  }
  const host = parseHost(text);
  if (host === undefined) return { ok: false, error: 'host-invalid' };
  return { ok: true, value: target.host ?? host };
}

function expectsContinue(fields: readonly Field[]): boolean {
  return valuesOf(fields, 'expect').some((value) => value.toLowerCase() === '100-continue');
}

function hasContent(framing: Framing): boolean {
  return framing.kind === 'length' ? framing.octets > 0 : framing.kind !== 'none';
}

function refuse(reason: RejectReason): Result<never, Fault> {
  return { ok: false, error: { reason, at: 0 } };
}
