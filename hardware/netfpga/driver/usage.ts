/**
 * What the core counts, and for how long a rule has been idle.
 *
 * The core stamps a frame with 16 bits of seconds. When it passed is therefore kept here as soon as
 * it is read, and a stamp that has not changed since, nor what is counted with it, says nothing new.
 */
import type { CounterReading } from '../../entry.ts';
import { NAMES } from './entries.ts';
import { REGISTERS } from './registers.ts';
import { readUsage, usageRow, type Usage } from './rows.ts';
import { readRow, writeRow, type Window } from './window.ts';

/** The counters of a core's rules. */
export interface UsageTable {
  set(counter: string, index: number, reading: CounterReading): Promise<void>;
  read(counter: string, index: number): Promise<CounterReading>;
  /**
   * Milliseconds since a frame last used each rule that has been set, by its index; never more than
   * it is. To be asked at least once in 18 hours of a rule in use.
   */
  readIdleMs(indices: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** All has been emptied. */
  clear(): void;
}

/** What was read last, and when at the latest a frame had passed or the counter was set. */
interface Seen extends Pick<Usage, 'octets' | 'stamp'> {
  readonly usedMs: number;
}

const DIRECTIONS: Readonly<Record<string, number>> = {
  [NAMES.fromClient]: 0,
  [NAMES.fromOwner]: 1,
};
const SECONDS_MODULO = 2 ** 16;
const MS_PER_SECOND = 1000;

/** Throws RangeError for a counter that the core has not. */
function rowAt(counter: string, index: number): number {
  const direction = DIRECTIONS[counter];
  if (direction === undefined) throw new RangeError(`the core has no counter ${counter}`);
  return 2 * index + direction;
}

/** The counters behind `window`, none of them set; `nowMs` never goes back. */
export function openUsage(window: Window, nowMs: () => number): UsageTable {
  const seen = new Map<number, Seen>();

  async function readSeconds(): Promise<number> {
    return (await window.registers.read(REGISTERS.SECONDS)) % SECONDS_MODULO;
  }

  /** When a frame passed, or later by up to two seconds; undefined for what was never set. */
  async function readUsedMs(row: number): Promise<number | undefined> {
    const before = seen.get(row);
    if (before === undefined) return undefined;
    const { octets, stamp } = readUsage(await readRow(window, 'USAGE', row));
    if (octets === before.octets && stamp === before.stamp) return before.usedMs;
    const seconds = await readSeconds();
    const age = (seconds - stamp + SECONDS_MODULO) % SECONDS_MODULO;
    // Frames of the stamp's second that still come leave no trace: all of it counts.
    const usedMs = nowMs() - (age - 1) * MS_PER_SECOND;
    seen.set(row, { octets, stamp, usedMs });
    return usedMs;
  }

  return {
    set: async (counter, index, reading) => {
      const row = rowAt(counter, index);
      const usage = { ...reading, stamp: await readSeconds() };
      await writeRow(window, 'USAGE', row, usageRow(usage));
      seen.set(row, { ...usage, usedMs: nowMs() + MS_PER_SECOND });
    },
    read: async (counter, index) => {
      const words = await readRow(window, 'USAGE', rowAt(counter, index));
      const { packets, octets } = readUsage(words);
      return { packets, octets };
    },
    readIdleMs: async (indices) => {
      const idle = new Map<number, number>();
      for (const index of indices) {
        const used = [await readUsedMs(2 * index), await readUsedMs(2 * index + 1)];
        const known = used.filter((each) => each !== undefined);
        if (known.length > 0) idle.set(index, Math.max(0, nowMs() - Math.max(...known)));
      }
      return idle;
    },
    clear: () => seen.clear(),
  };
}
