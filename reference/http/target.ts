/**
 * Request targets and the hosts that they and Host fields name.
 *
 *   origin-form      /path?query
 *   absolute-form    http://host:port/path?query
 *   authority-form   host:port                      CONNECT only
 *   asterisk-form    *                              OPTIONS only
 *
 * RFC 9112 section 3.2, RFC 3986 section 3.2.
 */
import { parseIpv6 } from 'scapy-ts';

/** A host, and the port if one was written. */
export interface Host {
  /** In lower case; an IPv6 address in brackets. */
  readonly name: string;
  readonly port: number | undefined;
}

/** A request target, taken apart. */
export interface Target {
  readonly form: 'origin' | 'absolute' | 'authority' | 'asterisk';
  /** Path and query; '*' in asterisk-form, '' in authority-form. */
  readonly path: string;
  /** Of absolute-form and authority-form. */
  readonly host: Host | undefined;
}

// What browsers send unencoded ('|', '{' …) is taken; '#' would begin a fragment.
const VISIBLE = /^[!"$-~]+$/;
const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/i;
const HOST = /^(\[[^\]]*\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::([0-9]*))?$/;
const PORT_MAX = 65_535;

/** Reads a Host field's value or an authority without user: name, and a port if there is one. */
export function parseHost(text: string): Host | undefined {
  const [, written, digits = ''] = HOST.exec(text) ?? [];
  if (written === undefined) return undefined;
  const name = written.toLowerCase();
  if (name.startsWith('[') && !parseIpv6(name.slice(1, -1)).ok) return undefined;
  const port = digits === '' ? undefined : Number(digits);
  return port !== undefined && port > PORT_MAX ? undefined : { name, port };
}

/** Reads a request target in one of the forms that the method may have. */
export function parseTarget(method: string, text: string): Target | undefined {
  if (!VISIBLE.test(text)) return undefined;
  if (method === 'CONNECT') {
    const host = parseHost(text);
    if (host?.port === undefined) return undefined;
    return { form: 'authority', path: '', host };
  }
  if (text.startsWith('/')) return { form: 'origin', path: text, host: undefined };
  if (text === '*' && method === 'OPTIONS') return { form: 'asterisk', path: '*', host: undefined };
  const [, authority = '', rest = ''] = ABSOLUTE.exec(text) ?? [];
  const host = parseHost(authority);
  if (host === undefined) return undefined;
  return { form: 'absolute', path: rest.startsWith('/') ? rest : `/${rest}`, host };
}
