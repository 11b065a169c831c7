/**
 * A port: a packet socket at one device, with a ring of frames that came in. packet(7)
 *
 *   ring    block 1 MiB │ block │ …              a block has as many slots as fit
 *   slot    status 4 │ length 4 │ kept 4 │ mac 2 │ net 2 │ time 8 │ tag 2 │ tag type 2 │ …
 *           … up to mac − 10: what is left to do; from mac on: the frame
 *
 * Version 2 of the ring: version 3 hands frames over in blocks, when one is full or after a
 * millisecond at the earliest, and one round trip after the other would wait for it.
 */
import type { SocketOption } from '../socket.ts';
import {
  closeDescriptor,
  getOptionOctets,
  openSocket,
  setOption,
  setOptionOctets,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
} from '../socket.ts';
import type { Mapping } from '../syscall.ts';
import { mapMemory, syscall, SyscallError } from '../syscall.ts';

/** A packet socket with its ring mapped. */
export interface PacketSocket {
  readonly fd: number;
  /** Octets of the slots, one block after the other. */
  readonly octets: Uint8Array;
  /** Where each slot begins. */
  readonly slots: readonly number[];
  /** Frames since the last call for which there was no free slot. */
  takeDrops(): number;
  close(): void;
}

/** What a ring is made for. */
export interface RingSize {
  readonly slots: number;
  /** Longest frame, with one VLAN tag. */
  readonly frameOctetsMax: number;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 0x0300; // in network order
const SOL_PACKET = 263;
const MEMBERSHIP_PROMISCUOUS = 1;
const VERSION_2 = 1;
const BLOCK_OCTETS = 1 << 20;
/** Header, address, the header beside the frame, and what aligns them. */
const SLOT_HEAD_OCTETS = 96;
const SLOT_ALIGNMENT = 16;
/** Frames that wait in a queueing discipline are charged to the socket. */
const SEND_BUFFER_OCTETS = 8 << 20;

const packetOption = (option: number, name: string): SocketOption => ({
  level: SOL_PACKET,
  option,
  name,
});
const ADD_MEMBERSHIP = packetOption(1, 'PACKET_ADD_MEMBERSHIP');
const RX_RING = packetOption(5, 'PACKET_RX_RING');
const STATISTICS = packetOption(6, 'PACKET_STATISTICS');
const VERSION = packetOption(10, 'PACKET_VERSION');
const VNET_HDR = packetOption(15, 'PACKET_VNET_HDR');
const IGNORE_OUTGOING = packetOption(23, 'PACKET_IGNORE_OUTGOING');

/** Opens a port at a device of this thread's namespace. Throws SyscallError. */
export function openPacketSocket(deviceIndex: number, size: RingSize): PacketSocket {
  // Until it is bound it receives nothing.
  const fd = openSocket(AF_PACKET, SOCK_RAW);
  try {
    setOption(fd, VERSION, VERSION_2);
    setOption(fd, VNET_HDR, 1);
    setOption(fd, IGNORE_OUTGOING, 1);
    makeRoom(fd);
    const ring = makeRing(fd, size);
    bindToDevice(fd, deviceIndex);
    setOptionOctets(fd, ADD_MEMBERSHIP, Int32Array.of(deviceIndex, MEMBERSHIP_PROMISCUOUS, 0, 0));
    return {
      fd,
      octets: ring.mapping.octets,
      slots: ring.slots,
      takeDrops: () => takeDrops(fd),
      close() {
        ring.mapping.unmap();
        closeDescriptor(fd);
      },
    };
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** Root of a user namespace may not lift the limit; it gets what everybody may have. */
function makeRoom(fd: number): void {
  try {
    setOption(fd, SO_SNDBUFFORCE, SEND_BUFFER_OCTETS);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    setOption(fd, SO_SNDBUF, SEND_BUFFER_OCTETS);
  }
}

interface Ring {
  readonly mapping: Mapping;
  readonly slots: readonly number[];
}

function makeRing(fd: number, { slots, frameOctetsMax }: RingSize): Ring {
  const rough = SLOT_HEAD_OCTETS + frameOctetsMax;
  const slotOctets = Math.ceil(rough / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  const perBlock = Math.floor(BLOCK_OCTETS / slotOctets);
  const blocks = Math.ceil(slots / perBlock);
  const request = Uint32Array.of(BLOCK_OCTETS, blocks, slotOctets, blocks * perBlock);
  setOptionOctets(fd, RX_RING, request);
  const starts = Array.from({ length: blocks * perBlock }, (_, slot) => {
    const block = Math.floor(slot / perBlock);
    return block * BLOCK_OCTETS + (slot % perBlock) * slotOctets;
  });
  return { mapping: mapMemory(fd, blocks * BLOCK_OCTETS), slots: starts };
}

/** struct sockaddr_ll: family 2, protocol 2, index 4, and 12 octets that bind(2) does not read. */
function bindToDevice(fd: number, index: number): void {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16LE(ETH_P_ALL, 2);
  address.writeInt32LE(index, 4);
  syscall('bind', [fd, address, address.length], 'bind to a device');
}

/** The kernel counts from 0 again when it is asked. */
function takeDrops(fd: number): number {
  const counts = new Uint32Array(2);
  getOptionOctets(fd, STATISTICS, counts);
  return counts[1] ?? 0;
}
