/**
 * Numbers of records: one that was in use is given out again only when no processor can still be
 * reading it.
 *
 *   take ◀── fresh, then free ◀── wait ◀── retired ◀── retire
 */
import { syscall } from '../syscall.ts';

/** Numbers 0 … capacity − 1. */
export interface Slots {
  /** A number that nobody reads; undefined where all are in use. */
  take(): number | undefined;
  /** Gives a number back, to which nothing points any more. */
  retire(slot: number): void;
}

const MEMBARRIER_NUMBERS: Readonly<Record<string, number>> = { x64: 324, arm64: 283 };
const MEMBARRIER_GLOBAL = 1;

/**
 * Waits until every processor has ended what it was doing in the kernel, some milliseconds: a BPF
 * program that began before this call has ended after it. membarrier(2). Throws SyscallError.
 */
export function waitForPrograms(): void {
  const number = MEMBARRIER_NUMBERS[process.arch];
  if (number === undefined) throw new Error(`membarrier(2) has no known number on ${process.arch}`);
  syscall('syscall', [number, MEMBARRIER_GLOBAL, null, 0], 'membarrier');
}

/** All numbers are fresh; `wait` is called when only retired ones are left. */
export function createSlots(capacity: number, wait: () => void = waitForPrograms): Slots {
  let fresh = 0;
  let free: number[] = [];
  let retired: number[] = [];
  return {
    take() {
      if (fresh < capacity) {
        fresh += 1;
        return fresh - 1;
      }
      if (free.length === 0 && retired.length > 0) {
        wait();
        [free, retired] = [retired, free];
      }
      return free.pop();
    },
    retire(slot) {
      retired.push(slot);
    },
  };
}
