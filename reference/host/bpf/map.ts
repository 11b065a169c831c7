/** Maps that a BPF program and this process share. bpf(2); linux/bpf.h. */
import type { Mapping } from '../syscall.ts';
import { addressOf, bpf, mapMemory, SyscallError } from '../syscall.ts';
import { closeDescriptor } from '../socket.ts';

/** A hash map: keys and values are copied by the kernel. */
export interface HashMap {
  readonly fd: number;
  /** Writes `value` for `key` in one step, new or in place of another. Throws SyscallError. */
  set(key: Uint8Array, value: Uint8Array): void;
  /** The value for `key`, valid until the next call; undefined where there is none. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Removes `key`; false where it was not there. Throws SyscallError. */
  delete(key: Uint8Array): boolean;
  close(): void;
}

/** An array map whose values this process reads and writes in place. */
export interface ArrayMap {
  readonly fd: number;
  readonly valueOctets: number;
  /** All values, one after the other; to touch them after `close` is fatal. */
  readonly octets: Uint8Array;
  close(): void;
}

const COMMAND = { create: 0, lookup: 1, update: 2, delete: 3 } as const;
const TYPE = { hash: 1, array: 2 } as const;
const F_MMAPABLE = 0x400;
const NAME_OCTETS_MAX = 15;
const PAGE_OCTETS = 4096;

interface MapOptions {
  readonly name: string;
  readonly keyOctets: number;
  readonly valueOctets: number;
  /** Most entries; at most 2^32 − 1. */
  readonly capacity: number;
}

function createMap(type: number, flags: number, options: MapOptions): number {
  const { name, keyOctets, valueOctets, capacity } = options;
  const attributes = new Uint8Array(72);
  attributes.set(
    new Uint8Array(new Uint32Array([type, keyOctets, valueOctets, capacity, flags]).buffer),
  );
  attributes.set(new TextEncoder().encode(name).subarray(0, NAME_OCTETS_MAX), 28);
  return bpf(COMMAND.create, attributes);
}

/** A hash map with room for `capacity` entries. Throws SyscallError. */
export function createHashMap(options: MapOptions): HashMap {
  const fd = createMap(TYPE.hash, 0, options);
  // One buffer for all calls: to make one and to find its address costs more than the call.
  const keyBuffer = Buffer.alloc(options.keyOctets);
  const valueBuffer = Buffer.alloc(options.valueOctets);
  const attributes = Buffer.alloc(32);
  attributes.writeUInt32LE(fd, 0);
  attributes.writeBigUInt64LE(addressOf(keyBuffer), 8);
  attributes.writeBigUInt64LE(addressOf(valueBuffer), 16);
  const keyOnly = attributes.subarray(0, 16);
  const ask = (command: number, key: Uint8Array, given = attributes): boolean => {
    keyBuffer.set(key);
    try {
      bpf(command, given);
      return true;
    } catch (error) {
      if (error instanceof SyscallError && error.errno === 'ENOENT') return false;
      throw error;
    }
  };
  return {
    fd,
    set(key, value) {
      valueBuffer.set(value);
      ask(COMMAND.update, key);
    },
    get: (key) => (ask(COMMAND.lookup, key) ? valueBuffer : undefined),
    delete: (key) => ask(COMMAND.delete, key, keyOnly),
    close: () => closeDescriptor(fd),
  };
}

/** An array of `capacity` zero values; `valueOctets` must be a multiple of 8. Throws SyscallError. */
export function createArrayMap(options: Omit<MapOptions, 'keyOctets'>): ArrayMap {
  const fd = createMap(TYPE.array, F_MMAPABLE, { ...options, keyOctets: 4 });
  try {
    const length = options.valueOctets * options.capacity;
    const mapping: Mapping = mapMemory(fd, Math.ceil(length / PAGE_OCTETS) * PAGE_OCTETS);
    return {
      fd,
      valueOctets: options.valueOctets,
      octets: mapping.octets.subarray(0, length),
      close() {
        mapping.unmap();
        closeDescriptor(fd);
      },
    };
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
