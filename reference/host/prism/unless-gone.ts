/** What may be done for nobody, because the other end is quicker. */
import { SyscallError } from '../syscall.ts';

/** Does what may come too late: the connection may have been reset. */
export function unlessGone(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
}
