import type { CanonicalCode } from './code.ts';

/**
 * Why a switch could not be driven.
 *
 * - `unreachable`: nobody was there, or who was there never answered.
 * - `not-primary`: another controller is primary, or has become so.
 * - `pipeline`: the switch has another P4 program than P4Info says, or none, or does not take ours.
 * - `rejected`: the switch refuses a request, and says so.
 * - `gone`: it was there, and does not answer any more.
 * - `protocol`: what is there does not speak P4Runtime as it is specified.
 */
export type P4RuntimeReason =
  'unreachable' | 'not-primary' | 'pipeline' | 'rejected' | 'gone' | 'protocol';

/** The one error of this client; its message is one line that names the switch. */
export class P4RuntimeError extends Error {
  override readonly name = 'P4RuntimeError';
  readonly reason: P4RuntimeReason;

  constructor(reason: P4RuntimeReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A call that failed, as gRPC tells it. */
export interface CallFailure {
  readonly code: CanonicalCode;
  readonly message: string;
  /** The protobuf message `google.rpc.Status`, where the server sent one. */
  readonly status?: Uint8Array;
}

/** What a failed call means for the one who called. P4Runtime 1.4 sections 12 to 17. */
export function reasonOf(code: CanonicalCode): P4RuntimeReason {
  switch (code) {
    case 'UNAVAILABLE':
    case 'CANCELLED':
    case 'DEADLINE_EXCEEDED':
      return 'gone';
    case 'PERMISSION_DENIED':
      return 'not-primary';
    case 'FAILED_PRECONDITION':
      return 'pipeline';
    case 'UNIMPLEMENTED':
    case 'INTERNAL':
      return 'protocol';
    default:
      return 'rejected';
  }
}

/** The error that a failed call to the server called `name` is. */
export function faultOf(name: string, { code, message }: CallFailure): P4RuntimeError {
  const reason = reasonOf(code);
  const what = reason === 'gone' ? `${name} does not answer any more` : name;
  return new P4RuntimeError(reason, `${what}: ${code} ${message}`.trimEnd());
}
