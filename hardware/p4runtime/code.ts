/** gRPC's canonical codes, by number: what P4Runtime says became of an update (section 10). */
const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** The name of a canonical code. */
export type CanonicalCode = (typeof CODES)[number];

/** The name of the code `number`; one that gRPC does not have is `UNKNOWN`, as gRPC demands. */
export function canonicalCode(number: number): CanonicalCode {
  return CODES[number] ?? 'UNKNOWN';
}
