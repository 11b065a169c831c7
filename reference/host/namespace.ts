/** Network namespaces by name, as `ip netns` makes them. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { syscall } from './syscall.ts';

/** Where named network namespaces are. */
export const NAMESPACES = '/run/netns';
const CLONE_NEWNET = 0x4000_0000;

/** The file that stands for a named network namespace. */
export function namespaceFile(name: string): string {
  return join(NAMESPACES, name);
}

/**
 * Does `work` with this thread in the namespace `name`, and answers what it answered.
 *
 * A socket stays in the namespace in which it was made, so it is enough to make it here. Only this
 * thread is moved, and only until `work` returns: it must not be asynchronous, and what Node.js
 * does in other threads (names, files) stays outside. Throws SyscallError, and Error where the namespace
 * does not exist.
 */
export function inNamespace<T>(name: string, work: () => T): T {
  const here = openSync('/proc/thread-self/ns/net', 'r');
  try {
    enter(namespaceFile(name));
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('work in a namespace must not wait');
      return result;
    } finally {
      syscall('setns', [here, CLONE_NEWNET]);
    }
  } finally {
    closeSync(here);
  }
}

function enter(file: string): void {
  const there = openSync(file, 'r');
  try {
    syscall('setns', [there, CLONE_NEWNET]);
  } finally {
    closeSync(there);
  }
}
