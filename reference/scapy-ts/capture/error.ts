/** Why a capture cannot be read further: data, from which the message is made. */

/**
 * The first fault of a capture.
 *
 * - `not-a-capture`: the magic number is none of pcap's or pcapng's; `have` is what stands there.
 * - `truncated`: the octets end inside `what`, which needs `need` octets and has `have`.
 * - `too-long`: `what` claims `have` octets; the reader takes at most `need`.
 * - `unsupported`: `what` has the value `have`, the reader knows `need`.
 * - `malformed`: `what` has the value `have`, which must be `rule` `need`.
 */
export interface CaptureError {
  readonly kind: 'not-a-capture' | 'truncated' | 'too-long' | 'unsupported' | 'malformed';
  /** Offset in the file, in octets, of what is at fault. */
  readonly at: number;
  readonly what: string;
  readonly rule: 'at least' | 'at most' | 'exactly';
  readonly need: number;
  readonly have: number;
}

/** One line that says where, what, what was expected and what was found. */
export function formatCaptureError(error: CaptureError): string {
  const { kind, at, what, rule, need, have } = error;
  if (kind === 'not-a-capture') {
    const found = have.toString(16).padStart(8, '0');
    return `octet ${at}: not a pcap or pcapng capture: ${what} 0x${found}`;
  }
  return `octet ${at}: ${kind}: ${what}: expected ${rule} ${need}, found ${have}`;
}

/** A number that this library does not know. */
export function unsupported(at: number, what: string, need: number, have: number): CaptureError {
  return { kind: 'unsupported', at, what, rule: 'exactly', need, have };
}

/** A number that the format does not allow. */
export function malformed(
  at: number,
  what: string,
  rule: CaptureError['rule'],
  need: number,
  have: number,
): CaptureError {
  return { kind: 'malformed', at, what, rule, need, have };
}

/** A length beyond what is read. */
export function tooLong(at: number, what: string, need: number, have: number): CaptureError {
  return { kind: 'too-long', at, what, rule: 'at most', need, have };
}

/** What `readCapture` throws: `error` holds the fault, `message` its line. */
export class CaptureFailure extends Error {
  readonly error: CaptureError;

  constructor(error: CaptureError) {
    super(formatCaptureError(error));
    this.name = 'CaptureFailure';
    this.error = error;
  }
}
