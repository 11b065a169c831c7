/** What became of the updates of one Write that failed. P4Runtime 1.4 section 12.3. */
import { z } from 'zod';
import { canonicalCode } from '../code.ts';
import type { WriteStatus } from '../write-status.ts';
import { P4RuntimeError, type CallFailure } from '../fault.ts';
import { checked } from './checked.ts';
import { MESSAGES, type Message } from './protocol.ts';

const status = z.object({
  // The library's own name of Any's field.
  details: z.array(z.object({ type_url: z.string(), value: z.instanceof(Uint8Array) })),
});
const error = z.object({ canonicalCode: z.int(), message: z.string() });

/** The name of `p4.v1.Error` in an Any, after whatever host. */
const ERROR_TYPE = /\/p4\.v1\.Error$/u;

function decode<T>(name: string, schema: z.ZodType<T>, kind: Message, octets: Uint8Array): T {
  try {
    return checked(name, schema, kind.deserialize(Buffer.from(octets)));
  } catch (cause) {
    throw new P4RuntimeError(
      'protocol',
      `${name} sends an error that cannot be read: ${String(cause)}`,
    );
  }
}

function toStatus({ canonicalCode: code, message }: z.output<typeof error>): WriteStatus {
  const name = canonicalCode(code);
  return name === 'OK' ? { ok: true } : { ok: false, code: name, message };
}

/**
 * One status an update, in their order, or undefined when the switch `name` does not tell them apart.
 *
 * Throws `protocol` when what it sent is no protobuf message.
 */
export function statusesOf(name: string, failure: CallFailure): readonly WriteStatus[] | undefined {
  if (failure.status === undefined) return undefined;
  const { details } = decode(name, status, MESSAGES.status, failure.status);
  if (details.length === 0) return undefined;
  if (!details.every(({ type_url: type }) => ERROR_TYPE.test(type))) return undefined;
  return details.map(({ value }) => toStatus(decode(name, error, MESSAGES.error, value)));
}
