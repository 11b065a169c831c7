/**
 * System calls of Linux, by koffi: the only file that knows it.
 *
 * koffi is an optional package. It is loaded at the first call, so that a program that needs no
 * system call starts without it.
 */
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import type * as Koffi from 'koffi';

/** Memory that a call reads or writes. */
export type Memory = Uint8Array | Int32Array | Uint32Array | BigUint64Array;

type Argument = number | bigint | string | Memory | null;

// A call with `...` in its C declaration is declared here with the arguments that it is given:
// on x86-64 and AArch64 integers and pointers are passed alike.
const PROTOTYPES = {
  accept4: 'int accept4(int, void *, void *, int)',
  bind: 'int bind(int, void *, uint32_t)',
  clock_gettime: 'int clock_gettime(int, void *)',
  close: 'int close(int)',
  connect: 'int connect(int, void *, uint32_t)',
  fcntl: 'int fcntl(int, int, long)',
  getpeername: 'int getpeername(int, void *, void *)',
  getsockname: 'int getsockname(int, void *, void *)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  ioctl: 'int ioctl(int, ulong, void *)',
  listen: 'int listen(int, int)',
  mmap: 'intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)',
  munmap: 'int munmap(intptr_t, size_t)',
  poll: 'int poll(void *, ulong, int)',
  recv: 'long recv(int, void *, size_t, int)',
  recvmsg: 'long recvmsg(int, void *, int)',
  send: 'long send(int, void *, size_t, int)',
  sendmsg: 'long sendmsg(int, void *, int)',
  setns: 'int setns(int, int)',
  setsockopt: 'int setsockopt(int, int, int, void *, uint32_t)',
  socket: 'int socket(int, int, int)',
  socketpair: 'int socketpair(int, int, int, void *)',
  syscall: 'long syscall(long, long, void *, long)',
} as const;

/** A function of the C library that is called here. */
export type CallName = keyof typeof PROTOTYPES;

/** What the kernel answered to a system call that it did not do. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly call: string;
  /** Such as `EPERM`. */
  readonly errno: string;

  constructor(call: string, errno: string) {
    super(`${call}: ${errno}`);
    this.call = call;
    this.errno = errno;
  }
}

type Native = ((...values: readonly Argument[]) => number | bigint) & {
  readonly async: (...values: readonly unknown[]) => void;
};

interface Loaded {
  readonly koffi: typeof Koffi;
  readonly library: Koffi.LibraryHandle;
  readonly functions: Map<CallName, Native>;
}

let loaded: Loaded | undefined;

function load(): Loaded {
  if (loaded !== undefined) return loaded;
  const missing = whyUnavailable();
  if (missing !== undefined) throw new Error(missing);
  const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
  loaded = { koffi, library: koffi.load(null), functions: new Map() };
  return loaded;
}

/** Why system calls cannot be made here, in a sentence; undefined where they can. */
export function whyUnavailable(): string | undefined {
  if (process.platform !== 'linux') {
    return `system calls of Linux are needed, and this is ${process.platform}`;
  }
  try {
    createRequire(import.meta.url)('koffi');
    return undefined;
  } catch {
    return 'the package koffi is needed for system calls: npm install koffi';
  }
}

/** What libuv has no name for. */
const OTHER_NAMES: Readonly<Record<number, string>> = { 115: 'EINPROGRESS' };

function errnoName(errno: number): string {
  const name = OTHER_NAMES[errno];
  if (name !== undefined) return name;
  try {
    return getSystemErrorName(-errno);
  } catch {
    // A number that libuv has no name for.
    return `errno ${errno}`;
  }
}

/**
 * Does a system call and answers what it returned.
 *
 * `what` names the call in the error, where its name alone would tell too little. Throws
 * SyscallError when it returned −1, and Error where koffi is missing.
 */
export function syscall(name: CallName, values: readonly Argument[], what: string = name): number {
  const result = Number(nativeOf(name)(...values));
  if (result === -1) throw new SyscallError(what, errnoName(load().koffi.errno()));
  return result;
}

/**
 * Does a system call that may wait in another thread, and resolves with what it returned: −1 where
 * the kernel did not do it, for a reason that this thread is not told.
 */
export function syscallAside(name: CallName, values: readonly Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    nativeOf(name).async(...values, (error: Error | null, result: number | bigint) => {
      if (error === null) resolve(Number(result));
      else reject(error);
    });
  });
}

function nativeOf(name: CallName): Native {
  const { library, functions } = load();
  const known = functions.get(name);
  if (known !== undefined) return known;
  const made: Native = library.func(PROTOTYPES[name]);
  functions.set(name, made);
  return made;
}

/** As often as something is said again that a signal has broken off. */
export const SIGNALS_MAX = 20;

/** Does `work`, and again, `times` at most, where it throws SyscallError with `errno`. */
export function retryOn(errno: string, times: number, work: () => number): number {
  for (let left = times; ; left -= 1) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SyscallError) || error.errno !== errno || left <= 0) throw error;
    }
  }
}

/** The address of `memory`, which stays where it is as long as something refers to it. */
export function addressOf(memory: Memory): bigint {
  return load().koffi.address(memory);
}

/** Memory of the kernel, in place. */
export interface Mapping {
  readonly octets: Uint8Array;
  /** Ends the mapping; to touch `octets` after that is fatal. */
  unmap(): void;
}

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/**
 * Maps `length` octets of what `fd` stands for, from `offset` (a multiple of the page size) on,
 * shared, for reading and writing. Throws SyscallError.
 */
export function mapMemory(fd: number, length: number, offset = 0): Mapping {
  const address = syscall('mmap', [0, length, PROT_READ_WRITE, MAP_SHARED, fd, offset]);
  return {
    octets: new Uint8Array(load().koffi.view(BigInt(address), length)),
    unmap: () => void syscall('munmap', [address, length]),
  };
}

const BPF_NUMBERS: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

/**
 * bpf(2): answers a descriptor or 0; `attributes` is the union bpf_attr of the command.
 *
 * Throws SyscallError, and Error on an architecture whose call number is not known.
 */
export function bpf(command: number, attributes: Uint8Array): number {
  const number = BPF_NUMBERS[process.arch];
  if (number === undefined) throw new Error(`bpf(2) has no known number on ${process.arch}`);
  // The verifier gives up when a signal comes in.
  return retryOn('EAGAIN', SIGNALS_MAX, () =>
    syscall('syscall', [number, command, attributes, attributes.length], `bpf ${command}`),
  );
}
