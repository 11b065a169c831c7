/** What a controller or an agent answers by itself. */
import type { RejectStatus } from './reject.ts';

/** A status that is answered without a backend. RFC 9110 section 15. */
export type ErrorStatus = RejectStatus | 408 | 503 | 504;

const REASONS: Readonly<Record<ErrorStatus, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

/** A whole response without content, after which the connection is closed. */
export function errorResponse(status: ErrorStatus): Uint8Array {
  return new TextEncoder().encode(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}
