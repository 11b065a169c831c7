/** Frames that leave a host without its kernel knowing of them. packet(7) */
import { deviceIndex } from '../../../reference/host/bpf/device.ts';
import type { Lab } from '../../../reference/host/lab.ts';
import { closeDescriptor, openSocket, send } from '../../../reference/host/socket.ts';
import { syscall } from '../../../reference/host/syscall.ts';
import { DEVICE } from './network.ts';

/** A host's way to its network. */
export interface Sender {
  /** Throws SyscallError. */
  readonly send: (frame: Uint8Array) => void;
  readonly close: () => void;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
/** It is to hear nothing. */
const NO_PROTOCOL = 0;

/** Opens the way of `host`. Throws SyscallError. */
export function openSender(lab: Lab, host: string): Sender {
  const { fd, index } = lab.inside(host, () => {
    return { fd: openSocket(AF_PACKET, SOCK_RAW, NO_PROTOCOL), index: deviceIndex(DEVICE) };
  });
  // struct sockaddr_ll: family 2, protocol 2, index 4, and 12 octets that bind(2) does not read.
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeInt32LE(index, 4);
  syscall('bind', [fd, address, address.length], 'bind to a device');
  return { send: (frame) => void send(fd, frame), close: () => closeDescriptor(fd) };
}
