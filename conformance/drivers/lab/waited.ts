/** For how long a process has waited, ready to work. */
import { readFileSync } from 'node:fs';

/**
 * Milliseconds for which the first thread of a process has had no processor; 0 where it is gone, or
 * the kernel does not count. proc_pid_schedstat(5)
 */
export function waitedMs(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
