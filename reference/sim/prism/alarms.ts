/** One alarm a name, each at its time. */

/** Alarms that are set. */
export interface Alarms<T> {
  /** Sets the alarm of `name` anew; undefined stops it. */
  set(name: string, what: T, atNs: number | undefined): void;
  /** Takes out those whose time has come, the earliest first. */
  takeDue(nowNs: number): readonly T[];
  readonly nextAtNs: () => number | undefined;
}

/** No alarm is set. */
export function createAlarms<T>(): Alarms<T> {
  const set = new Map<string, { readonly what: T; readonly atNs: number }>();
  return {
    set(name, what, atNs): void {
      set.delete(name);
      if (atNs !== undefined) set.set(name, { what, atNs });
    },
    takeDue(nowNs): readonly T[] {
      const due = [...set].filter(([, { atNs }]) => atNs <= nowNs);
      for (const [name] of due) set.delete(name);
      return due.toSorted(([, a], [, b]) => a.atNs - b.atNs).map(([, { what }]) => what);
    },
    nextAtNs(): number | undefined {
      let nextNs: number | undefined;
      for (const { atNs } of set.values()) nextNs = Math.min(nextNs ?? atNs, atNs);
      return nextNs;
    },
  };
}
