/** Devices of this kernel as the ports of a switch, which one thread waits for. */
import { deviceIndex } from '../bpf/device.ts';
import { POLLIN } from '../socket.ts';
import { syscall, SyscallError } from '../syscall.ts';
import type { RingSize } from './packet-socket.ts';
import { openPort, type Port } from './port.ts';

/** The ports of one switch. */
export interface RingPorts {
  /** Gives `take` frames of each port in turn, as `Port.drain`, and answers how many there were. */
  drain(take: (port: number, frame: Uint8Array, offload: Uint8Array) => void): number;
  /** Sends a frame, as `Port.transmit`; at a port that there is not it goes nowhere. */
  transmit(port: number, frame: Uint8Array, offload?: Uint8Array): void;
  /** Blocks the thread until there is a frame, or the bell rings, at most `timeoutMs`. */
  wait(timeoutMs: number): void;
  /**
   * Frames lost so far, by the reason: `no-slot` where a ring was full, `truncated` where a frame
   * was longer than a slot, else the name of the error with which the kernel refused to send it.
   */
  losses(): Readonly<Record<string, number>>;
  close(): void;
}

/** Frames of one device before it is the next one's turn. */
const DRAIN_MAX = 64;
const POLLERR = 8;

/**
 * Opens the devices of this thread's namespace, by the numbers of their ports; `bell` is a
 * descriptor, or -1. Throws SyscallError.
 */
export function openRingPorts(
  devices: ReadonlyMap<number, string>,
  size: RingSize,
  bell: number,
): RingPorts {
  const opened = openPorts(devices, size);
  const ports = [...opened.values()];
  // poll(2) passes over a descriptor below 0.
  const watched = [...ports.map(({ fd }) => fd), bell];
  const waiting = Int32Array.from(watched.flatMap((fd) => [fd, POLLIN]));
  return {
    drain(take) {
      let count = 0;
      for (const [number, port] of opened) {
        count += port.drain(DRAIN_MAX, (frame, offload) => take(number, frame, offload));
      }
      return count;
    },
    transmit: (port, frame, offload) => opened.get(port)?.transmit(frame, offload),
    wait: (timeoutMs) => wait(ports, waiting, timeoutMs),
    losses: () => lossesOf(ports),
    close: () => ports.forEach((port) => port.close()),
  };
}

function openPorts(
  devices: ReadonlyMap<number, string>,
  size: RingSize,
): ReadonlyMap<number, Port> {
  const ports = new Map<number, Port>();
  try {
    for (const [number, name] of devices) ports.set(number, openPort(deviceIndex(name), size));
    return ports;
  } catch (error) {
    for (const port of ports.values()) port.close();
    throw error;
  }
}

/** Waits until a device has something; one that reports an error must not be asked for ever. */
function wait(ports: readonly Port[], waiting: Int32Array, timeoutMs: number): void {
  try {
    syscall('poll', [waiting, ports.length + 1, timeoutMs]);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EINTR') return;
    throw error;
  }
  for (const [index, port] of ports.entries()) {
    if (((waiting[2 * index + 1] ?? 0) & (POLLERR << 16)) !== 0) port.takeError();
  }
}

function lossesOf(ports: readonly Port[]): Readonly<Record<string, number>> {
  const lost: Record<string, number> = {};
  for (const port of ports) {
    for (const [reason, count] of Object.entries(port.losses())) {
      lost[reason] = (lost[reason] ?? 0) + count;
    }
  }
  return lost;
}
