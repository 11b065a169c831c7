/**
 * The ends of tunnels at the servers: what is in a packet of protocol 4 is given to the kernel as if it
 * had come at a device of its own. RFC 2003; raw(7), and the kernel's networking/tuntap.
 *
 *   eth0 ─▶ raw socket ─▶ inner packet ─▶ tunnel0 ─▶ TCP at the virtual address
 *
 * So no kernel need know of IP in IP. Answers go to clients directly, past all of this.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Lab } from '../../../reference/host/lab.ts';
import { AF_INET } from '../../../reference/host/socket-address.ts';
import {
  closeDescriptor,
  MSG_DONTWAIT,
  openSocket,
  POLLIN,
  receive,
} from '../../../reference/host/socket.ts';
import { syscall, syscallAside, SyscallError } from '../../../reference/host/syscall.ts';
import { SERVERS } from '../../driver/balancer.ts';

/** Ends of tunnels at all servers. */
export interface TunnelEnds {
  readonly close: () => Promise<void>;
}

interface End {
  readonly socket: number;
  readonly device: number;
}

const DEVICE = 'tunnel0';
const SOCK_RAW = 3;
const IPPROTO_IPIP = 4;
const TUNSETIFF = 0x4004_54ca;
/** Packets of IP, with nothing before them. */
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
/** struct ifreq: name 16 │ flags 2 │ … */
const REQUEST_OCTETS = 40;
const FLAGS_AT = 16;
const PACKET_OCTETS_MAX = 65_535;
/** It takes so long at most until the end is noticed. */
const WAIT_MS = 50;

function openEnd(lab: Lab, server: string): End {
  const end = lab.inside(server, (): End => {
    const device = openSync('/dev/net/tun', 'r+');
    const request = Buffer.alloc(REQUEST_OCTETS);
    request.write(DEVICE, 'latin1');
    request.writeUInt16LE(IFF_TUN | IFF_NO_PI, FLAGS_AT);
    syscall('ioctl', [device, TUNSETIFF, request], `device ${DEVICE}`);
    return { device, socket: openSocket(AF_INET, SOCK_RAW, IPPROTO_IPIP) };
  });
  lab.ip(server, `link set ${DEVICE} up`);
  return end;
}

/** The next packet of a tunnel; undefined where none has come. */
function takePacket(socket: number, memory: Uint8Array): Uint8Array | undefined {
  try {
    return memory.subarray(0, receive(socket, memory, MSG_DONTWAIT));
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EAGAIN') return undefined;
    throw error;
  }
}

function drain({ socket, device }: End, memory: Uint8Array): void {
  for (;;) {
    const outer = takePacket(socket, memory);
    if (outer === undefined) return;
    const inner = outer.subarray(((outer[0] ?? 0) & 0x0f) * 4);
    try {
      writeSync(device, inner);
    } catch {
      // What is no packet of IP gets no further: so it would be at the end of any tunnel.
    }
  }
}

/** Opens an end at each server. Throws SyscallError, and Error where there is no /dev/net/tun. */
export function openTunnelEnds(lab: Lab): TunnelEnds {
  const ends = SERVERS.map((server) => openEnd(lab, server));
  const memory = new Uint8Array(PACKET_OCTETS_MAX);
  const closing = new AbortController();

  async function pass(): Promise<void> {
    const entries = Int32Array.from(ends.flatMap(({ socket }) => [socket, POLLIN]));
    while (!closing.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one wait follows the other
      await syscallAside('poll', [entries, ends.length, WAIT_MS]);
      for (const end of ends) drain(end, memory);
    }
    for (const { socket, device } of ends) {
      closeDescriptor(socket);
      closeSync(device);
    }
  }

  const passed = pass();
  return {
    async close() {
      closing.abort();
      await passed;
    },
  };
}
