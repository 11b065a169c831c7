/**
 * The site that the backends of a Prism serve while it is judged: every octet of every answer is
 * known beforehand.
 *
 *   /a/3000            3000 octets that name backend, method and target again and again
 *   /a/3000/17         the same; what follows makes the target different from others
 *   /a/3000?think=50   after 50 ms
 *
 * Beside `think`, the query may say: `status=204`, `status=304` (no content), `chunked` (chunks of
 * 1000 octets), `until-close` (no length), `last` (`Connection: close`), `tunnel` (101, and then
 * what the client says comes back), `early` (the answer does not wait for the content), `fresh=60`
 * (it may be stored for 60 s), `private=60` (likewise, but not by who serves several), `no-store`.
 * An answer with `last` or `until-close` is followed by FIN.
 */

/** What a target asks of the site. */
export interface Wish {
  /** Octets of content. */
  readonly size: number;
  readonly thinkMs: number;
  readonly status: number;
  readonly framing: 'length' | 'chunked' | 'until-close' | 'none';
  readonly isLast: boolean;
  readonly isTunnel: boolean;
  readonly isEarly: boolean;
  /** What its Cache-Control field says; undefined where there is none. RFC 9111 section 5.2.2. */
  readonly caching: string | undefined;
}

const CHUNK = 1000;
const REASONS: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
};

/** Reads a target of the site; one that it does not know is asked for 0 octets. */
export function wishOf(target: string): Wish {
  const [path = '', query = ''] = target.split('?');
  const words = new Map(query.split('&').map((each) => [each.split('=')[0], each.split('=')[1]]));
  const isTunnel = words.has('tunnel');
  const status = isTunnel ? 101 : Number(words.get('status') ?? 200);
  const isEmpty = status === 101 || status === 204 || status === 304;
  const isUntilClose = words.has('until-close');
  const framed = words.has('chunked') ? 'chunked' : isUntilClose ? 'until-close' : 'length';
  return {
    size: Number(path.split('/')[2] ?? 0) || 0,
    thinkMs: Number(words.get('think') ?? 0),
    status,
    framing: isEmpty ? 'none' : framed,
    isLast: words.has('last') || isUntilClose,
    isTunnel,
    isEarly: words.has('early'),
    caching: cachingOf(words),
  };
}

function cachingOf(words: ReadonlyMap<string | undefined, string | undefined>): string | undefined {
  if (words.has('no-store')) return 'no-store';
  if (words.has('private')) return `private, max-age=${words.get('private')}`;
  return words.has('fresh') ? `max-age=${words.get('fresh')}` : undefined;
}

function contentOf(backend: string, method: string, target: string, size: number): string {
  const mark = `${backend} ${method} ${target}\n`;
  return mark.repeat(Math.ceil(size / mark.length)).slice(0, size);
}

function inChunks(content: string): string {
  const chunks = content.match(new RegExp(`[^]{1,${CHUNK}}`, 'gu')) ?? [];
  return [...chunks, ''].map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('');
}

/** Every octet that `backend` answers; what a tunnel then carries is not among them. */
export function answerTo(backend: string, method: string, target: string): Uint8Array {
  const { size, status, framing, isLast, isTunnel, caching } = wishOf(target);
  const fields: Readonly<Record<Wish['framing'], readonly string[]>> = {
    length: [`Content-Length: ${size}`],
    chunked: ['Transfer-Encoding: chunked'],
    'until-close': [],
    none: [],
  };
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`,
    ...fields[framing],
    ...(caching === undefined ? [] : [`Cache-Control: ${caching}`]),
    ...(isLast ? ['Connection: close'] : []),
    ...(isTunnel ? ['Connection: upgrade', 'Upgrade: echo'] : []),
    `X-Backend: ${backend}`,
    '\r\n',
  ].join('\r\n');
  const content = framing === 'none' ? '' : contentOf(backend, method, target, size);
  const body = framing === 'chunked' ? inChunks(content) : content;
  return new TextEncoder().encode(method === 'HEAD' ? head : head + body);
}
