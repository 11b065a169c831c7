/** Network devices by name. netdevice(7) */
import { closeDescriptor, openSocket } from '../socket.ts';
import { AF_INET } from '../socket-address.ts';
import { syscall } from '../syscall.ts';

const SOCK_DGRAM = 2;
const SIOCGIFINDEX = 0x8933;
const REQUEST_OCTETS = 40;
const NAME_OCTETS_MAX = 15;

/** Index of a device of this thread's namespace. Throws SyscallError: ENODEV where there is none. */
export function deviceIndex(name: string): number {
  const request = Buffer.alloc(REQUEST_OCTETS);
  if (request.write(name, 'latin1') > NAME_OCTETS_MAX) throw new RangeError(`device name ${name}`);
  const fd = openSocket(AF_INET, SOCK_DGRAM);
  try {
    syscall('ioctl', [fd, SIOCGIFINDEX, request], `index of device ${name}`);
    return request.readInt32LE(16);
  } finally {
    closeDescriptor(fd);
  }
}
