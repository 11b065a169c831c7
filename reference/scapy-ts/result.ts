/** An answer that the caller must look at: a value, or an error that is data. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
