import type { Result } from 'scapy-ts';

/** What `each` makes of all `items`, or the first error. */
export function all<T, U>(
  items: Iterable<T>,
  each: (item: T) => Result<U, string>,
): Result<readonly U[], string> {
  const values: U[] = [];
  for (const item of items) {
    const made = each(item);
    if (!made.ok) return made;
    values.push(made.value);
  }
  return { ok: true, value: values };
}
