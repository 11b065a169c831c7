import type { z } from 'zod';
import { P4RuntimeError } from '../fault.ts';

/** `message` as `schema` has it; throws `protocol` when the switch called `name` has sent other. */
export function checked<T>(name: string, schema: z.ZodType<T>, message: unknown): T {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? 'invalid' : `${issue.path.join('.')}: ${issue.message}`;
  throw new P4RuntimeError('protocol', `${name} sends a message that cannot be read: ${place}`);
}
