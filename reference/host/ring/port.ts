/** Frames in and out of a packet socket, without a copy in this process. packet(7), sendmsg(2). */
import { getOption, MSG_DONTWAIT } from '../socket.ts';
import type { SocketOption } from '../socket.ts';
import { addressOf, syscall, SyscallError } from '../syscall.ts';
import { NOTHING_LEFT, OFFLOAD_OCTETS, offloadBehindTag } from './offload.ts';
import type { PacketSocket, RingSize } from './packet-socket.ts';
import { openPacketSocket } from './packet-socket.ts';

/** One port of a switch. */
export interface Port {
  readonly fd: number;
  /**
   * Gives `take` the frames that are there, at most `most`, and answers how many.
   *
   * `frame` and `offload` are the kernel's memory: it writes the next frame there when `take` has
   * returned.
   */
  drain(most: number, take: (frame: Uint8Array, offload: Uint8Array) => void): number;
  /** Sends a frame, or loses it, which is counted. */
  transmit(frame: Uint8Array, offload?: Uint8Array): void;
  /** Takes note of what poll(2) reports as an error: that the device is down, or gone. */
  takeError(): void;
  /** Frames lost so far, by the reason. */
  losses(): Readonly<Record<string, number>>;
  close(): void;
}

const SLOT_AT = { status: 0, length: 4, kept: 8, mac: 12, tag: 24, tagType: 26 } as const;
const STATUS = { kernel: 0, user: 1, hasTag: 1 << 4, hasTagType: 1 << 6 } as const;
const MACS_OCTETS = 12;
const TAG_OCTETS = 4;
const CUSTOMER_TAG = 0x8100;

/** struct msghdr, two struct iovec, and the header beside the frame. */
const VECTORS_AT = 56;
const OFFLOAD_AT = VECTORS_AT + 32;
const SO_ERROR: SocketOption = { level: 1, option: 4, name: 'SO_ERROR' };

interface Slot {
  readonly octets: Uint8Array;
  readonly offload: Uint8Array;
}

/** Opens a port at a device of this thread's namespace. Throws SyscallError. */
export function openPort(deviceIndex: number, size: RingSize): Port {
  const socket = openPacketSocket(deviceIndex, size);
  const view = new DataView(socket.octets.buffer, socket.octets.byteOffset);
  const words = new Int32Array(socket.octets.buffer, socket.octets.byteOffset);
  const lost: Record<string, number> = {};
  const lose = (reason: string, count: number): void => {
    if (count > 0) lost[reason] = (lost[reason] ?? 0) + count;
  };
  const send = createSender(socket.fd);
  let next = 0;
  let isOpen = true;
  const needOpen = (): void => {
    if (!isOpen) throw new Error('the port is closed');
  };
  return {
    fd: socket.fd,
    drain(most, take) {
      needOpen();
      for (let count = 0; count < most; count += 1) {
        const start = socket.slots[next] ?? 0;
        const status = Atomics.load(words, start >> 2);
        if ((status & STATUS.user) === 0) return count;
        if (
          view.getUint32(start + SLOT_AT.kept, true) < view.getUint32(start + SLOT_AT.length, true)
        ) {
          lose('truncated', 1);
        } else {
          const { octets, offload } = readSlot(socket, view, start, status);
          take(octets, offload);
        }
        Atomics.store(words, start >> 2, STATUS.kernel);
        next = (next + 1) % socket.slots.length;
      }
      return most;
    },
    transmit(frame, offload = NOTHING_LEFT) {
      needOpen();
      const errno = send(frame, offload);
      if (errno !== undefined) lose(errno, 1);
    },
    takeError: () => void getOption(socket.fd, SO_ERROR),
    losses() {
      needOpen();
      lose('no-slot', socket.takeDrops());
      return lost;
    },
    close() {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

function readSlot(socket: PacketSocket, view: DataView, start: number, status: number): Slot {
  const from = start + view.getUint16(start + SLOT_AT.mac, true);
  const kept = view.getUint32(start + SLOT_AT.kept, true);
  const octets = socket.octets.subarray(from, from + kept);
  const offload = socket.octets.subarray(from - OFFLOAD_OCTETS, from);
  if ((status & STATUS.hasTag) === 0) return { octets, offload };
  // The kernel took the tag out; it belongs behind the addresses.
  const type =
    (status & STATUS.hasTagType) === 0
      ? CUSTOMER_TAG
      : view.getUint16(start + SLOT_AT.tagType, true);
  const tagged = new Uint8Array(kept + TAG_OCTETS);
  tagged.set(octets.subarray(0, MACS_OCTETS));
  const tag = new DataView(tagged.buffer, MACS_OCTETS);
  tag.setUint16(0, type);
  tag.setUint16(2, view.getUint16(start + SLOT_AT.tag, true));
  tagged.set(octets.subarray(MACS_OCTETS), MACS_OCTETS + TAG_OCTETS);
  return { octets: tagged, offload: offloadBehindTag(offload) };
}

/** Sends one frame; answers the error's name where the kernel did not take it. */
function createSender(fd: number): (frame: Uint8Array, offload: Uint8Array) => string | undefined {
  const message = Buffer.alloc(OFFLOAD_AT + OFFLOAD_OCTETS);
  const base = Number(addressOf(message));
  writeWord(message, 16, base + VECTORS_AT);
  writeWord(message, 24, 2);
  writeWord(message, VECTORS_AT, base + OFFLOAD_AT);
  writeWord(message, VECTORS_AT + 8, OFFLOAD_OCTETS);
  return (frame, offload) => {
    writeWord(message, VECTORS_AT + 16, startOf(frame.buffer) + frame.byteOffset);
    writeWord(message, VECTORS_AT + 24, frame.length);
    message.set(offload, OFFLOAD_AT);
    try {
      syscall('sendmsg', [fd, message, MSG_DONTWAIT]);
      return undefined;
    } catch (error) {
      if (error instanceof SyscallError) return error.errno;
      throw error;
    }
  };
}

const starts = new WeakMap<ArrayBufferLike, number>();

/** Where a buffer is: to ask costs as much as to send. */
function startOf(buffer: ArrayBufferLike): number {
  const known = starts.get(buffer);
  if (known !== undefined) return known;
  const start = Number(addressOf(new Uint8Array(buffer)));
  starts.set(buffer, start);
  return start;
}

/** 64 bits in host order; below 2^53 no BigInt is needed. */
function writeWord(memory: Buffer, at: number, value: number): void {
  memory.writeUInt32LE(value % 2 ** 32, at);
  memory.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
