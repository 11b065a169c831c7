/**
 * All frames at devices of one namespace, in and out, with the kernel's time: one packet socket for
 * all of them. packet(7)
 *
 *   struct msghdr        name 8 │ namelen 8 │ iov 8 │ iovlen 8 │ control 8 │ controllen 8 │ flags 8
 *   struct sockaddr_ll   family 2 │ protocol 2 │ index 4 │ type 2 │ packet type 1 │ …
 *   struct cmsghdr       length 8 │ level 4 │ type 4 │ seconds 8 │ nanoseconds 8
 */
import { deviceIndex } from '../../../reference/host/bpf/device.ts';
import type { Lab } from '../../../reference/host/lab.ts';
import {
  closeDescriptor,
  getOptionOctets,
  MSG_DONTWAIT,
  openSocket,
  setOption,
  SO_RCVBUFFORCE,
  type SocketOption,
} from '../../../reference/host/socket.ts';
import { addressOf, syscall, SyscallError } from '../../../reference/host/syscall.ts';
import { DriverFault } from '../../driver/device.ts';

/** A frame that was seen at a device. */
export interface SeenFrame<Place> {
  readonly place: Place;
  /** Into the namespace, or out of it. */
  readonly direction: 'in' | 'out';
  readonly atMs: number;
  readonly octets: Uint8Array;
}

/** A capture that goes on until it is closed. */
export interface Capture<Place> {
  /**
   * The frames since the last call, in time; `zeroNs` is the time of day that counts as 0.
   *
   * Throws `DriverFault` where the kernel could not keep all.
   */
  readonly take: (zeroNs: bigint) => readonly SeenFrame<Place>[];
  readonly close: () => void;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 0x0300; // in network order
const PACKET_OUTGOING = 4;
const BUFFER_OCTETS = 256 << 20;
const FRAME_OCTETS_MAX = 65_549;
const SO_TIMESTAMPNS: SocketOption = { level: 1, option: 35, name: 'SO_TIMESTAMPNS' };
const STATISTICS: SocketOption = { level: 263, option: 6, name: 'PACKET_STATISTICS' };
const CLOCK_REALTIME = 0;

const NAME = { at: 56, octets: 24 };
const VECTOR_AT = NAME.at + NAME.octets;
const CONTROL = { at: VECTOR_AT + 16, octets: 32 };
const FRAME_AT = CONTROL.at + CONTROL.octets;

/** The time of day in nanoseconds, as the kernel stamps frames. */
export function timeOfDayNs(): bigint {
  const time = new BigUint64Array(2);
  syscall('clock_gettime', [CLOCK_REALTIME, time]);
  return (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
}

/** Captures at `devices` of a host, each of which stands for a place. Throws SyscallError. */
export function openCapture<Place>(
  lab: Lab,
  host: string,
  devices: ReadonlyMap<string, Place>,
): Capture<Place> {
  const { fd, places } = lab.inside(host, () => {
    return {
      fd: openSocket(AF_PACKET, SOCK_RAW, ETH_P_ALL),
      places: new Map([...devices].map(([device, place]) => [deviceIndex(device), place])),
    };
  });
  setOption(fd, SO_RCVBUFFORCE, BUFFER_OCTETS);
  setOption(fd, SO_TIMESTAMPNS, 1);
  const memory = layOut();
  return {
    take(zeroNs) {
      const frames: SeenFrame<Place>[] = [];
      for (;;) {
        const length = receiveMessage(fd, memory);
        if (length === undefined) break;
        const frame = frameOf(memory, length, places, zeroNs);
        if (frame !== undefined) frames.push(frame);
      }
      const counts = new Uint32Array(2);
      getOptionOctets(fd, STATISTICS, counts);
      if (counts[1] !== 0) throw new DriverFault('capture-loss', `${counts[1]} frames were lost`);
      return frames.toSorted((a, b) => a.atMs - b.atMs);
    },
    close: () => closeDescriptor(fd),
  };
}

/** The three structures and the frame, in one piece of memory that points into itself. */
function layOut(): Buffer {
  const memory = Buffer.alloc(FRAME_AT + FRAME_OCTETS_MAX);
  const start = addressOf(memory);
  memory.writeBigUInt64LE(start + BigInt(NAME.at), 0);
  memory.writeBigUInt64LE(start + BigInt(VECTOR_AT), 16);
  memory.writeBigUInt64LE(1n, 24);
  memory.writeBigUInt64LE(start + BigInt(CONTROL.at), 32);
  memory.writeBigUInt64LE(start + BigInt(FRAME_AT), VECTOR_AT);
  memory.writeBigUInt64LE(BigInt(FRAME_OCTETS_MAX), VECTOR_AT + 8);
  return memory;
}

/** Undefined where nothing has come. */
function receiveMessage(fd: number, memory: Buffer): number | undefined {
  memory.writeBigUInt64LE(BigInt(NAME.octets), 8);
  memory.writeBigUInt64LE(BigInt(CONTROL.octets), 40);
  try {
    return syscall('recvmsg', [fd, memory, MSG_DONTWAIT]);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Undefined for a device that stands for nothing. */
function frameOf<Place>(
  memory: Buffer,
  length: number,
  places: ReadonlyMap<number, Place>,
  zeroNs: bigint,
): SeenFrame<Place> | undefined {
  const place = places.get(memory.readInt32LE(NAME.at + 4));
  if (place === undefined) return undefined;
  const seconds = memory.readBigUInt64LE(CONTROL.at + 16);
  const atNs = seconds * 1_000_000_000n + memory.readBigUInt64LE(CONTROL.at + 24);
  return {
    place,
    direction: memory[NAME.at + 10] === PACKET_OUTGOING ? 'out' : 'in',
    atMs: Number(atNs - zeroNs) / 1e6,
    octets: Uint8Array.from(memory.subarray(FRAME_AT, FRAME_AT + length)),
  };
}
