/**
 * What the other end of a connection said in its SYN, which the kernel does not tell later: its
 * timestamp (RFC 7323 section 3.2), and whether it is signed (RFC 2385, RFC 5925).
 *
 *   a client's   saved by the listener, with its headers: TCP_SAVED_SYN
 *   a server's   seen as it comes, by a raw socket that takes nothing else
 */
import type { Socket } from 'node:net';
import { layer, parse, TCP_FLAG, type Tcp } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import { descriptorOf } from '../connection.ts';
import {
  closeDescriptor,
  connectSocket,
  getOptionOctets,
  MSG_DONTWAIT,
  openSocket,
  receive,
  setOption,
  setOptionOctets,
  SO_ATTACH_FILTER,
  type SocketOption,
} from '../socket.ts';
import { AF_INET, familyOf } from '../socket-address.ts';
import { addressOf, SyscallError } from '../syscall.ts';

const IPPROTO_TCP = 6;
const SOCK_RAW = 3;
const TCP_SAVE_SYN: SocketOption = { level: IPPROTO_TCP, option: 27, name: 'TCP_SAVE_SYN' };
const TCP_SAVED_SYN: SocketOption = { level: IPPROTO_TCP, option: 28, name: 'TCP_SAVED_SYN' };
const SIGNATURES: ReadonlySet<string> = new Set(['md5', 'authentication']);
/** IP header without extension headers that the kernel would take, and TCP header. */
const HEADERS_OCTETS = 160;

/** Lets a listener keep the SYN of each client. Throws SyscallError. */
export function saveHandshakes(listener: number): void {
  setOption(listener, TCP_SAVE_SYN, 1);
}

/** What a client said in its SYN. */
export interface Greeting {
  /** Undefined where there was none. */
  readonly timestamp: number | undefined;
  /** There is an option of TCP-MD5 or TCP-AO, whatever the kernel makes of it. */
  readonly isSigned: boolean;
}

/**
 * The SYN with which an accepted connection began; as if it had had no options where it was not
 * saved, and the second time that it is asked for.
 */
export function takeGreeting(socket: Socket): Greeting {
  const fd = descriptorOf(socket);
  const syn = fd === undefined ? undefined : takeSyn(fd);
  const isSigned = syn?.options.some(({ kind }) => SIGNATURES.has(kind)) === true;
  return { timestamp: timestampIn(syn), isSigned };
}

function takeSyn(fd: number): Tcp | undefined {
  const octets = Buffer.alloc(HEADERS_OCTETS);
  try {
    return readTcp(octets.subarray(0, getOptionOctets(fd, TCP_SAVED_SYN, octets)));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return undefined;
  }
}

/** Listens for the answer to one SYN. */
export interface HandshakeTap {
  /** The timestamp in it; undefined where there was none. */
  readonly take: () => number | undefined;
  /** May be called again. */
  readonly close: () => void;
}

/**
 * Listens for the SYN with ACK that `server` will send to `local`; undefined where that is not
 * possible, as it is not with IPv6.
 */
export function tapHandshake(server: Endpoint, local: Endpoint): HandshakeTap | undefined {
  if (familyOf(server) !== AF_INET) return undefined;
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_TCP);
  try {
    attachFilter(fd, synTo(local.port));
    connectSocket(fd, server);
  } catch (error) {
    closeDescriptor(fd);
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
  let isOpen = true;
  return {
    take() {
      const octets = Buffer.alloc(HEADERS_OCTETS);
      try {
        // What came before the filter was there may be anything.
        for (;;) {
          const syn = readTcp(octets.subarray(0, receive(fd, octets, MSG_DONTWAIT)));
          const isAnswer = syn?.srcPort === server.port && syn.dstPort === local.port;
          if (isAnswer && (syn.flags & TCP_FLAG.SYN) !== 0) return timestampIn(syn);
        }
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        return undefined;
      }
    },
    close() {
      if (isOpen) closeDescriptor(fd);
      isOpen = false;
    },
  };
}

/** One instruction of classic BPF: code, jumps if true and if false, operand. linux/filter.h */
type Instruction = readonly [code: number, isTrue: number, isFalse: number, operand: number];

/** Takes what has the flag SYN and is for a port; the packet begins with its IPv4 header. */
function synTo(port: number): readonly Instruction[] {
  return [
    [0xb1, 0, 0, 0], // x = length of the IPv4 header
    [0x48, 0, 0, 2], // a = the TCP header's destination port
    [0x15, 0, 3, port],
    [0x50, 0, 0, 13], // a = its flags
    [0x45, 0, 1, 0x02],
    [0x06, 0, 0, HEADERS_OCTETS],
    [0x06, 0, 0, 0],
  ];
}

function attachFilter(fd: number, instructions: readonly Instruction[]): void {
  const octets = Buffer.alloc(instructions.length * 8);
  for (const [index, [code, isTrue, isFalse, operand]] of instructions.entries()) {
    octets.writeUInt16LE(code, index * 8);
    octets.writeUInt8(isTrue, index * 8 + 2);
    octets.writeUInt8(isFalse, index * 8 + 3);
    octets.writeUInt32LE(operand, index * 8 + 4);
  }
  // struct sock_fprog: number of instructions 8, where they are 8.
  const program = Buffer.alloc(16);
  program.writeUInt16LE(instructions.length, 0);
  program.writeBigUInt64LE(addressOf(octets), 8);
  setOptionOctets(fd, SO_ATTACH_FILTER, program);
}

function readTcp(packet: Uint8Array): Tcp | undefined {
  const [first = 0] = packet;
  return layer(parse(packet, first >>> 4 === 4 ? 'ipv4' : 'ipv6').layers, 'tcp');
}

function timestampIn(tcp: Tcp | undefined): number | undefined {
  return tcp?.options.find((option) => option.kind === 'timestamps')?.value;
}
