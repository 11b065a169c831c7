/** Takes away what is not needed: delta debugging (Zeller and Hildebrandt, 2002). */

/** Whether what matters still happens with only `kept`. */
export type Holds<T> = (kept: readonly T[]) => Promise<boolean>;

/**
 * A part of `items`, in order, with which `holds` is still true and from which no single item can
 * be taken; `holds` must be true of `items`.
 *
 * The work is bounded by `holds`, which may say no when it is tired.
 */
export async function minimise<T>(items: readonly T[], holds: Holds<T>): Promise<readonly T[]> {
  let kept = items;
  let parts = 1;
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / parts);
    let smaller: readonly T[] | undefined;
    for (let at = 0; at < kept.length && smaller === undefined; at += size) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await holds(rest)) smaller = rest;
    }
    if (smaller === undefined && size === 1) return kept;
    parts = smaller === undefined ? Math.min(parts * 2, kept.length) : Math.max(parts - 1, 2);
    kept = smaller ?? kept;
  }
  return kept;
}
